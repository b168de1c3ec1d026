"""The store contract on PostgreSQL; see ``engine/ports.py`` for what each method promises.

Two connections: commits have one, look-ups the other, so that a look-up never sees half a batch. A commit that fails,
for whatever reason, has changed nothing that its transaction did not commit; whether it did when the connection broke
within the COMMIT itself is asked of the ledger, after connecting again.
"""

import contextlib
import json
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from clearance.engine.ports import (
    Batch,
    DecisionFile,
    Definition,
    Entry,
    Head,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
    StoreError,
    SubscriptionRow,
    TimerRow,
)
from clearance.stores.postgres.schema import MIGRATIONS, VERSION

_CONNECT_SECONDS = 5
_PAUSED_MS = 3000
"""A writer that is paused within a transaction loses it after this long, or whoever takes over would wait for it."""
_OLDEST_SERVER = 140000
_COLUMNS = {
    "instances": "key, definition, process, status, position, sequence, hash, snapshot",
    "timers": "key, due, instance, kind, detail",
    "work": "key, instance",
    "subscriptions": "key, kind, name, correlation_key, instance, process, definition, node, place",
    "messages": "key, name, correlation_key, message_id, expires, forget, variables, correlated, offered",
    "locks": "process, correlation_key, instance",
    "definitions": "key, process, name, version, hash, content, xml",
    "decisions": "name, key, sha256, content",
    "parcels": "shard, sequence, depth, content",
    "links": "shard, sent, arrived, taken",
    "meta": "name, value",
}
_IDENTITY = {
    "locks": ("process", "correlation_key"),
    "decisions": ("name",),
    "parcels": ("shard", "sequence"),
    "links": ("shard",),
    "meta": ("name",),
}
_ENTRIES = "SELECT position, stream, sequence, hash, content FROM entries"
_TIMERS = "SELECT due, key, instance, kind, detail FROM timers"
_SUBSCRIPTIONS = (
    "SELECT kind, name, correlation_key, key, instance, process, definition, node, place FROM subscriptions"
)


class PostgresStore:
    """A shard's durable memory in a schema of its own, made when it is not there."""

    def __init__(self, address: str, *, shard: int = 0, readonly: bool = False) -> None:
        """``address``: postgresql://user@host:port/database. Takes the shard's epoch unless ``readonly``."""
        self._address = address
        self._shard = shard
        self._schema = f"clearance_{shard}"
        self._epoch = 0
        self._reads: Any = None
        self._writes: Any = None
        self._psycopg: Any = _driver()
        try:
            with self._explained():
                self._reads = self._connect()
                if not readonly:
                    self._writes = self._connect(_PAUSED_MS)
                    self._prepare()
            self._installation = self._meta("installation")
        except BaseException:
            self.close()
            raise

    # ---- writing -----------------------------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        if self._writes is None:
            raise StoreError(f"{self._named()} was opened to be read")
        with self._explained():
            if self._writes.closed:
                self._writes = self._connect(_PAUSED_MS)
            try:
                with self._writes.transaction():
                    self._fence()
                    self._apply(batch)
            except self._psycopg.OperationalError:
                if not self._committed(batch):
                    raise

    def _committed(self, batch: Batch) -> bool:
        """After a broken connection: whether the server had committed before it broke."""
        if not self._writes.closed or not batch.entries:
            return False
        self._writes = self._connect(_PAUSED_MS)
        last = batch.entries[-1]
        with self._writes.transaction():
            self._fence()
            found = self._writes.execute("SELECT hash FROM entries WHERE position=%s", (last.position,)).fetchone()
        return found is not None and found[0] == last.hash

    def _fence(self) -> None:
        """Holds the epoch's row until the transaction ends: nobody takes over within it, and whoever asks what became
        of a commit whose connection broke waits until the server knows.
        """
        row = self._writes.execute("SELECT value FROM meta WHERE name='epoch' FOR UPDATE").fetchone()
        if row is None or int(row[0]) != self._epoch:
            raise StoreError(f"{self._named()}: another engine has taken over; this one has written nothing since")

    def _apply(self, batch: Batch) -> None:
        with self._writes.cursor() as cursor:
            if batch.entries:
                with cursor.copy("COPY entries (position, stream, sequence, hash, content) FROM STDIN") as copy:
                    for e in batch.entries:
                        copy.write_row((e.position, e.stream, e.sequence, e.hash, e.content))
            for table, gone in (
                ("timers", batch.timers_gone),
                ("work", batch.work_gone),
                ("subscriptions", batch.subscriptions_gone),
                ("messages", batch.messages_gone),
            ):
                if gone:
                    cursor.execute(f"DELETE FROM {table} WHERE key = ANY(%s)", (list(gone),))
            if batch.locks_gone:
                cursor.executemany("DELETE FROM locks WHERE process=%s AND correlation_key=%s", list(batch.locks_gone))
            if batch.parcels_gone:
                gone_parcels = "DELETE FROM parcels WHERE shard=%s AND sequence<=%s"
                cursor.executemany(gone_parcels, list(batch.parcels_gone.items()))
            for table, rows in _rows(batch).items():
                if rows:
                    cursor.executemany(_upsert(table), rows)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        found = self._read("SELECT coalesce(max(position), 0) FROM entries")
        position = int(found[0][0])
        recorded = int(self._meta("position") or position)
        shards = int(self._meta("shards") or 0)
        return Head(position, int(self._meta("next_key") or 0), self._installation, recorded, shards)

    def instance(self, key: int) -> InstanceRow | None:
        rows = self._read(f"SELECT {_COLUMNS['instances']} FROM instances WHERE key=%s", key)
        return InstanceRow(*rows[0]) if rows else None

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        return [TimerRow(*row) for row in self._read(f"{_TIMERS} WHERE due<=%s ORDER BY due, key LIMIT %s", now, limit)]

    def next_due(self) -> int | None:
        rows = self._read("SELECT min(due) FROM timers")
        return None if rows[0][0] is None else int(rows[0][0])

    def at_work(self) -> Sequence[tuple[int, int]]:
        return self._read("SELECT key, instance FROM work ORDER BY key")

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        chosen = f"{_SUBSCRIPTIONS} WHERE kind=%s AND name=%s"
        if correlation_key is None:
            rows = self._read(f"{chosen} ORDER BY key", kind, name)
        else:
            rows = self._read(f"{chosen} AND correlation_key=%s ORDER BY key", kind, name, correlation_key)
        return [SubscriptionRow(*row) for row in rows]

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        if correlation_key is None:
            return self._messages("name=%s ORDER BY key", name)
        return self._messages("name=%s AND correlation_key=%s ORDER BY key", name, correlation_key)

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        found = self._messages("name=%s AND correlation_key=%s AND message_id=%s", name, correlation_key, message_id)
        return found[0] if found else None

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        return self._messages("forget<=%s ORDER BY forget, key LIMIT %s", now, limit)

    def lock(self, process: str, correlation_key: str) -> int | None:
        query = "SELECT instance FROM locks WHERE process=%s AND correlation_key=%s"
        rows = self._read(query, process, correlation_key)
        return int(rows[0][0]) if rows else None

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        rows = self._read("SELECT process, correlation_key FROM locks WHERE instance=%s", instance)
        return (rows[0][0], rows[0][1]) if rows else None

    def definitions(self) -> Sequence[Definition]:
        return [
            Definition(*row) for row in self._read(f"SELECT {_COLUMNS['definitions']} FROM definitions ORDER BY key")
        ]

    def decisions(self) -> Sequence[DecisionFile]:
        rows = self._read("SELECT key, name, sha256, content FROM decisions ORDER BY key")
        return [DecisionFile(*row) for row in rows]

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return [
            Entry(*row) for row in self._read(f"{_ENTRIES} WHERE position>%s ORDER BY position LIMIT %s", after, limit)
        ]

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        chosen = f"{_ENTRIES} WHERE stream=%s AND sequence>%s ORDER BY sequence LIMIT %s"
        return [Entry(*row) for row in self._read(chosen, stream, after, limit)]

    def timer(self, key: int) -> TimerRow | None:
        rows = self._read(f"{_TIMERS} WHERE key=%s", key)
        return TimerRow(*rows[0]) if rows else None

    # ---- verification ------------------------------------------------------------------------------------------------

    def instances(self) -> Iterator[InstanceRow]:
        for row in self._read(f"SELECT {_COLUMNS['instances']} FROM instances ORDER BY key"):
            yield InstanceRow(*row)

    def timers(self) -> Iterator[TimerRow]:
        for row in self._read(f"{_TIMERS} ORDER BY instance, key"):
            yield TimerRow(*row)

    def waiting(self) -> Iterator[SubscriptionRow]:
        for row in self._read(f"{_SUBSCRIPTIONS} ORDER BY instance, key"):
            yield SubscriptionRow(*row)

    def work(self) -> Iterator[tuple[int, int]]:
        yield from self._read("SELECT instance, key FROM work ORDER BY instance, key")

    def kept_messages(self) -> Iterator[MessageRow]:
        yield from self._messages("true ORDER BY key")

    def locks(self) -> Iterator[tuple[str, str, int]]:
        yield from self._read("SELECT process, correlation_key, instance FROM locks ORDER BY process, correlation_key")

    def links(self) -> Sequence[LinkRow]:
        return [LinkRow(*row) for row in self._read(f"SELECT {_COLUMNS['links']} FROM links ORDER BY shard")]

    def parcels(self, shard: int, after: int = 0, limit: int = 1000) -> Sequence[ParcelRow]:
        chosen = f"SELECT {_COLUMNS['parcels']} FROM parcels WHERE shard=%s AND sequence>%s ORDER BY sequence LIMIT %s"
        return [ParcelRow(*row) for row in self._read(chosen, shard, after, limit)]

    def damage(self) -> Sequence[str]:
        found = int(self._meta("version"))
        return [] if found == VERSION else [f"{self._named()} has schema {found}, not {VERSION}"]

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        self._read("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._read("COMMIT")

    def reader(self) -> "PostgresStore":
        return PostgresStore(self._address, shard=self._shard, readonly=True)

    def close(self) -> None:
        for connection in (self._writes, self._reads):
            if connection is not None:
                connection.close()

    # ---- opening -----------------------------------------------------------------------------------------------------

    def _connect(self, idle_ms: int = 0) -> Any:
        connection = self._psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c search_path={self._schema} -c synchronous_commit=on "
            f"-c idle_in_transaction_session_timeout={idle_ms}",
        )
        if connection.info.server_version < _OLDEST_SERVER:
            connection.close()
            raise StoreError(f"{self._named()}: the server is older than PostgreSQL 14: upgrade it")
        return connection

    def _prepare(self) -> None:
        """Make or migrate the schema and take the epoch, all in one transaction."""
        with self._writes.transaction():
            # Two that start at once must not both make the schema; the lock ends with the transaction.
            self._writes.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (self._schema,))
            self._writes.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
            self._writes.execute("CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)")
            known = dict(self._writes.execute("SELECT name, value FROM meta").fetchall())
            version = int(known.get("version", 0))
            if version > VERSION:
                raise StoreError(
                    f"{self._named()} was written by a newer Clearance (schema {version}, this one knows {VERSION}): "
                    "upgrade"
                )
            for migration in MIGRATIONS[version:]:
                self._writes.execute(migration)
            self._epoch = int(known.get("epoch", 0)) + 1
            noted = {"version": str(VERSION), "epoch": str(self._epoch)}
            noted["installation"] = known.get("installation") or secrets.token_hex(8)
            self._writes.cursor().executemany(_upsert("meta"), list(noted.items()))

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._explained():
            if self._reads.closed:
                self._reads = self._connect()
            cursor = self._reads.execute(query, values)
            return [] if cursor.description is None else list(cursor.fetchall())

    def _messages(self, condition: str, *values: object) -> list[MessageRow]:
        rows = self._read(f"SELECT {_COLUMNS['messages']} FROM messages WHERE {condition}", *values)
        return [_message(row) for row in rows]

    def _meta(self, name: str) -> str:
        rows = self._read("SELECT value FROM meta WHERE name=%s", name)
        return str(rows[0][0]) if rows else ""

    def _named(self) -> str:
        """Where it is, without the password."""
        known = self._psycopg.conninfo.conninfo_to_dict(self._address)
        return f"postgresql://{known.get('host', '')}:{known.get('port', 5432)}/{known.get('dbname', '')}"

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            said = " ".join(str(error).split())
            raise StoreError(f"{self._named()}: {said or type(error).__name__}") from error


def _message(row: tuple[int, str, str, str, int, int, bytes, str, str]) -> MessageRow:
    offered = tuple((process, subscription) for process, subscription in json.loads(row[-1]))
    return MessageRow(*row[:-2], correlated=tuple(json.loads(row[-2])), offered=offered)


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise StoreError('PostgreSQL needs a package more: pip install "clearance[postgresql]"') from None
    return psycopg


def _upsert(table: str) -> str:
    columns = _COLUMNS[table].split(", ")
    identity = _IDENTITY.get(table, ("key",))
    changed = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in identity)
    places = ", ".join(["%s"] * len(columns))
    return (
        f"INSERT INTO {table} ({_COLUMNS[table]}) VALUES ({places}) "
        f"ON CONFLICT ({', '.join(identity)}) DO UPDATE SET {changed}"
    )


def _rows(batch: Batch) -> dict[str, list[tuple[object, ...]]]:
    """What is new or replaced, by table."""
    noted: list[tuple[object, ...]] = [("next_key", str(batch.next_key))]
    if batch.entries:
        noted.append(("position", str(batch.entries[-1].position)))
    if batch.shards:
        noted.append(("shards", str(batch.shards)))
    return {
        "instances": [
            (r.key, r.definition, r.process, r.status, r.position, r.sequence, r.hash, r.snapshot)
            for r in batch.instances.values()
        ],
        "timers": [(t.key, t.due, t.instance, t.kind, t.detail) for t in batch.timers_set.values()],
        "work": list(batch.work_set.items()),
        "subscriptions": [
            (s.key, s.kind, s.name, s.correlation_key, s.instance, s.process, s.definition, s.node, s.place)
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
        "decisions": [(f.name, f.key, f.sha256, f.content) for f in batch.decisions],
        "parcels": [(p.shard, p.sequence, p.depth, p.content) for p in batch.parcels_set.values()],
        "links": [(k.shard, k.sent, k.arrived, k.taken) for k in batch.links.values()],
        "meta": noted,
    }
