"""Pages of long tables that take no longer because more has happened.

Sorting all that matches, to show the first fifty, would: so would an index of one order when what is asked for is rare
in it. So each long table keeps which *groups* its rows fall into (instances of what process are in which state, items
for whom), and an index of each usual order within a group. A page takes from every group that is asked for no more
rows than the page can show, already in order, and sorts those. What it costs grows with the number of groups, and with
how far the page is from the first one or from its cursor (:mod:`clearance.views.cursors`), not with the rows. Totals
are counted up to a bound (:meth:`Reader.total`).

A text is looked for in the index of texts (:mod:`clearance.views.hits`). Where few rows may have it, they are looked at
one by one. Where many have it, a page in order is soon full, so it is taken as above.

Which index is read is said, not left to the planner: it has no statistics, and takes what fits most conditions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from clearance.views.cursors import Rows, Term, Window, window
from clearance.views.hits import Finder
from clearance.views.reader import BadQuery, PageInfo, PageRequest, Reader, Sort, Where, counted


class Order(msgspec.Struct, frozen=True):
    """One column that a list can be sorted by."""

    column: str
    index: str = ""
    """The index that has a group's rows in this order; without one they are sorted."""
    of_group: bool = False
    """The same for all rows of a group."""
    missing: str = ""
    """Zero is a date that is missing, and sorts last either way: ``some`` rows of a group, or ``all`` of it or none."""


class Ordering(msgspec.Struct, frozen=True):
    """The order of one list."""

    outer: tuple[Term, ...]
    """That of the list."""
    inner: tuple[Term, ...]
    """That within a group."""
    index: str


def ordering(sort: Sequence[Sort], orders: Mapping[str, Order], key: Term, index: str = "") -> Ordering:
    """The order of a list; raises :class:`BadQuery` for a field that it cannot be sorted by.

    Rows that are equal follow their ``key``, in the direction of the last field: an index can be read in either, but
    not in both at once. ``index`` is that of the key, with a group's rows in its order.
    """
    outer: list[Term] = []
    inner: list[Term] = []
    found, last = index, key
    for item in sort:
        if item.field not in orders:
            raise BadQuery(f"sort.field: cannot sort by {item.field!r}; choose one of {', '.join(orders)}")
        direction = item.order.lower()
        if direction not in ("asc", "desc"):
            raise BadQuery(f"sort.order: {item.order!r} is neither asc nor desc")
        order = orders[item.field]
        term = Term(order.column, direction == "desc", date=bool(order.missing))
        absent = [Term(order.column, missing=True)] if order.missing and not term.descending else []
        outer += [*absent, term]
        if order.of_group:
            continue
        found = found if inner else order.index or index
        inner += [*(absent if order.missing == "some" else []), term]
        last = Term(key.column, term.descending)
    return Ordering(outer=(*outer, last), inner=(*inner, last), index=found)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a long table a list is narrowed to."""

    table: str
    alias: str
    groups: str
    """The table of its groups."""
    grain: tuple[str, ...]
    """By what the groups are told apart here; the index that is read begins with it."""
    among: Mapping[str, Iterable[Any] | None]
    """What is asked for of the groups, by column; None: any."""
    rows: Where
    """What is asked for of the rows beside."""
    beside: str = ""
    """Tables that ``rows`` or the order need."""
    index: str = ""
    """An index of just such rows, whatever their order."""
    seek: str = ""
    """How the rows are found at once, without groups: few are asked for."""
    find: Finder | None = None
    """How rows with a text are found."""

    def take(
        self, reader: Reader, select: str, joins: str, order: Ordering, page: PageRequest
    ) -> tuple[Rows, PageInfo]:
        """The rows of a page, and how many there are in all."""
        shown = window(page, order.outer)
        whole, part = self._sources(reader, order, shown)
        in_order = shown.sorted(order.outer)
        page_of = f"SELECT {self.alias}.key AS shown {part.sql} ORDER BY {in_order} LIMIT ? OFFSET ?"
        named = f"{self.table} {self.alias} ON {self.alias}.key = shown"
        rows = reader.rows(
            f"SELECT {select}, {shown.columns} FROM ({page_of}) CROSS JOIN {named}{joins} ORDER BY {in_order}",
            (*part.values, shown.limit, shown.offset),
        )
        if not shown.place and len(rows) < shown.limit and (rows or not shown.offset):
            return shown.cut(rows, counted(shown.offset + len(rows)))
        return shown.cut(rows, reader.total(whole.sql, whole.values))

    def _sources(self, reader: Reader, order: Ordering, shown: Window) -> tuple["_From", "_From"]:
        """All rows; and some of them beyond the cursor, among which are those that are shown."""
        if self.seek:
            sought = f"{self.table} {self.alias} {self.seek}"
            return self._looked_at(sought), self._looked_at(sought, beyond=shown.beyond())
        hits = self.find(reader) if self.find is not None else None
        if hits is None:
            return self._of_groups(order, shown)
        named = f"({hits.sql}) hit CROSS JOIN {self.table} {self.alias} NOT INDEXED ON {self.alias}.key = hit.key"
        found = self._looked_at(named, *hits.values)
        if hits.few:
            return found, self._looked_at(named, *hits.values, beyond=shown.beyond())
        return found, self._of_groups(order, shown)[1]

    def _looked_at(self, source: str, *values: Any, beyond: Where | None = None) -> "_From":
        """Of the rows of a source those that are asked for, one by one."""
        where = self._among(self.alias).all(self.rows).all(beyond or Where())
        return _From(f"FROM {source}{self.beside} WHERE {where}", [*values, *where.values])

    def _of_groups(self, order: Ordering, shown: Window) -> tuple["_From", "_From"]:
        """All rows of the groups; and of each group those beyond the cursor that may be shown."""
        among = self._among("g")
        groups = f"(SELECT DISTINCT {', '.join(self.grain)} FROM {self.groups} g WHERE {among}) g"
        same = " AND ".join(f"{self.alias}.{column} = g.{column}" for column in self.grain)
        read = f"{self.table} {self.alias} INDEXED BY {self.index or order.index}{self.beside}"
        of_one = f"{same} AND {self.rows}"
        values = [*among.values, *self.rows.values]
        parts, given = [], list(among.values)
        for case, left in msgspec.structs.replace(shown, order=tuple(map(self._of_group, shown.order))).cases():
            within = shown.sorted([term for term in order.inner if term in left])
            keys = f"SELECT {self.alias}.key FROM {read} WHERE {of_one} AND {case} ORDER BY {within} LIMIT ?"
            parts.append(f"SELECT * FROM ({keys})")
            given += [*self.rows.values, *case.values, shown.offset + shown.limit]
        return (
            _From(f"FROM {groups} CROSS JOIN {read} WHERE {of_one}", values),
            _From(
                f"FROM {groups} CROSS JOIN {self.table} {self.alias}{self.beside} WHERE {self.alias}.key"
                f" IN ({' UNION ALL '.join(parts)})",
                given,
            ),
        )

    def _of_group(self, term: Term) -> Term:
        """What a group's rows have in common is asked of the group: all are beyond the cursor, or none is. The plus
        keeps the planner from asking the rows instead.
        """
        table, _, column = term.column.partition(".")
        common = table == self.alias and column in self.grain
        return msgspec.structs.replace(term, column=f"+g.{column}") if common else term

    def _among(self, alias: str) -> Where:
        where = Where()
        for column, values in self.among.items():
            if values is not None:
                where.one_of(f"{alias}.{column}", values)
        return where


class _From(msgspec.Struct, frozen=True):
    """FROM and WHERE with their values."""

    sql: str
    values: Sequence[Any]
