"""UBL 2.1 invoices with the content of EN 16931 (XRechnung 3.0)."""

from lxml import etree

from sandbox_company.documents.markup import BUSINESS_PROCESS, XRECHNUNG, Writer, plain
from sandbox_company.documents.terms import structured
from sandbox_company.invoice import Invoice, Line, Party

_NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"


def render(invoice: Invoice) -> bytes:
    """The elements in the order of the UBL schema."""
    writer = Writer("Invoice", _NAMESPACES, default=_INVOICE)
    root, add = writer.root, writer.add
    add(root, "cbc:CustomizationID", XRECHNUNG)
    add(root, "cbc:ProfileID", BUSINESS_PROCESS)
    add(root, "cbc:ID", invoice.number)
    add(root, "cbc:IssueDate", invoice.issued.isoformat())
    add(root, "cbc:DueDate", invoice.due.isoformat())
    add(root, "cbc:InvoiceTypeCode", "380")
    add(root, "cbc:DocumentCurrencyCode", invoice.currency)
    add(root, "cbc:BuyerReference", invoice.buyer.contact)
    if invoice.order:
        add(root, "cac:OrderReference/cbc:ID", invoice.order)
    _add_party(writer, add(root, "cac:AccountingSupplierParty/cac:Party"), invoice.seller)
    _add_party(writer, add(root, "cac:AccountingCustomerParty/cac:Party"), invoice.buyer)
    delivery = add(root, "cac:Delivery")
    add(delivery, "cbc:ActualDeliveryDate", invoice.delivered.isoformat())
    add(delivery, "cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode", invoice.buyer.country)
    means = add(root, "cac:PaymentMeans")
    add(means, "cbc:PaymentMeansCode", "58")
    add(means, "cbc:PaymentID", invoice.number)
    account = add(means, "cac:PayeeFinancialAccount")
    add(account, "cbc:ID", invoice.iban)
    add(account, "cbc:Name", invoice.seller.name)
    add(root, "cac:PaymentTerms/cbc:Note", structured(invoice))
    _add_totals(writer, invoice)
    for line in invoice.lines:
        _add_line(writer, line, invoice.currency)
    return writer.to_bytes()


def _add_party(writer: Writer, element: "etree._Element", party: Party) -> None:
    add = writer.add
    add(element, "cbc:EndpointID", party.email, schemeID="EM")
    add(element, "cac:PartyName/cbc:Name", party.name)
    address = add(element, "cac:PostalAddress")
    add(address, "cbc:StreetName", party.street)
    add(address, "cbc:CityName", party.town)
    add(address, "cbc:PostalZone", party.postcode)
    add(address, "cac:Country/cbc:IdentificationCode", party.country)
    scheme = add(element, "cac:PartyTaxScheme")
    add(scheme, "cbc:CompanyID", party.vat_id)
    add(scheme, "cac:TaxScheme/cbc:ID", "VAT")
    add(element, "cac:PartyLegalEntity/cbc:RegistrationName", party.name)
    contact = add(element, "cac:Contact")
    add(contact, "cbc:Name", party.contact)
    add(contact, "cbc:Telephone", party.phone)
    add(contact, "cbc:ElectronicMail", party.email)


def _add_totals(writer: Writer, invoice: Invoice) -> None:
    add, currency = writer.add, invoice.currency
    total = add(writer.root, "cac:TaxTotal")
    add(total, "cbc:TaxAmount", invoice.tax, currencyID=currency)
    for group in invoice.vat:
        subtotal = add(total, "cac:TaxSubtotal")
        add(subtotal, "cbc:TaxableAmount", group.base, currencyID=currency)
        add(subtotal, "cbc:TaxAmount", group.tax, currencyID=currency)
        category = add(subtotal, "cac:TaxCategory")
        add(category, "cbc:ID", group.category)
        add(category, "cbc:Percent", plain(group.rate))
        if group.category == "K":
            add(category, "cbc:TaxExemptionReasonCode", "VATEX-EU-IC")
            add(category, "cbc:TaxExemptionReason", "Intra-Community supply")
        add(category, "cac:TaxScheme/cbc:ID", "VAT")
    sums = add(writer.root, "cac:LegalMonetaryTotal")
    add(sums, "cbc:LineExtensionAmount", invoice.net, currencyID=currency)
    add(sums, "cbc:TaxExclusiveAmount", invoice.net, currencyID=currency)
    add(sums, "cbc:TaxInclusiveAmount", invoice.gross, currencyID=currency)
    add(sums, "cbc:PayableAmount", invoice.gross, currencyID=currency)


def _add_line(writer: Writer, line: Line, currency: str) -> None:
    add = writer.add
    element = add(writer.root, "cac:InvoiceLine")
    add(element, "cbc:ID", line.number)
    add(element, "cbc:InvoicedQuantity", plain(line.quantity), unitCode=line.unit)
    add(element, "cbc:LineExtensionAmount", line.net, currencyID=currency)
    if line.order_line:
        add(element, "cac:OrderLineReference/cbc:LineID", line.order_line)
    item = add(element, "cac:Item")
    add(item, "cbc:Name", line.description)
    add(item, "cac:SellersItemIdentification/cbc:ID", line.item)
    category = add(item, "cac:ClassifiedTaxCategory")
    add(category, "cbc:ID", "S" if line.vat_rate else "K")
    add(category, "cbc:Percent", plain(line.vat_rate))
    add(category, "cac:TaxScheme/cbc:ID", "VAT")
    add(element, "cac:Price/cbc:PriceAmount", line.unit_price, currencyID=currency)
