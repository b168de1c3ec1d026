"""Pages of long tables that take no longer because more has happened.

Sorting all that matches, to show the first fifty, would: so would an index of one order when what is asked for is rare
in it. So each long table keeps which *groups* its rows fall into (instances of what process are in which state, items
for whom), and an index of each usual order within a group. A page takes from every group that is asked for no more
rows than the page can show, already in order, and sorts those. What it costs grows with the number of groups and with
how far the page is from the first one, not with the rows. Totals are counted up to a bound (:meth:`Reader.total`).

A text is looked for in the index of texts (:mod:`clearance.views.hits`). Where few rows may have it, they are looked at
one by one. Where many have it, a page in order is soon full, so it is taken as above.

Which index is read is said, not left to the planner: it has no statistics, and takes what fits most conditions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from clearance.views.hits import Finder
from clearance.views.reader import BadQuery, PageInfo, PageRequest, Reader, Sort, Where, counted, window


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

    outer: str
    """ORDER BY of the list."""
    inner: str
    """ORDER BY within a group."""
    index: str


def ordering(sort: Sequence[Sort], orders: Mapping[str, Order], key: str, index: str = "") -> Ordering:
    """The order of a list; raises :class:`BadQuery` for a field that it cannot be sorted by.

    Rows that are equal follow their ``key``, in the direction of the last field: an index can be read in either, but
    not in both at once. ``index`` is that of the key, with a group's rows in its order.
    """
    outer: list[str] = []
    inner: list[str] = []
    found, last = index, key
    for item in sort:
        if item.field not in orders:
            raise BadQuery(f"sort.field: cannot sort by {item.field!r}; choose one of {', '.join(orders)}")
        direction = item.order.upper()
        if direction not in ("ASC", "DESC"):
            raise BadQuery(f"sort.order: {item.order!r} is neither asc nor desc")
        order = orders[item.field]
        absent = [f"{order.column} = 0"] if order.missing else []
        outer += [*absent, f"{order.column} {direction}"]
        if order.of_group:
            continue
        found = found if inner else order.index or index
        inner += [*(absent if order.missing == "some" else []), f"{order.column} {direction}"]
        last = f"{key.partition(' ')[0]} {direction}"
    return Ordering(outer=", ".join((*outer, last)), inner=", ".join((*inner, last)), index=found)


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
    ) -> tuple[list[tuple[Any, ...]], PageInfo]:
        """The rows of a page, and how many there are in all."""
        limit, offset = window(page)
        whole, part = self._sources(reader, order, offset + limit)
        page_of = f"SELECT {self.alias}.key AS shown {part.sql} ORDER BY {order.outer} LIMIT ? OFFSET ?"
        named = f"{self.table} {self.alias} ON {self.alias}.key = shown"
        rows = reader.rows(
            f"SELECT {select} FROM ({page_of}) CROSS JOIN {named}{joins} ORDER BY {order.outer}",
            (*part.values, limit, offset),
        )
        if len(rows) < limit and (rows or not offset):
            return rows, counted(offset + len(rows))
        return rows, reader.total(whole.sql, whole.values)

    def _sources(self, reader: Reader, order: Ordering, first: int) -> tuple["_From", "_From"]:
        """All rows; and some of them, among which are the ``first`` of the list."""
        if self.seek:
            sought = self._looked_at(f"{self.table} {self.alias} {self.seek}")
            return sought, sought
        hits = self.find(reader) if self.find is not None else None
        if hits is None:
            return self._of_groups(order, first)
        named = f"({hits.sql}) hit CROSS JOIN {self.table} {self.alias} NOT INDEXED ON {self.alias}.key = hit.key"
        found = self._looked_at(named, *hits.values)
        return found, found if hits.few else self._of_groups(order, first)[1]

    def _looked_at(self, source: str, *values: Any) -> "_From":
        """Of the rows of a source those that are asked for, one by one."""
        where = self._among(self.alias).add(str(self.rows), *self.rows.values)
        return _From(f"FROM {source}{self.beside} WHERE {where}", [*values, *where.values])

    def _of_groups(self, order: Ordering, first: int) -> tuple["_From", "_From"]:
        """All rows of the groups; and of each group those that may be among the ``first`` of the list."""
        among = self._among("g")
        groups = f"(SELECT DISTINCT {', '.join(self.grain)} FROM {self.groups} g WHERE {among}) g"
        same = " AND ".join(f"{self.alias}.{column} = g.{column}" for column in self.grain)
        read = f"{self.table} {self.alias} INDEXED BY {self.index or order.index}{self.beside}"
        of_one = f"{same} AND {self.rows}"
        values = [*among.values, *self.rows.values]
        keys = f"SELECT {self.alias}.key FROM {read} WHERE {of_one} ORDER BY {order.inner} LIMIT ?"
        return (
            _From(f"FROM {groups} CROSS JOIN {read} WHERE {of_one}", values),
            _From(
                f"FROM {groups} CROSS JOIN {self.table} {self.alias}{self.beside} WHERE {self.alias}.key IN ({keys})",
                [*values, first],
            ),
        )

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
