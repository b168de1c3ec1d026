"""The groups of EN 16931 that may occur many times: lines, allowances and charges, VAT breakdown, payment means.

The second half of the table in ``terms.py``, in the same form.
"""

from .terms import Group, Term

_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_LINE_DOCUMENT = "ram:AssociatedDocumentLineDocument"
_PRODUCT = "ram:SpecifiedTradeProduct"
_LINE_AGREEMENT = "ram:SpecifiedLineTradeAgreement"
_LINE_SETTLEMENT = "ram:SpecifiedLineTradeSettlement"
_LINE_PERIOD = f"{_LINE_SETTLEMENT}/ram:BillingSpecifiedPeriod"
_LINE_TAX = f"{_LINE_SETTLEMENT}/ram:ApplicableTradeTax"
_QUANTITY = "cbc:InvoicedQuantity | cbc:CreditedQuantity"
_UNIT = "cbc:InvoicedQuantity/@unitCode | cbc:CreditedQuantity/@unitCode"
_BILLED = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
_BASE_QUANTITY = (
    f"{_LINE_AGREEMENT}/ram:NetPriceProductTradePrice/ram:BasisQuantity | "
    f"{_LINE_AGREEMENT}[not(ram:NetPriceProductTradePrice/ram:BasisQuantity)]"
    "/ram:GrossPriceProductTradePrice/ram:BasisQuantity"
)
_ACCOUNT = "cac:PayeeFinancialAccount"
_CII_ACCOUNT = "ram:PayeePartyCreditorFinancialAccount"


def _allowances(bg: str, cii: str, amount: str, base: str, percent: str, reason: str, code: str) -> Group:
    """An allowance and a charge differ by the indicator alone, in the document as on a line."""
    return Group(
        bg,
        "allowances",
        "cac:AllowanceCharge",
        cii,
        (
            Term("", "charge", "cbc:ChargeIndicator", "ram:ChargeIndicator/udt:Indicator", "indicator"),
            Term(amount, "amount", "cbc:Amount", "ram:ActualAmount", "number"),
            Term(base, "base", "cbc:BaseAmount", "ram:BasisAmount", "number"),
            Term(percent, "percent", "cbc:MultiplierFactorNumeric", "ram:CalculationPercent", "number"),
            Term(reason, "reason", "cbc:AllowanceChargeReason", "ram:Reason"),
            Term(code, "reason_code", "cbc:AllowanceChargeReasonCode", "ram:ReasonCode"),
            Term("BT-95", "vat_category", "cac:TaxCategory/cbc:ID", "ram:CategoryTradeTax/ram:CategoryCode"),
            Term(
                "BT-96",
                "vat_rate",
                "cac:TaxCategory/cbc:Percent",
                "ram:CategoryTradeTax/ram:RateApplicablePercent",
                "number",
            ),
        ),
    )


LINES = Group(
    "BG-25",
    "lines",
    "cac:InvoiceLine | cac:CreditNoteLine",
    "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem",
    (
        Term("BT-126", "id", "cbc:ID", f"{_LINE_DOCUMENT}/ram:LineID"),
        Term("BT-127", "note", "cbc:Note", f"{_LINE_DOCUMENT}/ram:IncludedNote/ram:Content"),
        Term("BT-129", "quantity", _QUANTITY, _BILLED, "number"),
        Term("BT-130", "unit", _UNIT, f"{_BILLED}/@unitCode"),
        Term(
            "BT-131",
            "net",
            "cbc:LineExtensionAmount",
            f"{_LINE_SETTLEMENT}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
            "number",
        ),
        Term(
            "BT-132",
            "order_line",
            "cac:OrderLineReference/cbc:LineID",
            f"{_LINE_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:LineID",
        ),
        Term(
            "BT-134",
            "period_start",
            "cac:InvoicePeriod/cbc:StartDate",
            f"{_LINE_PERIOD}/ram:StartDateTime/udt:DateTimeString",
            "date",
        ),
        Term(
            "BT-135",
            "period_end",
            "cac:InvoicePeriod/cbc:EndDate",
            f"{_LINE_PERIOD}/ram:EndDateTime/udt:DateTimeString",
            "date",
        ),
        Term(
            "BT-146",
            "unit_price",
            "cac:Price/cbc:PriceAmount",
            f"{_LINE_AGREEMENT}/ram:NetPriceProductTradePrice/ram:ChargeAmount",
            "number",
        ),
        Term("BT-149", "base_quantity", "cac:Price/cbc:BaseQuantity", _BASE_QUANTITY, "number"),
        Term("BT-151", "vat_category", "cac:Item/cac:ClassifiedTaxCategory/cbc:ID", f"{_LINE_TAX}/ram:CategoryCode"),
        Term(
            "BT-152",
            "vat_rate",
            "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
            f"{_LINE_TAX}/ram:RateApplicablePercent",
            "number",
        ),
        Term("BT-153", "name", "cac:Item/cbc:Name", f"{_PRODUCT}/ram:Name"),
        Term("BT-154", "description", "cac:Item/cbc:Description", f"{_PRODUCT}/ram:Description"),
        Term(
            "BT-155",
            "seller_item",
            "cac:Item/cac:SellersItemIdentification/cbc:ID",
            f"{_PRODUCT}/ram:SellerAssignedID",
        ),
        Term("BT-156", "buyer_item", "cac:Item/cac:BuyersItemIdentification/cbc:ID", f"{_PRODUCT}/ram:BuyerAssignedID"),
        Term("BT-157", "standard_item", "cac:Item/cac:StandardItemIdentification/cbc:ID", f"{_PRODUCT}/ram:GlobalID"),
    ),
    groups=(
        _allowances(
            "BG-27",
            f"{_LINE_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge",
            "BT-136",
            "BT-137",
            "BT-138",
            "BT-139",
            "BT-140",
        ),
    ),
    again_ubl="cac:SubInvoiceLine",
)

DOCUMENT_GROUPS: tuple[Group, ...] = (
    LINES,
    _allowances(
        "BG-20",
        f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge",
        "BT-92",
        "BT-93",
        "BT-94",
        "BT-97",
        "BT-98",
    ),
    Group(
        "BG-23",
        "vat",
        "cac:TaxTotal/cac:TaxSubtotal",
        f"{_SETTLEMENT}/ram:ApplicableTradeTax",
        (
            Term("BT-116", "taxable", "cbc:TaxableAmount", "ram:BasisAmount", "number"),
            Term("BT-117", "tax", "cbc:TaxAmount", "ram:CalculatedAmount", "number"),
            Term("BT-118", "category", "cac:TaxCategory/cbc:ID", "ram:CategoryCode"),
            Term("BT-119", "rate", "cac:TaxCategory/cbc:Percent", "ram:RateApplicablePercent", "number"),
            Term("BT-120", "exemption_reason", "cac:TaxCategory/cbc:TaxExemptionReason", "ram:ExemptionReason"),
            Term("BT-121", "exemption_code", "cac:TaxCategory/cbc:TaxExemptionReasonCode", "ram:ExemptionReasonCode"),
        ),
    ),
    Group(
        "BG-16",
        "payment",
        "cac:PaymentMeans",
        f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans",
        (
            Term("BT-81", "code", "cbc:PaymentMeansCode", "ram:TypeCode"),
            Term(
                "BT-84",
                "iban",
                f"{_ACCOUNT}/cbc:ID",
                f"{_CII_ACCOUNT}/ram:IBANID | {_CII_ACCOUNT}[not(ram:IBANID)]/ram:ProprietaryID",
                "account",
            ),
            Term("BT-85", "account_name", f"{_ACCOUNT}/cbc:Name", f"{_CII_ACCOUNT}/ram:AccountName"),
            Term(
                "BT-86",
                "bic",
                f"{_ACCOUNT}/cac:FinancialInstitutionBranch/cbc:ID",
                "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID",
            ),
            Term(
                "BT-91",
                "debited_iban",
                "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID",
                "ram:PayerPartyDebtorFinancialAccount/ram:IBANID",
                "account",
            ),
        ),
    ),
    Group(
        "BG-DEX-09",
        "third_party_payments",
        "cac:PrepaidPayment",
        "",
        (
            Term("BT-DEX-001", "type", "cbc:ID", ""),
            Term("BT-DEX-002", "amount", "cbc:PaidAmount", "", "number"),
            Term("BT-DEX-003", "description", "cbc:InstructionID", ""),
        ),
    ),
)
