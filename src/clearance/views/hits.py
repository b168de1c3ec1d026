"""Which rows of a long table may contain a text, by the index of texts (:mod:`clearance.views.texts`).

A text is looked up by its rarest three letters, or by some of the rarest where all are frequent; one of one or two
letters by all threes that begin with it.
"""

from typing import Any

import msgspec

from clearance.views.reader import Reader
from clearance.views.texts import Index, folded, mark_of

FEW = 20_000
"""So many rows are looked at one by one, in whatever order they come."""
PROBED_MAX, PROBE = 24, 1_000
"""How many threes of a text are tried for how rare they are, and how many rows each of them is followed for."""
TOGETHER = 4
"""So many threes, all of them frequent, are sought together: each costs about as much as reading its rows' numbers."""

_LAST = "\U0010ffff" * 3


class Hits(msgspec.Struct, frozen=True):
    """The rows that may contain a text: a query of their keys, each once."""

    sql: str
    values: tuple[Any, ...]
    few: bool


def needle(text: str) -> str:
    """What is compared of a text that is asked for: all before a NUL, which ends it for SQLite."""
    return text.partition("\0")[0]


def hits(index: Index, text: str, reader: Reader, place: tuple[str, ...] = ()) -> Hits | None:
    """The rows of a place, or of all, that may contain the text; None: there is no index."""
    if not reader.row("SELECT 1 FROM sqlite_schema WHERE name = ?", (f"{index.table}_texts",)):
        return None
    text = folded(text)
    if len(text) < 3:
        found = f"SELECT DISTINCT doc AS key FROM {index.table}_threes WHERE term BETWEEN ? AND ?"
        values: tuple[Any, ...] = (text, text + _LAST)
    else:
        found = f"SELECT rowid AS key FROM {index.table}_texts WHERE {index.table}_texts MATCH ?"
        values = (_together(*([mark_of(*place)] if place else []), *_rarest(index, text, reader)),)
    due = f"SELECT key FROM {index.table}_due"
    sql = f"{due} UNION ALL SELECT key FROM ({found}) WHERE key NOT IN ({due})"
    number = reader.count(f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {FEW + 1})", values)
    return Hits(sql, values, few=number <= FEW)


def _rarest(index: Index, text: str, reader: Reader) -> list[str]:
    """The threes of a text that are worth looking up: one that is rare, or else some of the rarest.

    How rare is told from their first rows: the farther one must read for so many, the rarer.
    """
    threes = list(dict.fromkeys(text[at : at + 3] for at in range(len(text) - 2)))[:PROBED_MAX]
    probed = []
    for three in threes:
        found = f"SELECT rowid FROM {index.table}_texts WHERE {index.table}_texts MATCH ? LIMIT {PROBE}"
        row = reader.row(f"SELECT count(*), max(rowid) FROM ({found})", (_together(three),))
        number, last = row or (0, None)
        if number < PROBE:
            return [three]
        probed.append((-int(last or 0), three))
    return [three for _, three in sorted(probed)[:TOGETHER]]


def _together(*threes: str) -> str:
    return " AND ".join('"' + three.replace('"', '""') + '"' for three in threes)
