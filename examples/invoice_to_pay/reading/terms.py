"""The business terms of EN 16931 and where each stands in UBL 2.1 and in UN/CEFACT CII (D16B).

This table is the whole mapping: ``structured.py`` interprets it and knows no element by name. Paths of a group's terms
start at the group. Source: EN 16931-3-2 (UBL) and EN 16931-3-3 (CII), and the XRechnung extension for what EN 16931
does not have (BG-DEX, BT-DEX).
"""

import msgspec

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


class Term(msgspec.Struct, frozen=True):
    """One business term: its number, its name in the invoice, its two paths and how its text is read."""

    bt: str
    name: str
    ubl: str
    cii: str
    kind: str = "text"
    """text, note, date, number, indicator, account or count; ``list of text`` where it may occur many times."""


class Group(msgspec.Struct, frozen=True):
    """A business group that may occur many times."""

    bg: str
    name: str
    ubl: str
    cii: str
    terms: tuple[Term, ...]
    groups: tuple["Group", ...] = ()
    again_ubl: str = ""
    """Where the same group stands inside itself, under the same name."""
    again_cii: str = ""


_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SUMMATION = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_TOTAL = "cac:LegalMonetaryTotal"
_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_CII_SELLER = f"{_AGREEMENT}/ram:SellerTradeParty"
_CII_BUYER = f"{_AGREEMENT}/ram:BuyerTradeParty"
_CII_REPRESENTATIVE = f"{_AGREEMENT}/ram:SellerTaxRepresentativeTradeParty"
_CII_PAYEE = f"{_SETTLEMENT}/ram:PayeeTradeParty"
_VAT = "[cac:TaxScheme/cbc:ID='VAT']"
_NOT_VAT = "[not(cac:TaxScheme/cbc:ID='VAT')]"
_DOCUMENT_CURRENCY = "[not(@currencyID) or @currencyID = /*/cbc:DocumentCurrencyCode]"
_CII_CURRENCY = f"[not(@currencyID) or @currencyID = /*/{_SETTLEMENT}/ram:InvoiceCurrencyCode]"
_TYPE_PATH = "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode"
_DATE = "udt:DateTimeString"

DOCUMENT_TERMS: tuple[Term, ...] = (
    Term("BT-1", "number", "cbc:ID", "rsm:ExchangedDocument/ram:ID"),
    Term("BT-2", "issue_date", "cbc:IssueDate", f"rsm:ExchangedDocument/ram:IssueDateTime/{_DATE}", "date"),
    Term("BT-3", "type_code", _TYPE_PATH, "rsm:ExchangedDocument/ram:TypeCode"),
    Term("BT-5", "currency", "cbc:DocumentCurrencyCode", f"{_SETTLEMENT}/ram:InvoiceCurrencyCode"),
    Term(
        "BT-7",
        "tax_point_date",
        "cbc:TaxPointDate",
        f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:TaxPointDate/udt:DateString",
        "date",
    ),
    Term(
        "BT-9",
        "due_date",
        "cbc:DueDate | cac:PaymentMeans/cbc:PaymentDueDate",
        f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/{_DATE}",
        "date",
    ),
    Term("BT-10", "buyer_reference", "cbc:BuyerReference", f"{_AGREEMENT}/ram:BuyerReference"),
    Term(
        "BT-11",
        "project",
        "cac:ProjectReference/cbc:ID",
        f"{_AGREEMENT}/ram:SpecifiedProcuringProject/ram:ID",
    ),
    Term(
        "BT-12",
        "contract",
        "cac:ContractDocumentReference/cbc:ID",
        f"{_AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID",
    ),
    Term(
        "BT-13",
        "order_number",
        "cac:OrderReference/cbc:ID",
        f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
    ),
    Term(
        "BT-14",
        "sales_order",
        "cac:OrderReference/cbc:SalesOrderID",
        f"{_AGREEMENT}/ram:SellerOrderReferencedDocument/ram:IssuerAssignedID",
    ),
    Term(
        "BT-20",
        "payment_terms",
        "cac:PaymentTerms/cbc:Note",
        f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description",
    ),
    Term("BT-22", "notes", "cbc:Note", "rsm:ExchangedDocument/ram:IncludedNote/ram:Content", "list of note"),
    Term(
        "BT-24",
        "guideline",
        "cbc:CustomizationID",
        "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    ),
    Term(
        "BT-25",
        "preceding",
        "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
        f"{_SETTLEMENT}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID",
        "list of text",
    ),
    Term(
        "BT-72",
        "delivery_date",
        "cac:Delivery/cbc:ActualDeliveryDate",
        f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{_DATE}",
        "date",
    ),
    Term(
        "BT-73",
        "period_start",
        "cac:InvoicePeriod/cbc:StartDate",
        f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:StartDateTime/{_DATE}",
        "date",
    ),
    Term(
        "BT-74",
        "period_end",
        "cac:InvoicePeriod/cbc:EndDate",
        f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod/ram:EndDateTime/{_DATE}",
        "date",
    ),
    Term("BT-83", "remittance", "cac:PaymentMeans/cbc:PaymentID", f"{_SETTLEMENT}/ram:PaymentReference"),
    Term(
        "BT-122",
        "attachments",
        "cac:AdditionalDocumentReference[not(cbc:DocumentTypeCode='130' or cbc:DocumentTypeCode='50')]",
        f"{_AGREEMENT}/ram:AdditionalReferencedDocument[ram:TypeCode='916']",
        "count",
    ),
    Term(
        "BT-106", "totals.lines_net", f"{_TOTAL}/cbc:LineExtensionAmount", f"{_SUMMATION}/ram:LineTotalAmount", "number"
    ),
    Term(
        "BT-107",
        "totals.allowances",
        f"{_TOTAL}/cbc:AllowanceTotalAmount",
        f"{_SUMMATION}/ram:AllowanceTotalAmount",
        "number",
    ),
    Term(
        "BT-108", "totals.charges", f"{_TOTAL}/cbc:ChargeTotalAmount", f"{_SUMMATION}/ram:ChargeTotalAmount", "number"
    ),
    Term("BT-109", "totals.net", f"{_TOTAL}/cbc:TaxExclusiveAmount", f"{_SUMMATION}/ram:TaxBasisTotalAmount", "number"),
    Term(
        "BT-110",
        "totals.tax",
        f"cac:TaxTotal/cbc:TaxAmount{_DOCUMENT_CURRENCY}",
        f"{_SUMMATION}/ram:TaxTotalAmount{_CII_CURRENCY}",
        "number",
    ),
    Term("BT-112", "totals.gross", f"{_TOTAL}/cbc:TaxInclusiveAmount", f"{_SUMMATION}/ram:GrandTotalAmount", "number"),
    Term("BT-113", "totals.prepaid", f"{_TOTAL}/cbc:PrepaidAmount", f"{_SUMMATION}/ram:TotalPrepaidAmount", "number"),
    Term(
        "BT-114", "totals.rounding", f"{_TOTAL}/cbc:PayableRoundingAmount", f"{_SUMMATION}/ram:RoundingAmount", "number"
    ),
    Term("BT-115", "totals.payable", f"{_TOTAL}/cbc:PayableAmount", f"{_SUMMATION}/ram:DuePayableAmount", "number"),
)

PARTY_TERMS: tuple[Term, ...] = (
    Term("BT-27", "seller.name", f"{_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName", f"{_CII_SELLER}/ram:Name"),
    Term(
        "BT-28",
        "seller.trading_name",
        f"{_SELLER}/cac:PartyName/cbc:Name",
        f"{_CII_SELLER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName",
    ),
    Term(
        "BT-29",
        "seller.ids",
        f"{_SELLER}/cac:PartyIdentification/cbc:ID[not(@schemeID='SEPA')]",
        f"{_CII_SELLER}/ram:ID | {_CII_SELLER}/ram:GlobalID",
        "list of text",
    ),
    Term(
        "BT-30",
        "seller.legal_id",
        f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyID",
        f"{_CII_SELLER}/ram:SpecifiedLegalOrganization/ram:ID",
    ),
    Term(
        "BT-31",
        "seller.vat_id",
        f"{_SELLER}/cac:PartyTaxScheme{_VAT}/cbc:CompanyID",
        f"{_CII_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    ),
    Term(
        "BT-32",
        "seller.tax_id",
        f"{_SELLER}/cac:PartyTaxScheme{_NOT_VAT}/cbc:CompanyID",
        f"{_CII_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
    ),
    Term(
        "BT-34",
        "seller.electronic_address",
        f"{_SELLER}/cbc:EndpointID",
        f"{_CII_SELLER}/ram:URIUniversalCommunication/ram:URIID",
    ),
    Term(
        "BT-35",
        "seller.street",
        f"{_SELLER}/cac:PostalAddress/cbc:StreetName",
        f"{_CII_SELLER}/ram:PostalTradeAddress/ram:LineOne",
    ),
    Term(
        "BT-37",
        "seller.city",
        f"{_SELLER}/cac:PostalAddress/cbc:CityName",
        f"{_CII_SELLER}/ram:PostalTradeAddress/ram:CityName",
    ),
    Term(
        "BT-38",
        "seller.post_code",
        f"{_SELLER}/cac:PostalAddress/cbc:PostalZone",
        f"{_CII_SELLER}/ram:PostalTradeAddress/ram:PostcodeCode",
    ),
    Term(
        "BT-40",
        "seller.country",
        f"{_SELLER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        f"{_CII_SELLER}/ram:PostalTradeAddress/ram:CountryID",
    ),
    Term(
        "BT-43",
        "seller.email",
        f"{_SELLER}/cac:Contact/cbc:ElectronicMail",
        f"{_CII_SELLER}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
    ),
    Term("BT-44", "buyer.name", f"{_BUYER}/cac:PartyLegalEntity/cbc:RegistrationName", f"{_CII_BUYER}/ram:Name"),
    Term(
        "BT-45",
        "buyer.trading_name",
        f"{_BUYER}/cac:PartyName/cbc:Name",
        f"{_CII_BUYER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName",
    ),
    Term(
        "BT-46",
        "buyer.ids",
        f"{_BUYER}/cac:PartyIdentification/cbc:ID",
        f"{_CII_BUYER}/ram:ID | {_CII_BUYER}/ram:GlobalID",
        "list of text",
    ),
    Term(
        "BT-47",
        "buyer.legal_id",
        f"{_BUYER}/cac:PartyLegalEntity/cbc:CompanyID",
        f"{_CII_BUYER}/ram:SpecifiedLegalOrganization/ram:ID",
    ),
    Term(
        "BT-48",
        "buyer.vat_id",
        f"{_BUYER}/cac:PartyTaxScheme{_VAT}/cbc:CompanyID",
        f"{_CII_BUYER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    ),
    Term(
        "BT-49",
        "buyer.electronic_address",
        f"{_BUYER}/cbc:EndpointID",
        f"{_CII_BUYER}/ram:URIUniversalCommunication/ram:URIID",
    ),
    Term(
        "BT-50",
        "buyer.street",
        f"{_BUYER}/cac:PostalAddress/cbc:StreetName",
        f"{_CII_BUYER}/ram:PostalTradeAddress/ram:LineOne",
    ),
    Term(
        "BT-52",
        "buyer.city",
        f"{_BUYER}/cac:PostalAddress/cbc:CityName",
        f"{_CII_BUYER}/ram:PostalTradeAddress/ram:CityName",
    ),
    Term(
        "BT-53",
        "buyer.post_code",
        f"{_BUYER}/cac:PostalAddress/cbc:PostalZone",
        f"{_CII_BUYER}/ram:PostalTradeAddress/ram:PostcodeCode",
    ),
    Term(
        "BT-55",
        "buyer.country",
        f"{_BUYER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        f"{_CII_BUYER}/ram:PostalTradeAddress/ram:CountryID",
    ),
    Term(
        "BT-58",
        "buyer.email",
        f"{_BUYER}/cac:Contact/cbc:ElectronicMail",
        f"{_CII_BUYER}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
    ),
    Term("BT-59", "payee.name", "cac:PayeeParty/cac:PartyName/cbc:Name", f"{_CII_PAYEE}/ram:Name"),
    Term(
        "BT-61",
        "payee.legal_id",
        "cac:PayeeParty/cac:PartyLegalEntity/cbc:CompanyID",
        f"{_CII_PAYEE}/ram:SpecifiedLegalOrganization/ram:ID",
    ),
    Term(
        "BT-62",
        "tax_representative.name",
        "cac:TaxRepresentativeParty/cac:PartyName/cbc:Name",
        f"{_CII_REPRESENTATIVE}/ram:Name",
    ),
    Term(
        "BT-63",
        "tax_representative.vat_id",
        f"cac:TaxRepresentativeParty/cac:PartyTaxScheme{_VAT}/cbc:CompanyID",
        f"{_CII_REPRESENTATIVE}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    ),
    Term(
        "BT-69",
        "tax_representative.country",
        "cac:TaxRepresentativeParty/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        f"{_CII_REPRESENTATIVE}/ram:PostalTradeAddress/ram:CountryID",
    ),
)
