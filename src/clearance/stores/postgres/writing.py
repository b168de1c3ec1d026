"""A batch as statements: one for each table that it changes, with a column of values a parameter."""

from collections.abc import Iterator

from clearance.engine.ports import SHARD_STREAM, Batch
from clearance.stores.postgres.arrays import TYPES, Bigints, Byteas, Column, Texts
from clearance.stores.rows import COLUMNS, entry_rows, keys_gone, rows_set

Statement = tuple[str, list[Column]]

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


def statements(batch: Batch) -> Iterator[Statement]:
    """What goes or is replaced before what comes. Most rows of these tables come once and go once: taking away what
    may be there and inserting costs half of what ``ON CONFLICT`` does.
    """
    come = rows_set(batch)
    for table, gone in keys_gone(batch).items():
        if gone or come[table]:
            place = list(COLUMNS[table]).index("key")
            yield f"DELETE FROM {table} WHERE key = ANY(%s)", [Bigints([*gone, *(row[place] for row in come[table])])]
    locks = list(batch.locks_gone | batch.locks_set.keys())
    if locks:
        yield _UNLOCK, [Texts(values) for values in zip(*locks, strict=True)]
    if batch.parcels_gone:
        arrived = zip(*batch.parcels_gone.items(), strict=True)
        yield _ARRIVED, [Bigints(values) for values in arrived]
    for table, rows in {"entries": entry_rows(batch), **come}.items():
        if rows:
            kinds = COLUMNS[table].values()
            columns = zip(*rows, strict=True)
            yield _WRITE[table], [_KINDS[kind](values) for kind, values in zip(kinds, columns, strict=True)]
    if batch.archives:
        shard = max(archive.shard_sequence for archive in batch.archives)
        piece = "DELETE FROM entries WHERE stream = ANY(%s) AND sequence <= ALL(%s)"
        yield piece, [Bigints([SHARD_STREAM]), Bigints([shard])]
        yield "DELETE FROM entries WHERE stream = ANY(%s)", [Bigints(list(batch.archived))]
        yield "DELETE FROM instances WHERE key = ANY(%s)", [Bigints(list(batch.archived))]


def _write(table: str) -> str:
    columns = COLUMNS[table]
    arrays = ", ".join(f"%s::{TYPES[_KINDS[kind]][0]}[]" for kind in columns.values())
    insert = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
    if table in ("entries", "timers", "at_work", "subscriptions", "messages", "locks"):
        return insert
    identity = _IDENTITY.get(table, "key")
    changed = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in identity.split(", "))
    return f"{insert} ON CONFLICT ({identity}) DO UPDATE SET {changed}"


_WRITE = {table: _write(table) for table in COLUMNS}
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
