"""Comparing the books with the truth: every way to pay wrongly is seen."""

from decimal import Decimal

import msgspec
import pytest

from sandbox_company.records import Executed, Payment, Posted, Posting
from sandbox_company.truth import Comparison, Truth, compare

CLEAN = Truth(
    file="1.xml",
    sha256="",
    kind="clean",
    should_be_paid=True,
    route="straight through",
    invoice_number="RE-1",
    supplier="K1",
    supplier_name="Kessler KG",
    order="4500000001",
    iban="DE1",
    amount=Decimal("119.00"),
    discounted_amount=Decimal("116.62"),
)
LARGE = msgspec.structs.replace(CLEAN, file="2.xml", invoice_number="RE-2", route="approval")
FLAWED = msgspec.structs.replace(
    CLEAN, file="3.xml", invoice_number="RE-3", kind="changed iban", should_be_paid=False, route="person"
)
TRUTH = (CLEAN, LARGE, FLAWED)


def paid(number: str, amount: str = "119.00", iban: str = "DE1", sequence: int = 1) -> Executed:
    payment = Payment(
        supplier="K1",
        iban=iban,
        creditor="Kessler KG",
        amount=Decimal(amount),
        currency="EUR",
        reference=number,
        posting="INV-1",
    )
    return Executed(sequence=sequence, reference=f"PAY-{sequence}", executed_at="", payment=payment)


def posted(number: str, status: str = "posted") -> Posted:
    posting = Posting(
        supplier="K1",
        invoice_number=number,
        invoice_date="2025-06-30",
        due_date="2025-07-30",
        currency="EUR",
        net=Decimal(100),
        tax=Decimal(19),
        gross=Decimal(119),
        lines=(),
    )
    return Posted(reference="INV-1", status=status, posting=posting)


def test_all_is_well_when_what_should_be_paid_is_paid_once() -> None:
    assert compare(TRUTH, [paid("RE-1"), paid("RE-2", sequence=2)], [posted("RE-1")]) == Comparison()


def test_the_discounted_amount_is_right_too() -> None:
    assert compare((CLEAN,), [paid("RE-1", "116.62")], []) == Comparison()


def test_nothing_paid_leaves_the_clean_ones_unpaid_and_the_large_ones_awaiting_approval() -> None:
    assert compare(TRUTH, [], []) == Comparison(not_paid=("1.xml",), awaiting_approval=("2.xml",))


@pytest.mark.parametrize(
    "payment", [paid("RE-1", "119.01"), paid("RE-1", iban="DE2"), paid("RE-9")], ids=["amount", "account", "unknown"]
)
def test_a_wrong_amount_account_or_invoice_is_paid_wrongly(payment: Executed) -> None:
    assert compare((CLEAN,), [payment], []).wrongly_paid == ("PAY-1",)


def test_paying_a_flawed_invoice_is_wrong_and_missed() -> None:
    found = compare((FLAWED,), [paid("RE-3")], [])
    assert (found.wrongly_paid, found.missed) == (("PAY-1",), ("3.xml",))


def test_posting_a_flawed_invoice_is_missed_unless_it_was_reversed() -> None:
    assert compare((FLAWED,), [], [posted("RE-3")]).missed == ("3.xml",)
    assert compare((FLAWED,), [], [posted("RE-3", "reversed")]).missed == ()


def test_paying_twice_is_seen() -> None:
    assert compare((CLEAN,), [paid("RE-1"), paid("RE-1", sequence=2)], []).paid_twice == ("1.xml",)
