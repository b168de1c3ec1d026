"""Pages of long tables that take no longer because more has happened.

Sorting all that matches, to show the first fifty, would: so would an index of one order when what is asked for is rare
in it. So each long table keeps which *groups* its rows fall into (instances of what process are in which state, items
for whom), and an index of each usual order within a group. A page takes from every group that is asked for no more
rows than the page can show, already in order, and sorts those. What it costs grows with the number of groups and with
how far the page is from the first one, not with the rows. Totals are counted up to a bound (:meth:`Reader.total`).

A text is looked for in the index of texts (:mod:`clearance.views.hits`). Where few rows may have it, they are looked at
one by one. Where many have it, a page in order is soon full, so it is taken as above, but not from places with few.

Which index is read is said, not left to the planner: it has no statistics, and takes what fits most conditions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from clearance.views.hits import Finder, Hits
from clearance.views.reader import BadQuery, PageInfo, PageRequest, Reader, Sort, Where, counted, window

PLACES_MAX = 100
"""Of so many places it is asked which of them have a frequent text."""
WALKED_MAX = 100_000
"""A text is counted in groups of so many rows, rather than in the index of texts."""

Place = tuple[str, ...]


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
    place: Place = ()
    """Columns by which ``find`` tells rows apart."""
    counting: str = ""
    """The index by which rows with a text are counted: their order does not matter then."""

    def take(
        self, reader: Reader, select: str, joins: str, order: Ordering, page: PageRequest
    ) -> tuple[list[tuple[Any, ...]], PageInfo]:
        """The rows of a page, and how many there are in all."""
        limit, offset = window(page)
        whole, part = self._sources(reader, order, offset + limit)
        if part.few:
            found = reader.rows(f"SELECT {self.alias}.key {part.sql} ORDER BY {order.outer}", part.values)
            shown = [key for (key,) in found[offset : offset + limit]]
            page_of, values = "SELECT value AS shown FROM json_each(?)", (msgspec.json.encode(shown).decode(),)
            return self._shown(reader, select, joins, order, _From(page_of, values)), counted(len(found))
        page_of = f"SELECT {self.alias}.key AS shown {part.sql} ORDER BY {order.outer} LIMIT ? OFFSET ?"
        rows = self._shown(reader, select, joins, order, _From(page_of, (*part.values, limit, offset)))
        if len(rows) < limit and (rows or not offset):
            return rows, counted(offset + len(rows))
        return rows, reader.total(whole.sql, whole.values)

    def _shown(self, reader: Reader, select: str, joins: str, order: Ordering, page: "_From") -> list[tuple[Any, ...]]:
        named = f"{self.table} {self.alias} ON {self.alias}.key = shown"
        return reader.rows(
            f"SELECT {select} FROM ({page.sql}) CROSS JOIN {named}{joins} ORDER BY {order.outer}", page.values
        )

    def _sources(self, reader: Reader, order: Ordering, first: int) -> tuple["_From", "_From"]:
        """All rows; and some of them, among which are the ``first`` of the list."""
        if self.seek:
            found = self._rows(_From(f"FROM {self.table} {self.alias} {self.seek}"))
            return found, found
        hits = self.find(reader) if self.find is not None else None
        if hits is not None and hits.few:
            named = self._named(hits)
            few = _From(named.sql, named.values, few=True)
            return few, few
        places = self._places(reader)
        if self.find is None or hits is None or not 0 < len(places) <= PLACES_MAX:
            return self._grouped(order), self._grouped(order, first=first)
        span, ends = self.find.span(reader, f"{self.alias}.key")
        spanned = msgspec.structs.replace(self, rows=Where().add(span, *ends).add(str(self.rows), *self.rows.values))
        of_each = {place: self.find(reader, place) or hits for place in places}
        return spanned._of_places(reader, order, first, of_each)

    def _of_places(
        self, reader: Reader, order: Ordering, first: int, found: Mapping[Place, Hits]
    ) -> tuple["_From", "_From"]:
        """With a text that is frequent: places that have much of it in order, and all that the others have of it."""
        named = {place: self._named(hits, self._in_places(self.alias, [place])) for place, hits in found.items()}
        much = [place for place, hits in found.items() if not hits.few]
        little = [named[place] for place, hits in found.items() if hits.few]
        keys = _keys(self.alias, [self._grouped(order, much, first), *little] if much else little)
        part = f"FROM {self.table} {self.alias} NOT INDEXED{self.beside} WHERE {self.alias}.key IN ({keys.sql})"
        every = [self._grouped(order, much), *little] if self._short(reader, order) else list(named.values())
        whole = _keys(self.alias, every)
        return _From(f"FROM ({whole.sql})", whole.values), _From(part, keys.values)

    def _short(self, reader: Reader, order: Ordering) -> bool:
        """Whether the groups that are asked for have so few rows, with a text or without, that it is sought in them."""
        if not self.counting:
            return True
        if all(values is None for column, values in self.among.items() if column not in self.place):
            return False
        every = msgspec.structs.replace(self, rows=Where())._grouped(order)
        counted_so = f"SELECT count(*) FROM (SELECT 1 {every.sql} LIMIT {WALKED_MAX + 1})"
        return reader.count(counted_so, every.values) <= WALKED_MAX

    def _rows(self, source: "_From", *more: Where) -> "_From":
        """Of what a source names, the rows that are asked for."""
        where = self._among(self.alias)
        for each in (*more, self.rows):
            where.add(str(each), *each.values)
        return _From(f"{source.sql}{self.beside} WHERE {where}", [*source.values, *where.values])

    def _named(self, hits: Hits, *more: Where) -> "_From":
        table = f"{self.table} {self.alias} NOT INDEXED ON {self.alias}.key = hit.key"
        return self._rows(_From(f"FROM ({hits.sql}) hit CROSS JOIN {table}", hits.values), *more)

    def _grouped(self, order: Ordering, places: Sequence[Place] | None = None, first: int | None = None) -> "_From":
        """All rows of the groups; or of each group those that may be among the ``first`` of the list."""
        among, rows = self._among("g"), Where()
        if places is not None:
            here = self._in_places("g", places)
            among.add(str(here), *here.values)
            if not set(self.place) <= set(self.grain):
                here = self._in_places(self.alias, places)
                rows.add(str(here), *here.values)
        rows.add(str(self.rows), *self.rows.values)
        groups = f"(SELECT DISTINCT {', '.join(self.grain)} FROM {self.groups} g WHERE {among}) g"
        of_one = " AND ".join((*(f"{self.alias}.{column} = g.{column}" for column in self.grain), str(rows)))
        index = self.counting if self.counting and first is None else self.index or order.index
        read = f"{self.table} {self.alias} INDEXED BY {index}{self.beside}"
        values = [*among.values, *rows.values]
        if first is None:
            return _From(f"FROM {groups} CROSS JOIN {read} WHERE {of_one}", values)
        keys = f"SELECT {self.alias}.key FROM {read} WHERE {of_one} ORDER BY {order.inner} LIMIT ?"
        whole = f"{self.table} {self.alias}{self.beside}"
        return _From(f"FROM {groups} CROSS JOIN {whole} WHERE {self.alias}.key IN ({keys})", [*values, first])

    def _among(self, alias: str) -> Where:
        where = Where()
        for column, values in self.among.items():
            if values is not None:
                where.one_of(f"{alias}.{column}", values)
        return where

    def _places(self, reader: Reader) -> list[Place]:
        """Where the groups are that are asked for; a few more than may be asked for one by one."""
        if not self.place:
            return []
        among = self._among("g")
        places = f"SELECT DISTINCT {', '.join(self.place)} FROM {self.groups} g WHERE {among} LIMIT {PLACES_MAX + 1}"
        return reader.rows(places, among.values)

    def _in_places(self, alias: str, places: Sequence[Place]) -> Where:
        columns = ", ".join(f"{alias}.{column}" for column in self.place)
        row = f"({', '.join('?' * len(self.place))})"
        values = [value for place in places for value in place]
        return Where().add(f"({columns}) IN (VALUES {', '.join([row] * len(places))})" if places else "0", *values)


class _From(msgspec.Struct, frozen=True):
    """FROM and WHERE with their values."""

    sql: str
    values: Sequence[Any] = ()
    few: bool = False
    """There are so few rows that all of them are sorted, which also tells how many there are."""


def _keys(alias: str, sources: Sequence[_From]) -> _From:
    """A query of the keys of all of them."""
    sql = " UNION ALL ".join(f"SELECT * FROM (SELECT {alias}.key {source.sql})" for source in sources)
    return _From(sql, [value for source in sources for value in source.values])
