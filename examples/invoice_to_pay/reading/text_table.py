"""Finds the table of lines in laid-out text: its header by the words, its cells by their place under it."""

import re
from decimal import Decimal
from itertools import pairwise

import msgspec

from .text_labels import COLUMNS
from .text_values import AMOUNT, NUMBER, PERCENT, read_number

_NUMERIC = frozenset({"quantity", "unit_price", "vat_rate", "net"})
_HEADER = tuple((name, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)) for name, words in COLUMNS)
_TOTAL = re.compile(
    r"^\s*(?:sub-?\s?total|net\b|total|grand|summe|gesamt|netto|zwischensumme|vat\b|mwst|ust\b|zzgl|plus\b|discount|rabatt"
    r"|nachlass|shipping|freight|versand|carried|übertrag|\d+(?:[.,]\d+)?\s*%)",
    re.IGNORECASE,
)
_ROW_FROM_THE_RIGHT = re.compile(
    rf"^\s*(?:(?P<id>\d{{1,4}})\.?\s+)?(?P<name>\S.*?)\s+(?P<quantity>{NUMBER})\s+(?:(?P<unit>[A-Za-zäöüÄÖÜ]{{1,8}}\.?)\s+)?"
    rf"(?P<unit_price>{AMOUNT})\s*(?:€|EUR|USD|GBP|CHF)?\s+(?:(?P<vat_rate>{PERCENT})\s+)?(?P<net>{AMOUNT})\s*"
    r"(?:€|EUR|USD|GBP|CHF)?\s*$"
)


class Cell(msgspec.Struct, frozen=True):
    """A piece of a line between wide gaps; positions in the whole text."""

    text: str
    start: int
    end: int


class TextLine(msgspec.Struct, frozen=True):
    """One line of the text and where it starts."""

    text: str
    start: int
    number: int


class Row(msgspec.Struct, frozen=True):
    """A line of the invoice as found: one cell per column."""

    cells: dict[str, Cell]
    line: int


class Table(msgspec.Struct, frozen=True):
    """The rows, and which lines of the text the table takes up."""

    rows: tuple[Row, ...] = ()
    lines: frozenset[int] = frozenset()


def find_table(lines: list[TextLine], comma: bool) -> Table:
    """The table of invoice lines; an empty one when no header is recognised."""
    rows: list[Row] = []
    taken: set[int] = set()
    columns: dict[str, tuple[int, int]] = {}
    for line in lines:
        header = _header(line)
        if header:
            # The header comes again on every page.
            columns = header
            taken.add(line.number)
            continue
        if not columns or not line.text.strip():
            continue
        if _TOTAL.match(line.text):
            columns = {}
            continue
        row = _row(line, columns, comma)
        if row is not None:
            rows.append(row)
            taken.add(line.number)
        elif rows and line.number == max(taken) + 1 and len(_cells(line)) == 1:
            taken.add(line.number)
            rows[-1] = _continued(rows[-1], line)
        elif rows:
            columns = {}
    return Table(tuple(rows), frozenset(taken))


def _header(line: TextLine) -> dict[str, tuple[int, int]]:
    """The columns' places in the line, when it names a quantity or price, an amount and a description or item."""
    found: dict[str, tuple[int, int]] = {}
    taken: list[tuple[int, int]] = []
    if len(line.text.split()) < 3 or re.search(r"\d{3}|\d[.,]\d{2}", line.text):
        return {}
    for name, pattern in _HEADER:
        for match in pattern.finditer(line.text):
            if all(match.end() <= start or match.start() >= end for start, end in taken):
                found[name] = match.span()
                taken.append(match.span())
                if name != "net":
                    break
    if "name" not in found and "seller_item" in found:
        found["name"] = found.pop("seller_item")
    return found if "name" in found and "net" in found and ("quantity" in found or "unit_price" in found) else {}


def _cells(line: TextLine) -> list[Cell]:
    return [
        Cell(match.group(), line.start + match.start(), line.start + match.end())
        for match in re.finditer(r"\S+(?: \S+)*", line.text)
    ]


def _row(line: TextLine, columns: dict[str, tuple[int, int]], comma: bool) -> Row | None:
    ordered = sorted(columns, key=lambda name: columns[name])
    cells = _cells(line)
    if len(cells) == len(ordered):
        by_order = dict(zip(ordered, cells, strict=True))
        if _is_row(by_order, comma):
            return Row(by_order, line.number)
    by_place = _by_place(line, cells, columns)
    if _is_row(by_place, comma):
        return Row(by_place, line.number)
    match = _ROW_FROM_THE_RIGHT.match(line.text)
    if match is None:
        return None
    found = {
        name: Cell(text, line.start + match.start(name), line.start + match.end(name))
        for name, text in match.groupdict().items()
        if text
    }
    if "seller_item" in columns and columns["seller_item"] < columns.get("name", (0, 0)):
        _split_item(found)
    return Row(found, line.number) if _is_row(found, comma) else None


def _split_item(found: dict[str, Cell]) -> None:
    """Where single spaces part the cells, an article number is the first word before the description."""
    name = found["name"]
    item, _, rest = name.text.partition(" ")
    if rest and re.search(r"\d", item):
        found["seller_item"] = Cell(item, name.start, name.start + len(item))
        found["name"] = Cell(rest, name.end - len(rest), name.end)


def _by_place(line: TextLine, cells: list[Cell], columns: dict[str, tuple[int, int]]) -> dict[str, Cell]:
    """Each cell to the column closest to it; numbers are set flush right under their header, words flush left."""
    found: dict[str, Cell] = {}
    for cell in cells:
        start, end = cell.start - line.start, cell.end - line.start

        def distance(name: str, start: int = start, end: int = end) -> int:
            left, right = columns[name]
            return abs(right - end) if name in _NUMERIC else abs(left - start)

        name = min((name for name in columns if name not in found), key=distance, default="")
        if name:
            found[name] = cell
    return found


def _is_row(cells: dict[str, Cell], comma: bool) -> bool:
    """A row has an amount, and every number in it is one."""
    if "net" not in cells or not ("name" in cells or "seller_item" in cells):
        return False
    return all(cell_number(cells[name], comma) is not None for name in _NUMERIC & cells.keys())


def _continued(row: Row, line: TextLine) -> Row:
    """A description that goes on below: only its words are added, its place stays that of the first line."""
    if "name" not in row.cells:
        return row
    cell = row.cells["name"]
    return Row({**row.cells, "name": Cell(f"{cell.text} {line.text.strip()}", cell.start, cell.end)}, row.line)


def cell_number(cell: Cell, comma: bool) -> Decimal | None:
    """The number of a cell, which may carry its unit or currency."""
    match = re.fullmatch(
        rf"(?:€|EUR|\$|£)?\s*({NUMBER})\s*(?:%|€|EUR|USD|GBP|CHF|\$|£|[A-Za-zäöüÄÖÜ]{{1,8}}\.?)?", cell.text
    )
    return read_number(match.group(1), comma) if match else None


def cells_in_order(row: Row) -> bool:
    """Whether the cells stand apart; overlapping ones mean a wrong guess."""
    ordered = sorted(row.cells.values(), key=lambda cell: cell.start)
    return all(left.end <= right.start for left, right in pairwise(ordered))
