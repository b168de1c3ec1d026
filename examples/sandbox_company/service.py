"""The HTTP interface of the sandbox company.

====================================  =====================================================================
``GET /erp/suppliers``                ``?vat_id=&name=&iban=``: those that agree in any; all without a term
``GET /erp/orders/{number}``          an order with its lines
``GET /erp/orders/{number}/receipts`` received and invoiced, per line
``GET /erp/suppliers/{id}/invoices``  all invoices of a supplier in the books
``POST /erp/postings``                post an invoice (idempotent)
``GET /erp/postings``                 what was posted since the start
``GET /erp/postings/{reference}``     one of them, with its status
``POST /erp/postings/{reference}/reversal``  cancel it (idempotent)
``POST /erp/postings/{reference}/clearing``  mark it as paid (idempotent)
``POST /bank/payments``               pay (idempotent)
``GET /bank/payments``                all executed payments in order
``GET /bank/statement``               the balance and the payments
``GET, PUT /admin/faults``            see faults.FaultSettings
``POST /admin/master-data``           add suppliers, orders, invoices and reachable accounts
``GET /admin/truth``                  what is true of the generated invoices
``GET /admin/comparison``             where the books depart from the truth; see truth.Comparison
``GET /admin/health``                 answers when the systems do
====================================  =====================================================================

Bodies are JSON, amounts decimal strings; see ``records.py``. What acts takes an ``Idempotency-Key`` header: the
same key gives the same answer, and 409 when it comes with another body. Errors are ``{"error": "…"}``.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import Response

from sandbox_company.bank import Bank
from sandbox_company.books import Refused
from sandbox_company.erp import Erp
from sandbox_company.faults import FaultLayer, FaultSettings
from sandbox_company.records import Clearing, MasterData, Payment, Posting, Reversal
from sandbox_company.truth import Truth, compare

T = TypeVar("T")


async def _read_body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_read_body)]
Key = Annotated[str, Header(alias="Idempotency-Key")]


def build_service(erp: Erp, bank: Bank, make_truth: Callable[[], Sequence[Truth]]) -> FaultLayer:
    """The ASGI application. The truth is made when first asked for, since that renders all documents."""
    application = FastAPI(title="Sandbox company", docs_url=None, redoc_url=None)
    faults = FaultLayer(application)

    @application.exception_handler(Refused)
    async def refuse(request: Request, error: Refused) -> Response:
        return _json({"error": error.message}, error.status)

    _add_erp(application, erp)
    _add_bank(application, bank, faults)
    _add_admin(application, erp, bank, faults, functools.cache(make_truth))
    return faults


def _add_erp(application: FastAPI, erp: Erp) -> None:
    @application.get("/erp/suppliers")
    def find_suppliers(vat_id: str = "", name: str = "", iban: str = "") -> Response:
        return _json(erp.suppliers(vat_id=vat_id, name=name, iban=iban))

    @application.get("/erp/suppliers/{supplier}/invoices")
    def list_invoices(supplier: str) -> Response:
        return _json(erp.invoices(supplier))

    @application.get("/erp/orders/{number}")
    def get_order(number: str) -> Response:
        return _json(erp.order(number))

    @application.get("/erp/orders/{number}/receipts")
    def list_receipts(number: str) -> Response:
        return _json(erp.receipts(number))

    @application.get("/erp/postings")
    def list_postings() -> Response:
        return _json(erp.postings())

    @application.get("/erp/postings/{reference}")
    def get_posting(reference: str) -> Response:
        return _json(erp.posting(reference))

    @application.post("/erp/postings")
    def post_invoice(body: Body, key: Key = "") -> Response:
        return _json(erp.post(_decoded(body, Posting), key), 201)

    @application.post("/erp/postings/{reference}/reversal")
    def reverse_posting(reference: str, body: Body, key: Key = "") -> Response:
        return _json(erp.reverse(reference, _decoded(body, Reversal), key), 201)

    @application.post("/erp/postings/{reference}/clearing")
    def clear_posting(reference: str, body: Body, key: Key = "") -> Response:
        return _json(erp.clear(reference, _decoded(body, Clearing), key), 201)


def _add_bank(application: FastAPI, bank: Bank, faults: FaultLayer) -> None:
    @application.post("/bank/payments")
    def pay(body: Body, key: Key = "") -> Response:
        refused = faults.settings().bank.refuse_ibans
        return _json(bank.pay(_decoded(body, Payment), key, refused), 201)

    @application.get("/bank/payments")
    def list_payments() -> Response:
        return _json(bank.payments())

    @application.get("/bank/statement")
    def get_statement() -> Response:
        return _json(bank.statement())


def _add_admin(
    application: FastAPI, erp: Erp, bank: Bank, faults: FaultLayer, truth: Callable[[], Sequence[Truth]]
) -> None:
    @application.get("/admin/health")
    def get_health() -> Response:
        return _json({"status": "up"})

    @application.get("/admin/faults")
    def get_faults() -> Response:
        return _json(faults.settings())

    @application.put("/admin/faults")
    def set_faults(body: Body) -> Response:
        settings = _decoded(body, FaultSettings)
        try:
            faults.set(settings)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        return _json(faults.settings())

    @application.post("/admin/master-data")
    def load_master_data(body: Body) -> Response:
        data = _decoded(body, MasterData)
        erp.load(data)
        bank.add_accounts([*data.accounts, *(supplier.iban for supplier in data.suppliers if supplier.iban)])
        return _json({"status": "loaded"})

    @application.get("/admin/truth")
    def get_truth() -> Response:
        return _json(truth())

    @application.get("/admin/comparison")
    def get_comparison() -> Response:
        return _json(compare(truth(), bank.payments(), erp.postings()))


def _json(data: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(data), status, media_type="application/json")


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Refused(400, f"the body is not a {kind.__name__}: {error}") from error
