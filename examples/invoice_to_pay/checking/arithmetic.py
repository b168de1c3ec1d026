"""The sums of an invoice: lines, totals and VAT per category (BR-CO-10 to BR-CO-17 and BR-S-08 and its sisters).

Amounts are compared to the cent. A line may be off by a little more, as sellers round the unit price they print; how
much is let through is for the decision table, which sees the difference.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from invoice_to_pay.reading import Allowance, Invoice, Line

from .finding import Finding, money

CENT = Decimal("0.01")
TAXABLE_RULES = {
    "S": "BR-S-08",
    "Z": "BR-Z-08",
    "E": "BR-E-08",
    "AE": "BR-AE-08",
    "K": "BR-IC-08",
    "G": "BR-G-08",
    "O": "BR-O-08",
    "L": "BR-AF-08",
    "M": "BR-AG-08",
}
ZERO = Decimal(0)


def rounded(amount: Decimal) -> Decimal:
    """To the cent, halves away from zero, as invoices are rounded."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def check_arithmetic(invoice: Invoice) -> Iterator[Finding]:
    """Every sum that does not come out."""
    for number, line in enumerate(invoice.lines, 1):
        yield from _check_line(line, f"lines[{number}]", f"Line {line.id or number}")
    yield from _check_totals(invoice)
    yield from _check_vat(invoice)


def _differs(
    code: str, field: str, what: str, expected: Decimal | None, actual: Decimal | None, tolerance: Decimal = ZERO
) -> Iterator[Finding]:
    if expected is None or actual is None or abs(expected - actual) <= tolerance:
        return
    yield Finding(
        code=code,
        kind="arithmetic",
        field=field,
        message=f"{what} is {money(actual)}, but the invoice's own figures give {money(expected)}.",
        expected=money(expected),
        actual=money(actual),
        difference=abs(expected - actual),
    )


def _check_line(line: Line, field: str, name: str) -> Iterator[Finding]:
    if line.lines:
        subtotal = sum((below.net or ZERO for below in line.lines), ZERO)
        yield from _differs("BR-DEX-02", f"{field}.net", f"{name}: the net amount", subtotal, line.net)
        for number, below in enumerate(line.lines, 1):
            yield from _check_line(below, f"{field}.lines[{number}]", f"{name}, sub-line {below.id or number}")
    elif line.quantity is not None and line.unit_price is not None and line.base_quantity:
        expected = rounded(line.quantity * line.unit_price / line.base_quantity + _added(line.allowances))
        yield from _differs("PEPPOL-EN16931-R120", f"{field}.net", f"{name}: the net amount", expected, line.net, CENT)


def _added(allowances: tuple[Allowance, ...]) -> Decimal:
    """Charges less allowances."""
    return sum((item.amount if item.charge else -item.amount for item in allowances), ZERO)


def _check_totals(invoice: Invoice) -> Iterator[Finding]:
    totals = invoice.totals
    lines = sum((line.net or ZERO for line in invoice.lines), ZERO)
    allowances = sum((item.amount for item in invoice.allowances if not item.charge), ZERO)
    charges = sum((item.amount for item in invoice.allowances if item.charge), ZERO)
    third_party = sum((payment.amount for payment in invoice.third_party_payments), ZERO)
    itemised = bool(invoice.allowances)
    if invoice.lines:
        yield from _differs("BR-CO-10", "totals.lines_net", "The sum of the lines", lines, totals.lines_net)
    if itemised:
        yield from _differs("BR-CO-11", "totals.allowances", "The sum of the allowances", allowances, totals.allowances)
        yield from _differs("BR-CO-12", "totals.charges", "The sum of the charges", charges, totals.charges)
    if totals.lines_net is not None:
        net = totals.lines_net - totals.allowances + totals.charges
        yield from _differs("BR-CO-13", "totals.net", "The total without VAT", net, totals.net)
    if invoice.vat and totals.tax is not None:
        tax = sum((row.tax or ZERO for row in invoice.vat), ZERO)
        yield from _differs("BR-CO-14", "totals.tax", "The VAT total", tax, totals.tax)
    if totals.net is not None:
        gross = totals.net + (totals.tax or ZERO)
        yield from _differs("BR-CO-15", "totals.gross", "The total with VAT", gross, totals.gross)
    if totals.gross is not None:
        payable = totals.gross - totals.prepaid + totals.rounding + third_party
        code = "BR-DEX-09" if invoice.third_party_payments else "BR-CO-16"
        yield from _differs(code, "totals.payable", "The amount payable", payable, totals.payable)


def _check_vat(invoice: Invoice) -> Iterator[Finding]:
    """The VAT of each row, and its taxable amount against the lines, allowances and charges of that rate."""
    taxable: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    complete = bool(invoice.lines)
    for line in _leaves(invoice.lines):
        complete = complete and bool(line.vat_category)
        taxable[line.vat_category, line.vat_rate or ZERO] += line.net or ZERO
    for item in invoice.allowances:
        complete = complete and bool(item.vat_category)
        taxable[item.vat_category, item.vat_rate or ZERO] += item.amount if item.charge else -item.amount
    for number, row in enumerate(invoice.vat, 1):
        rate = row.rate or ZERO
        name = f"VAT category {row.category or '(none)'} at {rate.normalize():f} %"
        if row.taxable is not None:
            expected = rounded(row.taxable * rate / 100)
            yield from _differs("BR-CO-17", f"vat[{number}].tax", f"{name}: the VAT", expected, row.tax)
        if complete:
            base = taxable[row.category, rate]
            code = TAXABLE_RULES.get(row.category, "BR-45")
            yield from _differs(code, f"vat[{number}].taxable", f"{name}: the taxable amount", base, row.taxable, CENT)


def _leaves(lines: tuple[Line, ...]) -> Iterator[Line]:
    """The lines that are not made up of others; only they carry the category that counts."""
    for line in lines:
        if line.lines:
            yield from _leaves(line.lines)
        else:
            yield line
