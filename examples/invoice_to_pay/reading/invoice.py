"""The invoice as every later step sees it, whatever syntax it came in.

The fields are the business terms of EN 16931 (the BT numbers in the docstrings), named for people. Money, quantities
and rates are exact decimals; ``None`` means that the document does not say, which is not the same as zero. Dates become
ISO 8601 strings when an invoice travels as data, and :func:`from_data` reads them back.
"""

from datetime import date
from decimal import Decimal

import msgspec

CREDIT_NOTE_CODES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
"""Document type codes (UNTDID 1001, the subset of EN 16931) that ask for money back."""

CORRECTED_CODE = "384"


class Allowance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An allowance or, when ``charge`` is set, a charge (BG-20, BG-21 of the document; BG-27, BG-28 of a line)."""

    charge: bool = False
    amount: Decimal = Decimal(0)
    base: Decimal | None = None
    percent: Decimal | None = None
    reason: str = ""
    reason_code: str = ""
    vat_category: str = ""
    vat_rate: Decimal | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice line (BG-25)."""

    id: str = ""
    """BT-126."""
    seller_item: str = ""
    """BT-155: the seller's number of the article."""
    buyer_item: str = ""
    """BT-156."""
    standard_item: str = ""
    """BT-157: a registered number, usually a GTIN."""
    name: str = ""
    """BT-153."""
    description: str = ""
    """BT-154."""
    quantity: Decimal | None = None
    """BT-129."""
    unit: str = ""
    """BT-130: a code of UN/ECE Recommendation 20 where the document is structured."""
    unit_price: Decimal | None = None
    """BT-146: net, after the price discount, for ``base_quantity`` units."""
    base_quantity: Decimal = Decimal(1)
    """BT-149."""
    net: Decimal | None = None
    """BT-131."""
    vat_category: str = ""
    """BT-151."""
    vat_rate: Decimal | None = None
    """BT-152, per cent."""
    order_line: str = ""
    """BT-132."""
    allowances: tuple[Allowance, ...] = ()
    period_start: date | None = None
    """BT-134."""
    period_end: date | None = None
    """BT-135."""
    note: str = ""
    """BT-127."""
    lines: tuple["Line", ...] = ()
    """BG-DEX-01: the lines below this one, in the XRechnung extension; already contained in ``net``."""

    @property
    def item(self) -> str:
        """The article's number, the seller's own if there is one."""
        return self.seller_item or self.standard_item or self.buyer_item


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The seller (BG-4), the buyer (BG-7), the payee (BG-10) or the seller's tax representative (BG-11)."""

    name: str = ""
    trading_name: str = ""
    vat_id: str = ""
    tax_id: str = ""
    """The local tax number (BT-32)."""
    legal_id: str = ""
    ids: tuple[str, ...] = ()
    """Other identifiers (BT-29, BT-46)."""
    street: str = ""
    city: str = ""
    post_code: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""
    email: str = ""
    electronic_address: str = ""
    ibans: tuple[str, ...] = ()
    """Of the seller: every account that the invoice asks to be paid to, without spaces."""


class VatLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the VAT breakdown (BG-23)."""

    category: str = ""
    rate: Decimal | None = None
    taxable: Decimal | None = None
    tax: Decimal | None = None
    exemption_reason: str = ""
    exemption_code: str = ""


class ThirdPartyPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A claim of a third party collected with the invoice (BG-DEX-09 of the XRechnung extension)."""

    type: str = ""
    amount: Decimal = Decimal(0)
    description: str = ""


class Totals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The document totals (BG-22)."""

    lines_net: Decimal | None = None
    """BT-106."""
    allowances: Decimal = Decimal(0)
    """BT-107."""
    charges: Decimal = Decimal(0)
    """BT-108."""
    net: Decimal | None = None
    """BT-109: without VAT."""
    tax: Decimal | None = None
    """BT-110: the VAT, in the invoice's currency."""
    gross: Decimal | None = None
    """BT-112: with VAT."""
    prepaid: Decimal = Decimal(0)
    """BT-113."""
    rounding: Decimal = Decimal(0)
    """BT-114."""
    payable: Decimal | None = None
    """BT-115."""


class PaymentMeans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How to pay (BG-16)."""

    code: str = ""
    """BT-81, e.g. 58 for a SEPA credit transfer and 59 for a SEPA direct debit."""
    iban: str = ""
    """BT-84, without spaces; whatever account number the seller gives where it is no IBAN."""
    bic: str = ""
    account_name: str = ""
    debited_iban: str = ""
    """BT-91: the buyer's account, for direct debits."""


class Discount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may be deducted for early payment: a percentage of a base, or an amount."""

    percent: Decimal = Decimal(0)
    amount: Decimal | None = None
    """What may be deducted where the document states it as money; ``percent`` is then 0."""
    base: Decimal | None = None
    """The amount that the percentage is taken of; ``None``: the amount payable."""
    days: int | None = None
    """After the date of the invoice; ``None`` where the document states the last day."""
    last_day: date | None = None


class Invoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice or credit note. Amounts of a credit note are positive, as the standard wants them."""

    number: str = ""
    """BT-1."""
    type_code: str = ""
    """BT-3 (UNTDID 1001)."""
    kind: str = "invoice"
    """What the document is, see ``document_types.KINDS``: only an "invoice" may be paid as it stands."""
    issue_date: date | None = None
    """BT-2."""
    due_date: date | None = None
    """BT-9."""
    tax_point_date: date | None = None
    """BT-7."""
    delivery_date: date | None = None
    """BT-72."""
    period_start: date | None = None
    """BT-73."""
    period_end: date | None = None
    """BT-74."""
    currency: str = ""
    """BT-5 (ISO 4217)."""
    order_number: str = ""
    """BT-13."""
    sales_order: str = ""
    """BT-14."""
    contract: str = ""
    """BT-12."""
    project: str = ""
    """BT-11."""
    buyer_reference: str = ""
    """BT-10."""
    preceding: tuple[str, ...] = ()
    """BT-25: the invoices that this one corrects or credits."""
    guideline: str = ""
    """BT-24: the specification that the document says it follows."""
    seller: Party = Party()
    buyer: Party = Party()
    payee: Party = Party()
    tax_representative: Party = Party()
    lines: tuple[Line, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    vat: tuple[VatLine, ...] = ()
    totals: Totals = Totals()
    third_party_payments: tuple[ThirdPartyPayment, ...] = ()
    payment: tuple[PaymentMeans, ...] = ()
    remittance: str = ""
    """BT-83: what the seller wants to read on the statement."""
    payment_terms: str = ""
    """BT-20."""
    discounts: tuple[Discount, ...] = ()
    """What the terms grant without a doubt, the earliest last day first."""
    terms_question: str = ""
    """Why a person must read the terms: a discount is named, but not whether, when or on what it is granted."""
    settlement: str = "transfer"
    """transfer, direct debit, card, cash, cheque, clearing, paid, do not pay, or "unclear" when the document says
    several things, or what we do not know."""
    settlement_text: str = ""
    """The words or the code (UNCL 4461) that say so."""
    notes: tuple[str, ...] = ()
    attachments: int = 0
    """How many supporting documents are embedded or linked (BG-24)."""


def kind_of(type_code: str) -> str:
    """invoice, credit note or corrected invoice, by the document type code."""
    if type_code in CREDIT_NOTE_CODES:
        return "credit note"
    return "corrected invoice" if type_code == CORRECTED_CODE else "invoice"


def from_data(data: object) -> Invoice:
    """The invoice of its plain data, as a process variable holds it; raises ``msgspec.ValidationError``."""
    return msgspec.convert(data, Invoice)
