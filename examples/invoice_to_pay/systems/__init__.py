"""The systems of record that invoice-to-pay works with, as the process sees them.

Two protocols, :class:`Erp` and :class:`Bank`, and the plain data that crosses them. ``sandbox.py`` speaks to the
sandbox company, ``tryton.py`` to Tryton; the process does not know which. Implementations raise
``clearance.model.work.Temporary`` for what may work later (time-outs, connection refused, 429, 5xx) and ``Permanent``
for what never will. Calls that act take an idempotency key and return the same answer when called twice with it.
"""

from decimal import Decimal
from typing import Protocol

import msgspec


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are: the buyer that an invoice must be addressed to."""

    name: str
    vat_id: str = ""
    legal_id: str = ""
    """The number in the register of companies."""
    other_names: tuple[str, ...] = ()
    """Trading names and earlier ones under which suppliers know us."""


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    vat_id: str = ""
    iban: str = ""
    """The account on file; payments go nowhere else."""
    active: bool = True
    legal_id: str = ""
    tax_id: str = ""


class CostCenter(msgspec.Struct, frozen=True, kw_only=True):
    """Where spending without an order is booked, and who answers for it."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    """Who approves what is spent here; empty: those who approve everything."""


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
    """An invoice, credit note or prepayment request in the books."""

    number: str
    date: str
    """ISO 8601."""
    total: Decimal
    """Gross and positive, of credit notes too."""
    currency: str
    status: str
    """posted, paid or reversed."""
    reference: str = ""
    fingerprint: str = ""
    """Hash of what was charged (order, lines, amounts), whatever the invoice's number; see matching/duplicates."""
    kind: str = "invoice"
    """invoice, credit note or prepayment."""
    order: str = ""
    """The order's number."""
    open: Decimal = Decimal(0)
    """What is still to be paid of it, after payments, discounts and credit notes; of a credit note, what is still to
    be set off or paid back."""
    credited: Decimal = Decimal(0)
    """What credit notes have taken off it."""
    prepaid: Decimal = Decimal(0)
    """What it has itself deducted for earlier payments."""
    concerns: str = ""
    """Of a credit note or correction: the reference of the posting that it credits or replaces."""


class PostingLine(msgspec.Struct, frozen=True, kw_only=True):
    order_line: str
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat_rate: Decimal
    account: str = ""
    """Where it is booked when there is no order line."""
    cost_center: str = ""


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """What is booked. A credit note has positive amounts, as on the document; ``kind`` says which side they go to."""

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
    kind: str = "invoice"
    """invoice, credit note or prepayment."""
    prepaid: Decimal = Decimal(0)
    """What the document deducts for earlier payments."""
    concerns: str = ""
    """The reference of the posting that a credit note credits."""
    settlement: str = "transfer"
    """How it is settled, see ``reading.Invoice.settlement``; only what is transferred stays open in the books."""


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
    """The company, suppliers, orders, receipts, invoices and postings."""

    def company(self) -> Company:
        """Who we are."""
        ...

    def cost_centers(self) -> tuple[CostCenter, ...]:
        """Where spending without an order may be booked; empty when the ERP keeps none."""
        ...

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
        """Cancel a posting and return the reversal's reference; raises Permanent for what is paid."""
        ...

    def record_payment(self, reference: str, *, payment: str, amount: Decimal, idempotency_key: str) -> str:
        """Enter that the bank has paid this much of the posting and that it is settled; returns the reference."""
        ...


class Bank(Protocol):
    """Outgoing payments."""

    def pay(self, payment: Payment, *, idempotency_key: str) -> str:
        """Order the payment and return the bank's reference; raises Permanent when the bank refuses for good."""
        ...
