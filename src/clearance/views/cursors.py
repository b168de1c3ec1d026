"""Which part of a list is asked for: rows from a number on, or behind or before a cursor.

A cursor says how a list is sorted and where in that order a row stands, so that the page behind it begins with the next
row, whatever has come or gone before it meanwhile, and is found without passing all that lies before. To clients it is
a text that means nothing, as in Camunda 8 (``startCursor`` and ``endCursor``, for ``page.before`` and ``page.after``).
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from clearance.views.reader import LIMIT_MAX, OFFSET_MAX, BadQuery, PageInfo, PageRequest, Reader, Where

Place = tuple[int | str, ...]
Rows = list[tuple[Any, ...]]
_decode = msgspec.json.Decoder(list[int | str]).decode


class Term(msgspec.Struct, frozen=True):
    """One of the things that a list is sorted by, in their order."""

    column: str
    """Never NULL."""
    descending: bool = False
    date: bool = False
    """Zero where it is missing."""
    missing: bool = False
    """Sorted by whether the date is missing, not by what it is."""

    @property
    def sql(self) -> str:
        return f"({self.column} = 0)" if self.missing else self.column

    def equal(self, value: int | str) -> Where:
        """Dates are compared as ranges. Where one equals something the planner reckons whether it is zero, and passes
        over the indexes that begin with that.
        """
        if self.missing:
            where = Where().add(f"{self.sql} = ?", value)
            return where.add(f"{self.column} <= 0") if value else where
        if self.date:
            return Where().add(f"{self.column} BETWEEN ? AND ?", value, value)
        return Where().add(f"{self.column} = ?", value)

    def past(self, value: int | str, falls: bool) -> Where | None:
        """Beyond the value in this direction; None: nothing is."""
        if self.missing:
            return self.equal(int(not value)) if bool(value) is falls else None
        return Where().add(f"{self.column} {'<' if falls else '>'} ?", value)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list."""

    order: tuple[Term, ...]
    """Tells any two rows apart."""
    limit: int
    offset: int = 0
    place: Place = ()
    """Where the row of the cursor stands; empty without one."""
    backwards: bool = False
    """The rows before the cursor's are asked for: they are read from there on, in the opposite direction."""

    @property
    def columns(self) -> str:
        """What is selected at the end of each row, so that :meth:`cut` knows where it stands."""
        return ", ".join(term.sql for term in self.order)

    def sorted(self, order: Sequence[Term]) -> str:
        """ORDER BY of these terms, in the direction in which this part is read."""
        return ", ".join(f"{term.sql} {'DESC' if self._falls(term) else 'ASC'}" for term in order)

    def cases(self) -> list[tuple[Where, tuple[Term, ...]]]:
        """What holds for the rows beyond the cursor: each of them is in one case, whose rows are in the order of the
        terms that are left. An index of the whole order has the rows of a case side by side.
        """
        if not self.place:
            return [(Where(), self.order)]
        found: list[tuple[Where, tuple[Term, ...]]] = []
        same = Where()
        ranges: tuple[Term, ...] = ()
        for at, (term, value) in enumerate(zip(self.order, self.place, strict=True)):
            past = term.past(value, self._falls(term))
            if past is not None:
                found.append((Where().all(same).all(past), (*ranges, *self.order[at + term.missing :])))
            same = same.all(term.equal(value))
            ranges = (*ranges, term) if term.date else ranges
        return found

    def beyond(self) -> Where:
        """What holds for all rows beyond the cursor. Terms of one direction make one row value, which an index can be
        sought by as far as its first column.
        """
        where = Where()
        if not self.place:
            return where
        if len({(term.descending, term.missing) for term in self.order}) == 1:
            sign = "<" if self._falls(self.order[0]) else ">"
            return where.add(f"({self.columns}) {sign} ({', '.join('?' * len(self.order))})", *self.place)
        cases = [case for case, _ in self.cases()]
        values = [value for case in cases for value in case.values]
        return where.add(f"({' OR '.join(f'({case})' for case in cases)})", *values)

    def cut(self, rows: Rows, total: PageInfo) -> tuple[Rows, PageInfo]:
        """The rows without what :attr:`columns` has added, in the list's own direction; and the cursors of the page."""
        if not rows:
            return rows, total
        count = len(self.order)
        if self.backwards:
            rows = rows[::-1]
        start, end = (_cursor(self.order, row[-count:]) for row in (rows[0], rows[-1]))
        return [row[:-count] for row in rows], msgspec.structs.replace(total, start_cursor=start, end_cursor=end)

    def _falls(self, term: Term) -> bool:
        return term.descending is not self.backwards


def window(page: PageRequest, order: Sequence[Term]) -> Window:
    """What is asked for of a list that is sorted so; raises :class:`BadQuery`."""
    order = tuple(order)
    if not 0 <= page.limit <= LIMIT_MAX:
        raise BadQuery(f"page.limit: {page.limit} is not between 0 and {LIMIT_MAX}")
    if not 0 <= page.start <= OFFSET_MAX:
        raise BadQuery(f"page.from: {page.start} is not between 0 and {OFFSET_MAX}; use page.after")
    asked = [name for name, value in (("from", page.start), ("after", page.after), ("before", page.before)) if value]
    if len(asked) > 1:
        raise BadQuery(f"page: {' and '.join(asked)} exclude each other")
    if page.after:
        return Window(order=order, limit=page.limit, place=_place(order, page.after, "page.after"))
    if page.before:
        return Window(order=order, limit=page.limit, place=_place(order, page.before, "page.before"), backwards=True)
    return Window(order=order, limit=page.limit, offset=page.start)


def select(
    reader: Reader, columns: str, source: str, where: Where, window: Window, total: PageInfo | None = None
) -> tuple[Rows, PageInfo]:
    """A part of a list that needs nothing but an index of its order: its rows, and how many there are in all."""
    part = Where().add(str(where), *where.values).all(window.beyond())
    rows = reader.rows(
        f"SELECT {columns}, {window.columns} FROM {source} WHERE {part} ORDER BY {window.sorted(window.order)}"
        " LIMIT ? OFFSET ?",
        (*part.values, window.limit, window.offset),
    )
    return window.cut(rows, total or reader.total(f"FROM {source} WHERE {where}", where.values))


def _cursor(order: Sequence[Term], place: Sequence[int | str]) -> str:
    return base64.b64encode(msgspec.json.encode((_mark(order), *place))).decode()


def _place(order: Sequence[Term], cursor: str, where: str) -> Place:
    """Where the row of a cursor stands; raises :class:`BadQuery`."""
    try:
        read = _decode(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise BadQuery(f"{where}: {cursor[:40]!r} is no cursor; give the endCursor or startCursor of a page") from None
    place = tuple(read[1:])
    if read[:1] != [_mark(order)] or len(place) != len(order):
        raise BadQuery(f"{where}: this cursor is of a list that is sorted otherwise; begin again with its first page")
    if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in place):
        raise BadQuery(f"{where}: {cursor[:40]!r} is no cursor; give the endCursor or startCursor of a page")
    return place


def _mark(order: Sequence[Term]) -> str:
    """Tells orders apart."""
    told = ", ".join(f"{term.column} {term.descending}" for term in order)
    return hashlib.sha256(told.encode()).hexdigest()[:8]
