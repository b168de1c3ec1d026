"""A sheet as a grid of plain values, whatever kind of file it came from."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from clearance.dmn.errors import Place

CellValue = str | int | float | Decimal | bool | date | datetime | time | timedelta
"""What a cell may hold; an empty cell holds nothing and is not in the grid."""


class Grid(msgspec.Struct, frozen=True):
    """One sheet: its name, its file and the values of its cells by (row, column), both from 1."""

    file: str
    sheet: str
    cells: Mapping[tuple[int, int], CellValue]

    @property
    def rows(self) -> int:
        """The number of the last row that holds something."""
        return max((row for row, _ in self.cells), default=0)

    @property
    def columns(self) -> int:
        """The number of the last column that holds something."""
        return max((column for _, column in self.cells), default=0)

    def words(self, row: int, column: int) -> str:
        """A cell as trimmed text, empty when the cell is."""
        value = self.cells.get((row, column))
        return "" if value is None else str(value).strip()

    def row_is_empty(self, row: int) -> bool:
        """Whether a row holds nothing but white space."""
        return not any(self.words(row, column) for column in range(1, self.columns + 1))

    def place(self, row: int, column: int, words: str = "") -> Place:
        """Where a cell is, as its author knows it: sheet and cell name."""
        return Place(file=self.file, sheet=self.sheet, cell=f"{column_letters(column)}{row}", element=words)


def column_letters(column: int) -> str:
    """A, B, ..., Z, AA, ... for 1, 2, ..., 26, 27, ..."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
