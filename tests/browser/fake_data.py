"""A small company's day at the office, for the fake server: items, documents, instances and one process diagram.

Moments are given relative to ``now``, so that deadlines are late or near whenever the tests run.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

INVOICE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns:cbc="urn:cbc" xmlns:cac="urn:cac">
  <cbc:ID>2026-0042</cbc:ID>
  <cbc:IssueDate>2026-11-12</cbc:IssueDate>
  <cbc:DueDate>2026-12-12</cbc:DueDate>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cbc:Note>Fröhliche Grüße 🚢 aus Kiel</cbc:Note>
  <cac:OrderReference><cbc:ID>PO-7731</cbc:ID></cac:OrderReference>
  <cac:AccountingSupplierParty>
    <cbc:Name>Nordlicht GmbH</cbc:Name>
    <cbc:CompanyID>DE136695976</cbc:CompanyID>
  </cac:AccountingSupplierParty>
  <cac:PaymentMeans>
    <cac:PayeeFinancialAccount><cbc:ID>DE02120300000000202051</cbc:ID></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="H87">12</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">3539.50</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Signal lamp, LED, 230 V</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">294.96</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="EUR">3539.50</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">4212.00</cbc:TaxInclusiveAmount>
  </cac:LegalMonetaryTotal>
</Invoice>
"""
# What machines send: one line, with a file embedded that nobody wants to scroll through.
MACHINE_XML = (
    "<?xml version='1.0'?><Invoice><ID>RE-9</ID><Embedded>"
    + "QUJD" * 5_000
    + "</Embedded><Total>77.10</Total></Invoice>"
)
PDF_TEXT = (
    "Invoice 88-17\nBluewater Ltd.\nTotal due 1,190.00 EUR\n"
    + "Terms and conditions apply.\n" * 200
    + "VAT GB123456789\n"
)
PDF_BYTES = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


DOCUMENTS: dict[str, tuple[bytes, str]] = {
    sha256(content): (content, media_type)
    for content, media_type in (
        (INVOICE_XML.encode(), "application/xml"),
        (MACHINE_XML.encode(), "application/xml"),
        (PDF_BYTES, "application/pdf"),
        (PDF_TEXT.encode(), "text/plain; charset=utf-8"),
    )
}

PROCESS = {"processDefinitionId": "invoice-to-pay", "processName": "Invoice to pay"}
PAYMENT = {
    "operation": "bank.pay",
    "target": "bank",
    "parameters": {
        "creditor": "Hafen Logistik AG",
        "iban": "DE89370400440532013000",
        "amount": "18450.00",
        "currency": "EUR",
        "reference": "HL-2210",
    },
    "sha256": sha256(b"pay HL-2210"),
}


def moment(now: datetime, hours: float) -> str:
    return (now + timedelta(hours=hours)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(text: str, name: str, label: str, value: str, confidence: float | None, location: str = "") -> Json:
    """A field with its span; offsets are code points of the document's text."""
    start = text.find(value) if value else -1
    end = start + len(value) if start >= 0 else 0
    return {
        "name": name,
        "label": label,
        "value": value,
        "confidence": confidence,
        "location": location,
        "start": max(start, 0),
        "end": end,
    }


def document(text: bytes, name: str, media_type: str, text_content: str | None = None) -> Json:
    kept = {"sha256": sha256(text), "name": name, "mediaType": media_type, "size": len(text)}
    return kept if text_content is None else kept | {"textSha256": sha256(text_content.encode())}


def brief(**parts: Any) -> Json:
    empty: Json = {"reasons": [], "recommendation": None, "options": [], "document": None}
    return empty | {"fields": [], "facts": [], "action": None} | parts


def option(value: str, label: str, consequence: str, *, comment: bool = False) -> Json:
    return {"value": value, "label": label, "consequence": consequence, "commentRequired": comment}


APPROVE = option("approve", "Approve and pay", "The invoice is posted, and paid on its due date.")
REJECT = option("reject", "Reject", "The supplier is told why; nothing is posted or paid.", comment=True)
ASK = option("ask", "Ask the buyer", "The buyer of PO-7731 gets a question; the deadline moves by two days.")


def price_mismatch() -> Json:
    return brief(
        reasons=[
            "The unit price on line 1 is 294.96 EUR, the order says 271.00 EUR: 8.8 % more, the limit is 2 %.",
            "The supplier's price list on file does not explain the difference.",
        ],
        recommendation={"option": "ask", "why": "The buyer agreed to a higher price once before, on PO-7604."},
        options=[APPROVE, ASK, REJECT],
        document=document(INVOICE_XML.encode(), "2026-0042.xml", "application/xml"),
        fields=[
            read(INVOICE_XML, "number", "Invoice number", "2026-0042", 1.0, "/Invoice/ID"),
            read(INVOICE_XML, "supplier", "Supplier", "Nordlicht GmbH", 0.99, "/Invoice/AccountingSupplierParty/Name"),
            read(INVOICE_XML, "order", "Order", "PO-7731", 0.97, "/Invoice/OrderReference/ID"),
            read(INVOICE_XML, "iban", "IBAN", "DE02120300000000202051", 0.88, "/Invoice/PaymentMeans"),
            read(INVOICE_XML, "price", "Unit price, line 1", "294.96", 0.74, "/Invoice/InvoiceLine[1]/Price"),
            read(INVOICE_XML, "gross", "Total", "4212.00", 1.0, "/Invoice/LegalMonetaryTotal"),
            read("", "discount", "Early-payment discount", "", None, "not in the document"),
        ],
        facts=[
            {"label": "Supplier is known", "expected": "Nordlicht GmbH", "actual": "Nordlicht GmbH", "ok": True},
            {"label": "Unit price, line 1", "expected": "271.00 EUR", "actual": "294.96 EUR", "ok": False},
            {"label": "Quantity received", "expected": "12", "actual": "12", "ok": True},
            {"label": "IBAN on file", "expected": "DE02 …2051", "actual": "DE02 …2051", "ok": True},
        ],
    )


def payment_approval() -> Json:
    yes = option("approve", "Approve", "Exactly this payment is made, once.")
    no = option("reject", "Reject", "Nothing is paid; the invoice goes back to the clerk.", comment=True)
    reasons = ["Payments above 10,000 EUR need a second person (policy four-eyes-payments)."]
    return brief(reasons=reasons, options=[yes, no], action=PAYMENT)


def unreadable() -> Json:
    return brief(
        reasons=["The total was read with low confidence from a scan."],
        options=[APPROVE, REJECT],
        document=document(PDF_BYTES, "88-17.pdf", "application/pdf", PDF_TEXT),
        fields=[
            read(PDF_TEXT, "gross", "Total", "1,190.00", 0.61, "page 1"),
            read(PDF_TEXT, "vat", "VAT number", "GB123456789", 0.93, "page 4"),
        ],
    )


def machine_document() -> Json:
    return brief(
        reasons=["The supplier is not in the ERP."],
        options=[APPROVE, REJECT],
        document=document(MACHINE_XML.encode(), "RE-9.xml", "application/xml"),
        fields=[read(MACHINE_XML, "gross", "Total", "77.10", 1.0)],
    )


def incident() -> Json:
    again = option("retry", "Try again", "The bank is asked once more, with the same idempotency key.")
    stop = option("cancel", "Cancel the instance", "The posting is reversed and the instance ends.", comment=True)
    return brief(reasons=["The bank refused: account 4711 is closed (422)."], options=[again, stop])


def item(
    now: datetime, key: str, kind: str, title: str, subject: str, content: Json, *,
    created: float, due: float | None, priority: int, role: str = "clerk", assignee: str | None = None,
) -> Json:  # fmt: skip
    """``created`` and ``due`` in hours from now."""
    return PROCESS | {
        "key": key,
        "kind": kind,
        "title": title,
        "subject": subject,
        "reason": content["reasons"][0],
        "processInstanceKey": f"9{key}",
        "elementId": "decide",
        "roles": [role],
        "assignee": assignee,
        "state": "CREATED",
        "creationDate": moment(now, created),
        "dueDate": None if due is None else moment(now, due),
        "priority": priority,
        "brief": content,
        "answer": None,
    }


def items(now: datetime) -> list[Json]:
    """The inbox at the start of a test: clerk's work, an approver's, and an incident."""
    return [
        item(now, "101", "task", "Check the price", "Invoice 2026-0042 of Nordlicht GmbH, 4,212.00 EUR",
             price_mismatch(), created=-5, due=-2.4, priority=80),
        item(now, "102", "approval", "Approve a payment", "Invoice HL-2210 of Hafen Logistik AG, 18,450.00 EUR",
             payment_approval(), created=-3, due=3, priority=60, role="approver"),
        item(now, "103", "task", "Read the total", "Invoice 88-17 of Bluewater Ltd., 1,190.00 EUR",
             unreadable(), created=-2, due=22, priority=50, assignee="clerk"),
        item(now, "104", "task", "Unknown supplier", "Invoice RE-9 of Kleinwerk e.K., 77.10 EUR",
             machine_document(), created=-1, due=75, priority=50),
        item(now, "105", "incident", "Pay the supplier", "Invoice 55-3 of Alster Druck GmbH, 612.85 EUR",
             incident(), created=-0.4, due=None, priority=90),
    ]  # fmt: skip
