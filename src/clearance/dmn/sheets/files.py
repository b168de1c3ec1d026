"""Excel and CSV files to grids and back.

Files are read without trust: a workbook's parts are counted and weighed before they are unpacked, and none may declare
a document type.
"""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from clearance.dmn.errors import DmnError, Place
from clearance.dmn.sheets.grid import CellValue, Grid

FILE_BYTES_MAX = 32 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
CELLS_MAX = 2_000_000
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, zlib.error, struct.error, EOFError, OSError, NotImplementedError),
    *(RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError),
)
"""What the libraries raise for a damaged workbook, depending on where the damage is."""


def read_excel(content: bytes, file: str) -> tuple[Grid, ...]:
    """The sheets of an .xlsx workbook that hold anything; hidden sheets are left out."""
    _weigh(content, file)
    workbook = _open(content, file, values=False)
    formulas = any(cell.data_type == "f" for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row)
    stored = _open(content, file, values=True) if formulas else workbook
    grids = []
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            grid = _grid(sheet, stored[sheet.title], file)
            if grid.cells:
                grids.append(grid)
    return tuple(grids)


def _weigh(content: bytes, file: str) -> None:
    """Refuse what is too large, what is no workbook, and XML that reaches outside itself."""
    place = Place(file=file)
    if len(content) > FILE_BYTES_MAX:
        message = f"the file has {len(content):,} bytes; at most {FILE_BYTES_MAX:,} are read."
        raise DmnError(message, place, "Split the workbook.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
                raise DmnError("unpacks to more than is read.", place, "Split the workbook.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
                    raise DmnError("declares a document type.", place, "Save it again from the spreadsheet program.")
    except DmnError:
        raise
    except _BROKEN:
        message = "is not an Excel workbook (.xlsx)."
        raise DmnError(message, place, "Save it as an Excel workbook, or as CSV.") from None


def _open(content: bytes, file: str, *, values: bool) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(content), data_only=values)
    except _BROKEN as error:
        message = f"cannot be read as an Excel workbook: {error}."
        raise DmnError(message, Place(file=file), "Save it again from the spreadsheet program.") from None


def _grid(sheet: Any, stored: Any, file: str) -> Grid:
    """A sheet's values; merged cells all have the value of their first."""
    if sheet.max_row * sheet.max_column > CELLS_MAX:
        message = f"spans {sheet.max_row:,} rows and {sheet.max_column:,} columns."
        raise DmnError(message, Place(file=file, sheet=sheet.title), "Delete the empty rows and columns.")
    cells: dict[tuple[int, int], CellValue] = {}
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if cell.data_type == "f":
                value = stored.cell(cell.row, cell.column).value
                if value is None:
                    place = Place(file=file, sheet=sheet.title, cell=cell.coordinate)
                    message = "holds a formula without a stored result."
                    raise DmnError(message, place, "Open and save the workbook in Excel, or write the value.")
            if value is not None and str(value).strip():
                cells[cell.row, cell.column] = value
    for merged in sheet.merged_cells.ranges:
        value = cells.get((merged.min_row, merged.min_col))
        if value is not None:
            cells.update(dict.fromkeys(merged.cells, value))
    return Grid(file=file, sheet=sheet.title, cells=cells)


def read_csv(content: bytes, file: str, sheet: str) -> Grid:
    """A CSV file (comma, semicolon or tab; UTF-8, or Windows-1252 as Excel writes it) as one sheet."""
    if len(content) > FILE_BYTES_MAX:
        message = f"the file has {len(content):,} bytes; at most {FILE_BYTES_MAX:,} are read."
        raise DmnError(message, Place(file=file), "Split the table.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise DmnError("is not a CSV file.", Place(file=file), "Save it as CSV (UTF-8).")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    cells: dict[tuple[int, int], CellValue] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text), delimiter=separator, strict=True), start=1):
            cells.update({(row, column): value for column, value in enumerate(values, start=1) if value.strip()})
    except csv.Error as error:
        raise DmnError(f"is not well-formed CSV: {error}.", Place(file=file), "Save it again as CSV.") from None
    return Grid(file=file, sheet=sheet, cells=cells)


def write_excel(grids: Sequence[Grid], header_rows: Sequence[int]) -> bytes:
    """A workbook with one sheet per grid; the first ``header_rows`` rows of each are bold and stay in view."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for grid, headers in zip(grids, header_rows, strict=True):
        sheet = workbook.create_sheet(grid.sheet)
        widths: dict[str, int] = {}
        for (row, column), value in sorted(grid.cells.items()):
            if isinstance(value, str) and ILLEGAL_CHARACTERS_RE.search(value):
                message = "holds a control character, which no workbook can."
                raise DmnError(message, grid.place(row, column), "Remove the character.")
            cell = sheet.cell(row, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # otherwise a text that begins with = becomes a formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=row <= headers)
            letter = cell.column_letter
            widths[letter] = max(widths.get(letter, 10), min(len(str(value)) + 2, 60))
        for letter, width in widths.items():
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = sheet.cell(headers + 1, 2)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def write_csv(grid: Grid) -> bytes:
    """A grid as CSV: commas, UTF-8 with the mark that makes Excel see it as such."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in range(1, grid.rows + 1):
        writer.writerow([grid.cells.get((row, column), "") for column in range(1, grid.columns + 1)])
    return buffer.getvalue().encode("utf-8-sig")
