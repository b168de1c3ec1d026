"""An invoice as its sender prints it, whatever the format; and how its totals come about.

The terms are those of EN 16931. ``totalled`` does the arithmetic as the standard asks: line amounts are rounded once,
tax is worked out per rate on the sum of the lines and rounded once.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

CENT = Decimal("0.01")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    street: str
    postcode: str
    town: str
    country: str
    vat_id: str
    contact: str
    phone: str
    email: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    order_line: str
    item: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat_rate: Decimal


class VatGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the VAT breakdown (BG-23)."""

    rate: Decimal
    base: Decimal
    tax: Decimal

    @property
    def category(self) -> str:
        """S: standard; K: delivery within the Community, free of tax (UNTDID 5305)."""
        return "S" if self.rate else "K"


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """Early-payment discount (Skonto) on the gross amount."""

    days: int
    percent: Decimal


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    issued: date
    delivered: date
    due: date
    order: str
    """The buyer's order number (BT-13); empty when the sender gives none."""
    seller: Party
    buyer: Party
    iban: str
    lines: tuple[Line, ...]
    vat: tuple[VatGroup, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    discount: Discount | None = None
    currency: str = "EUR"
    language: str = "de"

    @property
    def days_to_pay(self) -> int:
        return (self.due - self.issued).days


def cents(amount: Decimal) -> Decimal:
    """Rounded to cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def breakdown(lines: Sequence[Line]) -> tuple[VatGroup, ...]:
    """The VAT breakdown of the lines, highest rate first."""
    groups = []
    for rate in sorted({line.vat_rate for line in lines}, reverse=True):
        base = sum((line.net for line in lines if line.vat_rate == rate), Decimal("0.00"))
        groups.append(VatGroup(rate=rate, base=base, tax=cents(base * rate / 100)))
    return tuple(groups)


def totalled(invoice: Invoice, lines: Sequence[Line]) -> Invoice:
    """The invoice with these lines and the totals that follow from them."""
    vat = breakdown(lines)
    net = sum((group.base for group in vat), Decimal("0.00"))
    tax = sum((group.tax for group in vat), Decimal("0.00"))
    return msgspec.structs.replace(invoice, lines=tuple(lines), vat=vat, net=net, tax=tax, gross=net + tax)


def discounted(invoice: Invoice) -> Decimal | None:
    """What is due when the early-payment discount is taken; None when none is offered."""
    if invoice.discount is None:
        return None
    return invoice.gross - cents(invoice.gross * invoice.discount.percent / 100)
