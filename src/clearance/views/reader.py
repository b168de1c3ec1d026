"""Reading the view database from any thread, and what all lists share: filters, paging and bounded counting."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from clearance.views.projector import connect

LIMIT_DEFAULT = 50
LIMIT_MAX = 1000
TEXT_MAX = 1000
OFFSET_MAX = 1_000_000
COUNT_MAX = 10_000
"""Up to here a list's total is exact, as in Camunda 8; ``hasMoreTotalItems`` says that there are more."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class BadQuery(ValueError):
    """What is asked for cannot be asked; the message says what can."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of what the views answer."""


class PageInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much there is beside the page, with the fields of Camunda 8; its clients want all of them."""

    total_items: Annotated[int, msgspec.Meta(description="All that matches, not just the page; a lower bound, perhaps")]
    has_more_total_items: Annotated[bool, msgspec.Meta(description="There are more than totalItems: it is capped")]
    start_cursor: Annotated[str | None, msgspec.Meta(description="For page.before: where this page begins")] = None
    end_cursor: Annotated[str | None, msgspec.Meta(description="For page.after: where this page ends")] = None


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    items: list[T]
    page: PageInfo


class Sort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    field: str
    order: str = "asc"


class PageRequest(msgspec.Struct, frozen=True, rename={"start": "from"}, forbid_unknown_fields=True):
    """So many items: from a number on, behind a cursor, or before one (:mod:`clearance.views.cursors`)."""

    start: int = 0
    limit: int = LIMIT_DEFAULT
    after: Annotated[str, msgspec.Meta(description="The endCursor of the page before")] = ""
    before: Annotated[str, msgspec.Meta(description="The startCursor of the page behind")] = ""


class Reader:
    """One connection a thread, opened when it first asks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection().execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection().execute(sql, values).fetchone()
        return found

    def count(self, sql: str, values: Sequence[Any] = ()) -> int:
        row = self.row(sql, values)
        return int(row[0]) if row and row[0] is not None else 0

    def total(self, source: str, values: Sequence[Any] = ()) -> PageInfo:
        """How many rows ``source`` (FROM and WHERE) has, counted up to the bound."""
        return counted(self.count(f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {COUNT_MAX + 1})", values))

    def close(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = connect(self._path, read_only=True)
            self._local.connection = known
            with self._lock:
                self._connections.append(known)
        return known


class Where:
    """Conditions joined by AND, with their values."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> "Where":
        self._parts.append(condition)
        self.values.extend(values)
        return self

    def all(self, other: "Where") -> "Where":
        """All of the other conditions too."""
        self._parts += other._parts
        self.values += other.values
        return self

    def one_of(self, column: str, values: Iterable[Any]) -> "Where":
        """The column has one of the values; no values: none has, by a condition that still names the column."""
        values = list(values) or [None]
        return self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

    def text(self, text: str, *columns: str) -> "Where":
        """Any of the columns contains the text, whatever its case; its wildcards stand for themselves.

        SQLite reads a pattern up to the first NUL only, and refuses long ones. Raises :class:`BadQuery`.
        """
        if len(text) > TEXT_MAX or "\0" in text:
            raise BadQuery(f"filter.text: give at most {TEXT_MAX} characters, and none of them NUL")
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        return self.add(
            "(" + " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in columns) + ")", *[pattern] * len(columns)
        )

    def __str__(self) -> str:
        return " AND ".join(self._parts) or "1"


def counted(found: int) -> PageInfo:
    """A total that was found, as far as it is told."""
    return PageInfo(total_items=min(found, COUNT_MAX), has_more_total_items=found > COUNT_MAX)


def key_of(text: str, where: str = "key") -> int:
    """A key from its text; raises :class:`BadQuery`."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) >= 2**63:
        raise BadQuery(f"{where}: {text[:40]!r} is not a key; keys are whole numbers written as text")
    return int(text)


def iso(at: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC."""
    try:
        return (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:
        return "9999-12-31T23:59:59.999Z"


def iso_or_none(at: int) -> str | None:
    return iso(at) if at else None
