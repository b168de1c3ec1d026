"""Printed invoices: layouts, languages, ways to write numbers and dates, and honest confidence."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from invoice_to_pay.reading import read_invoice
from invoice_to_pay.reading.payment_terms import read_discounts
from invoice_to_pay.reading.text_values import read_date, read_number

ENGLISH: list[list[tuple[float, str]] | str] = [
    [(20, "ACME Supplies Ltd"), (150, "INVOICE")],
    "12 High Street, London",
    "",
    [(20, "Bill to: Muster GmbH"), (120, "Invoice number: INV-2026-0042")],
    [(20, "Hauptstr. 1"), (120, "Invoice date: 1 November 2026")],
    [(20, "VAT ID: GB123456789"), (120, "Due date: 2026-12-01")],
    [(20, "Customer VAT ID: DE299999993"), (120, "Purchase order: PO-4711")],
    "",
    [
        (20, "Pos"),
        (30, "Item no."),
        (55, "Description"),
        (110, "Qty"),
        (125, "Unit price"),
        (150, "VAT %"),
        (170, "Amount"),
    ],
    [(20, "1"), (30, "A-100"), (55, "Copper cable 5 m"), (110, "1,000"), (125, "1.25"), (150, "19"), (170, "1,250.00")],
    [(55, "halogen free")],
    [(20, "2"), (30, "B-200"), (55, "Socket"), (110, "4"), (125, "3.25"), (150, "7"), (170, "13.00")],
    "",
    [(120, "Net total"), (170, "1,263.00")],
    [(120, "VAT 19 % on 1,250.00"), (170, "237.50")],
    [(120, "VAT 7 % on 13.00"), (170, "0.91")],
    [(120, "Total due EUR"), (170, "1,501.41")],
    "",
    "Payment terms: 2% discount within 10 days, 30 days net",
    "Please pay to IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX",
]

GERMAN = """Muster Lieferant e.K.
RECHNUNG

Rechnungsnummer   Rechnungsdatum   Bestellnummer
R-2026/17         3. November 2026  B-991

Kunde: Beispiel AG
USt-IdNr.: DE123456789

Pos. Artikelnr. Bezeichnung Menge Einheit Einzelpreis Gesamt
1 X1 Schrauben M8 verzinkt 1.000 Stk 0,12 120,00
2 X2 Muttern 500 Stk 0,10 50,00
Zwischensumme 170,00 EUR
zzgl. 19 % MwSt. 32,30 EUR
Gesamtbetrag 202,30 EUR
IBAN: DE89370400440532013000
Fällig am 03.12.2026
"""


def test_an_english_pdf_is_read_whole(draw: Callable[..., bytes]) -> None:
    reading = read_invoice(draw(ENGLISH), "application/pdf", "a.pdf")
    invoice = reading.invoice
    assert reading.syntax == "text-pdf"
    assert (invoice.number, invoice.issue_date, invoice.due_date) == (
        "INV-2026-0042",
        date(2026, 11, 1),
        date(2026, 12, 1),
    )
    assert (invoice.seller.name, invoice.seller.vat_id) == ("ACME Supplies Ltd", "GB123456789")
    assert (invoice.buyer.name, invoice.buyer.vat_id) == ("Muster GmbH", "DE299999993")
    assert (invoice.order_number, invoice.currency) == ("PO-4711", "EUR")
    assert invoice.seller.ibans == ("DE89370400440532013000",)
    assert [(line.seller_item, line.name, line.quantity, line.unit_price, line.net) for line in invoice.lines] == [
        ("A-100", "Copper cable 5 m halogen free", Decimal(1000), Decimal("1.25"), Decimal("1250.00")),
        ("B-200", "Socket", Decimal(4), Decimal("3.25"), Decimal("13.00")),
    ]
    assert [(row.rate, row.taxable, row.tax) for row in invoice.vat] == [
        (Decimal(19), Decimal("1250.00"), Decimal("237.50")),
        (Decimal(7), Decimal("13.00"), Decimal("0.91")),
    ]
    assert (invoice.totals.net, invoice.totals.tax, invoice.totals.gross) == (
        Decimal("1263.00"),
        Decimal("238.41"),
        Decimal("1501.41"),
    )
    assert [(discount.days, discount.percent) for discount in invoice.discounts] == [(10, Decimal(2))]
    assert reading.confidence >= 0.95


def test_every_span_holds_what_was_read_and_names_its_page(draw: Callable[..., bytes]) -> None:
    reading = read_invoice(draw(ENGLISH))
    assert len(reading.fields) > 20
    for field in reading.fields:
        assert reading.text[field.start : field.end] == field.text != ""
        assert field.location == "page 1"


def test_german_text_with_labels_above_their_values_is_read() -> None:
    reading = read_invoice(GERMAN.encode(), "text/plain", "a.txt")
    invoice = reading.invoice
    assert (invoice.number, invoice.issue_date, invoice.order_number) == ("R-2026/17", date(2026, 11, 3), "B-991")
    assert invoice.seller.name == "Muster Lieferant e.K."
    assert [(line.seller_item, line.quantity, line.unit, line.net) for line in invoice.lines] == [
        ("X1", Decimal(1000), "Stk", Decimal("120.00")),
        ("X2", Decimal(500), "Stk", Decimal("50.00")),
    ]
    assert invoice.totals.gross == Decimal("202.30")
    assert invoice.due_date == date(2026, 12, 3)
    assert reading.confidence >= 0.95


def test_a_misread_figure_costs_confidence() -> None:
    honest = read_invoice(GERMAN.encode()).confidence
    for right, wrong in (("120,00", "126,00"), ("32,30", "82,30"), ("202,30", "2O2,30")):
        assert read_invoice(GERMAN.replace(right, wrong).encode()).confidence <= honest - 0.1


def test_missing_fields_cost_confidence_and_are_named() -> None:
    reading = read_invoice("\n".join(GERMAN.splitlines()[7:]).encode())
    assert "Not found: the invoice number." in reading.problems
    assert reading.confidence < 0.9


def test_two_values_under_the_same_label_are_doubtful() -> None:
    reading = read_invoice(GERMAN.replace("Kunde:", "Rechnungsnummer: R-9\nKunde:").encode())
    assert any("R-9" in problem for problem in reading.problems)
    assert next(field for field in reading.fields if field.name == "number").confidence == 0.5
    assert reading.confidence < 0.95


def test_parties_side_by_side_are_told_apart(draw: Callable[..., bytes]) -> None:
    rows: list[list[tuple[float, str]] | str] = [
        [(20, "Rechnung Nr. 2026/7"), (130, "Datum: 03.11.2026")],
        "",
        [(20, "Rechnungssteller"), (110, "Rechnungsempfänger")],
        [(20, "Verkauf GmbH"), (110, "Kauf AG")],
        [(20, "USt-ID DE123456789"), (110, "USt-ID DE299999993")],
        "Nettobetrag 100,00 EUR",
        "MwSt 19 % (Basis 100,00) 19,00 EUR",
        "Gesamtbetrag 119,00 EUR",
    ]
    invoice = read_invoice(draw(rows)).invoice
    assert (invoice.seller.name, invoice.seller.vat_id) == ("Verkauf GmbH", "DE123456789")
    assert (invoice.buyer.name, invoice.buyer.vat_id) == ("Kauf AG", "DE299999993")


def test_the_table_goes_on_over_pages(draw: Callable[..., bytes]) -> None:
    reading = read_invoice(draw(ENGLISH, pages=2))
    assert len(reading.invoice.lines) == 4
    assert {field.location for field in reading.fields} == {"page 1", "page 2"}


def test_no_vat_has_a_category_and_a_reason() -> None:
    text = GERMAN.replace("zzgl. 19 % MwSt. 32,30 EUR", "Steuerfreie innergemeinschaftliche Lieferung.")
    row = read_invoice(text.replace("202,30", "170,00").encode()).invoice.vat[0]
    assert (row.category, row.tax, row.exemption_reason) == ("K", Decimal(0), "innergemeinschaftliche Lieferung")


def test_a_credit_note_on_paper_is_read_as_one() -> None:
    assert read_invoice(GERMAN.replace("RECHNUNG", "GUTSCHRIFT").encode()).invoice.kind == "credit note"


@pytest.mark.parametrize(
    ("written", "comma", "value"),
    [
        ("1.234,56", True, "1234.56"),
        ("1,234.56", False, "1234.56"),
        ("1.000", True, "1000"),
        ("1.000", False, "1.000"),
        ("1 234,50 €", True, "1234.50"),
        ("12'000.00", False, "12000.00"),
        ("5,00-", True, "-5.00"),
        ("-3.10", False, "-3.10"),
        ("1O0,00", True, None),
        ("", True, None),
    ],
)
def test_numbers_are_read_as_they_are_written(written: str, comma: bool, value: str | None) -> None:
    assert read_number(written, comma) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("written", "day", "doubtful"),
    [
        ("2026-03-01", date(2026, 3, 1), False),
        ("1.3.2026", date(2026, 3, 1), False),
        ("1. März 2026", date(2026, 3, 1), False),
        ("March 1, 2026", date(2026, 3, 1), False),
        ("13/02/2026", date(2026, 2, 13), False),
        ("02/13/2026", date(2026, 2, 13), False),
        ("02/03/2026", date(2026, 3, 2), True),
        ("31.02.2026", None, False),
    ],
)
def test_dates_are_read_and_doubts_are_told(written: str, day: date | None, doubtful: bool) -> None:
    assert read_date(written) == (day, doubtful)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("#SKONTO#TAGE=14#PROZENT=2.25#BASISBETRAG=357.93#", [(14, "2.25", "357.93")]),
        ("#SKONTO#TAGE=30#PROZENT=0.00#", []),
        ("10 Tage 3% Skonto, 30 Tage netto", [(10, "3", None)]),
        ("Bei Zahlung innerhalb von 14 Tagen 2,5 % Skonto.", [(14, "2.5", None)]),
        ("2% discount if paid within 10 days, net 30", [(10, "2", None)]),
        ("2/10 net 30", [(10, "2", None)]),
        ("Payable within 30 days net.", []),
    ],
)
def test_discounts_for_early_payment_are_understood(terms: str, expected: list[tuple[int, str, str | None]]) -> None:
    found = read_discounts(terms, date(2026, 1, 1))
    assert [(item.days, item.percent, item.base) for item in found] == [
        (days, Decimal(percent), None if base is None else Decimal(base)) for days, percent, base in expected
    ]
