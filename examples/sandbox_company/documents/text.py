"""Printed invoices: PDF pages with nothing but text, in four layouts (two German, two English).

A layout is a function from an invoice to rows; a row is a list of cells with a position. Rows are drawn from top to
bottom and cells from left to right, because readers of PDFs see text in the order in which it was drawn.
"""

import io
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

import msgspec

from sandbox_company.documents.markup import plain
from sandbox_company.documents.terms import sentence
from sandbox_company.invoice import Invoice, Line, VatGroup

_TOP_MM, _BOTTOM_MM, _STEP_MM = 280.0, 20.0, 5.5


class Cell(msgspec.Struct, frozen=True):
    x: float
    """Millimetres from the left; the right end when aligned right."""
    text: str
    right: bool = False
    bold: bool = False


Row = list[Cell]
_BLANK: Row = []
_UNITS_GERMAN = {"C62": "Stk", "HUR": "Std", "KGM": "kg", "MTR": "m", "XPK": "Pack"}
_UNITS_ENGLISH = {"C62": "pcs", "HUR": "hrs", "KGM": "kg", "MTR": "m", "XPK": "pack"}


def render(invoice: Invoice, layout: int) -> bytes:
    """The PDF. The layout chooses among those of the invoice's language."""
    return draw(rows(invoice, layout))


def rows(invoice: Invoice, layout: int) -> Iterable[Row]:
    """What is printed, from top to bottom."""
    choices = _LAYOUTS[invoice.language]
    return choices[layout % len(choices)](invoice)


def draw(printed: Iterable[Row]) -> bytes:
    """The rows on as many A4 pages as they need."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(210 * mm, 297 * mm), invariant=1)
    y = _TOP_MM
    for row in printed:
        if y < _BOTTOM_MM:
            canvas.showPage()
            y = _TOP_MM
        for cell in row:
            canvas.setFont("Helvetica-Bold" if cell.bold else "Helvetica", 9)
            put = canvas.drawRightString if cell.right else canvas.drawString
            put(cell.x * mm, y * mm, cell.text)
        y -= _STEP_MM
    canvas.save()
    return target.getvalue()


def _german_letter(invoice: Invoice) -> Iterable[Row]:
    seller, buyer = invoice.seller, invoice.buyer
    yield [Cell(20, seller.name, bold=True)]
    yield [Cell(20, f"{seller.street}, {_place(seller.country, seller.postcode, seller.town)}")]
    yield [Cell(20, f"USt-IdNr.: {seller.vat_id}"), Cell(90, f"Tel.: {seller.phone}")]
    yield _BLANK
    yield [Cell(20, f"Rechnung an: {buyer.name}")]
    yield [Cell(20, f"{buyer.street}, {buyer.postcode} {buyer.town}")]
    yield _BLANK
    yield [Cell(20, "RECHNUNG", bold=True)]
    yield [Cell(20, f"Rechnungsnummer: {invoice.number}")]
    yield [Cell(20, f"Rechnungsdatum: {_german_date(invoice.issued)}")]
    yield [Cell(20, f"Lieferdatum: {_german_date(invoice.delivered)}")]
    if invoice.order:
        yield [Cell(20, f"Bestellnummer: {invoice.order}")]
    yield [Cell(20, f"Ihre USt-IdNr.: {buyer.vat_id}")]
    yield _BLANK
    heads = ("Pos.", "Best.-Pos.", "Art.-Nr.", "Bezeichnung", "Menge", "Einheit", "Einzelpreis", "USt", "Gesamt")
    places = (20, 30, 48, 68, 128, 132, 160, 174, 192)
    rights = (4, 6, 7, 8)
    yield _table_row(heads, places, rights, bold=True)
    for line in invoice.lines:
        yield _table_row(_cells(line, _german_number, _UNITS_GERMAN), places, rights)
    yield _BLANK
    yield _sum("Summe netto", _german_number(invoice.net), "EUR")
    for group in _taxed(invoice):
        label = f"zzgl. {plain(group.rate)} % USt auf {_german_number(group.base)} EUR"
        yield _sum(label, _german_number(group.tax), "EUR")
    yield _sum("Rechnungsbetrag", _german_number(invoice.gross), "EUR", bold=True)
    yield from _note_german(invoice)
    yield [Cell(20, f"Zahlbar bis: {_german_date(invoice.due)}")]
    yield [Cell(20, sentence(invoice))]
    yield [Cell(20, f"Bankverbindung: {seller.name}")]
    yield [Cell(20, f"IBAN: {_grouped(invoice.iban)}")]


def _german_form(invoice: Invoice) -> Iterable[Row]:
    seller, buyer = invoice.seller, invoice.buyer
    yield [Cell(20, f"Rechnung Nr. {invoice.number}", bold=True), Cell(130, f"Datum: {_german_date(invoice.issued)}")]
    yield _BLANK
    yield [Cell(20, f"Rechnungssteller: {seller.name}")]
    yield [Cell(20, f"{seller.street}, {_place(seller.country, seller.postcode, seller.town)}")]
    yield [Cell(20, f"USt-ID: {seller.vat_id}")]
    yield _BLANK
    yield [Cell(20, f"Rechnungsempfänger: {buyer.name}")]
    yield [Cell(20, f"{buyer.street}, {buyer.postcode} {buyer.town}")]
    yield [Cell(20, f"Ihre USt-ID: {buyer.vat_id}")]
    yield _BLANK
    if invoice.order:
        yield [Cell(20, f"Ihre Bestellung: {invoice.order}")]
    yield [Cell(20, f"Leistungsdatum: {_german_date(invoice.delivered)}")]
    yield [Cell(20, f"Fällig am: {_german_date(invoice.due)}")]
    yield _BLANK
    heads = (
        "Pos.",
        "Bestellposition",
        "Art.-Nr.",
        "Beschreibung",
        "Anzahl",
        "Einheit",
        "Stückpreis",
        "MwSt",
        "Betrag EUR",
    )
    places = (20, 30, 58, 76, 130, 134, 162, 174, 194)
    rights = (4, 6, 7, 8)
    yield _table_row(heads, places, rights, bold=True)
    for line in invoice.lines:
        yield _table_row(_cells(line, _german_number, _UNITS_GERMAN), places, rights)
    yield _BLANK
    yield _sum("Nettobetrag", _german_number(invoice.net), "EUR")
    for group in _taxed(invoice):
        label = f"MwSt {plain(group.rate)} % (Basis {_german_number(group.base)})"
        yield _sum(label, _german_number(group.tax), "EUR")
    yield _sum("Gesamtbetrag", _german_number(invoice.gross), "EUR", bold=True)
    yield from _note_german(invoice)
    yield [Cell(20, f"Zahlungsbedingungen: {sentence(invoice)}")]
    yield [Cell(20, f"Bitte überweisen Sie auf das Konto IBAN {_grouped(invoice.iban)}")]


def _english_letter(invoice: Invoice) -> Iterable[Row]:
    seller, buyer = invoice.seller, invoice.buyer
    yield [Cell(20, seller.name, bold=True)]
    yield [Cell(20, f"{seller.street}, {_place(seller.country, seller.postcode, seller.town)}")]
    yield [Cell(20, f"VAT ID: {seller.vat_id}"), Cell(90, f"Phone: {seller.phone}")]
    yield _BLANK
    yield [Cell(20, "INVOICE", bold=True)]
    yield [Cell(20, f"Invoice number: {invoice.number}")]
    yield [Cell(20, f"Invoice date: {invoice.issued.isoformat()}")]
    yield [Cell(20, f"Delivery date: {invoice.delivered.isoformat()}")]
    yield [Cell(20, f"Due date: {invoice.due.isoformat()}")]
    if invoice.order:
        yield [Cell(20, f"Purchase order: {invoice.order}")]
    yield [Cell(20, "Currency: EUR")]
    yield _BLANK
    yield [Cell(20, f"Bill to: {buyer.name}")]
    yield [Cell(20, f"{buyer.street}, {buyer.postcode} {buyer.town}")]
    yield [Cell(20, f"Customer VAT ID: {buyer.vat_id}")]
    yield _BLANK
    heads = ("No.", "PO line", "Item", "Description", "Qty", "Unit", "Unit price", "VAT", "Amount")
    places = (20, 30, 48, 68, 128, 132, 160, 174, 192)
    rights = (4, 6, 7, 8)
    yield _table_row(heads, places, rights, bold=True)
    for line in invoice.lines:
        yield _table_row(_cells(line, _english_number, _UNITS_ENGLISH), places, rights)
    yield _BLANK
    yield _sum("Subtotal", _english_number(invoice.net), "EUR")
    for group in _taxed(invoice):
        label = f"VAT {plain(group.rate)} % on {_english_number(group.base)}"
        yield _sum(label, _english_number(group.tax), "EUR")
    yield _sum("Total due", _english_number(invoice.gross), "EUR", bold=True)
    yield from _note_english(invoice)
    yield [Cell(20, f"Terms: {sentence(invoice)}")]
    yield [Cell(20, f"Please pay to IBAN: {_grouped(invoice.iban)}")]


def _english_form(invoice: Invoice) -> Iterable[Row]:
    seller, buyer = invoice.seller, invoice.buyer
    yield [Cell(20, "Tax invoice", bold=True), Cell(120, f"Invoice no. {invoice.number}", bold=True)]
    yield _BLANK
    yield [Cell(20, f"Supplier: {seller.name}")]
    yield [Cell(20, f"{seller.street}, {_place(seller.country, seller.postcode, seller.town)}")]
    yield [Cell(20, f"VAT no. {seller.vat_id}")]
    yield _BLANK
    yield [Cell(20, f"Customer: {buyer.name}")]
    yield [Cell(20, f"{buyer.street}, {buyer.postcode} {buyer.town}")]
    yield [Cell(20, f"Your VAT no. {buyer.vat_id}")]
    yield _BLANK
    yield [Cell(20, f"Date: {_english_date(invoice.issued)}"), Cell(110, f"Due: {_english_date(invoice.due)}")]
    yield [Cell(20, f"Date of delivery: {_english_date(invoice.delivered)}")]
    if invoice.order:
        yield [Cell(20, f"Your order no.: {invoice.order}")]
    yield _BLANK
    heads = ("Line", "Order line", "Article", "Description", "Quantity", "UoM", "Price", "VAT %", "Net EUR")
    places = (20, 30, 50, 70, 130, 134, 162, 176, 194)
    rights = (4, 6, 7, 8)
    yield _table_row(heads, places, rights, bold=True)
    for line in invoice.lines:
        yield _table_row(_cells(line, _english_number, _UNITS_ENGLISH), places, rights)
    yield _BLANK
    yield _sum("Net total", _english_number(invoice.net), "EUR")
    for group in _taxed(invoice):
        label = f"VAT at {plain(group.rate)} % (base {_english_number(group.base)})"
        yield _sum(label, _english_number(group.tax), "EUR")
    yield _sum("Amount payable", _english_number(invoice.gross), "EUR", bold=True)
    yield from _note_english(invoice)
    yield [Cell(20, f"Payment terms: {sentence(invoice)}")]
    yield [Cell(20, f"Please pay to the account with IBAN {_grouped(invoice.iban)}")]


_LAYOUTS: dict[str, tuple[Callable[[Invoice], Iterable[Row]], ...]] = {
    "de": (_german_letter, _german_form),
    "en": (_english_letter, _english_form),
}


def _cells(line: Line, number: Callable[[Decimal], str], units: dict[str, str]) -> tuple[str, ...]:
    quantity = number(line.quantity)
    if line.quantity == line.quantity.to_integral_value():
        quantity = quantity.partition("," if number is _german_number else ".")[0]
    return (
        str(line.number),
        line.order_line or "-",
        line.item,
        line.description,
        quantity,
        units[line.unit],
        number(line.unit_price),
        f"{plain(line.vat_rate)} %",
        number(line.net),
    )


def _table_row(cells: tuple[str, ...], places: tuple[int, ...], rights: tuple[int, ...], *, bold: bool = False) -> Row:
    pairs = zip(cells, places, strict=True)
    return [Cell(place, text, right=number in rights, bold=bold) for number, (text, place) in enumerate(pairs)]


def _sum(label: str, amount: str, currency: str, *, bold: bool = False) -> Row:
    return [Cell(100, label, bold=bold), Cell(184, amount, right=True, bold=bold), Cell(186, currency, bold=bold)]


def _taxed(invoice: Invoice) -> Iterable[VatGroup]:
    """The rates to print; where no tax is charged, the note says why."""
    return (group for group in invoice.vat if group.rate)


def _note_german(invoice: Invoice) -> Iterable[Row]:
    if any(group.category == "K" for group in invoice.vat):
        yield [Cell(20, "Steuerfreie innergemeinschaftliche Lieferung.")]
    yield _BLANK


def _note_english(invoice: Invoice) -> Iterable[Row]:
    if any(group.category == "K" for group in invoice.vat):
        yield [Cell(20, "Intra-Community supply, exempt from VAT.")]
    yield _BLANK


def _place(country: str, postcode: str, town: str) -> str:
    return f"{postcode} {town}" if country == "DE" else f"{country}-{postcode} {town}"


def _grouped(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _german_date(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _english_date(day: date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _english_number(value: Decimal) -> str:
    return f"{value:,.2f}"


def _german_number(value: Decimal) -> str:
    return _english_number(value).translate(str.maketrans(",.", ".,"))
