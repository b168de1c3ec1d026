"""What the ERP and the bank keep, and what crosses their interfaces: JSON with amounts as decimal strings."""

from decimal import Decimal

import msgspec

AMOUNT_DIGITS_MAX = 15


def is_money(amount: Decimal) -> bool:
    """Whether it is an amount in whole cents, and not one that only a program would name."""
    return amount.is_finite() and amount.adjusted() < AMOUNT_DIGITS_MAX and amount == round(amount, 2)


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    vat_id: str = ""
    iban: str = ""
    active: bool = True


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_rate: Decimal
    received: Decimal = Decimal(0)
    """What the goods-in department has booked so far."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    supplier: str
    currency: str
    lines: tuple[OrderLine, ...]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    order_line: str
    received: Decimal
    invoiced: Decimal


class PostingLine(msgspec.Struct, frozen=True, kw_only=True):
    order_line: str
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat_rate: Decimal


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice to post."""

    supplier: str
    invoice_number: str
    invoice_date: str
    due_date: str
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    lines: tuple[PostingLine, ...]
    order: str = ""
    """The order's number or id."""
    fingerprint: str = ""


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice in the ERP's books."""

    reference: str
    status: str
    """posted, paid or reversed."""
    posting: Posting
    reversal: str = ""
    reason: str = ""
    payment: str = ""


class Reversal(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """The bank's reference of the payment that settles a posting."""

    payment: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an action that was carried out returns."""

    reference: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    supplier: str
    iban: str
    creditor: str
    amount: Decimal
    currency: str
    reference: str
    posting: str


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """A payment in the bank's books."""

    sequence: int
    reference: str
    executed_at: str
    payment: Payment
    idempotency_key: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    opening: Decimal
    paid: Decimal
    balance: Decimal
    payments: tuple[Executed, ...]


class MasterData(msgspec.Struct, frozen=True, kw_only=True):
    """What the systems hold before the first invoice comes."""

    suppliers: tuple[Supplier, ...] = ()
    orders: tuple[Order, ...] = ()
    invoices: tuple[Posted, ...] = ()
    accounts: tuple[str, ...] = ()
    """Every IBAN that the bank can reach; those of fraudsters exist too."""
