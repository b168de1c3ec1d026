"""UN/CEFACT Cross Industry Invoices with the content of EN 16931, alone and inside Factur-X."""

from datetime import date

from lxml import etree

from sandbox_company.documents.markup import BUSINESS_PROCESS, XRECHNUNG, Writer, plain
from sandbox_company.documents.terms import structured
from sandbox_company.invoice import Invoice, Line, Party

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_DATE_FORMAT = "102"
"""UNTDID 2379: CCYYMMDD."""


def render(invoice: Invoice, guideline: str = XRECHNUNG) -> bytes:
    """The elements in the order of the CII schema; the guideline is BT-24."""
    writer = Writer("rsm:CrossIndustryInvoice", _NAMESPACES)
    root, add = writer.root, writer.add
    context = add(root, "rsm:ExchangedDocumentContext")
    add(context, "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", BUSINESS_PROCESS)
    add(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", guideline)
    document = add(root, "rsm:ExchangedDocument")
    add(document, "ram:ID", invoice.number)
    add(document, "ram:TypeCode", "380")
    _add_date(writer, add(document, "ram:IssueDateTime"), invoice.issued)
    transaction = add(root, "rsm:SupplyChainTradeTransaction")
    for line in invoice.lines:
        _add_line(writer, transaction, line)
    agreement = add(transaction, "ram:ApplicableHeaderTradeAgreement")
    add(agreement, "ram:BuyerReference", invoice.buyer.contact)
    _add_party(writer, add(agreement, "ram:SellerTradeParty"), invoice.seller)
    _add_party(writer, add(agreement, "ram:BuyerTradeParty"), invoice.buyer)
    if invoice.order:
        add(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", invoice.order)
    delivery = add(transaction, "ram:ApplicableHeaderTradeDelivery")
    add(delivery, "ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID", invoice.buyer.country)
    occurrence = add(delivery, "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime")
    _add_date(writer, occurrence, invoice.delivered)
    _add_settlement(writer, add(transaction, "ram:ApplicableHeaderTradeSettlement"), invoice)
    return writer.to_bytes()


def _add_date(writer: Writer, element: "etree._Element", day: date) -> None:
    writer.add(element, "udt:DateTimeString", day.strftime("%Y%m%d"), format=_DATE_FORMAT)


def _add_party(writer: Writer, element: "etree._Element", party: Party) -> None:
    add = writer.add
    add(element, "ram:Name", party.name)
    contact = add(element, "ram:DefinedTradeContact")
    add(contact, "ram:PersonName", party.contact)
    add(contact, "ram:TelephoneUniversalCommunication/ram:CompleteNumber", party.phone)
    add(contact, "ram:EmailURIUniversalCommunication/ram:URIID", party.email)
    address = add(element, "ram:PostalTradeAddress")
    add(address, "ram:PostcodeCode", party.postcode)
    add(address, "ram:LineOne", party.street)
    add(address, "ram:CityName", party.town)
    add(address, "ram:CountryID", party.country)
    add(element, "ram:URIUniversalCommunication/ram:URIID", party.email, schemeID="EM")
    add(element, "ram:SpecifiedTaxRegistration/ram:ID", party.vat_id, schemeID="VA")


def _add_line(writer: Writer, transaction: "etree._Element", line: Line) -> None:
    add = writer.add
    element = add(transaction, "ram:IncludedSupplyChainTradeLineItem")
    add(element, "ram:AssociatedDocumentLineDocument/ram:LineID", line.number)
    product = add(element, "ram:SpecifiedTradeProduct")
    add(product, "ram:SellerAssignedID", line.item)
    add(product, "ram:Name", line.description)
    agreement = add(element, "ram:SpecifiedLineTradeAgreement")
    if line.order_line:
        add(agreement, "ram:BuyerOrderReferencedDocument/ram:LineID", line.order_line)
    add(agreement, "ram:NetPriceProductTradePrice/ram:ChargeAmount", line.unit_price)
    delivery = add(element, "ram:SpecifiedLineTradeDelivery")
    add(delivery, "ram:BilledQuantity", plain(line.quantity), unitCode=line.unit)
    settlement = add(element, "ram:SpecifiedLineTradeSettlement")
    tax = add(settlement, "ram:ApplicableTradeTax")
    add(tax, "ram:TypeCode", "VAT")
    add(tax, "ram:CategoryCode", "S" if line.vat_rate else "K")
    add(tax, "ram:RateApplicablePercent", plain(line.vat_rate))
    add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount", line.net)


def _add_settlement(writer: Writer, settlement: "etree._Element", invoice: Invoice) -> None:
    add = writer.add
    add(settlement, "ram:PaymentReference", invoice.number)
    add(settlement, "ram:InvoiceCurrencyCode", invoice.currency)
    means = add(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
    add(means, "ram:TypeCode", "58")
    account = add(means, "ram:PayeePartyCreditorFinancialAccount")
    add(account, "ram:IBANID", invoice.iban)
    add(account, "ram:AccountName", invoice.seller.name)
    for group in invoice.vat:
        tax = add(settlement, "ram:ApplicableTradeTax")
        add(tax, "ram:CalculatedAmount", group.tax)
        add(tax, "ram:TypeCode", "VAT")
        if group.category == "K":
            add(tax, "ram:ExemptionReason", "Intra-Community supply")
        add(tax, "ram:BasisAmount", group.base)
        add(tax, "ram:CategoryCode", group.category)
        if group.category == "K":
            add(tax, "ram:ExemptionReasonCode", "VATEX-EU-IC")
        add(tax, "ram:RateApplicablePercent", plain(group.rate))
    terms = add(settlement, "ram:SpecifiedTradePaymentTerms")
    add(terms, "ram:Description", structured(invoice))
    _add_date(writer, add(terms, "ram:DueDateDateTime"), invoice.due)
    sums = add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    add(sums, "ram:LineTotalAmount", invoice.net)
    add(sums, "ram:TaxBasisTotalAmount", invoice.net)
    add(sums, "ram:TaxTotalAmount", invoice.tax, currencyID=invoice.currency)
    add(sums, "ram:GrandTotalAmount", invoice.gross)
    add(sums, "ram:DuePayableAmount", invoice.gross)
