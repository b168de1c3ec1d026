"""The generator: the same bytes for a seed, exact shares, and invoices that are wrong in one thing only."""

import io
from collections import Counter
from decimal import Decimal

import pytest
from lxml import etree
from pypdf import PdfReader

from sandbox_company import check_digits
from sandbox_company.documents import scan
from sandbox_company.flaws import FLAWS
from sandbox_company.generator import CLEAN, Case, Plan, generate, plan
from sandbox_company.invoice import Invoice, breakdown, cents
from sandbox_company.records import Order

SEED, COUNT = 5, 300
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(generate(SEED, COUNT))


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(SEED, COUNT)


def of_kind(cases: list[Case], kind: str) -> list[Case]:
    found = [case for case in cases if case.kind == kind]
    assert found, f"the run has no case of {kind}"
    return found


def orders(planned: Plan) -> dict[str, Order]:
    return {order.number: order for order in planned.master_data.orders}


def charged(planned: Plan, order: Order, order_line: str) -> Decimal:
    """What the books show as invoiced of the line."""
    return sum(
        (
            line.quantity
            for invoice in planned.master_data.invoices
            if invoice.posting.order == order.number
            for line in invoice.posting.lines
            if line.order_line == order_line
        ),
        Decimal(0),
    )


def lines_hold(invoice: Invoice) -> bool:
    return all(cents(line.quantity * line.unit_price) == line.net for line in invoice.lines)


def arithmetic_holds(invoice: Invoice) -> bool:
    return (
        lines_hold(invoice)
        and invoice.vat == breakdown(invoice.lines)
        and invoice.net == sum(line.net for line in invoice.lines)
        and invoice.tax == sum(group.tax for group in invoice.vat)
        and invoice.gross == invoice.net + invoice.tax
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(cases: list[Case]) -> None:
    again = list(generate(SEED, 60))
    assert [case.content for case in generate(SEED, 60)] == [case.content for case in again]
    assert [case.truth for case in generate(SEED, 60)] == [case.truth for case in again]
    assert plan(SEED, 60) == plan(SEED, 60)
    assert not {case.content for case in generate(SEED + 1, 60)} & {case.content for case in again}


def test_nine_in_ten_are_clean_and_the_flaws_are_spread_evenly(cases: list[Case]) -> None:
    kinds = Counter(case.kind for case in cases)
    assert kinds.pop(CLEAN) == 270
    assert kinds == dict.fromkeys(FLAWS, 3)


@pytest.mark.parametrize("count", [20, 50, 100, 200, 1000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_85_to_92_of_100_need_no_person(seed: int, count: int) -> None:
    routes = Counter(document.truth.route for document in plan(seed, count).documents)
    assert 0.85 <= routes["straight through"] / count <= 0.92
    assert routes["person"] == count - round(count * 0.9)


def test_amounts_spread_as_in_life_with_a_few_in_every_band_of_approval(cases: list[Case]) -> None:
    amounts = [case.truth.amount for case in cases if case.kind == CLEAN]
    assert all(amount >= 100 for amount in amounts)
    assert not any(4500 < amount < 5100 for amount in amounts)
    assert any(5000 < amount <= 9000 for amount in amounts)
    assert any(10_000 < amount < 25_000 for amount in amounts)
    assert any(amount > 25_000 for amount in amounts)
    assert sum(amount < 1000 for amount in amounts) > len(amounts) / 3


def test_all_formats_and_languages_occur(cases: list[Case]) -> None:
    formats = Counter(case.format for case in cases)
    assert set(formats) == {"ubl", "cii", "facturx", "text", "scan"}
    assert min(formats[name] for name in ("ubl", "cii", "facturx", "text")) > COUNT / 6
    assert {case.invoice.language for case in cases if case.format == "text"} == {"de", "en"}


def test_clean_invoices_add_up_to_the_cent_and_only_the_arithmetic_case_does_not(cases: list[Case]) -> None:
    for case in cases:
        assert arithmetic_holds(case.invoice) is (case.kind != "arithmetic error"), case.name


def test_file_names_tell_nothing_and_are_unique(cases: list[Case]) -> None:
    assert len({case.name for case in cases}) == COUNT
    assert len({case.truth.invoice_number for case in cases}) == COUNT
    for case in cases:
        assert not any(kind.split()[0] in case.name for kind in (CLEAN, *FLAWS))


def test_every_xml_says_what_the_truth_says(cases: list[Case]) -> None:
    totals = {"ubl": "PayableAmount", "cii": "DuePayableAmount", "facturx": "DuePayableAmount"}
    seen = 0
    for case in cases:
        if case.format not in totals:
            continue
        content = case.content
        if case.format == "facturx":
            content = PdfReader(io.BytesIO(content)).attachments["factur-x.xml"][0]
        texts = {element.text for element in etree.fromstring(content).iter()}
        total = etree.fromstring(content).find(f".//{{*}}{totals[case.format]}")
        assert total is not None
        assert total.text == str(case.truth.amount)
        assert {case.truth.invoice_number, case.invoice.iban, case.invoice.seller.vat_id} <= texts
        assert not case.invoice.order or case.invoice.order in texts
        seen += 1
    assert seen > COUNT / 2


def test_factur_x_is_found_by_the_catalogue_and_names_its_relationship(cases: list[Case]) -> None:
    catalogue = PdfReader(io.BytesIO(next(case.content for case in cases if case.format == "facturx"))).root_object
    file = catalogue["/AF"][0].get_object()
    assert file["/AFRelationship"] == "/Alternative"
    assert file["/UF"] == "factur-x.xml"
    assert b"CrossIndustryInvoice" in file["/EF"]["/F"].get_data()
    assert b"<fx:ConformanceLevel>EN 16931<" in catalogue["/Metadata"].get_data()


def test_printed_invoices_carry_what_matters_as_text_and_scans_do_not(cases: list[Case]) -> None:
    for case in cases:
        if case.format not in ("text", "scan"):
            continue
        text = PdfReader(io.BytesIO(case.content)).pages[0].extract_text().replace(" ", "")
        wanted = (case.truth.invoice_number, case.invoice.iban, case.invoice.seller.vat_id)
        found = [value in text for value in wanted]
        assert all(found) if case.format == "text" else not any(found), case.name


def test_scans_are_garbled_or_nearly_empty_and_give_no_number_away(cases: list[Case]) -> None:
    invoice = next(case.invoice for case in cases if case.format == "scan")
    lengths = []
    for number in range(12):
        text = PdfReader(io.BytesIO(scan.render(invoice, 0, str(number)))).pages[0].extract_text()
        lengths.append(len(text))
        for secret in (invoice.number, invoice.order, invoice.iban[2:6], str(invoice.gross).replace(".", "")):
            assert secret not in text.replace(" ", "").replace(".", "").replace(",", "")
    assert min(lengths) < 20
    assert max(lengths) > 300


def test_ibans_and_vat_ids_have_right_check_digits_and_belong_to_nobody(cases: list[Case], planned: Plan) -> None:
    for supplier in planned.master_data.suppliers:
        assert check_digits.iban_is_valid(supplier.iban)
        assert check_digits.vat_id_is_valid(supplier.vat_id)
        assert not supplier.iban.startswith("DE") or supplier.iban[4] == "9"
    for case in cases:
        assert check_digits.iban_is_valid(case.invoice.iban)
        assert check_digits.vat_id_is_valid(case.invoice.buyer.vat_id)
    names = [supplier.name for supplier in planned.master_data.suppliers]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("DE136695976", True),
        ("DE136695977", False),
        ("ATU13585627", True),
        ("ATU13585628", False),
        ("FR40303265045", True),
        ("FR41303265045", False),
        ("NL004495445B01", True),
        ("NL004495446B01", False),
        ("XX1", False),
    ],
)
def test_vat_check_digits_agree_with_published_examples(value: str, valid: bool) -> None:
    assert check_digits.vat_id_is_valid(value) is valid


def test_iban_check_digits_agree_with_the_registry_examples() -> None:
    assert check_digits.iban_is_valid("DE89 3704 0044 0532 0130 00")
    assert check_digits.iban_is_valid("FR1420041010050500013M02606")
    assert not check_digits.iban_is_valid("DE88370400440532013000")
    assert not check_digits.iban_is_valid("")


def test_clean_invoices_agree_with_order_receipt_supplier_and_books(cases: list[Case], planned: Plan) -> None:
    suppliers = {supplier.id: supplier for supplier in planned.master_data.suppliers}
    for case in of_kind(cases, CLEAN):
        order, supplier = orders(planned)[case.truth.order], suppliers[case.truth.supplier]
        assert order.supplier == supplier.id
        assert (supplier.vat_id, supplier.iban) == (case.invoice.seller.vat_id, case.invoice.iban)
        ordered = {line.number: line for line in order.lines}
        for line in case.invoice.lines:
            there = ordered[line.order_line]
            assert (line.unit_price, line.vat_rate, line.item) == (there.unit_price, there.vat_rate, there.item)
            assert line.quantity <= there.received - charged(planned, order, line.order_line)
            assert there.received <= there.quantity


def test_each_flaw_is_what_its_name_says(cases: list[Case], planned: Plan) -> None:
    known, suppliers = orders(planned), {supplier.id: supplier for supplier in planned.master_data.suppliers}
    books = {invoice.posting.invoice_number: invoice for invoice in planned.master_data.invoices}
    for case in of_kind(cases, "price mismatch"):
        ordered = {line.number: line.unit_price for line in known[case.truth.order].lines}
        dearer = [line for line in case.invoice.lines if line.unit_price > ordered[line.order_line]]
        assert len(dearer) == 1
        assert dearer[0].net - cents(dearer[0].quantity * ordered[dearer[0].order_line]) >= 25
    for case in of_kind(cases, "quantity mismatch"):
        order = known[case.truth.order]
        left = {line.number: line.received - charged(planned, order, line.number) for line in order.lines}
        assert sum(line.quantity > left[line.order_line] for line in case.invoice.lines) == 1
    for case in of_kind(cases, "missing order"):
        assert case.invoice.order not in known
    for case in of_kind(cases, "unknown supplier"):
        assert case.truth.supplier == ""
        for supplier in suppliers.values():
            assert case.invoice.seller.name != supplier.name
            assert case.invoice.seller.vat_id != supplier.vat_id
            assert case.invoice.iban != supplier.iban
    for case in of_kind(cases, "duplicate number"):
        assert books[case.invoice.number].posting.gross == case.invoice.gross
    for case in of_kind(cases, "duplicate content"):
        assert case.invoice.number not in books
        twins = [invoice for invoice in books.values() if invoice.posting.order == case.truth.order]
        assert any(twin.posting.gross == case.invoice.gross for twin in twins)
    for case in of_kind(cases, "changed iban"):
        assert case.invoice.iban != suppliers[case.truth.supplier].iban == case.truth.iban
    for case in of_kind(cases, "wrong vat"):
        ordered = {line.number: line.vat_rate for line in known[case.truth.order].lines}
        assert any(line.vat_rate != ordered[line.order_line] for line in case.invoice.lines)


def test_every_flawed_invoice_gives_a_reason_and_goes_to_a_person(cases: list[Case]) -> None:
    for case in cases:
        flawed = case.kind != CLEAN
        assert bool(case.truth.reasons) is flawed
        assert case.truth.should_be_paid is not flawed
        assert (case.truth.route == "person") is flawed


def test_the_bank_can_reach_every_account_even_the_fraudulent_ones(cases: list[Case], planned: Plan) -> None:
    assert {case.invoice.iban for case in cases} <= set(planned.master_data.accounts)


def test_numbers_out_of_range_are_refused_with_the_range() -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        plan(1, -1)
    with pytest.raises(ValueError, match="from 0 to 1"):
        plan(1, 10, share_clean=1.5)
    assert plan(1, 0).documents == ()
