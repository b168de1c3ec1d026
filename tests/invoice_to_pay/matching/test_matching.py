"""The three-way match, duplicates and bank details, with the sentences that people read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from invoice_to_pay.matching import (
    Match,
    Tolerances,
    bank_detail_change,
    duplicates,
    fingerprint,
    match_invoice,
)
from invoice_to_pay.reading import Allowance, Invoice, Line, Party
from invoice_to_pay.reading.invoice import PaymentMeans, Totals
from invoice_to_pay.systems import Order, OrderLine, PriorInvoice, Receipt, Supplier

ORDER = Order(
    id="o1",
    number="4711",
    supplier="s1",
    currency="EUR",
    lines=(
        OrderLine(
            number="10",
            item="A-100",
            description="Copper cable 5 m",
            quantity=Decimal(10),
            unit_price=Decimal("12.50"),
            vat_rate=Decimal(19),
        ),
        OrderLine(
            number="20",
            item="B-200",
            description="Wall socket white",
            quantity=Decimal(12),
            unit_price=Decimal("3.25"),
            vat_rate=Decimal(19),
        ),
    ),
)
RECEIPTS = (
    Receipt(order_line="10", received=Decimal(10), invoiced=Decimal(0)),
    Receipt(order_line="20", received=Decimal(12), invoiced=Decimal(0)),
)
LINES = (
    Line(
        id="1",
        name="Cable",
        order_line="10",
        quantity=Decimal(10),
        unit_price=Decimal("12.50"),
        net=Decimal("125.00"),
        vat_rate=Decimal(19),
    ),
    Line(
        id="2",
        name="Socket",
        order_line="20",
        quantity=Decimal(12),
        unit_price=Decimal("3.25"),
        net=Decimal("39.00"),
        vat_rate=Decimal(19),
    ),
)
INVOICE = Invoice(
    number="R-2026-0042",
    issue_date=date(2026, 3, 1),
    currency="EUR",
    order_number="4711",
    seller=Party(name="Verkauf GmbH"),
    lines=LINES,
    totals=Totals(net=Decimal("164.00"), gross=Decimal("195.16")),
    payment=(PaymentMeans(code="58", iban="DE89370400440532013000"),),
)
NONE = Tolerances()


def _match(
    first: dict[str, Any] | None = None,
    second: dict[str, Any] | None = None,
    receipts: tuple[Receipt, ...] = RECEIPTS,
    tolerances: Tolerances = NONE,
) -> Match:
    lines = (replace(LINES[0], **(first or {})), replace(LINES[1], **(second or {})))
    return match_invoice(replace(INVOICE, lines=lines), ORDER, receipts, tolerances)


def test_what_was_ordered_and_received_matches() -> None:
    match = match_invoice(INVOICE, ORDER, RECEIPTS, NONE, "s1")
    assert (match.result, match.differences, match.reasons, match.amount) == ("matched", (), (), 0)
    assert [line.paired_by for line in match.lines] == ["order line", "order line"]


def test_charging_a_part_of_what_was_received_matches() -> None:
    assert _match({"quantity": Decimal(4), "net": Decimal(50)}).result == "matched"


def test_more_than_was_received_is_a_mismatch_in_words() -> None:
    match = _match(receipts=(RECEIPTS[0], replace(RECEIPTS[1], received=Decimal(10))))
    assert (match.result, match.reasons) == ("mismatch", ("Line 2: 12 invoiced, 10 received.",))
    assert match.amount == Decimal("6.50")


def test_nothing_received_is_told_from_too_little() -> None:
    match = _match(receipts=RECEIPTS[:1])
    assert [(found.kind, found.message) for found in match.differences] == [
        ("receipt", "Line 2: 12 invoiced, nothing received.")
    ]


def test_what_earlier_invoices_charged_counts() -> None:
    match = _match(receipts=(replace(RECEIPTS[0], invoiced=Decimal(3)), RECEIPTS[1]))
    assert match.reasons == ("Line 1: 10 invoiced (3 before), 10 received.",)
    assert match.amount == Decimal("37.50")


def test_more_than_was_ordered_is_over_invoiced_even_if_received() -> None:
    match = _match({"quantity": Decimal(15)}, receipts=(replace(RECEIPTS[0], received=Decimal(20)), RECEIPTS[1]))
    assert [(found.kind, found.message) for found in match.differences] == [
        ("over-invoiced", "Line 1: 15 invoiced, 10 ordered.")
    ]


def test_two_lines_that_charge_the_same_order_line_are_added_up() -> None:
    lines = (LINES[0], replace(LINES[0], id="3", quantity=Decimal(2)))
    match = match_invoice(replace(INVOICE, lines=lines), ORDER, RECEIPTS, NONE)
    assert match.reasons == ("Line 3: 2 invoiced (10 before), 10 received.",)


@pytest.mark.parametrize(
    ("price", "tolerances", "result"),
    [
        ("12.75", NONE, "mismatch"),
        ("12.75", Tolerances(price_percent=Decimal(2)), "tolerated"),
        ("12.76", Tolerances(price_percent=Decimal(2)), "mismatch"),
        ("12.76", Tolerances(price_absolute=Decimal("2.60")), "tolerated"),
        ("12.77", Tolerances(price_absolute=Decimal("2.60")), "mismatch"),
        ("11.00", NONE, "tolerated"),
    ],
)
def test_prices_are_held_against_both_tolerances(price: str, tolerances: Tolerances, result: str) -> None:
    match = _match({"unit_price": Decimal(price)}, tolerances=tolerances)
    assert match.result == result
    assert match.differences[0].message.startswith(f"Line 1: {Decimal(price).normalize()} a unit, 12.5 ordered (")


def test_quantities_are_held_against_their_tolerance() -> None:
    received = (replace(RECEIPTS[0], received=Decimal("9.8")), RECEIPTS[1])
    assert _match(receipts=received, tolerances=Tolerances(quantity_percent=Decimal(3))).result == "tolerated"
    assert _match(receipts=received, tolerances=Tolerances(quantity_percent=Decimal(2))).result == "mismatch"


def test_a_price_for_a_hundred_and_a_discount_on_the_line_are_compared_by_the_unit() -> None:
    assert _match({"unit_price": Decimal(1250), "base_quantity": Decimal(100)}).result == "matched"
    dearer = {"unit_price": Decimal(15), "net": Decimal(125), "allowances": (Allowance(amount=Decimal(25)),)}
    assert _match(dearer).result == "matched"


def test_another_vat_rate_than_ordered_is_a_mismatch() -> None:
    match = _match({"vat_rate": Decimal(20)})
    assert match.reasons == ("Line 1: 20 % VAT charged, 19 % expected by the order.",)
    assert match.amount == Decimal("1.25")


def test_lines_are_paired_by_article_and_then_by_description() -> None:
    match = _match({"order_line": "", "seller_item": "a 100"}, {"order_line": "", "name": "Wall sockets, white"})
    assert [line.paired_by for line in match.lines] == ["item", "description"]
    assert match.result == "matched"


def test_a_line_that_was_not_ordered_is_named() -> None:
    match = _match({"order_line": "", "name": "Champagne"})
    assert match.reasons == ('Line 1: "Champagne" is not in order 4711.',)
    assert match.amount == Decimal("125.00")


def test_a_charge_that_was_not_ordered_is_named() -> None:
    charged = replace(INVOICE, allowances=(Allowance(charge=True, amount=Decimal(80), reason="Freight"),))
    assert match_invoice(charged, ORDER, RECEIPTS, NONE).reasons == ("A charge of 80 (Freight) is not in the order.",)


def test_no_order_other_supplier_and_other_currency_are_told_apart() -> None:
    assert match_invoice(INVOICE, None, (), NONE).reasons == ("Order 4711 is not in the ERP.",)
    unnamed = match_invoice(replace(INVOICE, order_number=""), None, (), NONE)
    assert (unnamed.result, unnamed.reasons) == ("no order", ("The invoice names no order.",))
    assert "another supplier" in match_invoice(INVOICE, ORDER, RECEIPTS, NONE, "s2").reasons[0]
    assert "in USD" in match_invoice(replace(INVOICE, currency="USD"), ORDER, RECEIPTS, NONE).reasons[0]


def test_an_invoice_without_lines_does_not_match() -> None:
    assert match_invoice(replace(INVOICE, lines=()), ORDER, RECEIPTS, NONE).result == "mismatch"


def test_a_credit_note_gives_back_at_most_what_was_invoiced() -> None:
    credit = replace(INVOICE, kind="credit note")
    invoiced = tuple(replace(receipt, invoiced=receipt.received) for receipt in RECEIPTS)
    assert match_invoice(credit, ORDER, invoiced, NONE).result == "matched"
    assert "only 0 were ever invoiced" in match_invoice(credit, ORDER, RECEIPTS, NONE).reasons[0]


def _prior(**changed: Any) -> PriorInvoice:
    prior = PriorInvoice(
        number="X-1", date="2026-02-20", total=Decimal("1.00"), currency="EUR", status="paid", reference="P7"
    )
    return replace(prior, **changed)


def test_the_same_number_is_a_duplicate_however_it_is_written() -> None:
    found = duplicates(INVOICE, (_prior(number="r 2026/42"),))
    assert [(duplicate.kind, duplicate.message) for duplicate in found] == [
        ("same number", "Invoice r 2026/42 is already paid as P7.")
    ]


def test_the_same_content_under_another_number_is_a_duplicate() -> None:
    found = duplicates(INVOICE, (_prior(number="R-9", fingerprint=fingerprint(INVOICE)),))
    assert [duplicate.kind for duplicate in found] == ["same content"]


def test_the_same_amount_counts_where_no_fingerprint_was_kept() -> None:
    same = _prior(total=Decimal("195.16"))
    assert [duplicate.kind for duplicate in duplicates(INVOICE, (same,))] == ["same amount"]
    assert duplicates(INVOICE, (replace(same, fingerprint="of something else"),)) == ()
    assert duplicates(INVOICE, (replace(same, date="2025-12-20"),)) == ()
    assert duplicates(INVOICE, (replace(same, currency="USD"),)) == ()


def test_other_invoices_and_reversed_ones_are_no_duplicates() -> None:
    assert duplicates(INVOICE, (_prior(), _prior(number="R-20260-042"), _prior(number="R-2026-00421"))) == ()
    assert duplicates(INVOICE, (_prior(number=INVOICE.number, status="reversed"),)) == ()


def test_a_fingerprint_is_of_what_is_charged_and_nothing_else() -> None:
    same = replace(
        INVOICE,
        number="other",
        issue_date=None,
        lines=(LINES[1], replace(LINES[0], name="Kabel", quantity=Decimal("10.000"), net=Decimal(125))),
        totals=replace(INVOICE.totals, net=Decimal(164)),
    )
    assert fingerprint(same) == fingerprint(INVOICE)
    for other in (
        replace(INVOICE, order_number="4712"),
        replace(INVOICE, kind="credit note"),
        replace(INVOICE, lines=LINES[:1]),
        replace(INVOICE, lines=(LINES[0], replace(LINES[1], quantity=Decimal(13)))),
    ):
        assert fingerprint(other) != fingerprint(INVOICE)


SUPPLIER = Supplier(id="s1", name="Verkauf GmbH", iban="DE89 3704 0044 0532 0130 00")


def test_the_account_on_file_is_no_change_however_it_is_written() -> None:
    assert bank_detail_change(INVOICE, SUPPLIER) is None
    second = (PaymentMeans(code="58", iban="GB33BUKB20201555555555"), *INVOICE.payment)
    assert bank_detail_change(replace(INVOICE, payment=second), SUPPLIER) is None
    assert bank_detail_change(replace(INVOICE, payment=()), SUPPLIER) is None


def test_another_account_a_missing_one_and_another_payee_are_changes() -> None:
    other = replace(INVOICE, payment=(PaymentMeans(code="58", iban="GB33BUKB20201555555555"),))
    change = bank_detail_change(other, SUPPLIER)
    assert change is not None
    assert (change.kind, change.on_file, change.on_invoice) == (
        "other account",
        "DE89370400440532013000",
        ("GB33BUKB20201555555555",),
    )
    none = bank_detail_change(INVOICE, replace(SUPPLIER, iban=""))
    assert none is not None
    assert none.kind == "no account on file"
    payee = bank_detail_change(replace(INVOICE, payee=Party(name="Factoring AG")), SUPPLIER)
    assert payee is not None
    assert payee.kind == "other payee"


def test_an_account_that_is_debited_is_no_change() -> None:
    debit = replace(INVOICE, payment=(PaymentMeans(code="59", iban="GB33BUKB20201555555555"),))
    assert bank_detail_change(debit, SUPPLIER) is None
