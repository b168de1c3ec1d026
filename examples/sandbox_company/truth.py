"""What is true of each generated invoice, and what the books say against it.

``should_be_paid`` means: may be paid as it stands. An invoice with a flaw never should; a person may of course settle
it otherwise afterwards.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from sandbox_company.records import Executed, Posted

STRAIGHT_THROUGH_LIMIT = Decimal(5000)
"""EUR gross; clean invoices above it need an approval."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    sha256: str
    kind: str
    """clean, or which exception; see flaws.FLAWS."""
    should_be_paid: bool
    route: str
    """straight through, approval or person."""
    invoice_number: str
    supplier: str
    """The ERP's id; empty when the ERP does not know the sender."""
    supplier_name: str
    order: str
    iban: str
    """The account to pay to: the one on file."""
    amount: Decimal
    """Gross, as printed."""
    discounted_amount: Decimal | None = None
    """What may be paid instead within the discount period."""
    currency: str = "EUR"
    reasons: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Where the books depart from the truth; all empty when all is well."""

    wrongly_paid: tuple[str, ...] = ()
    """Bank references of payments that should not be: of a flawed or unknown invoice, or a wrong amount or account."""
    missed: tuple[str, ...] = ()
    """Files that should have been stopped and are posted or paid."""
    paid_twice: tuple[str, ...] = ()
    """Files paid more than once."""
    not_paid: tuple[str, ...] = ()
    """Clean files under the straight-through limit that are not paid."""
    awaiting_approval: tuple[str, ...] = ()
    """Clean files above that limit that are not paid; not an error."""


def compare(truth: Iterable[Truth], payments: Iterable[Executed], postings: Iterable[Posted]) -> Comparison:
    """Set the bank's payments and the ERP's postings against the truth.

    Pass the postings made since the start, not those that the ERP held before: ``GET /erp/postings`` gives the former.
    An invoice is known by its number, which a creditor finds as the payment's reference.
    """
    known = {entry.invoice_number: entry for entry in truth}
    paid: dict[str, int] = {}
    wrongly_paid = []
    missed: dict[str, None] = {}
    for payment in payments:
        entry = known.get(payment.payment.reference.strip())
        if entry is None:
            wrongly_paid.append(payment.reference)
            continue
        paid[entry.file] = paid.get(entry.file, 0) + 1
        if not entry.should_be_paid:
            missed[entry.file] = None
        if not entry.should_be_paid or not _as_agreed(payment, entry):
            wrongly_paid.append(payment.reference)
    for posted in postings:
        entry = known.get(posted.posting.invoice_number)
        if entry is not None and not entry.should_be_paid and posted.status != "reversed":
            missed[entry.file] = None
    return Comparison(
        wrongly_paid=tuple(wrongly_paid),
        missed=tuple(missed),
        paid_twice=tuple(file for file, times in paid.items() if times > 1),
        not_paid=_unpaid(known, paid, "straight through"),
        awaiting_approval=_unpaid(known, paid, "approval"),
    )


def _as_agreed(executed: Executed, entry: Truth) -> bool:
    payment = executed.payment
    amounts = {entry.amount, entry.discounted_amount}
    return payment.iban == entry.iban and payment.currency == entry.currency and payment.amount in amounts


def _unpaid(known: Mapping[str, Truth], paid: Mapping[str, int], route: str) -> tuple[str, ...]:
    return tuple(entry.file for entry in known.values() if entry.route == route and entry.file not in paid)
