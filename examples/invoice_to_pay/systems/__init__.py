"""The systems of record that invoice-to-pay works with, as the process sees them.

Two protocols, :class:`Erp` and :class:`Bank`, and the plain data that crosses them. ``sandbox.py`` speaks to the
sandbox company, ``tryton.py`` to Tryton; the process does not know which. Implementations raise
``clearance.model.work.Temporary`` for what may work later (time-outs, connection refused, 429, 5xx) and ``Permanent``
for what never will. Calls that act take an idempotency key and return the same answer when called twice with it.
"""

from decimal import Decimal
from typing import Protocol

import msgspec


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    vat_id: str = ""
    iban: str = ""
    """The account on file; payments go nowhere else."""
    active: bool = True


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    """Net, in the order's currency."""
    vat_rate: Decimal
    """Per cent, e.g. 19."""


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
    """What earlier posted invoices have already charged of this line."""


class PriorInvoice(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    date: str
    """ISO 8601."""
    total: Decimal
    currency: str
    status: str
    """posted, paid or reversed."""
    reference: str = ""
    fingerprint: str = ""
    """Hash of what was charged (order, lines, amounts), whatever the invoice's number; see matching/duplicates."""


class PostingLine(msgspec.Struct, frozen=True, kw_only=True):
    order_line: str
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat_rate: Decimal


class Posting(msgspec.Struct, frozen=True, kw_only=True):
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
    fingerprint: str = ""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    supplier: str
    iban: str
    creditor: str
    amount: Decimal
    currency: str
    reference: str
    """What the creditor reads on the statement: the invoice number."""
    posting: str
    """The ERP's reference of the posted invoice."""


class Erp(Protocol):
    """Suppliers, orders, receipts, invoices and postings."""

    def find_supplier(self, *, vat_id: str, name: str, iban: str) -> Supplier | None: ...

    def find_order(self, number: str) -> Order | None: ...

    def receipts(self, order: str) -> tuple[Receipt, ...]: ...

    def prior_invoices(self, supplier: str) -> tuple[PriorInvoice, ...]:
        """What is in the books of the supplier, reversed ones as well, in the order in which it was posted."""
        ...

    def post_invoice(self, posting: Posting, *, idempotency_key: str) -> str:
        """Post the invoice and return the ERP's reference."""
        ...

    def reverse_posting(self, reference: str, *, reason: str, idempotency_key: str) -> str:
        """Cancel a posting (credit note or reversal) and return the reversal's reference."""
        ...


class Bank(Protocol):
    """Outgoing payments."""

    def pay(self, payment: Payment, *, idempotency_key: str) -> str:
        """Order the payment and return the bank's reference; raises Permanent when the bank refuses for good."""
        ...
