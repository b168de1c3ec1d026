"""Which rows of a long table may contain a text, by the index of texts (:mod:`clearance.views.texts`).

A text is looked up by its rarest three letters, or by some of the rarest where all are frequent; one of one or two
letters by all threes that begin with it.
"""

from typing import Any

import msgspec

from clearance.views.reader import Reader
from clearance.views.texts import Index, folded

FEW = 10_000
"""So many rows are looked at one by one, in whatever order they come."""
PROBED_MAX, PROBE = 24, 1_000
"""How many threes of a text are tried for how rare they are, and how many rows each of them is followed for."""
TOGETHER = 3
"""So many threes, all of them frequent, are sought together: each costs about as much as reading its rows' numbers."""

_LAST = "\U0010ffff" * 3


class Hits(msgspec.Struct, frozen=True):
    """The rows that may contain a text: a query of their keys, each once."""

    sql: str
    values: tuple[Any, ...]
    few: bool


class Finder:
    """Finds the rows of one table that may contain one text."""

    def __init__(self, index: Index, text: str) -> None:
        self._table = index.table
        self._text = folded(text)
        self._due = f"SELECT key FROM {index.table}_due"

    def __call__(self, reader: Reader) -> Hits | None:
        """None: there is no index."""
        if not reader.row("SELECT 1 FROM sqlite_schema WHERE name = ?", (f"{self._table}_texts",)):
            return None
        found, values = self._found(reader)
        keys = {key for (key,) in reader.rows(f"{found} LIMIT {FEW + 1}", values)}
        if len(keys) <= FEW:
            keys.update(key for (key,) in reader.rows(self._due))
            named = msgspec.json.encode(sorted(keys)).decode()
            return Hits("SELECT value AS key FROM json_each(?)", (named,), few=True)
        return Hits(
            f"{self._due} UNION ALL SELECT key FROM ({found}) WHERE key NOT IN ({self._due})", values, few=False
        )

    def _found(self, reader: Reader) -> tuple[str, tuple[Any, ...]]:
        if len(self._text) < 3:
            threes = f"SELECT DISTINCT doc AS key FROM {self._table}_threes WHERE term BETWEEN ? AND ?"
            return threes, (self._text, self._text + _LAST)
        sought = _together(*self._rarest(reader))
        return f"SELECT rowid AS key FROM {self._table}_texts WHERE {self._table}_texts MATCH ?", (sought,)

    def _rarest(self, reader: Reader) -> list[str]:
        """The threes of the text that are worth looking up: one that is rare, or else some of the rarest.

        How rare is told from their first rows: the farther these are apart, the rarer.
        """
        threes = list(dict.fromkeys(self._text[at : at + 3] for at in range(len(self._text) - 2)))[:PROBED_MAX]
        probed = []
        for three in threes:
            found = f"SELECT rowid FROM {self._table}_texts WHERE {self._table}_texts MATCH ? LIMIT {PROBE}"
            number, first, last = reader.rows(
                f"SELECT count(*), min(rowid), max(rowid) FROM ({found})", (_together(three),)
            )[0]
            if number < PROBE:
                return [three]
            probed.append((first - last, three))
        return [three for _, three in sorted(probed)[:TOGETHER]]


def _together(*threes: str) -> str:
    return " AND ".join('"' + three.replace('"', '""') + '"' for three in threes)
