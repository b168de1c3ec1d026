"""What a database keeps of a batch, as rows of tables: the columns of a table are the fields of its struct in
``ledger/rows.py``, so that they are listed once and read back as they were written.

SQLite and PostgreSQL share this list, and nothing else of how they write. Their schemas and migrations stay with each:
types, indexes and what must change for the sake of speed differ, and a migration that was released never changes again.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from clearance.ledger.rows import (
    Archive,
    Batch,
    DecisionFile,
    Definition,
    Entry,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
    SubscriptionRow,
    TimerRow,
)

Row = tuple[Any, ...]

_STRUCTS: dict[str, type[msgspec.Struct]] = {
    "entries": Entry,
    "instances": InstanceRow,
    "timers": TimerRow,
    "subscriptions": SubscriptionRow,
    "messages": MessageRow,
    "definitions": Definition,
    "decisions": DecisionFile,
    "archives": Archive,
    "parcels": ParcelRow,
    "links": LinkRow,
}
COLUMNS: dict[str, dict[str, type]] = {
    table: {field.name: field.type if field.type in (int, str, bytes) else str for field in msgspec.structs.fields(row)}
    for table, row in _STRUCTS.items()
} | {
    "at_work": {"key": int},
    "locks": {"process": str, "correlation_key": str, "instance": int},
    "archived": {"instance": int, "archive": int},
    "meta": {"name": str, "value": str},
}
"""The tables with their columns, in the order in which rows are read and written; what is no number, text or bytes is
kept as JSON."""
SELECT = {table: f"SELECT {', '.join(columns)} FROM {table}" for table, columns in COLUMNS.items()}


def keys_gone(batch: Batch) -> dict[str, Collection[int]]:
    """The keys of rows that go, by table; applied before what comes."""
    return {
        "timers": batch.timers_gone,
        "at_work": batch.work_gone,
        "subscriptions": batch.subscriptions_gone,
        "messages": batch.messages_gone,
    }


def rows_set(batch: Batch) -> dict[str, list[Row]]:
    """What comes, or replaces the row of the same key, by table; without the entries, each row once, and no table that
    nothing comes to."""
    come: dict[str, list[Row]] = {}
    changes = _changes(batch)
    if any(changes):  # most small batches are entries and nothing else
        come = {table: rows(change) for (table, rows, _), change in zip(_COMING, changes, strict=True) if change}
    come["meta"] = _noted(batch)
    return come


def message_of(row: Row) -> MessageRow:
    """A message as it was given."""
    told = dict(zip(COLUMNS["messages"], row, strict=True))
    told["correlated"] = tuple(json.loads(told["correlated"]))
    told["offered"] = tuple((process, subscription) for process, subscription in json.loads(told["offered"]))
    return MessageRow(**told)


def _listed(rows: Iterable[msgspec.Struct]) -> list[Row]:
    return [msgspec.structs.astuple(one) for one in rows]


def _by_key(rows: Mapping[Any, msgspec.Struct]) -> list[Row]:
    return _listed(rows.values())


def _messages(rows: dict[int, MessageRow]) -> list[Row]:
    return [(*row[:-2], json.dumps(row[-2]), json.dumps(row[-1])) for row in _by_key(rows)]


def _noted(batch: Batch) -> list[Row]:
    noted: list[Row] = [("next_key", str(batch.next_key))]
    if batch.entries:
        noted.append(("position", str(batch.entries[-1].position)))
    if batch.installation:
        noted.append(("installation", batch.installation))
    if batch.shards:
        noted.append(("shards", str(batch.shards)))
    return noted


_COMING: tuple[tuple[str, Callable[[Any], list[Row]], str], ...] = (
    ("instances", _by_key, "instances"),
    ("timers", _by_key, "timers_set"),
    ("at_work", lambda keys: [(key,) for key in keys], "work_set"),
    ("subscriptions", _by_key, "subscriptions_set"),
    ("messages", _messages, "messages_set"),
    ("locks", lambda locks: [(*lock, instance) for lock, instance in locks.items()], "locks_set"),
    ("definitions", _listed, "definitions"),
    ("decisions", lambda files: _by_key({file.name: file for file in files}), "decisions"),
    ("archives", _listed, "archives"),
    ("archived", lambda archived: list(archived.items()), "archived"),
    ("parcels", _by_key, "parcels_set"),
    ("links", _by_key, "links"),
)
"""The tables, each with how a field of a batch becomes its rows, and which one."""
_changes = attrgetter(*(field for _, _, field in _COMING))
