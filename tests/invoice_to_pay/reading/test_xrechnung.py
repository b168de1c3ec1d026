"""Every reference invoice is read in both syntaxes, its spans point at its values, and its sums are its own."""

import html
import re
from pathlib import Path

import pytest

from clearance.model.values import from_json, to_json
from invoice_to_pay.checking import check_invoice
from invoice_to_pay.reading import Invoice, Reading, from_data, read_invoice

FILES = 86

ODD = {
    "01.06_minimal_test": ("BR-CO-17", "the VAT is 757.41 for 19 % of 3986.34, which is 757.4046: a cent too much"),
}
"""The documents whose own figures do not come out, and why. EN 16931's schematron lets VAT be off by up to one unit."""

_NO_ORDER = "UBL cannot name the seller's order (BT-14) without the buyer's (BT-13), so the file says 'Dummywert'"
_NAMES_SWAPPED = "the UBL file has the trading name where the CII file has the name"

SYNTAX_DIFFERENCES = (
    *((f"01.{case}a", "order", _NO_ORDER) for case in ("02", "08", "09", "10", "11", "12", "13")),
    *((f"01.0{case}_comprehensive", "buyer's name", _NAMES_SWAPPED) for case in (1, 2, 3, 4)),
    ("01.21a", "seller", "the two files give different VAT numbers"),
    ("01.05_minimal", "VAT total", "the CII file leaves it out, as no VAT is charged"),
)
"""Where the two files of a case say different things: case, what, why."""


def _read(path: Path) -> Reading:
    return read_invoice(path.read_bytes(), name=path.name)


def _readings(folder: Path) -> dict[str, Reading]:
    return {path.relative_to(folder).as_posix(): _read(path) for path in sorted(folder.rglob("*.xml"))}


@pytest.fixture(scope="module")
def readings(xrechnung: Path) -> dict[str, Reading]:
    return _readings(xrechnung)


def test_every_file_is_read_whole_and_without_a_problem(readings: dict[str, Reading]) -> None:
    assert len(readings) == FILES
    for name, reading in readings.items():
        assert reading.problems == (), name
        assert reading.confidence == 1.0
        assert reading.syntax == ("ubl" if name.endswith("_ubl.xml") else "cii")
        assert reading.invoice.lines, name


def test_every_span_points_at_its_value(readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        for field in reading.fields:
            written = html.unescape(reading.text[field.start : field.end]).replace("\r\n", "\n")
            assert field.text == reading.text[field.start : field.end]
            compact = re.sub(r"[\s-]", "", written)
            assert re.sub(r"[\s-]", "", field.value) in compact, (name, field)
            assert field.location.startswith("/")


def test_the_sums_agree_with_every_document_but_the_odd_ones(readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        assert reading.invoice.issue_date is not None
        found = check_invoice(reading.invoice, reading.invoice.issue_date)
        sums = {finding.code for finding in found if finding.kind in ("arithmetic", "vat", "missing", "bank", "date")}
        odd = next((code for case, (code, _) in ODD.items() if case in name), None)
        assert sums == ({odd} if odd else set()), (name, found)


def test_both_syntaxes_of_a_case_say_the_same(readings: dict[str, Reading]) -> None:
    pairs = 0
    for name, reading in readings.items():
        other = readings.get(name.replace("_ubl.xml", "_uncefact.xml"))
        if name.endswith("_ubl.xml") and other is not None:
            pairs += 1
            ours, theirs = _common(reading.invoice), _common(other.invoice)
            different = {key for key in ours if ours[key] != theirs[key]}
            expected = {key for case, key, _ in SYNTAX_DIFFERENCES if f"/{case}" in name}
            assert different == expected, (name, [(ours[key], theirs[key]) for key in different])
    assert pairs == 40


def _common(invoice: Invoice) -> dict[str, object]:
    totals = invoice.totals
    return {
        "head": (
            invoice.number,
            invoice.type_code,
            invoice.kind,
            invoice.issue_date,
            invoice.due_date,
            invoice.currency,
        ),
        "order": invoice.order_number,
        "references": (invoice.contract, invoice.buyer_reference, invoice.project),
        "seller": (invoice.seller.name, invoice.seller.vat_id, invoice.seller.tax_id, invoice.seller.country),
        "buyer's name": invoice.buyer.name,
        "buyer": (invoice.buyer.vat_id, invoice.buyer.country),
        "totals": (totals.lines_net, totals.allowances, totals.charges, totals.net, totals.gross),
        "VAT total": totals.tax,
        "payable": (totals.prepaid, totals.payable),
        "vat": sorted((row.category, row.rate or 0, row.taxable, row.tax) for row in invoice.vat),
        "lines": [
            (
                line.id,
                line.name,
                line.seller_item,
                line.standard_item,
                line.quantity,
                line.unit,
                line.unit_price,
                line.net,
            )
            for line in invoice.lines
        ],
        "line details": [
            (
                line.vat_category,
                line.vat_rate,
                line.order_line,
                line.period_start,
                line.period_end,
                len(line.allowances),
            )
            for line in invoice.lines
        ],
        "allowances": [(item.charge, item.amount, item.reason) for item in invoice.allowances],
        "payment": [(means.code, means.iban, means.bic) for means in invoice.payment],
        "discounts": invoice.discounts,
        "delivery": (invoice.delivery_date, invoice.period_start, invoice.period_end),
    }


def test_discounts_are_read_from_the_form_of_xrechnung(readings: dict[str, Reading]) -> None:
    discounts = readings["business-cases/standard/01.10a-INVOICE_ubl.xml"].invoice.discounts
    assert [(discount.days, str(discount.percent), str(discount.last_day)) for discount in discounts] == [
        (7, "2.00", "2016-07-04"),
        (14, "1.00", "2016-07-11"),
    ]


def test_sub_lines_and_third_party_payments_of_the_extension_are_read(readings: dict[str, Reading]) -> None:
    nested = readings["business-cases/extension/04.01a-INVOICE_ubl.xml"].invoice
    assert any(line.lines for line in nested.lines)
    collected = readings["business-cases/extension/05.01a-INVOICE_ubl.xml"].invoice
    assert len(collected.third_party_payments) == 2
    assert collected.totals.gross is not None
    extra = sum(payment.amount for payment in collected.third_party_payments)
    assert collected.totals.payable == collected.totals.gross - collected.totals.prepaid + extra


def test_an_invoice_survives_as_data(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        assert from_data(from_json(to_json(reading.invoice))) == reading.invoice
