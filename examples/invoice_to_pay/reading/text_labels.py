"""The words that announce a value on a printed invoice, in English and German.

Per field: words from the clearest to the vaguest. A vaguer one counts only when no clearer one is there, and two
different values under equally clear labels make the field doubtful. Words are regular expressions; ``NO`` is short for
the many ways to say "number".
"""

import msgspec

from .text_values import AMOUNT, CURRENCY, DATE, IBAN, VAT_ID, WORD

_NUMBER = r"(?:number|no\.?|nr\.?|nummer|#|id)"
_IDENTIFIER = rf"(?=[\w./+-]*\d){WORD}"
_LINE_REST = r"\S(?:[^\n]*?\S)?(?=\s{3,}|\s*$)"


class Label(msgspec.Struct, frozen=True):
    """How one field is announced and what its value looks like."""

    term: str
    name: str
    kind: str
    """text, date, amount, account or identifier."""
    value: str
    clear: tuple[str, ...]
    vague: tuple[str, ...] = ()

    def patterns(self) -> tuple[str, ...]:
        """The words as one regular expression per degree of clearness."""
        return tuple("|".join(words).replace("NO", _NUMBER) for words in (self.clear, self.vague) if words)


LABELS: tuple[Label, ...] = (
    Label(
        "BT-1",
        "number",
        "identifier",
        _IDENTIFIER,
        clear=(
            r"(?:tax )?invoice\s*NO",
            r"rechnungs?[ -]?NO",
            r"credit note\s*NO",
            r"gutschrifts?[ -]?NO",
            r"beleg(?:nummer|-?nr\.?)",
        ),
        vague=(r"document\s*NO", r"invoice", r"rechnung", r"credit note", r"gutschrift"),
    ),
    Label(
        "BT-2",
        "issue_date",
        "date",
        DATE,
        clear=(
            r"invoice date",
            r"date of invoice",
            r"issue date",
            r"date of issue",
            r"issued(?: on)?",
            r"credit note date",
            r"rechnungsdatum",
            r"ausstellungsdatum",
            r"gutschriftsdatum",
            r"belegdatum",
        ),
        vague=(r"date", r"datum"),
    ),
    Label(
        "BT-9",
        "due_date",
        "date",
        DATE,
        clear=(
            r"due date",
            r"payment due(?: by| on| date)?",
            r"due(?: by| on)?",
            r"payable by",
            r"pay by",
            r"fälligkeitsdatum",
            r"fällig(?:keit)?(?: am)?",
            r"zahlbar bis(?: zum)?",
            r"zahlungsziel",
        ),
    ),
    Label(
        "BT-72",
        "delivery_date",
        "date",
        DATE,
        clear=(r"delivery date", r"date of (?:supply|delivery)", r"lieferdatum", r"leistungsdatum"),
    ),
    Label(
        "BT-13",
        "order_number",
        "identifier",
        _IDENTIFIER,
        clear=(
            r"(?:your |purchase |customer )?order\s*NO",
            r"p\.?o\.?\s*NO",
            r"purchase order",
            r"your (?:order|reference)",
            r"(?:ihre )?bestell(?:ung)?s?[ -]?NO",
            r"ihre bestellung",
        ),
        vague=(r"order", r"po", r"bestellung", r"auftrags?[ -]?NO"),
    ),
    Label("BT-12", "contract", "identifier", _IDENTIFIER, clear=(r"contract\s*NO", r"vertrags?[ -]?NO")),
    Label("BT-10", "buyer_reference", "identifier", WORD, clear=(r"buyer reference", r"leitweg-?id")),
    Label(
        "BT-48",
        "buyer.vat_id",
        "account",
        VAT_ID,
        clear=(
            r"(?:your|buyer|customer)(?:'s)? vat\s*(?:reg(?:istration)?\.?\s*)?NO",
            r"ihre ust[.-]*\s*id(?:nr|-nr)?\.?",
        ),
    ),
    Label(
        "BT-31",
        "seller.vat_id",
        "account",
        VAT_ID,
        clear=(
            r"(?<!your )(?<!buyer )(?<!customer )(?:our |seller )?vat\s*(?:reg(?:istration)?\.?\s*)?NO",
            r"(?<!ihre )(?:unsere )?ust[.-]*\s*id(?:ent)?(?:nr|-nr)?\.?",
            r"umsatzsteuer-id(?:entifikationsnummer)?(?:nr)?\.?",
            r"uid(?:-nr)?\.?",
            r"vat reg(?:istration)?\.?",
            r"vat",
        ),
    ),
    Label(
        "BT-32",
        "seller.tax_id",
        "identifier",
        r"\d[\d/ ]{6,15}\d",
        clear=(r"steuer[ -]?NO", r"tax\s*NO", r"st\.?-nr\.?"),
    ),
    Label("BT-84", "iban", "account", IBAN, clear=(r"iban",)),
    Label(
        "BT-86",
        "bic",
        "account",
        r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b",
        clear=(r"bic(?:/swift)?", r"swift(?:[ -]code)?"),
    ),
    Label("BT-5", "currency", "account", r"[A-Z]{3}\b", clear=(r"currency", r"währung")),
    Label(
        "BT-20",
        "payment_terms",
        "text",
        _LINE_REST,
        clear=(r"payment terms", r"terms of payment", r"terms", r"zahlungsbedingungen"),
    ),
    Label(
        "BT-27",
        "seller.name",
        "text",
        _LINE_REST,
        clear=(r"seller", r"supplier", r"vendor", r"from", r"verkäufer", r"lieferant", r"rechnungssteller"),
    ),
    Label(
        "BT-44",
        "buyer.name",
        "text",
        _LINE_REST,
        clear=(
            r"bill(?:ed)? to",
            r"invoice to",
            r"sold to",
            r"to",
            r"buyer",
            r"customer",
            r"rechnung an",
            r"rechnungsempfänger",
            r"käufer",
            r"kunde",
        ),
    ),
)

AMOUNT_LABELS: tuple[Label, ...] = (
    Label(
        "BT-109",
        "totals.net",
        "amount",
        AMOUNT,
        clear=(
            r"net total",
            r"total net",
            r"net amount",
            r"(?:total|amount) excl[^\n]{0,20}",
            r"total before (?:vat|tax)",
            r"nettobetrag",
            r"nettosumme",
            r"(?:gesamt|summe|betrag|rechnungsbetrag|total)[ ,(-]*netto\)?",
            r"gesamtnetto(?:betrag)?",
        ),
        vague=(r"sub-?\s?total", r"zwischensumme"),
    ),
    Label(
        "BT-112",
        "totals.gross",
        "amount",
        AMOUNT,
        clear=(
            r"grand total",
            r"total incl[^\n]{0,20}",
            r"gross (?:total|amount)",
            r"total gross",
            r"total amount(?! (?:due|payable))",
            r"invoice total",
            r"gesamtbetrag",
            r"bruttobetrag",
            r"rechnungsbetrag(?! netto)",
            r"endbetrag",
            r"gesamtsumme",
            r"(?:gesamt|summe|betrag|total)[ ,(-]*brutto\)?",
        ),
        vague=(
            r"total(?!\s*(?:net|vat|tax|excl|discount|allow|due|amount))",
            r"gesamt(?!\s*netto)",
            r"summe(?!\s*netto)",
        ),
    ),
    Label(
        "BT-115",
        "totals.payable",
        "amount",
        AMOUNT,
        clear=(
            r"(?:total )?amount (?:due|payable)",
            r"balance due",
            r"total due",
            r"payable",
            r"to pay",
            r"zahlbetrag",
            r"zu zahlen(?:der betrag)?",
        ),
    ),
    Label(
        "BT-113",
        "totals.prepaid",
        "amount",
        AMOUNT,
        clear=(r"already paid", r"paid in advance", r"prepaid", r"deposit", r"anzahlung", r"bereits gezahlt"),
    ),
    Label("BT-107", "totals.allowances", "amount", AMOUNT, clear=(r"discount", r"rabatt", r"nachlass")),
    Label(
        "BT-108",
        "totals.charges",
        "amount",
        AMOUNT,
        clear=(r"shipping", r"freight", r"delivery charge", r"versand(?:kosten)?", r"fracht"),
    ),
)

_TAX_WORD = r"(?:vat|mwst|ust|umsatzsteuer|mehrwertsteuer|value added tax|sales tax|tax)\b\.?"
_RATE = r"\d{1,2}(?:[.,]\d{1,2})?"
VAT_LINE = (
    rf"(?:^\s*+|(?<=\s\s\s)(?=\S))(?:plus|zzgl\.?|\+|includes|incl\.)?\s*(?:(?P<before>{_RATE})\s*%\s*)?(?:total\s+)?{_TAX_WORD}"
    rf"(?!\s*(?:id|no|nr|number|reg|nummer))[^\n%\d]{{0,20}}(?:(?P<after>{_RATE})\s*%)?"
    rf"(?P<between>[^\n]*?)(?P<tax>{AMOUNT})\s*+(?:{CURRENCY})?\s*+$"
)
"""One line of the VAT breakdown: ``VAT 19 % of 100.00   19.00``, ``zzgl. 19 % MwSt. 19,00``.

It starts the line or stands apart. White space is never given back (``*+``): on a line of spaces that would take for
ever.
"""

ZERO_RATED: tuple[tuple[str, str], ...] = (
    (r"reverse[ -]charge|steuerschuldnerschaft des leistungsempfängers", "AE"),
    (r"intra-?community supply|innergemeinschaftliche lieferung", "K"),
    (r"export (?:delivery|outside)|ausfuhrlieferung", "G"),
    (r"exempt from vat|vat exempt|steuerbefreit|steuerfrei|kleinunternehmer", "E"),
)
"""Why no VAT is charged, and the category (UNCL 5305) that it means."""

TITLES = r"(?:tax |proforma )?invoice|rechnung|credit note|gutschrift|page\b.*|seite\b.*"
CREDIT_NOTE_TITLE = r"^[ \t]*+(?:credit note|gutschrift|rechnungskorrektur)\b"

COLUMNS: tuple[tuple[str, str], ...] = (
    (
        "unit_price",
        r"unit\s*(?:price|cost)|price(?:/unit)?|rate(?!\s*%)|einzelpreis|e-?preis|preis(?:/einh(?:eit|\.)?)?|stückpreis",
    ),
    (
        "seller_item",
        r"item\s*(?:no\.?|number|id|code)|article(?:\s*(?:no\.?|number))?|sku|art(?:ikel)?[.-]*\s*(?:nr\.?|nummer)|item|artikel",
    ),
    ("order_line", r"order line|po line|bestellpos(?:ition|\.)?|best\.?-?pos\.?"),
    ("quantity", r"qty\.?|quantity|menge|anzahl"),
    ("unit", r"unit(?!\s*(?:price|cost))|uom|einheit|einh\.?|me"),
    ("vat_rate", r"vat(?:\s*(?:%|rate))?|tax(?:\s*(?:%|rate))?|ust\.?(?:\s*%)?|mwst\.?(?:\s*%)?"),
    ("net", r"(?:line |net )?(?:total|amount)|net(?:to)?(?:betrag|preis)?|gesamt(?:preis|betrag)?|betrag|summe"),
    ("name", r"description|designation|product|service|bezeichnung|beschreibung|leistung|text"),
    ("id", r"pos(?:ition|\.)?|line|#|nr\.?|no\.?"),
)
"""The columns of the table of lines by the words in its header, the longer words before those that they contain."""
