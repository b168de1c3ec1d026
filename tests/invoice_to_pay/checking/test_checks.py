"""Each check finds what it is for, says what it expected, and leaves a right invoice alone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from invoice_to_pay.checking import Finding, check_invoice, iban_problem
from invoice_to_pay.reading import Allowance, Invoice, Line, Party
from invoice_to_pay.reading.invoice import PaymentMeans, ThirdPartyPayment, Totals, VatLine

TODAY = date(2026, 3, 10)
LINE = Line(
    id="1",
    name="Cable",
    quantity=Decimal(10),
    unit="C62",
    unit_price=Decimal("12.50"),
    net=Decimal("125.00"),
    vat_category="S",
    vat_rate=Decimal(19),
)
RIGHT = Invoice(
    number="R-1",
    type_code="380",
    issue_date=date(2026, 3, 1),
    due_date=date(2026, 3, 31),
    currency="EUR",
    guideline="urn:cen.eu:en16931:2017",
    seller=Party(name="Verkauf GmbH", vat_id="DE123456789", country="DE"),
    buyer=Party(name="Kauf AG", country="DE"),
    lines=(LINE,),
    vat=(VatLine(category="S", rate=Decimal(19), taxable=Decimal("125.00"), tax=Decimal("23.75")),),
    totals=Totals(
        lines_net=Decimal("125.00"),
        net=Decimal("125.00"),
        tax=Decimal("23.75"),
        gross=Decimal("148.75"),
        payable=Decimal("148.75"),
    ),
    payment=(PaymentMeans(code="58", iban="DE89370400440532013000"),),
)


def _check(invoice: Invoice) -> tuple[Finding, ...]:
    return check_invoice(invoice, TODAY)


def _codes(invoice: Invoice) -> set[str]:
    return {finding.code for finding in _check(invoice)}


def _with_totals(**changed: Any) -> Invoice:
    return replace(RIGHT, totals=replace(RIGHT.totals, **changed))


def _with_line(**changed: Any) -> Invoice:
    return replace(RIGHT, lines=(replace(LINE, **changed),))


def _with_vat(line_rate: Decimal | None = Decimal(0), **changed: Any) -> Invoice:
    """Everything in one category without VAT, unless told otherwise."""
    row = replace(RIGHT.vat[0], **{"rate": Decimal(0), "tax": Decimal(0), **changed})
    line = replace(LINE, vat_category=row.category, vat_rate=line_rate)
    totals = replace(RIGHT.totals, tax=row.tax, gross=Decimal("125.00") + row.tax, payable=Decimal("125.00") + row.tax)
    return replace(RIGHT, vat=(row,), lines=(line,), totals=totals)


def test_a_right_invoice_has_no_findings() -> None:
    assert _check(RIGHT) == ()


@pytest.mark.parametrize(
    ("invoice", "code", "field"),
    [
        (_with_line(net=Decimal("130.00")), "PEPPOL-EN16931-R120", "lines[1].net"),
        (_with_totals(lines_net=Decimal("124.00")), "BR-CO-10", "totals.lines_net"),
        (_with_totals(net=Decimal("126.00")), "BR-CO-13", "totals.net"),
        (_with_totals(tax=Decimal("23.00")), "BR-CO-14", "totals.tax"),
        (_with_totals(gross=Decimal("150.00")), "BR-CO-15", "totals.gross"),
        (_with_totals(payable=Decimal("148.00")), "BR-CO-16", "totals.payable"),
        (replace(RIGHT, vat=(replace(RIGHT.vat[0], tax=Decimal("25.00")),)), "BR-CO-17", "vat[1].tax"),
        (replace(RIGHT, vat=(replace(RIGHT.vat[0], taxable=Decimal("120.00")),)), "BR-S-08", "vat[1].taxable"),
        (replace(RIGHT, allowances=(Allowance(amount=Decimal(5)),)), "BR-CO-11", "totals.allowances"),
        (replace(RIGHT, allowances=(Allowance(charge=True, amount=Decimal(5)),)), "BR-CO-12", "totals.charges"),
    ],
)
def test_a_sum_that_does_not_come_out_is_found(invoice: Invoice, code: str, field: str) -> None:
    finding = next(finding for finding in _check(invoice) if finding.code == code)
    assert (finding.kind, finding.field) == ("arithmetic", field)
    assert finding.difference > 0
    assert finding.expected in finding.message
    assert finding.actual in finding.message


def test_allowances_charges_prepayments_and_base_quantities_come_out() -> None:
    line = replace(
        LINE,
        quantity=Decimal(1000),
        unit_price=Decimal("13.00"),
        base_quantity=Decimal(100),
        allowances=(Allowance(amount=Decimal("8.00")), Allowance(charge=True, amount=Decimal("3.00"))),
    )
    invoice = replace(
        RIGHT,
        lines=(line,),
        allowances=(
            Allowance(amount=Decimal(25), vat_category="S", vat_rate=Decimal(19)),
            Allowance(charge=True, amount=Decimal(100), vat_category="S", vat_rate=Decimal("19.0")),
        ),
        vat=(VatLine(category="S", rate=Decimal("19.00"), taxable=Decimal("200.00"), tax=Decimal("38.00")),),
        totals=Totals(
            lines_net=Decimal("125.00"),
            allowances=Decimal(25),
            charges=Decimal(100),
            net=Decimal("200.00"),
            tax=Decimal("38.00"),
            gross=Decimal("238.00"),
            prepaid=Decimal("38.00"),
            rounding=Decimal("-0.50"),
            payable=Decimal("209.50"),
        ),
        third_party_payments=(ThirdPartyPayment(amount=Decimal("10.00")),),
    )
    assert _check(invoice) == ()


def test_a_line_is_the_sum_of_the_lines_below_it() -> None:
    halves = (
        replace(LINE, quantity=Decimal(4), net=Decimal("50.00")),
        replace(LINE, quantity=Decimal(6), net=Decimal(75)),
    )
    assert _codes(_with_line(lines=halves)) == set()
    assert "BR-DEX-02" in _codes(_with_line(lines=halves[:1]))


@pytest.mark.parametrize(
    ("invoice", "code"),
    [
        (_with_vat(category="S"), "BR-S-06"),
        (_with_vat(category="Z", line_rate=Decimal(19)), "BR-Z-05"),
        (_with_vat(category="E"), "BR-E-10"),
        (_with_vat(category="AE", exemption_reason="Reverse charge"), "BR-AE-02"),
        (_with_vat(category="K", exemption_reason="Intra-community supply"), "BR-IC-02"),
        (_with_vat(category="O", exemption_reason="-", tax=Decimal("1.00")), "BR-O-09"),
        (_with_vat(category="Z", exemption_reason="none"), "BR-Z-10"),
        (_with_vat(category="X"), "BR-47"),
        (replace(RIGHT, vat=()), "BR-CO-18"),
        (replace(RIGHT, seller=Party(name="V", legal_id="HRB 1", country="DE")), "BR-S-02"),
        (_with_line(vat_category="Z", vat_rate=Decimal(0)), "BR-Z-01"),
    ],
)
def test_a_vat_category_that_does_not_fit_is_found(invoice: Invoice, code: str) -> None:
    assert code in _codes(invoice)


@pytest.mark.parametrize("category", ["E", "AE", "K", "G", "O"])
def test_no_vat_with_a_reason_and_both_identifiers_is_right(category: str) -> None:
    invoice = replace(
        _with_vat(category=category, exemption_reason="a reason"),
        buyer=Party(name="Kauf AG", country="AT", vat_id="ATU12345678"),
    )
    assert _check(invoice) == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"number": ""}, "BR-02"),
        ({"issue_date": None}, "BR-03"),
        ({"currency": ""}, "BR-05"),
        ({"lines": ()}, "BR-16"),
        ({"seller": Party(vat_id="DE123456789")}, "BR-06"),
        ({"due_date": None}, "BR-CO-25"),
        ({"payment": (PaymentMeans(code="58"),)}, "BR-61"),
    ],
)
def test_what_must_be_there_and_is_not_is_found(changed: dict[str, Any], code: str) -> None:
    assert code in _codes(replace(RIGHT, **changed))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issue_date": date(2026, 3, 11)}, "DATE-FUTURE"),
        ({"issue_date": date(2025, 3, 1), "due_date": date(2025, 4, 1)}, "DATE-OLD"),
        ({"due_date": date(2026, 2, 28)}, "DATE-DUE"),
        ({"period_start": date(2026, 2, 2), "period_end": date(2026, 2, 1)}, "BR-29"),
    ],
)
def test_dates_that_cannot_be_are_found(changed: dict[str, Any], code: str) -> None:
    assert _codes(replace(RIGHT, **changed)) == {code}


def test_an_invoice_of_today_is_not_of_the_future() -> None:
    assert _codes(replace(RIGHT, issue_date=TODAY)) == set()


@pytest.mark.parametrize(
    ("iban", "problem"),
    [
        ("DE89370400440532013000", ""),
        ("DE88370400440532013000", "check digits"),
        ("DE8937040044053201300", "length"),
        ("XX89370400440532013000", "country"),
        ("GB33BUKB20201555555555", ""),
    ],
)
def test_an_iban_is_checked_by_digits_length_and_country(iban: str, problem: str) -> None:
    assert problem in iban_problem(iban)
    assert bool(problem) == bool(iban_problem(iban))
    assert _codes(replace(RIGHT, payment=(PaymentMeans(code="58", iban=iban),))) == ({"IBAN"} if problem else set())


def test_an_account_that_is_no_iban_is_wrong_for_sepa_alone() -> None:
    assert _codes(replace(RIGHT, payment=(PaymentMeans(code="58", iban="12345678"),))) == {"IBAN"}
    assert _codes(replace(RIGHT, payment=(PaymentMeans(code="30", iban="12345678"),))) == set()


@pytest.mark.parametrize(
    ("vat_id", "code"),
    [
        ("DE 123 456 789", None),
        ("ATU12345678", None),
        ("NL123456789B01", None),
        ("US99", None),
        ("DE12345", "VAT-FORM"),
        ("123456789", "BR-CO-09"),
    ],
)
def test_the_form_of_a_vat_number_is_that_of_its_country(vat_id: str, code: str | None) -> None:
    invoice = replace(RIGHT, seller=replace(RIGHT.seller, vat_id=vat_id))
    assert _codes(invoice) == ({code} if code else set())
