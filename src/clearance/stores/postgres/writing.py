"""A batch as statements: one for each table that it changes, with a column of values a parameter."""

from collections.abc import Iterator

import msgspec

from clearance.ledger.rows import SHARD_STREAM, Batch
from clearance.stores.postgres.arrays import TYPES, Bigints, Byteas, Column, Statement, Texts
from clearance.stores.rows import COLUMNS, Row, keys_gone, rows_set

_KINDS: dict[type, type[Column]] = {int: Bigints, str: Texts, bytes: Byteas}
_IDENTITY = {
    "decisions": "name",
    "meta": "name",
    "parcels": "shard, sequence",
    "links": "shard",
    "archives": "position",
    "archived": "instance",
}
"""By what a row replaces another one; ``key`` in all other tables."""
_COME_AND_GO = ("timers", "at_work", "subscriptions", "messages", "locks")
"""Most rows of these come once and go once: taking away what may be there and inserting costs half of what
``ON CONFLICT`` does.
"""


def entered(batch: Batch) -> Iterator[Statement]:
    """The entries; ``copying.py`` has another way for many."""
    yield from _inserted("entries", [msgspec.structs.astuple(entry) for entry in batch.entries])


def statements(batch: Batch) -> Iterator[Statement]:
    """All else, what goes or is replaced before what comes."""
    come = rows_set(batch)
    yield from _gone(batch, come)
    begun = {entry.stream for entry in batch.entries if entry.sequence == 1}
    instances = come.pop("instances", [])
    yield from _inserted("instances", [row for row in instances if row[0] in begun])
    yield from _replaced("instances", [row for row in instances if row[0] not in begun])
    for table, rows in come.items():
        yield from _inserted(table, rows) if table in _COME_AND_GO else _replaced(table, rows)
    if batch.archives:
        shard = max(archive.shard_sequence for archive in batch.archives)
        piece = "DELETE FROM entries WHERE stream = ANY(%s) AND sequence <= ALL(%s)"
        yield piece, [Bigints([SHARD_STREAM]), Bigints([shard])]
        yield "DELETE FROM entries WHERE stream = ANY(%s)", [Bigints(list(batch.archived))]
        yield "DELETE FROM instances WHERE key = ANY(%s)", [Bigints(list(batch.archived))]


def _gone(batch: Batch, come: dict[str, list[Row]]) -> Iterator[Statement]:
    for table, gone in keys_gone(batch).items():
        place = list(COLUMNS[table]).index("key")
        keys = [*gone, *(row[place] for row in come.get(table, ()))]
        if keys:
            yield f"DELETE FROM {table} WHERE key = ANY(%s)", [Bigints(keys)]
    locks = list(batch.locks_gone | batch.locks_set.keys())
    if locks:
        yield _UNLOCK, [Texts(values) for values in zip(*locks, strict=True)]
    if batch.parcels_gone:
        arrived = zip(*batch.parcels_gone.items(), strict=True)
        yield _ARRIVED, [Bigints(values) for values in arrived]


def _inserted(table: str, rows: list[Row]) -> Iterator[Statement]:
    """Rows of keys that are not there."""
    if rows:
        yield _INSERT[table], _columns(table, rows)


def _replaced(table: str, rows: list[Row]) -> Iterator[Statement]:
    if rows:
        yield _REPLACE[table], _columns(table, rows)


def _columns(table: str, rows: list[Row]) -> list[Column | int]:
    kinds = COLUMNS[table].values()
    return [_KINDS[kind](values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]


def _insert(table: str) -> str:
    columns = COLUMNS[table]
    arrays = ", ".join(f"%s::{TYPES[_KINDS[kind]][0]}[]" for kind in columns.values())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"


def _replacing(table: str) -> str:
    identity = _IDENTITY.get(table, "key")
    changed = ", ".join(f"{name}=excluded.{name}" for name in COLUMNS[table] if name not in identity.split(", "))
    return f" ON CONFLICT ({identity}) DO UPDATE SET {changed}"


_INSERT = {table: _insert(table) for table in COLUMNS}
_REPLACE = {table: _INSERT[table] + _replacing(table) for table in COLUMNS if table not in _COME_AND_GO}
_ARRIVED = (
    "DELETE FROM parcels USING unnest(%s::bigint[], %s::bigint[]) AS gone (shard, until) "
    "WHERE parcels.shard = gone.shard AND sequence <= until"
)
_UNLOCK = (
    "DELETE FROM locks USING unnest(%s::text[], %s::text[]) AS gone (process, correlation_key) "
    "WHERE locks.process = gone.process AND locks.correlation_key = gone.correlation_key "
    'AND hashtextextended(locks.process, 0) = hashtextextended(gone.process COLLATE "C", 0) '
    'AND hashtextextended(locks.correlation_key, 0) = hashtextextended(gone.correlation_key COLLATE "C", 0)'
)
