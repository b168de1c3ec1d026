"""Invoice-to-pay's systems against a real Tryton 8.0: found, received, posted and paid, once, as its database says."""

import datetime
import functools
from decimal import Decimal

import msgspec
import pytest
from tests.invoice_to_pay.tryton import company
from tests.invoice_to_pay.tryton.faults import DIED, LostAnswer, Overtaken, die_in_process
from tests.invoice_to_pay.tryton.shop import STEEL, STEEL_IBAN, STEEL_VAT_ID, Shop, payment, posting

from clearance.model.work import Permanent, Temporary
from invoice_to_pay.systems import Bank, Erp, Payment, Posting, PriorInvoice, Receipt
from invoice_to_pay.systems.tryton import Tryton, TrytonBank, TrytonErp, connect

ACTS_MAX = 20
"""More calls that change something than posting or paying makes; the tests that lose answers stop before."""


@pytest.fixture(scope="module")
def unpaid(shop: Shop) -> tuple[Posting, str]:
    """An invoice that is posted and stays unpaid, and its reference."""
    invoice = posting(shop, shop.buy()[0])
    return invoice, shop.erp.post_invoice(invoice, idempotency_key="unpaid")


def post(posted: Posting, key: str, tryton: Tryton) -> str:
    return TrytonErp(tryton).post_invoice(posted, idempotency_key=key)


def pay(paid: Payment, key: str, tryton: Tryton) -> str:
    return TrytonBank(tryton).pay(paid, idempotency_key=key)


def is_paid_once(shop: Shop, posted: Posting) -> bool:
    """One invoice of this number, paid, with one entry for the invoice and one for the payment, both of its total."""
    invoices = shop.books.invoices(posted.invoice_number)
    entries = shop.books.entries(invoices[0]["id"])
    amounts = [sum(credit for _, credit in shop.books.amounts(entry["id"])) for entry in entries]
    return [invoice["state"] for invoice in invoices] == ["paid"] and amounts == [posted.gross, posted.gross]


def test_an_invoice_goes_from_order_to_paid_and_the_database_shows_it(shop: Shop) -> None:
    number, _ = shop.buy(received=1)
    systems: tuple[Erp, Bank] = connect(shop.settings)
    erp, bank = systems

    supplier = erp.find_supplier(vat_id=STEEL_VAT_ID, name="", iban="")
    assert supplier is not None
    assert (supplier.name, supplier.iban, supplier.active) == (STEEL, STEEL_IBAN, True)
    order = erp.find_order(number)
    assert order is not None
    assert (order.number, order.supplier, order.currency) == (number, supplier.id, "EUR")
    assert [(line.number, line.item, line.quantity, line.unit_price, line.vat_rate) for line in order.lines] == [
        ("1", "BEAM", Decimal(10), Decimal(100), Decimal(19)),
        ("2", "BOOK", Decimal(2), Decimal("5.5"), Decimal(7)),
    ]
    assert erp.receipts(order.id) == (
        Receipt(order_line="1", received=Decimal(10), invoiced=Decimal(0)),
        Receipt(order_line="2", received=Decimal(2), invoiced=Decimal(0)),
    )
    due = (datetime.date.today() + datetime.timedelta(days=14)).isoformat()
    invoice = posting(shop, order.id, due=due)
    assert invoice.invoice_number not in {prior.number for prior in erp.prior_invoices(supplier.id)}

    posted = erp.post_invoice(invoice, idempotency_key="job-1")
    (row,) = shop.books.invoices(invoice.invoice_number)
    assert (row["state"], posted) == ("posted", f"account.invoice,{row['id']}")
    assert shop.books.due(row["move"]) == [due]
    assert [receipt.invoiced for receipt in erp.receipts(number)] == [Decimal(10), Decimal(2)]

    bank.pay(payment(invoice, posted), idempotency_key="job-2")
    assert is_paid_once(shop, invoice)
    assert erp.prior_invoices(supplier.id)[-1] == PriorInvoice(
        number=invoice.invoice_number,
        date=invoice.invoice_date,
        total=Decimal("1201.77"),
        currency="EUR",
        status="paid",
        reference=posted,
        fingerprint=invoice.fingerprint,
    )


def test_the_same_call_twice_gives_the_same_answer_and_does_nothing_twice(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    first, second = (shop.erp.post_invoice(invoice, idempotency_key="twice") for _ in range(2))
    assert first == second
    booked = {shop.bank.pay(payment(invoice, first), idempotency_key="twice, paid") for _ in range(2)}
    assert len(booked) == 1
    assert is_paid_once(shop, invoice)
    assert shop.erp.post_invoice(invoice, idempotency_key="twice") == first


def test_whichever_answer_is_lost_while_posting_the_next_attempt_posts_once(shop: Shop) -> None:
    number, _ = shop.buy()
    for lost in range(1, ACTS_MAX):
        invoice = posting(shop, number)
        network = LostAnswer(lost)
        act = functools.partial(post, invoice, f"posting, answer {lost} lost")
        if not _is_lost(act, Tryton(shop.settings, transport=network)):
            break
        act(shop.clearance)
        assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["posted"]
    assert network.acted == ["model.account.invoice.create", "model.account.invoice.post"]


def test_whichever_answer_is_lost_while_paying_the_next_attempt_pays_once(shop: Shop) -> None:
    number, _ = shop.buy()
    for lost in range(1, ACTS_MAX):
        invoice = posting(shop, number)
        reference = shop.erp.post_invoice(invoice, idempotency_key=f"to pay {lost}")
        network = LostAnswer(lost)
        act = functools.partial(pay, payment(invoice, reference), f"payment, answer {lost} lost")
        if not _is_lost(act, Tryton(shop.settings, transport=network)):
            break
        act(shop.clearance)
        assert is_paid_once(shop, invoice)
    assert [method.rpartition(".")[2] for method in network.acted] == ["create", "execute", "execute", "delete"]


def _is_lost(act: functools.partial[str], tryton: Tryton) -> bool:
    """Whether the first attempt failed for the answer that was lost; it does not once there are fewer requests."""
    try:
        act(tryton)
    except Temporary as error:
        if "the answer was lost" not in str(error):
            raise
        return True
    return False


def test_two_attempts_at_the_same_time_post_and_pay_once(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    posts = functools.partial(post, invoice, "at once")
    overtaken = Overtaken("model.account.invoice.create", 1, lambda: posts(shop.clearance))
    reference = posts(Tryton(shop.settings, transport=overtaken))
    assert reference == posts(shop.clearance)
    assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["posted"]

    pays = functools.partial(pay, payment(invoice, reference), "paid at once")
    overtaken = Overtaken("wizard.account.invoice.pay.execute", 2, lambda: pays(shop.clearance))
    assert pays(Tryton(shop.settings, transport=overtaken)) == pays(shop.clearance)
    assert is_paid_once(shop, invoice)


def test_two_attempts_at_the_same_draft_post_once(shop: Shop) -> None:
    number, purchase = shop.buy(invoice_method="order")
    invoice = posting(shop, number)
    posts = functools.partial(post, invoice, "one draft")
    overtaken = Overtaken("model.account.invoice.write", 1, lambda: posts(shop.clearance))
    assert posts(Tryton(shop.settings, transport=overtaken)) == posts(shop.clearance)
    assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["posted"]
    assert shop.books.drafts(purchase) == []


def test_a_draft_that_a_person_changes_at_the_same_time_is_not_overwritten(shop: Shop) -> None:
    number, purchase = shop.buy(invoice_method="order")
    draft = shop.books.drafts(purchase)[0]["id"]
    invoice = posting(shop, number)
    changed = {"description": "asked the supplier, Ute"}
    overtaken = Overtaken("model.account.invoice.write", 1, lambda: shop.admin.write("account.invoice", draft, changed))
    with pytest.raises(Temporary, match="Somebody else has just changed"):
        post(invoice, "person first", Tryton(shop.settings, transport=overtaken))
    assert shop.books.invoices(invoice.invoice_number) == []


@pytest.mark.parametrize(
    ("after", "invoice_method"),
    [
        ("model.account.invoice.create", "manual"),
        ("model.account.invoice.write", "order"),
        ("model.account.invoice.post", "order"),
    ],
)
def test_a_process_that_dies_while_posting_leaves_an_invoice_that_is_posted_once(
    shop: Shop, after: str, invoice_method: str
) -> None:
    number, purchase = shop.buy(invoice_method=invoice_method)
    act = functools.partial(post, posting(shop, number), f"dies after {after}")
    assert die_in_process(act, shop.settings, after) == DIED
    reference = act(shop.clearance)
    (row,) = shop.books.invoices(act.args[0].invoice_number)
    assert (row["state"], reference) == ("posted", f"account.invoice,{row['id']}")
    assert shop.books.drafts(purchase) == []


def test_a_process_that_dies_while_paying_has_paid_once(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    reference = shop.erp.post_invoice(invoice, idempotency_key="dies")
    act = functools.partial(pay, payment(invoice, reference), "dies while paying")
    # The first execute only asks for the wizard's form; what deletes the wizard comes right after the booking.
    assert die_in_process(act, shop.settings, "wizard.account.invoice.pay.delete") == DIED
    act(shop.clearance)
    assert is_paid_once(shop, invoice)


@pytest.mark.parametrize("invoice_method", ["order", "fulfillment"])
def test_the_invoice_that_tryton_proposed_is_filled_and_the_rest_is_proposed_anew(
    shop: Shop, invoice_method: str
) -> None:
    number, purchase = shop.buy(invoice_method=invoice_method, received=1)
    proposed = {row["id"] for row in shop.books.drafts(purchase)}
    invoice = posting(shop, number, beams=6)
    reference = shop.erp.post_invoice(invoice, idempotency_key=f"proposed on {invoice_method}")
    assert {f"account.invoice,{draft}" for draft in proposed} == {reference}
    assert [row["quantity"] for row in shop.books.drafts(purchase)] == [4]
    shop.bank.pay(payment(invoice, reference), idempotency_key=f"paid on {invoice_method}")
    assert is_paid_once(shop, invoice)


def test_an_order_whose_draft_a_person_works_on_is_left_to_the_person(shop: Shop) -> None:
    number, purchase = shop.buy(invoice_method="order")
    draft = shop.books.drafts(purchase)[0]["id"]
    shop.admin.write("account.invoice", draft, {"description": "asked the supplier, Ute"})
    invoice = posting(shop, number)
    with pytest.raises(Permanent, match=rf"account.invoice,{draft} .* finish or delete"):
        shop.erp.post_invoice(invoice, idempotency_key="a person's draft")
    assert shop.books.invoices(invoice.invoice_number) == []
    shop.admin.call("model.account.invoice.delete", [draft])
    shop.erp.post_invoice(invoice, idempotency_key="a person's draft")
    assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["posted"]
    assert shop.books.drafts(purchase) == []


def test_an_order_is_charged_by_several_invoices(shop: Shop) -> None:
    number, purchase = shop.buy(invoice_method="order")
    first, second = (
        msgspec.structs.replace(
            posting(shop, number, beams=beams), net=Decimal(100 * beams), tax=tax, gross=100 * beams + tax
        )
        for beams, tax in ((6, Decimal(114)), (4, Decimal(76)))
    )
    for part in (first, second):
        shop.erp.post_invoice(msgspec.structs.replace(part, lines=part.lines[:1]), idempotency_key=part.invoice_number)
    assert [receipt.invoiced for receipt in shop.erp.receipts(number)] == [Decimal(10), Decimal(0)]
    assert [row["quantity"] for row in shop.books.drafts(purchase)] == [2]


def test_goods_still_to_come_are_not_received(shop: Shop) -> None:
    number, _ = shop.buy(received=0.5)
    assert [receipt.received for receipt in shop.erp.receipts(number)] == [Decimal(5), Decimal(1)]


def test_services_need_no_receipt(shop: Shop) -> None:
    _, number = company.order(shop.admin, STEEL, [("HELP", "3", "80")])
    assert shop.erp.receipts(number) == (Receipt(order_line="1", received=Decimal(3), invoiced=Decimal(0)),)


def test_a_reversal_cancels_once_and_the_number_can_be_charged_anew(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    erp = shop.erp
    reference = erp.post_invoice(invoice, idempotency_key="to reverse")
    reversals = {erp.reverse_posting(reference, reason="bank refuses", idempotency_key="undo") for _ in range(2)}
    (row,) = shop.books.invoices(invoice.invoice_number)
    assert (row["state"], reversals) == ("cancelled", {f"account.move,{row['cancel_move']}"})
    assert row["comment"].endswith("Reversed by Clearance (undo): bank refuses")
    prior = next(prior for prior in erp.prior_invoices(invoice.supplier) if prior.reference == reference)
    assert (prior.status, prior.fingerprint) == ("reversed", invoice.fingerprint)

    again = erp.post_invoice(invoice, idempotency_key="charged anew")
    assert again != reference
    assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["cancelled", "posted"]


def test_what_is_paid_cannot_be_reversed_nor_paid_again(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    reference = shop.erp.post_invoice(invoice, idempotency_key="paid for good")
    shop.bank.pay(payment(invoice, reference), idempotency_key="first payment")
    with pytest.raises(Permanent, match="is paid in Tryton: only a posted one can be paid"):
        shop.bank.pay(payment(invoice, reference), idempotency_key="second payment")
    with pytest.raises(Permanent):
        shop.erp.reverse_posting(reference, reason="too late", idempotency_key="reverse paid")
    assert is_paid_once(shop, invoice)


def test_totals_that_tryton_does_not_come_to_are_refused_in_its_words(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = msgspec.structs.replace(posting(shop, number), gross=Decimal("1201.78"))
    with pytest.raises(Permanent, match=r"^Tryton: The \"Total\" value .* must equal the source value, €1201\.78"):
        shop.erp.post_invoice(invoice, idempotency_key="one cent")
    assert [row["state"] for row in shop.books.invoices(invoice.invoice_number)] == ["draft"]


def test_a_number_that_the_supplier_used_before_is_refused(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number, beams=5)
    shop.erp.post_invoice(invoice, idempotency_key="original")
    with pytest.raises(Permanent, match=r"similar|same"):
        shop.erp.post_invoice(invoice, idempotency_key="duplicate")
    assert sorted(row["state"] for row in shop.books.invoices(invoice.invoice_number)) == ["draft", "posted"]


def test_a_key_used_for_another_invoice_is_refused(shop: Shop) -> None:
    number, _ = shop.buy()
    shop.erp.post_invoice(posting(shop, number, beams=5), idempotency_key="one key")
    with pytest.raises(Permanent, match="already used"):
        shop.erp.post_invoice(posting(shop, number, beams=5), idempotency_key="one key")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"iban": "DE02120300000000202051"}, "not on file"),
        ({"iban": ""}, "not on file"),
        ({"amount": Decimal("1201.76")}, "1201.77 EUR is open"),
        ({"currency": "USD"}, "not 1201.77 USD"),
        ({"reference": "another number"}, "another one's"),
        ({"posting": "account.invoice,999999"}, "no supplier invoice"),
        ({"posting": "somewhere else"}, "no reference"),
    ],
)
def test_a_payment_that_does_not_fit_its_invoice_is_refused(
    shop: Shop, unpaid: tuple[Posting, str], change: dict[str, str | Decimal], refusal: str
) -> None:
    invoice, reference = unpaid
    with pytest.raises(Permanent, match=refusal):
        shop.bank.pay(msgspec.structs.replace(payment(invoice, reference), **change), idempotency_key=f"{change}")
    (row,) = shop.books.invoices(invoice.invoice_number)
    assert (row["state"], len(shop.books.entries(row["id"]))) == ("posted", 1)


def test_an_order_is_one_only_once_it_is_confirmed(shop: Shop) -> None:
    number, purchase = shop.buy()
    shop.admin.create("purchase.purchase", {"party": 1, "currency": 1, "number": "PO-DRAFT"})
    assert shop.erp.find_order("PO-DRAFT") is None
    assert shop.erp.find_order("no such order") is None
    assert shop.erp.find_order(f"purchase.purchase,{purchase}") == shop.erp.find_order(number)
    with pytest.raises(Permanent, match="no confirmed order 'PO-DRAFT'"):
        shop.erp.receipts("PO-DRAFT")


def test_an_order_line_that_does_not_exist_is_refused(shop: Shop) -> None:
    number, _ = shop.buy()
    invoice = posting(shop, number)
    lines = (invoice.lines[0], msgspec.structs.replace(invoice.lines[1], order_line="7"))
    with pytest.raises(Permanent, match="has no line '7'"):
        shop.erp.post_invoice(msgspec.structs.replace(invoice, lines=lines), idempotency_key="line 7")
    assert shop.books.invoices(invoice.invoice_number) == []


def test_an_invoice_without_an_order_takes_account_and_tax_from_the_settings(shop: Shop) -> None:
    invoice = posting(shop, "")
    line = msgspec.structs.replace(invoice.lines[0], order_line="")
    amounts = {"net": Decimal(1000), "tax": Decimal(190), "gross": Decimal(1190)}
    invoice = msgspec.structs.replace(invoice, lines=(line,), **amounts)
    with pytest.raises(Permanent, match="set expense_account"):
        shop.erp.post_invoice(invoice, idempotency_key="no order, no account")
    settings = msgspec.structs.replace(shop.settings, expense_account=company.EXPENSE_ACCOUNT)
    erp, bank = connect(settings)
    reference = erp.post_invoice(invoice, idempotency_key="no order")
    bank.pay(payment(invoice, reference), idempotency_key="no order, paid")
    assert is_paid_once(shop, invoice)
    seven = msgspec.structs.replace(line, vat_rate=Decimal("7.0"))
    with pytest.raises(Permanent, match="which tax is VAT at 7 %"):
        erp.post_invoice(msgspec.structs.replace(invoice, lines=(seven,)), idempotency_key="no order, 7 %")
