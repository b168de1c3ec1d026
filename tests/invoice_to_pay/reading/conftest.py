"""The reference invoices, found through SHARED_DATA, and small documents made on the spot."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def xrechnung() -> Path:
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data")) / "xrechnung"
    if not folder.is_dir():
        pytest.skip(f"the reference invoices are not at {folder}")
    return folder


@pytest.fixture
def draw() -> Callable[..., bytes]:
    """A PDF of cells: (x in mm, text), one list per row; a string is a row of one cell."""

    def draw(rows: list[list[tuple[float, str]] | str], pages: int = 1) -> bytes:
        target = BytesIO()
        canvas = Canvas(target, invariant=1)
        for _ in range(pages):
            canvas.setFont("Helvetica", 9)
            for number, row in enumerate(rows):
                for x, text in [(20.0, row)] if isinstance(row, str) else row:
                    canvas.drawString(x * mm, (280 - 5.5 * number) * mm, text)
            canvas.showPage()
        canvas.save()
        return target.getvalue()

    return draw


UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <b:ID>R-1</b:ID><b:IssueDate>2026-03-01</b:IssueDate><b:InvoiceTypeCode>380</b:InvoiceTypeCode>
  <b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
  <a:AccountingSupplierParty><a:Party><a:PartyLegalEntity>
    <b:RegistrationName>Müller &amp; Söhne</b:RegistrationName></a:PartyLegalEntity></a:Party>
  </a:AccountingSupplierParty>
  <a:AccountingCustomerParty><a:Party><a:PartyLegalEntity>
    <b:RegistrationName><![CDATA[Käufer <AG>]]></b:RegistrationName></a:PartyLegalEntity></a:Party>
  </a:AccountingCustomerParty>
  <a:LegalMonetaryTotal><b:LineExtensionAmount currencyID="EUR">10.00</b:LineExtensionAmount>
    <b:TaxExclusiveAmount currencyID="EUR"> 10.00 </b:TaxExclusiveAmount>
    <b:TaxInclusiveAmount currencyID="EUR">11.90</b:TaxInclusiveAmount>
    <b:PayableAmount currencyID="EUR">11.90</b:PayableAmount></a:LegalMonetaryTotal>
  <a:InvoiceLine><b:ID>1</b:ID><b:InvoicedQuantity unitCode='C62'>1</b:InvoicedQuantity>
    <b:LineExtensionAmount>10.00</b:LineExtensionAmount></a:InvoiceLine>
</Invoice>
"""


@pytest.fixture
def ubl() -> str:
    """A small UBL invoice with prefixes of its own, an entity, a CDATA section and characters outside ASCII."""
    return UBL
