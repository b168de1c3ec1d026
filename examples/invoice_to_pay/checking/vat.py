"""The VAT categories (UNCL 5305): which rate, reason and identifiers each one asks for.

One row per category, read by one function; the rules are those of EN 16931 (BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G,
BR-O).
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from invoice_to_pay.reading import Invoice

from .finding import Finding, money


class Category(msgspec.Struct, frozen=True):
    """What a category asks for."""

    rule: str
    """The infix of its rules."""
    name: str
    taxed: bool = False
    needs_reason: bool = False
    buyer: str = ""
    """Which identifier of the buyer it needs: ``vat`` or ``vat or legal``."""
    seller: str = "vat or tax"
    rate_free: bool = False
    """Zero or more: the Canary Islands', Ceuta's and Melilla's taxes."""


CATEGORIES = {
    "S": Category("S", "standard rated", taxed=True),
    "Z": Category("Z", "zero rated"),
    "E": Category("E", "exempt from VAT", needs_reason=True),
    "AE": Category("AE", "reverse charge", needs_reason=True, buyer="vat or legal"),
    "K": Category("IC", "an intra-community supply", needs_reason=True, seller="vat", buyer="vat"),
    "G": Category("G", "an export outside the EU", needs_reason=True, seller="vat"),
    "O": Category("O", "not subject to VAT", needs_reason=True, seller=""),
    "L": Category("AF", "under IGIC", taxed=True, rate_free=True),
    "M": Category("AG", "under IPSI", taxed=True, rate_free=True),
}


def check_vat(invoice: Invoice) -> Iterator[Finding]:
    """Every VAT row and line whose category does not fit what else the invoice says."""
    if not invoice.vat:
        yield _finding("BR-CO-18", "vat", "The invoice has no VAT breakdown.")
    for number, row in enumerate(invoice.vat, 1):
        field = f"vat[{number}]"
        category = CATEGORIES.get(row.category)
        if category is None:
            yield _finding("BR-47", f"{field}.category", f'The VAT category "{row.category}" is none of EN 16931.')
            continue
        yield from _check_rate(category, row.rate, f"{field}.rate", "The VAT breakdown", "06")
        if not category.taxed and row.tax:
            message = f"The VAT is {money(row.tax)}, but what is {category.name} bears none."
            yield _finding(f"BR-{category.rule}-09", f"{field}.tax", message, "0.00", money(row.tax))
        reason = row.exemption_reason or row.exemption_code
        if category.needs_reason and not reason:
            yield _finding(
                f"BR-{category.rule}-10", f"{field}.exemption_reason", f"No reason says why it is {category.name}."
            )
        if reason and not category.needs_reason:
            message = f'It is {category.name}, but a reason for exemption is given: "{reason}".'
            yield _finding(f"BR-{category.rule}-10", f"{field}.exemption_reason", message)
        yield from _check_identifiers(invoice, category)
    yield from _check_lines(invoice)


def _check_lines(invoice: Invoice) -> Iterator[Finding]:
    rows = {row.category for row in invoice.vat}
    for number, line in enumerate(invoice.lines, 1):
        category = CATEGORIES.get(line.vat_category)
        name = f"Line {line.id or number}"
        if not line.vat_category:
            yield _finding("BR-CO-04", f"lines[{number}].vat_category", f"{name} has no VAT category.")
        elif category is None:
            message = f'{name}: the VAT category "{line.vat_category}" is none of EN 16931.'
            yield _finding("BR-CO-04", f"lines[{number}].vat_category", message)
        else:
            yield from _check_rate(category, line.vat_rate, f"lines[{number}].vat_rate", name, "05")
            if line.vat_category not in rows:
                message = f"{name} is {category.name}, but the VAT breakdown has no such row."
                yield _finding(f"BR-{category.rule}-01", f"lines[{number}].vat_category", message)


def _check_rate(category: Category, rate: Decimal | None, field: str, name: str, rule: str) -> Iterator[Finding]:
    if category.rate_free:
        return
    if category.taxed and (rate is None or rate <= 0):
        yield _finding(
            f"BR-{category.rule}-{rule}", field, f"{name} is {category.name}, but has no rate.", "above 0", money(rate)
        )
    if not category.taxed and rate:
        message = f"{name} is {category.name}, but has a rate of {rate.normalize():f} %."
        yield _finding(f"BR-{category.rule}-{rule}", field, message, "0", f"{rate.normalize():f}")


def _check_identifiers(invoice: Invoice, category: Category) -> Iterator[Finding]:
    seller, buyer = invoice.seller, invoice.buyer
    seller_vat = seller.vat_id or invoice.tax_representative.vat_id
    if category.seller and not (seller_vat or (category.seller == "vat or tax" and seller.tax_id)):
        what = "VAT number" if category.seller == "vat" else "VAT or tax number"
        yield _finding(
            f"BR-{category.rule}-02", "seller.vat_id", f"It is {category.name}, but the seller's {what} is missing."
        )
    if category.buyer and not (buyer.vat_id or (category.buyer == "vat or legal" and buyer.legal_id)):
        message = f"It is {category.name}, but the buyer's VAT number is missing."
        yield _finding(f"BR-{category.rule}-02", "buyer.vat_id", message)


def _finding(code: str, field: str, message: str, expected: str = "", actual: str = "") -> Finding:
    return Finding(code=code, kind="vat", field=field, message=message, expected=expected, actual=actual)
