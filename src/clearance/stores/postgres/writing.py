"""A batch as statements: one for each table that it changes, with a column of values a parameter."""

import json
from collections.abc import Iterator

import msgspec

from clearance.engine.ports import SHARD_STREAM, Batch, DecisionFile
from clearance.stores.postgres.arrays import TYPES, Bigints, Byteas, Column, Texts

Statement = tuple[str, list[Column]]

COLUMNS: dict[str, dict[str, type[Column]]] = {
    "entries": {"position": Bigints, "stream": Bigints, "sequence": Bigints, "hash": Byteas, "content": Byteas},
    "instances": {
        "key": Bigints,
        "definition": Texts,
        "process": Texts,
        "status": Texts,
        "position": Bigints,
        "sequence": Bigints,
        "hash": Byteas,
        "snapshot": Byteas,
    },
    "timers": {"due": Bigints, "key": Bigints, "instance": Bigints, "kind": Texts, "detail": Texts},
    "at_work": {"key": Bigints},
    "subscriptions": {
        "kind": Texts,
        "name": Texts,
        "correlation_key": Texts,
        "key": Bigints,
        "instance": Bigints,
        "process": Texts,
        "definition": Texts,
        "node": Bigints,
        "place": Bigints,
    },
    "messages": {
        "key": Bigints,
        "name": Texts,
        "correlation_key": Texts,
        "message_id": Texts,
        "expires": Bigints,
        "forget": Bigints,
        "variables": Byteas,
        "correlated": Texts,
        "offered": Texts,
    },
    "locks": {"process": Texts, "correlation_key": Texts, "instance": Bigints},
    "definitions": {
        "key": Bigints,
        "process": Texts,
        "name": Texts,
        "version": Bigints,
        "hash": Texts,
        "content": Byteas,
        "xml": Texts,
    },
    "decisions": {"name": Texts, "key": Bigints, "sha256": Texts, "content": Byteas},
    "archives": {
        "position": Bigints,
        "sha256": Texts,
        "first": Bigints,
        "last": Bigints,
        "entries": Bigints,
        "size": Bigints,
        "shard_sequence": Bigints,
    },
    "archived": {"instance": Bigints, "archive": Bigints},
    "parcels": {"shard": Bigints, "sequence": Bigints, "depth": Bigints, "content": Byteas},
    "links": {"shard": Bigints, "sent": Bigints, "arrived": Bigints, "taken": Bigints},
    "meta": {"name": Texts, "value": Texts},
}
"""The tables with their columns, in the order in which rows are read and written."""
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
    for table, gone, come in (
        ("timers", batch.timers_gone, batch.timers_set),
        ("at_work", batch.work_gone, batch.work_set),
        ("subscriptions", batch.subscriptions_gone, batch.subscriptions_set),
        ("messages", batch.messages_gone, batch.messages_set),
    ):
        if gone or come:
            yield f"DELETE FROM {table} WHERE key = ANY(%s)", [Bigints([*gone, *come])]
    locks = list(batch.locks_gone | batch.locks_set.keys())
    if locks:
        yield _UNLOCK, [Texts(values) for values in zip(*locks, strict=True)]
    if batch.parcels_gone:
        arrived = zip(*batch.parcels_gone.items(), strict=True)
        yield _ARRIVED, [Bigints(values) for values in arrived]
    for table, rows in _rows(batch).items():
        if rows:
            kinds = COLUMNS[table].values()
            columns = zip(*rows, strict=True)
            yield _WRITE[table], [kind(values) for kind, values in zip(kinds, columns, strict=True)]
    if batch.archives:
        shard = max(archive.shard_sequence for archive in batch.archives)
        piece = "DELETE FROM entries WHERE stream = ANY(%s) AND sequence <= ALL(%s)"
        yield piece, [Bigints([SHARD_STREAM]), Bigints([shard])]
        yield "DELETE FROM entries WHERE stream = ANY(%s)", [Bigints(list(batch.archived))]
        yield "DELETE FROM instances WHERE key = ANY(%s)", [Bigints(list(batch.archived))]


def _rows(batch: Batch) -> dict[str, list[tuple[object, ...]]]:
    """What is new or replaced, by table."""
    noted: list[tuple[object, ...]] = [("next_key", str(batch.next_key))]
    if batch.entries:
        noted.append(("position", str(batch.entries[-1].position)))
    if batch.installation:
        noted.append(("installation", batch.installation))
    if batch.shards:
        noted.append(("shards", str(batch.shards)))
    return {
        "entries": [(e.position, e.stream, e.sequence, e.hash, e.content) for e in batch.entries],
        "instances": [
            (r.key, r.definition, r.process, r.status, r.position, r.sequence, r.hash, r.snapshot)
            for r in batch.instances.values()
        ],
        "timers": [(t.due, t.key, t.instance, t.kind, t.detail) for t in batch.timers_set.values()],
        "at_work": [(key,) for key in batch.work_set],
        "subscriptions": [
            (s.kind, s.name, s.correlation_key, s.key, s.instance, s.process, s.definition, s.node, s.place)
            for s in batch.subscriptions_set.values()
        ],
        "messages": [
            (
                m.key,
                m.name,
                m.correlation_key,
                m.message_id,
                m.expires,
                m.forget,
                m.variables,
                json.dumps(m.correlated),
                json.dumps(m.offered),
            )
            for m in batch.messages_set.values()
        ],
        "locks": [(process, key, instance) for (process, key), instance in batch.locks_set.items()],
        "definitions": [(d.key, d.process, d.name, d.version, d.hash, d.content, d.xml) for d in batch.definitions],
        "decisions": [(f.name, f.key, f.sha256, f.content) for f in _last_of_each(batch)],
        "archives": [msgspec.structs.astuple(archive) for archive in batch.archives],
        "archived": list(batch.archived.items()),
        "parcels": [(p.shard, p.sequence, p.depth, p.content) for p in batch.parcels_set.values()],
        "links": [(k.shard, k.sent, k.arrived, k.taken) for k in batch.links.values()],
        "meta": noted,
    }


def _last_of_each(batch: Batch) -> list[DecisionFile]:
    """A statement replaces each row once at the most."""
    return list({file.name: file for file in batch.decisions}.values())


def _write(table: str) -> str:
    columns = COLUMNS[table]
    arrays = ", ".join(f"%s::{TYPES[kind][0]}[]" for kind in columns.values())
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
