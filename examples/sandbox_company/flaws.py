"""What goes wrong with invoices: one function for each kind of exception, each breaking exactly one thing.

A flaw takes a clean purchase and returns what the sender prints and what the ERP holds, with the reasons that a person
should be given. Flaws are large enough (25 EUR or more) that no sensible tolerance lets them pass.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from random import Random

import msgspec

from sandbox_company import check_digits
from sandbox_company.invoice import Invoice, Line, cents, totalled
from sandbox_company.purchases import Purchase, Vendor, book
from sandbox_company.records import Order, Posted

_DIFFERENCE_MIN = Decimal(25)
_DOMESTIC_RATES = {"AT": Decimal(20), "FR": Decimal(20), "NL": Decimal(21)}


class Flawed(msgspec.Struct, frozen=True, kw_only=True):
    invoice: Invoice
    order: Order | None
    """What the ERP holds; None: nothing."""
    earlier: tuple[Posted, ...]
    reasons: tuple[str, ...]
    known_supplier: bool = True


def price_mismatch(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """One line costs more than was ordered."""
    line = _largest(purchase.invoice)
    step = max(line.unit_price * Decimal(random.randint(12, 30)) / 100, _DIFFERENCE_MIN / line.quantity)
    price = cents(line.unit_price + step) + Decimal("0.01")
    dearer = msgspec.structs.replace(line, unit_price=price, net=cents(price * line.quantity))
    reason = f"line {line.number} costs {price}, ordered at {line.unit_price}"
    return _flawed(purchase, totalled(purchase.invoice, _swapped(purchase.invoice, dearer)), reason)


def quantity_mismatch(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """Less of one line was received than is charged."""
    line = _largest(purchase.invoice)
    share = Decimal(random.randint(30, 70)) / 100
    missing = line.quantity - (line.quantity * share).quantize(Decimal(1), ROUND_FLOOR)
    order_lines = tuple(
        msgspec.structs.replace(ordered, received=ordered.received - missing)
        if ordered.number == line.order_line
        else ordered
        for ordered in purchase.order.lines
    )
    order = msgspec.structs.replace(purchase.order, lines=order_lines)
    reason = f"line {line.number} charges {line.quantity}, {missing} more than received"
    return Flawed(invoice=purchase.invoice, order=order, earlier=purchase.earlier, reasons=(reason,))


def missing_order(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """The order named is not in the ERP, or none is named."""
    if random.random() < 0.5:
        reason = f"order {purchase.invoice.order} is not in the ERP"
        return Flawed(invoice=purchase.invoice, order=None, earlier=(), reasons=(reason,))
    lines = tuple(msgspec.structs.replace(line, order_line="") for line in purchase.invoice.lines)
    invoice = msgspec.structs.replace(purchase.invoice, order="", lines=lines)
    return Flawed(invoice=invoice, order=None, earlier=(), reasons=("no order is named",))


def unknown_supplier(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """Somebody whom the ERP does not know charges a genuine order."""
    invoice = msgspec.structs.replace(purchase.invoice, seller=stranger.party, iban=stranger.supplier.iban)
    reason = f"{stranger.party.name} is not among the suppliers"
    return msgspec.structs.replace(_flawed(purchase, invoice, reason), known_supplier=False)


def duplicate_number(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """The same invoice came before, and is paid."""
    original = book(purchase.vendor, purchase.invoice, 700_000 + _serial(purchase))
    reason = f"invoice {purchase.invoice.number} is already paid as {original.reference}"
    return _flawed(purchase, purchase.invoice, reason, original)


def duplicate_content(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """The same goods were charged and paid under another number."""
    earlier = timedelta(days=random.randint(5, 20))
    invoice = purchase.invoice
    first = msgspec.structs.replace(
        invoice, number=f"{invoice.number}0", issued=invoice.issued - earlier, due=invoice.due - earlier
    )
    original = book(purchase.vendor, first, 700_000 + _serial(purchase))
    reason = f"the same was charged as {first.number}, already paid as {original.reference}"
    return _flawed(purchase, invoice, reason, original)


def changed_iban(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """Everything is right but the account."""
    iban = check_digits.iban(random.choice(("DE", "NL", "FR")), random)
    reason = f"IBAN {iban} is not the one on file ({purchase.vendor.supplier.iban})"
    return _flawed(purchase, msgspec.structs.replace(purchase.invoice, iban=iban), reason)


def wrong_vat(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """A rate that does not belong to the goods or to the country; the sums follow from it correctly."""
    country = purchase.vendor.party.country
    ordered = {line.vat_rate for line in purchase.invoice.lines}
    if country in _DOMESTIC_RATES:
        old, new = Decimal(0), _DOMESTIC_RATES[country]
    elif Decimal(7) in ordered:
        old, new = Decimal(7), Decimal(19)
    else:
        old, new = Decimal(19), Decimal(random.choice((16, 20)))
    lines = tuple(
        msgspec.structs.replace(line, vat_rate=new) if line.vat_rate == old else line for line in purchase.invoice.lines
    )
    return _flawed(purchase, totalled(purchase.invoice, lines), f"VAT of {new} % charged where {old} % is due")


def arithmetic_error(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """A line, the sum of the lines or the grand total is wrong."""
    invoice = purchase.invoice
    excess = cents(max(_DIFFERENCE_MIN, invoice.net * Decimal(random.randint(5, 15)) / 100))
    place = random.choice(("line", "sum", "total"))
    if place == "line":
        line = _largest(invoice)
        wrong = msgspec.structs.replace(line, net=line.net + excess)
        reason = f"line {line.number} comes to {line.net}, not {wrong.net}"
        return _flawed(purchase, totalled(invoice, _swapped(invoice, wrong)), reason)
    if place == "sum":
        added = msgspec.structs.replace(invoice, net=invoice.net + excess, gross=invoice.gross + excess)
        return _flawed(purchase, added, f"the lines come to {invoice.net}, not {added.net}")
    added = msgspec.structs.replace(invoice, gross=invoice.gross + excess)
    return _flawed(purchase, added, f"net and tax come to {invoice.gross}, not {added.gross}")


def unreadable(purchase: Purchase, random: Random, stranger: Vendor) -> Flawed:
    """A scan that no machine reads; ``documents/scan.py`` spoils it."""
    return _flawed(purchase, purchase.invoice, "the document cannot be read")


FLAWS: dict[str, Callable[[Purchase, Random, Vendor], Flawed]] = {
    "price mismatch": price_mismatch,
    "quantity mismatch": quantity_mismatch,
    "missing order": missing_order,
    "unknown supplier": unknown_supplier,
    "duplicate number": duplicate_number,
    "duplicate content": duplicate_content,
    "changed iban": changed_iban,
    "wrong vat": wrong_vat,
    "arithmetic error": arithmetic_error,
    "unreadable": unreadable,
}
"""Each takes the clean purchase, the source of chance and a vendor whom the ERP does not know."""


def _largest(invoice: Invoice) -> Line:
    return max(invoice.lines, key=lambda line: (line.net, line.number))


def _swapped(invoice: Invoice, changed: Line) -> tuple[Line, ...]:
    return tuple(changed if line.number == changed.number else line for line in invoice.lines)


def _serial(purchase: Purchase) -> int:
    return int(purchase.order.id.removeprefix("O-"))


def _flawed(purchase: Purchase, invoice: Invoice, reason: str, *booked: Posted) -> Flawed:
    return Flawed(invoice=invoice, order=purchase.order, earlier=(*purchase.earlier, *booked), reasons=(reason,))
