"""Tryton as the :class:`~invoice_to_pay.systems.Erp`: suppliers, orders, receipts and invoices.

Ids are Tryton's references (``purchase.purchase,3``).

Tryton has no idempotency keys. A supplier invoice therefore carries the key in its description from the moment it is
created, and every call looks for that first: what was created is not created again, and what was posted is not posted
again, wherever the earlier call stopped. Should two calls have created a draft at once, both keep the older one.
"""

from clearance.model.values import Data
from clearance.model.work import Permanent, Temporary
from invoice_to_pay.systems import Order, Posting, PriorInvoice, Receipt, Supplier
from invoice_to_pay.systems.tryton.invoices import Drafts
from invoice_to_pay.systems.tryton.orders import Orders, order_line, receipt
from invoice_to_pay.systems.tryton.records import INVOICE, MOVE, PARTY, PURCHASE, compact, ibans, identifier, refer_to
from invoice_to_pay.systems.tryton.rpc import Tryton, TrytonWarning

_POSTED = ("posted", "paid")
_STATUS = {"posted": "posted", "paid": "paid", "cancelled": "reversed"}
_FINGERPRINT = "Fingerprint: "


class TrytonErp:
    """Suppliers, orders, receipts, invoices and postings in one company of a Tryton database."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton
        self._orders = Orders(tryton)
        self._drafts = Drafts(tryton)

    def find_supplier(self, *, vat_id: str, name: str, iban: str) -> Supplier | None:
        """The party with this VAT id, otherwise with this IBAN, otherwise with exactly this name.

        A party with another VAT id on file than the one given is never it. Two parties that fit are none: a person
        has to look. The IBAN given is the account on file when it is one of the party's.
        """
        domains: list[list[Data]] = []
        if vat_id:
            codes = [vat_id, compact(vat_id)]
            domains.append(["OR", ("identifiers.code", "in", codes), ("identifiers.code_compact", "in", codes)])
        if iban:
            domains.append([("bank_accounts.numbers.number_compact", "=", compact(iban))])
        if name:
            domains.append([("name", "ilike", _literal(name))])
        for domain in domains:
            found = [party for party in self._parties(domain) if not _contradicts(party, vat_id)]
            if len(found) == 1:
                return self._supplier(found[0], compact(iban))
            if found:
                return None
        return None

    def find_order(self, number: str) -> Order | None:
        """The order with this number once it is confirmed; None before, and when it was cancelled."""
        purchase = self._orders.find(number)
        if purchase is None:
            return None
        lines = self._orders.lines(purchase["id"])
        rates = self._orders.rates({tax for line in lines for tax in line["taxes"]})
        return Order(
            id=refer_to(PURCHASE, purchase["id"]),
            number=purchase["number"],
            supplier=refer_to(PARTY, purchase["party"]),
            currency=purchase["currency."]["code"],
            lines=tuple(order_line(position, line, rates) for position, line in enumerate(lines, start=1)),
        )

    def receipts(self, order: str) -> tuple[Receipt, ...]:
        """What was received and charged of each line of an order, by its id or number."""
        purchase = self._orders.find(order)
        if purchase is None:
            raise Permanent(f"Tryton has no confirmed order {order!r}")
        lines = self._orders.lines(purchase["id"])
        return tuple(receipt(position, line) for position, line in enumerate(lines, start=1))

    def prior_invoices(self, supplier: str) -> tuple[PriorInvoice, ...]:
        """The supplier's invoices that are or were posted, in that order; ``reference`` is what payments go by."""
        rows = self._tryton.search_read(
            INVOICE,
            [*self._invoices_of(identifier(supplier, PARTY)), ("move", "!=", None), ("state", "in", list(_STATUS))],
            ["reference", "invoice_date", "total_amount", "currency.code", "state", "comment"],
            order=[("move.id", "ASC")],
        )
        return tuple(
            PriorInvoice(
                number=row["reference"] or "",
                date=row["invoice_date"] or "",
                total=row["total_amount"],
                currency=row["currency."]["code"],
                status=_STATUS[row["state"]],
                reference=refer_to(INVOICE, row["id"]),
                fingerprint=_fingerprint(row["comment"] or ""),
            )
            for row in rows
        )

    def post_invoice(self, posting: Posting, *, idempotency_key: str) -> str:
        """Post a supplier invoice and return its reference, ``account.invoice,12``."""
        found = self._drafts.find(idempotency_key)
        if found is None:
            purchase = self._orders.find(posting.order) if posting.order else None
            if posting.order and purchase is None:
                raise Permanent(f"Tryton has no confirmed order {posting.order!r} to post the invoice to")
            lines = self._orders.lines(purchase["id"]) if purchase else []
            comment = f"{_FINGERPRINT}{posting.fingerprint}" if posting.fingerprint else ""
            found = self._drafts.make(posting, idempotency_key, lines, comment)
        if (refer_to(PARTY, found["party"]), found["reference"]) != (posting.supplier, posting.invoice_number):
            raise Permanent(
                f"the key {idempotency_key!r} was already used in Tryton for invoice {found['reference']!r}"
            )
        if found["state"] in ("draft", "validated"):
            self._post(found)
        return refer_to(INVOICE, found["id"])

    def reverse_posting(self, reference: str, *, reason: str, idempotency_key: str) -> str:
        """Cancel a posted invoice; returns the reference of the entry that reverses it, ``account.move,34``.

        An invoice can be cancelled once, so what is cancelled already gives the same answer, whatever the key.
        """
        number = identifier(reference, INVOICE)
        invoice = self._invoice(number)
        if invoice["state"] != "cancelled":
            note = f"Reversed by Clearance ({idempotency_key}): {reason}"
            if note not in (invoice["comment"] or ""):
                comment = "\n".join(filter(None, (invoice["comment"], note)))
                self._tryton.write(INVOICE, number, {"comment": comment})
            self._tryton.press(INVOICE, "cancel", number)
            invoice = self._invoice(number)
        if invoice["cancel_move"] is None:
            raise Permanent(f"{reference} was cancelled in Tryton before it was posted: nothing was there to reverse")
        return refer_to(MOVE, invoice["cancel_move"])

    def _post(self, invoice: dict[str, Data]) -> None:
        try:
            self._tryton.press(INVOICE, "post", invoice["id"])
        except TrytonWarning as warning:
            if not warning.name.endswith(".invoice_similar") or self._charged_before(invoice):
                raise
            # The only other invoices with this number are cancelled: charging it anew is what a reversal is for.
            self._tryton.call("model.res.user.warning.skip", warning.name, False)
            self._tryton.press(INVOICE, "post", invoice["id"])
        state = self._invoice(invoice["id"])["state"]
        if state not in _POSTED:
            raise Temporary(f"Tryton took invoice {invoice['reference']!r} but has not posted it yet: it is {state}")

    def _charged_before(self, invoice: dict[str, Data]) -> bool:
        domain = [*self._invoices_of(invoice["party"]), ("reference", "=", invoice["reference"])]
        others = self._tryton.search_read(INVOICE, [*domain, ("id", "!=", invoice["id"])], ["state"])
        return any(other["state"] != "cancelled" for other in others)

    def _invoice(self, number: int) -> dict[str, Data]:
        fields = ["state", "comment", "cancel_move"]
        rows = self._tryton.search_read(INVOICE, [("id", "=", number), ("type", "=", "in")], fields)
        if not rows:
            raise Permanent(f"Tryton has no supplier invoice {refer_to(INVOICE, number)}")
        return rows[0]

    def _invoices_of(self, party: int) -> list[Data]:
        return [("type", "=", "in"), ("party", "=", party), ("company", "=", self._tryton.company)]

    def _parties(self, domain: list[Data]) -> list[dict[str, Data]]:
        """Parties, inactive ones too: the process has to know that a supplier was blocked."""
        fields = ["name", "active", "tax_identifier.code", "identifiers"]
        return self._tryton.search_read(PARTY, domain, fields, context={"active_test": False})

    def _supplier(self, party: dict[str, Data], iban: str) -> Supplier:
        on_file = ibans(self._tryton, party["id"])
        return Supplier(
            id=refer_to(PARTY, party["id"]),
            name=party["name"],
            vat_id=_vat_id(party),
            iban=iban if iban in on_file else next(iter(on_file), ""),
            active=party["active"],
        )


def _vat_id(party: dict[str, Data]) -> str:
    return str((party["tax_identifier."] or {}).get("code") or "")


def _contradicts(party: dict[str, Data], vat_id: str) -> bool:
    on_file = compact(_vat_id(party))
    return bool(vat_id and on_file and on_file != compact(vat_id))


def _fingerprint(comment: str) -> str:
    lines = [line for line in comment.splitlines() if line.startswith(_FINGERPRINT)]
    return lines[0].removeprefix(_FINGERPRINT) if lines else ""


def _literal(text: str) -> str:
    """Text for ``ilike`` in which nothing is a wildcard."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
