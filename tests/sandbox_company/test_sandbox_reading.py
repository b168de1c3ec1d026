"""The generated documents say what the truth says, to the reader that the process uses."""

from typing import Any

import pytest

from sandbox_company.documents import scan
from sandbox_company.generator import Case, generate

reading = pytest.importorskip("invoice_to_pay.reading")

CONFIDENCE_MIN = 0.9
"""What the best readings of text reach; structured documents are certain."""


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(generate(21, 120))


def printed(case: Case) -> dict[str, Any]:
    invoice = case.invoice
    return {
        "number": invoice.number,
        "dates": (invoice.issued, invoice.due, invoice.delivered),
        "order": invoice.order,
        "vat ids": (invoice.seller.vat_id, invoice.buyer.vat_id),
        "buyer": invoice.buyer.name,
        "iban": invoice.iban,
        "totals": (invoice.net, invoice.tax, invoice.gross),
        "vat": [(group.category, group.rate, group.base, group.tax) for group in invoice.vat],
        "discounts": [(invoice.discount.days, invoice.discount.percent)] if invoice.discount else [],
        "lines": [
            (line.item, line.description, line.quantity, line.unit_price, line.net, line.vat_rate)
            for line in invoice.lines
        ],
        "order lines": [line.order_line for line in invoice.lines],
    }


def read(invoice: Any) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "dates": (invoice.issue_date, invoice.due_date, invoice.delivery_date),
        "order": invoice.order_number,
        "vat ids": (invoice.seller.vat_id, invoice.buyer.vat_id),
        "buyer": invoice.buyer.name,
        "iban": invoice.payment[0].iban,
        "totals": (invoice.totals.net, invoice.totals.tax, invoice.totals.gross),
        "vat": [(group.category, group.rate, group.taxable, group.tax) for group in invoice.vat],
        "discounts": [(discount.days, discount.percent) for discount in invoice.discounts],
        "lines": [
            (line.item, line.name, line.quantity, line.unit_price, line.net, line.vat_rate) for line in invoice.lines
        ],
        "order lines": [line.order_line.removeprefix("-") for line in invoice.lines],
    }


def test_every_readable_document_is_read_as_it_was_meant(cases: list[Case]) -> None:
    for case in cases:
        if case.format == "scan" or case.kind == "arithmetic error":
            continue
        result = reading.read_invoice(case.content, case.media_type, case.name)
        assert read(result.invoice) == printed(case), case.name
        assert result.invoice.seller.name.rstrip(".") == case.invoice.seller.name.rstrip("."), case.name
        assert result.confidence >= (CONFIDENCE_MIN if case.format == "text" else 1), case.name


def test_scans_are_refused_or_doubted(cases: list[Case]) -> None:
    for number, case in enumerate(cases[:40]):
        content = scan.render(case.invoice, 0, str(number))
        try:
            confidence = reading.read_invoice(content, "application/pdf", case.name).confidence
        except reading.UnreadableInvoice:
            continue
        assert confidence < CONFIDENCE_MIN - 0.2, case.name
