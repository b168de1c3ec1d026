"""What every invoice must say (the mandatory business terms of EN 16931)."""

from collections.abc import Iterator

from invoice_to_pay.reading import Invoice

from .finding import Finding

DOCUMENT: tuple[tuple[str, str, str], ...] = (
    ("BR-01", "guideline", "the specification it follows"),
    ("BR-02", "number", "its number"),
    ("BR-03", "issue_date", "its date"),
    ("BR-04", "type_code", "its type"),
    ("BR-05", "currency", "its currency"),
    ("BR-06", "seller.name", "the seller's name"),
    ("BR-07", "buyer.name", "the buyer's name"),
    ("BR-09", "seller.country", "the seller's country"),
    ("BR-11", "buyer.country", "the buyer's country"),
    ("BR-12", "totals.lines_net", "the sum of its lines"),
    ("BR-13", "totals.net", "the total without VAT"),
    ("BR-14", "totals.gross", "the total with VAT"),
    ("BR-15", "totals.payable", "the amount payable"),
    ("BR-16", "lines", "any line"),
)
LINE: tuple[tuple[str, str, str], ...] = (
    ("BR-21", "id", "number"),
    ("BR-22", "quantity", "quantity"),
    ("BR-23", "unit", "unit"),
    ("BR-24", "net", "net amount"),
    ("BR-25", "name", "name of what is charged"),
    ("BR-26", "unit_price", "price"),
)
CREDIT_TRANSFERS = frozenset({"30", "58"})


def check_required(invoice: Invoice) -> Iterator[Finding]:
    """Everything that must be there and is not."""
    for code, field, what in DOCUMENT:
        if _missing(invoice, field):
            yield _finding(code, field, f"The invoice does not give {what}.")
    for number, line in enumerate(invoice.lines, 1):
        for code, field, what in LINE:
            if _missing(line, field):
                yield _finding(code, f"lines[{number}].{field}", f"Line {line.id or number} has no {what}.")
    payable = invoice.totals.payable
    if payable and payable > 0 and invoice.due_date is None and not invoice.payment_terms:
        yield _finding("BR-CO-25", "due_date", "It says neither when to pay nor on which terms.")
    seller = invoice.seller
    if not (seller.vat_id or seller.legal_id or seller.ids or seller.tax_id):
        yield _finding("BR-CO-26", "seller.vat_id", "Nothing identifies the seller: no VAT, tax or register number.")
    for number, means in enumerate(invoice.payment, 1):
        if means.code in CREDIT_TRANSFERS and not means.iban:
            yield _finding("BR-61", f"payment[{number}].iban", "It asks for a credit transfer, but names no account.")


def _missing(struct: object, path: str) -> bool:
    for part in path.split("."):
        struct = getattr(struct, part)
    return struct is None or struct == "" or struct == ()


def _finding(code: str, field: str, message: str) -> Finding:
    return Finding(code=code, kind="missing", field=field, message=message)
