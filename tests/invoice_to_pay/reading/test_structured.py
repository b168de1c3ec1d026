"""Structured invoices: positions, oddities of XML, contradictions, and PDFs that carry XML."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

from invoice_to_pay.reading import Field, Reading, read_invoice


def _field(reading: Reading, name: str) -> Field:
    return next(field for field in reading.fields if field.name == name)


def test_values_behind_entities_sections_and_foreign_prefixes_are_read(ubl: str) -> None:
    invoice = read_invoice(ubl.encode()).invoice
    assert invoice.seller.name == "Müller & Söhne"
    assert invoice.buyer.name == "Käufer <AG>"
    assert invoice.totals.net == Decimal("10.00")
    assert invoice.lines[0].unit == "C62"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_spans_are_characters_of_the_text_in_any_encoding(ubl: str, codec: str) -> None:
    reading = read_invoice(ubl.replace("UTF-8", "UTF-16" if "16" in codec else "UTF-8").encode(codec))
    for name, written in (
        ("number", "R-1"),
        ("seller.name", "Müller &amp; Söhne"),
        ("totals.net", "10.00"),
        ("lines[1].unit", "C62"),
        ("issue_date", "2026-03-01"),
    ):
        field = _field(reading, name)
        assert reading.text[field.start : field.end] == written == field.text


def test_locations_are_paths_with_the_usual_prefixes(ubl: str) -> None:
    reading = read_invoice(ubl.encode())
    assert _field(reading, "number").location == "/Invoice/cbc:ID"
    assert _field(reading, "lines[1].unit").location == "/Invoice/cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode"


def test_comments_inside_a_value_do_not_move_it(ubl: str) -> None:
    reading = read_invoice(ubl.replace("R-1<", "R-<!-- one -->1<").encode())
    assert reading.invoice.number == "R-1"
    assert _field(reading, "number").text == "R-<!-- one -->1"


def test_a_value_that_stands_twice_is_a_problem_and_costs_confidence(ubl: str) -> None:
    twice = ubl.replace("<b:IssueDate>", "<b:IssueDate>2026-02-01</b:IssueDate><b:IssueDate>")
    reading = read_invoice(twice.encode())
    assert reading.invoice.issue_date == date(2026, 2, 1)
    assert "BT-2" in reading.problems[0]
    assert reading.confidence < 1


def test_what_is_not_understood_is_named_and_left_out(ubl: str) -> None:
    reading = read_invoice(ubl.replace(">11.90</b:PayableAmount>", ">11,90</b:PayableAmount>").encode())
    assert reading.invoice.totals.payable is None
    assert 'totals.payable (BT-115) is no number: "11,90"' in reading.problems[0]
    assert reading.confidence <= 0.8


def test_a_credit_note_is_read_as_one(ubl: str) -> None:
    credit = (
        ubl.replace("ubl:schema:xsd:Invoice-2", "ubl:schema:xsd:CreditNote-2")
        .replace("<Invoice ", "<CreditNote ")
        .replace("</Invoice>", "</CreditNote>")
        .replace("InvoiceTypeCode>380<", "CreditNoteTypeCode>381<")
        .replace("</b:InvoiceTypeCode", "</b:CreditNoteTypeCode")
        .replace("InvoiceLine", "CreditNoteLine")
        .replace("InvoicedQuantity", "CreditedQuantity")
    )
    invoice = read_invoice(credit.encode()).invoice
    assert (invoice.kind, invoice.type_code, invoice.lines[0].quantity) == ("credit note", "381", Decimal(1))


def test_the_format_is_seen_from_the_content_not_the_name(ubl: str) -> None:
    assert read_invoice(ubl.encode(), "application/pdf", "invoice.pdf").syntax == "ubl"


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "something else.xml"])
def test_the_invoice_in_a_pdf_wins_over_its_text(draw: Callable[..., bytes], ubl: str, name: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(draw(["Invoice number: 17", "Total 99.00"]))))
    writer.add_attachment("delivery.xml", b"<delivery/>")
    writer.add_attachment(name, ubl.encode())
    target = BytesIO()
    writer.write(target)
    reading = read_invoice(target.getvalue())
    assert (reading.syntax, reading.invoice.number) == ("factur-x", "R-1")
    assert reading.text == ubl


def test_an_invoice_that_is_only_an_associated_file_is_found(draw: Callable[..., bytes], ubl: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(draw(["Invoice number: 17"]))))
    file = writer.add_attachment("factur-x.xml", ubl.encode())
    writer.root_object[NameObject("/AF")] = ArrayObject([writer._add_object(file.pdf_object)])
    del writer.root_object["/Names"]
    target = BytesIO()
    writer.write(target)
    assert read_invoice(target.getvalue()).syntax == "factur-x"


def test_an_attachment_that_is_no_invoice_leaves_the_text(draw: Callable[..., bytes]) -> None:
    page = draw(["ACME Ltd", "Invoice number: A-17", "Invoice date: 2026-03-01", "Total 99.00 EUR"])
    writer = PdfWriter(clone_from=PdfReader(BytesIO(page)))
    writer.add_attachment("delivery.xml", b"<delivery/>")
    target = BytesIO()
    writer.write(target)
    reading = read_invoice(target.getvalue())
    assert (reading.syntax, reading.invoice.number) == ("text-pdf", "A-17")
