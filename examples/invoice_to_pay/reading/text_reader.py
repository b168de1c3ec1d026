"""Reads an invoice from laid-out text, deterministically: labels, a table of lines, and arithmetic as the judge.

The confidence is earned, not assumed. Half of it is what was found of the fields that an invoice cannot do without; the
other half is arithmetic that agrees (lines, sum, VAT), which a misread figure would break. Doubtful fields cost extra.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from .document import TEXT_CHARACTERS_MAX, TEXT_LINE_CHARACTERS_MAX, TEXT_LINES_MAX, Field, Reading, UnreadableInvoice
from .invoice import Discount, Invoice, Line, Party, PaymentMeans, Totals, VatLine, kind_of
from .payment_terms import read_discounts
from .pdf import PageText
from .text_confidence import judge
from .text_labels import AMOUNT_LABELS, CREDIT_NOTE_TITLE, LABELS, TITLES, VAT_LINE, ZERO_RATED, Label
from .text_table import Cell, Row, Table, TextLine, cell_number, find_table
from .text_values import CURRENCIES, CURRENCY, IBAN, decimal_comma, read_date, read_number

_DOUBT = 0.5
_ANY_LABEL = re.compile("|".join(words for label in LABELS for words in label.patterns()), re.IGNORECASE)
_VAT_LINE = re.compile(VAT_LINE, re.IGNORECASE)
_CANDIDATES_MAX = 50
"""Of one label; a real invoice repeats a label once a page."""
_NOTHING = ("-", "–", "n/a")
"""How an empty cell is printed."""
_GAP = re.compile(r"\s{0,60}[:#]?\s{0,60}")
_GAP_BEFORE_TEXT = re.compile(r"\s{0,60}:\s{0,60}|\s{2,60}")
"""Free text needs a clearer sign than one space that what stands before it is its label."""
_FIELDS_MIN = 3
"""With fewer of the labels below on it, a text is no invoice."""


def read_text(text: str, name: str, syntax: str, pages: Sequence[PageText]) -> Reading:
    """Read laid-out text; raises :class:`UnreadableInvoice` when it does not look like an invoice at all."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise UnreadableInvoice(name, f"the text has more than {TEXT_CHARACTERS_MAX:,} characters; no invoice has")
    if text.count("\n") > TEXT_LINES_MAX:
        raise UnreadableInvoice(name, f"the text has more than {TEXT_LINES_MAX:,} lines; no invoice has")
    return _TextReader(text, pages).read(name, syntax)


class _TextReader:
    """Gathers the fields of one text."""

    def __init__(self, text: str, pages: Sequence[PageText]) -> None:
        self.text = text
        self.pages = pages
        self.comma = decimal_comma(text)
        self.fields: list[Field] = []
        self.problems: list[str] = []
        self.values: dict[str, Any] = {}
        self.lines: list[TextLine] = []
        position = 0
        for number, line in enumerate(text.split("\n")):
            self.lines.append(TextLine(line[:TEXT_LINE_CHARACTERS_MAX].rstrip("\r\f"), position, number))
            position += len(line) + 1

    def read(self, name: str, syntax: str) -> Reading:
        table = find_table(self.lines, self.comma)
        outside = [line for line in self.lines if line.number not in table.lines]
        for label in LABELS:
            self._read_label(label, outside)
        vat = self._read_vat(outside)
        for label in AMOUNT_LABELS:
            self._read_label(label, outside)
        self._read_unlabelled()
        if len(self.values) < _FIELDS_MIN or not self.values.keys() & {"number", "totals.gross", "totals.payable"}:
            raise UnreadableInvoice(
                name, "the text does not look like an invoice: no invoice number and no total were found; look at it"
            )
        invoice = self._invoice(table, vat)
        verdict = judge(invoice, self.fields)
        return Reading(
            invoice=invoice,
            confidence=verdict.confidence,
            fields=tuple(self.fields),
            syntax=syntax,
            text=self.text,
            problems=(*self.problems, *verdict.problems),
        )

    def _read_label(self, label: Label, lines: list[TextLine]) -> None:
        for words in label.patterns():
            found = self._candidates(label, words, lines)
            if not found:
                continue
            typed = [(cell, *self._typed(cell.text, label.kind)) for cell in found]
            typed = [(cell, value, doubtful) for cell, value, doubtful in typed if value is not None]
            if not typed:
                continue
            cell, value, doubtful = typed[-1] if label.kind == "amount" else typed[0]
            if label.name == "seller.vat_id" and "buyer.vat_id" not in self.values:
                typed = self._without_buyers(typed)
            others = {str(other) for _, other, _ in typed} - {str(value)}
            if others:
                doubtful = True
                self.problems.append(
                    f"{label.name}: {value} was read, but {', '.join(sorted(others))} stands there too."
                )
            elif doubtful:
                self.problems.append(
                    f'{label.name}: "{cell.text}" can be read in two ways; the day was taken to come first.'
                )
            self._keep(label.name, label.term, value, cell, _DOUBT if doubtful else 1.0)
            return

    def _without_buyers(self, typed: list[tuple[Cell, Any, bool]]) -> list[tuple[Cell, Any, bool]]:
        """Two VAT numbers without a word whose: the seller's stands first, or to the left."""
        values = list(dict.fromkeys(value for _, value, _ in typed))
        if len(values) == 2:
            cell = next(cell for cell, value, _ in typed if value == values[1])
            self._keep("buyer.vat_id", "BT-48", values[1], cell, 0.8)
            return [found for found in typed if found[1] == values[0]]
        return typed

    def _candidates(self, label: Label, words: str, lines: list[TextLine]) -> list[Cell]:
        amount = label.kind == "amount"
        start = r"(?:^|(?<=\s\s)|(?<=[|;,])|(?<=[|;,]\s))" if amount or label.kind == "text" else r"(?<![\w-])"
        pattern = re.compile(rf"{start}(?P<label>{words})(?![\w-])", re.IGNORECASE)
        value = re.compile(
            label.value, 0 if label.kind == "account" or label.name in {"bic", "currency"} else re.IGNORECASE
        )
        found: list[Cell] = []
        for index, line in enumerate(lines):
            for match in pattern.finditer(line.text):
                cell = (
                    self._last_amount(line, match.end(), value)
                    if amount
                    else self._next_value(line, match.end(), value, label.kind == "text")
                )
                alone = re.match(r"\s*+[:#]?(?:(?<=\s\s)|\s\s|\s*+$)", line.text[match.end() :])
                if cell is None and alone and not amount and index + 1 < len(lines):
                    cell = self._below(lines[index + 1], match.start("label"), value)
                if cell is not None:
                    found.append(cell)
            if len(found) >= _CANDIDATES_MAX:
                break
        return found

    def _next_value(self, line: TextLine, position: int, value: re.Pattern[str], free_text: bool) -> Cell | None:
        gap = (_GAP_BEFORE_TEXT if free_text else _GAP).match(line.text, position)
        match = value.match(line.text, gap.end()) if gap else None
        if match and free_text and _ANY_LABEL.fullmatch(match.group()):
            # Headings side by side: their values stand below.
            return None
        return _cell(line, match)

    def _last_amount(self, line: TextLine, position: int, value: re.Pattern[str]) -> Cell | None:
        matches = list(value.finditer(line.text, position))
        return _cell(line, matches[-1] if matches else None)

    def _below(self, line: TextLine, column: int, value: re.Pattern[str]) -> Cell | None:
        """The value under its label: it starts within a few characters of it."""
        for match in re.finditer(r"\S+(?: \S+)*", line.text):
            if abs(match.start() - column) <= 3:
                return _cell(line, value.match(line.text, match.start()))
        return None

    def _typed(self, written: str, kind: str) -> tuple[Any, bool]:
        match kind:
            case "date":
                return read_date(written)
            case "amount":
                return read_number(written, self.comma), False
            case "account":
                return re.sub(r"\s", "", written).upper(), False
            case "identifier":
                return written.strip().rstrip(".,;"), False
            case _:
                return written.strip(), False

    def _keep(self, name: str, term: str, value: Any, cell: Cell, confidence: float = 1.0) -> None:
        self.values[name] = value
        end = cell.start + len(self.text[cell.start : cell.end].rstrip())
        written = f"{value:f}" if isinstance(value, Decimal) else str(value)
        self.fields.append(
            Field(
                name=name,
                term=term,
                value=written,
                confidence=confidence,
                location=self._location(cell.start),
                start=cell.start,
                end=end,
                text=self.text[cell.start : end],
            )
        )

    def _location(self, position: int) -> str:
        page = next((page.number for page in self.pages if page.start <= position < page.end), 0)
        return f"page {page}" if page else f"line {self.text.count(chr(10), 0, position) + 1}"

    def _read_vat(self, lines: list[TextLine]) -> list[VatLine]:
        rows: list[VatLine] = []
        for line in lines:
            match = _VAT_LINE.search(line.text)
            if match is None:
                continue
            tax = read_number(match["tax"], self.comma)
            rate = read_number(match["before"] or match["after"] or "", self.comma)
            amounts = [
                read_number(amount, self.comma) for amount in re.findall(r"\d[\d.,]*[.,]\d{2}(?!\d)", match["between"])
            ]
            if tax is None:
                continue
            row = VatLine(
                category="S" if rate or tax else "", rate=rate, taxable=amounts[-1] if amounts else None, tax=tax
            )
            rows.append(row)
            cell = Cell(match["tax"], line.start + match.start("tax"), line.start + match.end("tax"))
            self._keep(f"vat[{len(rows)}].tax", "BT-117", tax, cell)
        return rows

    def _read_unlabelled(self) -> None:
        """What needs no label to be known: the IBAN by its form, the currency by its sign, the seller by its place."""
        if "iban" not in self.values:
            match = re.search(IBAN, self.text)
            if match:
                cell = Cell(match.group(), match.start(), match.end())
                self._keep("iban", "BT-84", re.sub(r"\s", "", match.group()), cell, 0.9)
        if "currency" not in self.values:
            signs = list(re.finditer(CURRENCY, self.text))
            if signs:
                codes = {CURRENCIES[sign.group()] for sign in signs}
                cell = Cell(signs[0].group(), signs[0].start(), signs[0].end())
                self._keep("currency", "BT-5", CURRENCIES[signs[0].group()], cell, 1.0 if len(codes) == 1 else _DOUBT)
        if "seller.name" not in self.values:
            for line in self.lines[:12]:
                match = re.match(r"\s*(\S+(?: \S+)*)", line.text)
                if (
                    match
                    and not re.fullmatch(rf"(?:{TITLES}).*", match.group(1), re.IGNORECASE)
                    and ":" not in match.group(1)
                ):
                    cell = Cell(match.group(1), line.start + match.start(1), line.start + match.end(1))
                    self._keep("seller.name", "BT-27", match.group(1), cell, 0.8)
                    break

    def _invoice(self, table: Table, vat: list[VatLine]) -> Invoice:
        lines = tuple(self._line(row, index) for index, row in enumerate(table.rows, 1))
        net, tax = self._of("totals.net"), self._of("totals.tax")
        gross = self._of("totals.gross") or self._of("totals.payable")
        if tax is None and vat:
            tax = sum((row.tax or Decimal(0) for row in vat), Decimal(0))
        if not vat and net is not None and gross == net:
            tax = Decimal(0)
            vat = [VatLine(rate=Decimal(0), taxable=net, tax=tax)]
        vat = [row if row.rate or row.tax else self._zero_rated(row) for row in vat]
        if len(vat) == 1 and vat[0].taxable is None:
            vat = [msgspec.structs.replace(vat[0], taxable=net)]
        allowances, charges = self._of("totals.allowances") or Decimal(0), self._of("totals.charges") or Decimal(0)
        totals = Totals(
            lines_net=sum((line.net or Decimal(0) for line in lines), Decimal(0)) if lines else None,
            allowances=abs(allowances),
            charges=charges,
            net=net,
            tax=tax,
            gross=gross,
            prepaid=abs(self._of("totals.prepaid") or Decimal(0)),
            payable=self._of("totals.payable") or gross,
        )
        if len(vat) == 1:
            lines = tuple(_with_vat(line, vat[0]) for line in lines)
        return self._assembled(lines, tuple(vat), totals)

    def _assembled(self, lines: tuple[Line, ...], vat: tuple[VatLine, ...], totals: Totals) -> Invoice:
        of = self.values.get
        credit = re.search(CREDIT_NOTE_TITLE, self.text, re.IGNORECASE | re.MULTILINE)
        type_code = "381" if credit else "380"
        iban = of("iban", "")
        terms = of("payment_terms", "")
        discounts: tuple[Discount, ...] = read_discounts(terms or self.text, of("issue_date"))
        return Invoice(
            number=of("number", ""),
            type_code=type_code,
            kind=kind_of(type_code),
            issue_date=of("issue_date"),
            due_date=of("due_date"),
            delivery_date=of("delivery_date"),
            currency=of("currency", ""),
            order_number=of("order_number", ""),
            contract=of("contract", ""),
            buyer_reference=of("buyer_reference", ""),
            seller=Party(
                name=of("seller.name", ""),
                vat_id=of("seller.vat_id", ""),
                tax_id=of("seller.tax_id", ""),
                ibans=(iban,) if iban else (),
            ),
            buyer=Party(name=of("buyer.name", ""), vat_id=of("buyer.vat_id", "")),
            lines=lines,
            vat=vat,
            totals=totals,
            payment=(PaymentMeans(code="58", iban=iban, bic=of("bic", "")),) if iban else (),
            payment_terms=terms,
            discounts=discounts,
        )

    def _of(self, name: str) -> Decimal | None:
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else None

    def _zero_rated(self, row: VatLine) -> VatLine:
        """The category of a row without VAT, and the words that give the reason."""
        for words, category in ZERO_RATED:
            match = re.search(words, self.text, re.IGNORECASE)
            if match:
                return msgspec.structs.replace(row, category=category, exemption_reason=match.group())
        return msgspec.structs.replace(row, category="Z")

    def _line(self, row: Row, index: int) -> Line:
        values: dict[str, Any] = {}
        terms = {"id": "BT-126", "seller_item": "BT-155", "name": "BT-153", "order_line": "BT-132", "unit": "BT-130"}
        numbers = {"quantity": "BT-129", "unit_price": "BT-146", "vat_rate": "BT-152", "net": "BT-131"}
        for column, cell in row.cells.items():
            value = cell_number(cell, self.comma) if column in numbers else cell.text
            if column == "quantity" and "unit" not in row.cells:
                unit = re.search(r"[A-Za-zäöüÄÖÜ]+\.?$", cell.text)
                values["unit"] = unit.group() if unit else ""
            if value is not None and value not in _NOTHING:
                values[column] = value
                self._keep(f"lines[{index}].{column}", (terms | numbers)[column], value, cell)
                del self.values[f"lines[{index}].{column}"]
        values.setdefault("id", str(index))
        rate = values.get("vat_rate")
        return Line(
            **values, vat_category="" if rate is None else ("S" if rate else self._zero_rated(VatLine()).category)
        )


def _cell(line: TextLine, match: re.Match[str] | None) -> Cell | None:
    return Cell(match.group(), line.start + match.start(), line.start + match.end()) if match else None


def _with_vat(line: Line, vat: VatLine) -> Line:
    """The only rate of the document is that of a line that states none."""
    if line.vat_rate is not None:
        return line
    return msgspec.structs.replace(line, vat_rate=vat.rate, vat_category=vat.category)
