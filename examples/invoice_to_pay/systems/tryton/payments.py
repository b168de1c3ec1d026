"""Tryton as the :class:`~invoice_to_pay.systems.Bank`: a payment is booked on the posted invoice.

The booking is what Tryton's own "Pay" button does: a wizard, driven step by step, that makes the entry, reconciles it
with the invoice's and so turns the invoice ``paid``, all in one transaction. The entry carries the idempotency key in
its description and is looked for first, so a payment whose answer was lost is not booked again. Should a call be so
late that another has booked meanwhile, the wizard asks what to do with the overpayment instead of booking it, and
nobody answers.

Tryton books; it moves no money. Where a bank executes the payments, use that bank's actor and leave this to the books.
"""

from clearance.model.values import Data
from clearance.model.work import Permanent, Temporary
from invoice_to_pay.systems import Payment
from invoice_to_pay.systems.tryton.records import INVOICE, MOVE, PARTY, compact, ibans, identifier, refer_to
from invoice_to_pay.systems.tryton.rpc import Tryton

_WIZARD = "wizard.account.invoice.pay"
_FROM_INVOICE = ("payee", "company", "currency", "invoice_account")


class TrytonBank:
    """Outgoing payments, booked with the payment method that the settings name."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton

    def pay(self, payment: Payment, *, idempotency_key: str) -> str:
        """Book the payment and return the reference of its entry, ``account.move,56``.

        Permanent when the payment does not fit the invoice that it names: supplier, number, currency, amount still
        open, state, or an IBAN that is not on file for the supplier.
        """
        number = identifier(payment.posting, INVOICE)
        booked = self._booked(number, idempotency_key)
        if booked is None:
            invoice = self._invoice(number)
            _check(payment, invoice, ibans(self._tryton, invoice["party"]))
            self._book(number, payment, idempotency_key)
            booked = self._booked(number, idempotency_key)
        if booked is None:
            raise Temporary(f"Tryton did not book the payment of {payment.reference}: its invoice has just changed")
        return booked

    def _booked(self, invoice: int, key: str) -> str | None:
        domain = [("origin", "=", refer_to(INVOICE, invoice)), ("description", "=", _description(key))]
        rows = self._tryton.search_read(MOVE, domain, ["id"], order=[("id", "ASC")])
        return refer_to(MOVE, rows[0]["id"]) if rows else None

    def _book(self, invoice: int, payment: Payment, key: str) -> None:
        about = {"active_model": INVOICE, "active_id": invoice, "active_ids": [invoice]}
        session, start, _ = self._tryton.call(f"{_WIZARD}.create", context=about)
        asked = self._tryton.call(f"{_WIZARD}.execute", session, {}, start, context=about)
        answer = {field: asked["view"]["defaults"].get(field) for field in _FROM_INVOICE}
        answer |= {"amount": payment.amount, "description": _description(key), "payment_method": self._method()}
        self._tryton.call(f"{_WIZARD}.execute", session, {start: answer}, "choice", context=about)
        self._tryton.call(f"{_WIZARD}.delete", session, context=about)

    def _invoice(self, number: int) -> dict[str, Data]:
        fields = ["state", "party", "reference", "currency.code", "amount_to_pay"]
        rows = self._tryton.search_read(INVOICE, [("id", "=", number), ("type", "=", "in")], fields)
        if not rows:
            raise Permanent(f"Tryton has no supplier invoice {refer_to(INVOICE, number)}")
        return rows[0]

    def _method(self) -> int:
        name = self._tryton.settings.payment_method
        domain = [("name", "=", name), ("company", "=", self._tryton.company)]
        rows = self._tryton.search_read("account.invoice.payment.method", domain, ["id"])
        if len(rows) != 1:
            raise Permanent(f"Tryton has no single payment method {name!r}: create it, or mend payment_method")
        return int(rows[0]["id"])


def _description(key: str) -> str:
    return f"Clearance {key}"


def _check(payment: Payment, invoice: dict[str, Data], on_file: tuple[str, ...]) -> None:
    name = f"invoice {invoice['reference']!r} ({payment.posting})"
    if refer_to(PARTY, invoice["party"]) != payment.supplier or invoice["reference"] != payment.reference:
        raise Permanent(f"the payment is for {payment.supplier}, {payment.reference!r}, but {name} is another one's")
    if invoice["state"] != "posted":
        raise Permanent(f"{name} is {invoice['state']} in Tryton: only a posted one can be paid")
    if compact(payment.iban) not in on_file:
        raise Permanent(f"{payment.iban} is not on file in Tryton for {payment.supplier}: nothing is paid to it")
    if (payment.currency, payment.amount) != (invoice["currency."]["code"], invoice["amount_to_pay"]):
        is_open = f"{invoice['amount_to_pay']} {invoice['currency.']['code']}"
        raise Permanent(f"{is_open} is open on {name}, not {payment.amount} {payment.currency}")
