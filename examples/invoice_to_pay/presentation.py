"""What a person sees of an invoice: what was read with its places, what the systems say, and why it came to them."""

import re
from decimal import Decimal

from clearance.model.values import Data, to_data
from invoice_to_pay.checking import Finding
from invoice_to_pay.matching import BankDetailChange, Duplicate, Match
from invoice_to_pay.reading import Invoice, Reading
from invoice_to_pay.systems import Order, Supplier

FIELDS_MAX = 60
_NUMBERED = re.compile(r"(\w+)\[(\d+)\]")
_SINGULAR = {"lines": "line", "allowances": "allowance", "discounts": "discount", "notes": "note", "vat": "VAT"}
_LABELS = {
    "number": "Invoice number",
    "issue_date": "Date",
    "due_date": "Due",
    "currency": "Currency",
    "order_number": "Order",
    "seller.name": "Supplier",
    "seller.vat_id": "Supplier's VAT number",
    "buyer.name": "Buyer",
    "buyer.vat_id": "Buyer's VAT number",
    "totals.net": "Net",
    "totals.tax": "VAT",
    "totals.gross": "Gross",
    "totals.payable": "To pay",
    "payment[1].iban": "Account",
    "payment_terms": "Terms",
}


def fields_of(reading: Reading) -> list[dict[str, Data]]:
    """What was read, the headline values first, each with its confidence and place in the text."""
    order = {name: index for index, name in enumerate(_LABELS)}
    ranked = sorted(reading.fields, key=lambda field: order.get(field.name, len(order)))
    return [
        {
            "name": field.name,
            "label": label_of(field.name),
            "value": field.value,
            "confidence": to_data(field.confidence),
            "location": field.location,
            "start": field.start,
            "end": field.end,
        }
        for field in ranked[:FIELDS_MAX]
    ]


def label_of(name: str) -> str:
    """A field's name as people say it: ``lines[2].unit_price`` is "Line 2, unit price"."""
    if name in _LABELS:
        return _LABELS[name]
    parts = [
        _NUMBERED.sub(lambda found: f"{_SINGULAR.get(found[1], found[1])} {found[2]}", part) for part in name.split(".")
    ]
    text = ", ".join(part.replace("_", " ") for part in parts)
    return text[:1].upper() + text[1:]


def reasons_of(
    invoice: Invoice,
    earlier: tuple[Duplicate, ...],
    supplier: Supplier | None,
    change: BankDetailChange | None,
    findings: tuple[Finding, ...],
    match: Match,
) -> tuple[str, ...]:
    """Everything that speaks against paying without a look, the gravest first, each sentence once."""
    reasons = [duplicate.message for duplicate in earlier]
    if supplier is None:
        reasons.append(f"The ERP knows no supplier {invoice.seller.name or 'of that name'} ({invoice.seller.vat_id}).")
    elif not supplier.active:
        reasons.append(f"The supplier {supplier.name} is closed in the ERP.")
    if change is not None:
        reasons.append(change.message)
    reasons.extend(finding.message for finding in findings)
    reasons.extend(match.reasons)
    return tuple(dict.fromkeys(reasons))


def facts_of(
    invoice: Invoice,
    supplier: Supplier | None,
    order: Order | None,
    earlier: tuple[Duplicate, ...],
    change: BankDetailChange | None,
    match: Match,
    findings: tuple[Finding, ...],
) -> tuple[dict[str, Data], ...]:
    """The invoice beside what the systems say: label, expected, actual, and whether they agree."""
    account = ", ".join(means.iban for means in invoice.payment if means.iban)
    facts = [
        _fact("Supplier", supplier.name if supplier else "not in the ERP", invoice.seller.name, supplier is not None),
        _fact("Account", supplier.iban if supplier else "", account, supplier is not None and change is None),
        _fact("Order", order.number if order else "not in the ERP", invoice.order_number, order is not None),
    ]
    facts.extend(_fact(f"Earlier invoice {one.number}", one.status, one.kind, False) for one in earlier)
    for difference in match.differences:
        label = (
            f"{difference.kind.capitalize()}, line {difference.line}"
            if difference.line
            else difference.kind.capitalize()
        )
        facts.append(_fact(label, difference.expected, difference.actual, difference.tolerated))
    facts.extend(_fact(finding.code, finding.expected, finding.actual, False) for finding in findings)
    if order is not None and not match.differences:
        value = sum((line.quantity * line.unit_price for line in order.lines), Decimal(0))
        facts.append(_fact("Net, of the order's", f"at most {value:.2f}", f"{invoice.totals.net or 0:.2f}", True))
    return tuple(facts)


def _fact(label: str, expected: str, actual: str, ok: bool) -> dict[str, Data]:
    return {"label": label, "expected": expected, "actual": actual, "ok": ok}
