"""The sandbox company's ERP and bank as the process sees them: the protocols of this package over HTTP.

One ``httpx.Client`` is shared by all threads and both systems (it keeps connections open). What may work later becomes
``Temporary``, so the engine tries again with the same idempotency key: that includes an answer lost on the way, when
nobody knows whether the system acted. What the system refuses becomes ``Permanent`` in the system's own words.
"""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from clearance.model.work import Permanent, Temporary
from invoice_to_pay.matching import fingerprint
from invoice_to_pay.reading.invoice import Invoice, Line, Totals
from invoice_to_pay.systems import Order, Payment, Posting, PriorInvoice, Receipt, Supplier

TIMEOUT_S = 10.0
CONNECTIONS_MAX = 32
_MESSAGE_LENGTH_MAX = 500
_TOO_MANY_REQUESTS = 429
_NOT_FOUND = 404

T = TypeVar("T")


class _Reference(msgspec.Struct, frozen=True):
    reference: str


class _Booked(msgspec.Struct, frozen=True):
    reference: str
    status: str
    posting: Posting


class SandboxConnection:
    """HTTP to the sandbox company, with its errors sorted into those that may pass and those that will not."""

    def __init__(self, base_url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.base_url = base_url.rstrip("/")
        limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
        # Without the environment's proxies: the sandbox is always on this machine.
        self._client = httpx.Client(base_url=self.base_url, timeout=timeout_s, limits=limits, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, kind: type[T], parameters: Mapping[str, str] | None = None) -> T:
        """Raises Temporary or Permanent."""
        return self._checked(self._send("GET", path, parameters=parameters), path, kind)

    def find(self, path: str, kind: type[T]) -> T | None:
        """Like ``get``, with None for what is not there."""
        response = self._send("GET", path)
        return None if response.status_code == _NOT_FOUND else self._checked(response, path, kind)

    def act(self, path: str, body: object, idempotency_key: str) -> str:
        """Have something done once for this key, and return the system's reference; raises Temporary or Permanent."""
        if not idempotency_key:
            raise Permanent(f"{path}: an action needs an idempotency key, or a repetition would act twice")
        headers = {"Idempotency-Key": idempotency_key, "Content-Type": "application/json"}
        response = self._send("POST", path, content=msgspec.json.encode(body), headers=headers)
        return self._checked(response, path, _Reference).reference

    def _send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, params=parameters, content=content, headers=headers)
        except httpx.TimeoutException as error:
            raise Temporary(f"{method} {self.base_url}{path}: no answer in time") from error
        except httpx.TransportError as error:
            raise Temporary(f"{method} {self.base_url}{path}: {error}") from error

    def _checked(self, response: httpx.Response, path: str, kind: type[T]) -> T:
        where = f"{response.request.method} {self.base_url}{path}"
        if response.is_success:
            try:
                return msgspec.json.decode(response.content, type=kind)
            except msgspec.DecodeError as error:
                raise Permanent(f"{where}: the answer is not what was agreed: {error}") from error
        message = f"{_message(response)} ({where}: {response.status_code})"
        if response.is_server_error or response.status_code == _TOO_MANY_REQUESTS:
            raise Temporary(message)
        raise Permanent(message)


class SandboxErp:
    """The ``Erp`` protocol."""

    def __init__(self, connection: SandboxConnection) -> None:
        self._connection = connection

    def find_supplier(self, *, vat_id: str, name: str, iban: str) -> Supplier | None:
        """The supplier with that VAT id, else of that name, else with that IBAN; None when there is none."""
        terms = {key: value for key, value in (("vat_id", vat_id), ("name", name), ("iban", iban)) if value.strip()}
        if not terms:
            return None
        found = self._connection.get("/erp/suppliers", tuple[Supplier, ...], terms)
        return found[0] if found else None

    def find_order(self, number: str) -> Order | None:
        """By its number or id."""
        if not number.strip():
            return None
        return self._connection.find(f"/erp/orders/{_segment(number)}", Order)

    def receipts(self, order: str) -> tuple[Receipt, ...]:
        """Of the order with that number or id."""
        return self._connection.get(f"/erp/orders/{_segment(order)}/receipts", tuple[Receipt, ...])

    def prior_invoices(self, supplier: str) -> tuple[PriorInvoice, ...]:
        """Oldest first; fingerprints are worked out for invoices posted by others."""
        booked = self._connection.get(f"/erp/suppliers/{_segment(supplier)}/invoices", tuple[_Booked, ...])
        return tuple(_prior(entry) for entry in booked)

    def post_invoice(self, posting: Posting, *, idempotency_key: str) -> str:
        return self._connection.act("/erp/postings", posting, idempotency_key)

    def reverse_posting(self, reference: str, *, reason: str, idempotency_key: str) -> str:
        path = f"/erp/postings/{_segment(reference)}/reversal"
        return self._connection.act(path, {"reason": reason}, idempotency_key)


class SandboxBank:
    """The ``Bank`` protocol."""

    def __init__(self, connection: SandboxConnection) -> None:
        self._connection = connection

    def pay(self, payment: Payment, *, idempotency_key: str) -> str:
        return self._connection.act("/bank/payments", payment, idempotency_key)


def _prior(entry: _Booked) -> PriorInvoice:
    posting = entry.posting
    return PriorInvoice(
        number=posting.invoice_number,
        date=posting.invoice_date,
        total=posting.gross,
        currency=posting.currency,
        status=entry.status,
        reference=entry.reference,
        fingerprint=posting.fingerprint or _fingerprint(posting),
    )


def _fingerprint(posting: Posting) -> str:
    """That of the invoice which was posted, as far as the books tell."""
    lines = tuple(Line(quantity=line.quantity, unit_price=line.unit_price, net=line.net) for line in posting.lines)
    totals = Totals(net=posting.net, gross=posting.gross)
    return fingerprint(
        Invoice(order_number=posting.order, currency=posting.currency, lines=lines, totals=totals, kind="invoice")
    )


def _segment(text: str) -> str:
    """Safe within a path, whatever an invoice claims as its order number."""
    return quote(text.strip(), safe="")


def _message(response: httpx.Response) -> str:
    """The system's own words, or the beginning of whatever it answered."""
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return response.text[:_MESSAGE_LENGTH_MAX]
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        return str(body["error"])[:_MESSAGE_LENGTH_MAX]
    return response.text[:_MESSAGE_LENGTH_MAX]
