"""The store contract on PostgreSQL; see ``ledger/store.py`` for what each method promises.

Commits have a connection of their own, look-ups another, so that a look-up never sees half a batch. A commit is one
pipeline: everything that it writes goes out at once, with the fence first and COMMIT last; only many entries go between
two pipelines, by COPY. Whether a commit whose connection broke has happened is asked of the ledger when it is tried
again.

A look-up whose connection broke is repeated once; several threads may use one handle, which then takes turns.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from clearance.ledger.rows import (
    Archive,
    Batch,
    DecisionFile,
    Definition,
    Entry,
    Head,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
    SubscriptionRow,
    TimerRow,
)
from clearance.ledger.store import ArchiveFiles, Interrupted, StoreError, StoreLost
from clearance.stores.archives import Past
from clearance.stores.postgres import restoring
from clearance.stores.postgres.archives import PostgresArchives
from clearance.stores.postgres.arrays import ESCAPE, Statement, plain, register, stored
from clearance.stores.postgres.connecting import Connector
from clearance.stores.postgres.copying import ENTRIES_MIN, copy
from clearance.stores.postgres.lease import LEASE_S, Lease, Waiting
from clearance.stores.postgres.schema import VERSION
from clearance.stores.postgres.writing import entered, statements
from clearance.stores.rows import COLUMNS, SELECT, message_of

_PAGE = 1000
"""Rows of a large result that are fetched at once."""
_TEXTS = {
    table: [place for place, kind in enumerate(columns.values()) if kind is str] for table, columns in COLUMNS.items()
}
_TAILS = (
    "SELECT tail.* FROM unnest(%s::bigint[], %s::bigint[]) AS asked (stream, after) CROSS JOIN LATERAL ("
    f"{SELECT['entries']} WHERE stream = asked.stream AND sequence > after ORDER BY sequence LIMIT %s"
    ") AS tail ORDER BY tail.stream, tail.sequence LIMIT %s"
)
"""LATERAL with a limit: each is looked up in the index, whatever the planner thinks of how many there are."""
_FENCE = "SELECT fence(%s::bigint, %s::bigint)"
_IDLE = 0
"""No transaction, in libpq's words (PQTRANS_IDLE)."""
_BY_KEY = "hashtextextended(correlation_key, 0)=hashtextextended(%s, 0) AND correlation_key=%s"
_BY_NAME = "hashtextextended(name, 0)=hashtextextended(%s, 0) AND name=%s"
_BY_PROCESS = "hashtextextended(process, 0)=hashtextextended(%s, 0) AND process=%s"


class PostgresStore:
    """A shard's durable memory in a schema of its own, made when it is not there."""

    def __init__(
        self,
        address: str,
        *,
        shard: int = 0,
        readonly: bool = False,
        lease_s: float = LEASE_S,
        waiting: Waiting | None = None,
        replaced: set[str] | None = None,
        restores: bool = False,
    ) -> None:
        """``address``: postgresql://user@host:port/database. Takes the shard's lease unless ``readonly``; when another
        engine holds it, waits as long as ``waiting`` says, or refuses. ``replaced``: what several shards of one tower
        share, so that they wait for a dead one only once. ``restores``: begins a restore; until
        :func:`clearance.stores.postgres.restoring.end` nobody else can open it.
        """
        self._address = address
        self._connector = Connector(address, shard)
        self._reads: Any = None
        self._writes: Any = None
        self._in_doubt = False
        """Whether the last commit broke off."""
        self._turn = threading.RLock()
        self._frozen = False
        self._cursors = 0
        self._told: list[Callable[[str], None]] = []
        self._lost = ""
        self._lease: Lease | None = None
        self._past = Past(PostgresArchives(self), self.archives)
        self._restores = restores
        try:
            if not readonly:
                self._lease = Lease(self._connector, lease_s, self._lose, replaced, restores=restores)
                self._lease.take(waiting)
            known = dict(self._read(SELECT["meta"]))
            if not restores:
                restoring.refuse(known, self._connector.named)
            self._installation = known.get("installation", "")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def named(address: str) -> str:
        """The address without the password."""
        return Connector(address, 0).named

    # ---- writing -----------------------------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        if self._lease is None:
            raise StoreError(f"{self._connector.named} was opened to be read")
        if self._lost:
            raise StoreLost(self._lost)
        try:
            if self._writes is None or self._writes.closed:
                self._open_writes(self._lease.epoch)
            with self._connector.explained(self._writes):
                if not (self._in_doubt and self._committed(batch, self._lease.epoch)):
                    self._write(batch, self._lease.epoch)
            self._in_doubt = False
            self._installation = batch.installation or self._installation
        except Interrupted:
            self._in_doubt = True
            if self._writes is not None:
                self._writes.close()
            raise
        except StoreLost as error:
            self._lose(str(error))
            raise
        except StoreError:
            self._in_doubt = False
            raise

    def when_lost(self, told: Callable[[str], None]) -> None:
        self._told.append(told)
        if self._lost:
            told(self._lost)

    def held(self) -> bool:
        return self._lease is not None and not self._lost and self._lease.held()

    @property
    def silence(self) -> str:
        return self._lease.silence if self._lease is not None else ""

    def _lose(self, reason: str) -> None:
        with self._turn:
            first, self._lost = not self._lost, self._lost or reason
        if first:
            for told in self._told:
                told(reason)

    def _open_writes(self, epoch: int) -> None:
        """A connection to write, the only one: what an earlier one has left half done is undone."""
        with self._connector.explained(None):
            connection = self._connector.connect("writer", "idle_in_transaction_session_timeout=3s")
            register(connection)
            self._writes = connection
            mine = "SELECT value::bigint FROM meta WHERE name='epoch'"
            if connection.execute(mine).fetchone() == (epoch,):
                self._connector.end_others(connection, ("writer",))

    def _write(self, batch: Batch, epoch: int) -> None:
        """A statement that fails makes those after it fail too, COMMIT included."""
        follows = batch.entries[0].position - 1 if batch.entries else 0
        begin: list[Statement] = [("BEGIN", []), (_FENCE, [epoch, follows])]
        rest = chain(statements(batch), [("COMMIT", [])])
        try:
            if len(batch.entries) < ENTRIES_MIN:
                self._pipe(chain(begin, entered(batch), rest))
            else:
                self._pipe(begin)
                copy(self._writes, batch.entries)
                self._pipe(rest)
        except BaseException:
            self._undo()
            raise

    def _pipe(self, written: Iterable[Statement]) -> None:
        """All in one go, in one round trip."""
        connection = self._writes
        with connection.pipeline():
            for statement, values in written:
                connection.execute(statement, values, prepare=True)

    def _undo(self) -> None:
        """After an error: out of the transaction, or out of the connection."""
        try:
            if not self._writes.closed and self._writes.info.transaction_status != _IDLE:
                self._writes.rollback()
        except self._connector.psycopg.Error:
            self._writes.close()

    def _committed(self, batch: Batch, epoch: int) -> bool:
        """After a broken connection: whether the server had committed before it broke. The fence waits until the
        server knows; while the epoch is ours nobody else has written.
        """
        if not batch.entries:
            return False
        recorded = "SELECT value::bigint FROM meta WHERE name='position'"
        with self._writes.transaction():
            self._writes.execute(_FENCE, (epoch, 0))
            found = self._writes.execute(recorded).fetchone()
        return found is not None and bool(found[0] >= batch.entries[-1].position)

    # ---- reading -----------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        position = int(self._read("SELECT coalesce(max(position), 0) FROM entries")[0][0])
        known = dict(self._read(SELECT["meta"]))
        recorded = int(known.get("position", position))
        shards = int(known.get("shards", 0))
        return Head(position, int(known.get("next_key", 0)), self._installation, recorded, shards)

    def instance(self, key: int) -> InstanceRow | None:
        rows = self._rows("instances", "WHERE key=%s", key)
        return InstanceRow(*rows[0]) if rows else None

    def instances_of(self, keys: Sequence[int]) -> Sequence[InstanceRow]:
        return [InstanceRow(*row) for row in self._rows("instances", "WHERE key = ANY(%s)", list(keys))]

    def tails(self, after: Mapping[int, int], limit: int = 1000) -> Sequence[Entry]:
        streams, sequences = list(after), list(after.values())
        return [Entry(*row) for row in self._read(_TAILS, streams, sequences, limit, limit)]

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        return [TimerRow(*row) for row in self._rows("timers", "WHERE due<=%s ORDER BY due, key LIMIT %s", now, limit)]

    def next_due(self, after: int = -1) -> int | None:
        rows = self._read("SELECT min(due) FROM timers WHERE due>%s", after)
        return None if rows[0][0] is None else int(rows[0][0])

    def at_work(self) -> Sequence[int]:
        return [key for (key,) in self._rows("at_work", "ORDER BY key")]

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        chosen, values = f"WHERE kind=%s AND {_BY_NAME}", [kind, name, name]
        if correlation_key is not None:
            chosen, values = f"{chosen} AND {_BY_KEY}", [*values, correlation_key, correlation_key]
        return [SubscriptionRow(*row) for row in self._rows("subscriptions", f"{chosen} ORDER BY key", *values)]

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        if correlation_key is None:
            return self._messages(f"WHERE {_BY_NAME} ORDER BY key", name, name)
        chosen = f"WHERE {_BY_NAME} AND {_BY_KEY} ORDER BY key"
        return self._messages(chosen, name, name, correlation_key, correlation_key)

    def message(self, key: int) -> MessageRow | None:
        found = self._messages("WHERE key=%s", key)
        return found[0] if found else None

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        chosen = f"WHERE {_BY_NAME} AND {_BY_KEY} AND message_id=%s"
        found = self._messages(chosen, name, name, correlation_key, correlation_key, message_id)
        return found[0] if found else None

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        return self._messages("WHERE forget<=%s ORDER BY forget, key LIMIT %s", now, limit)

    def lock(self, process: str, correlation_key: str) -> int | None:
        chosen = f"WHERE {_BY_PROCESS} AND {_BY_KEY}"
        rows = self._rows("locks", chosen, process, process, correlation_key, correlation_key)
        return int(rows[0][2]) if rows else None

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        rows = self._rows("locks", "WHERE instance=%s", instance)
        return (rows[0][0], rows[0][1]) if rows else None

    def definitions(self) -> Sequence[Definition]:
        return [Definition(*row) for row in self._rows("definitions", "ORDER BY key")]

    def decisions(self) -> Sequence[DecisionFile]:
        return [DecisionFile(*row) for row in self._rows("decisions", "ORDER BY key")]

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return self._past.filled(self.unarchived(after, limit), after, limit)

    def unarchived(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return [
            Entry(*row) for row in self._rows("entries", "WHERE position>%s ORDER BY position LIMIT %s", after, limit)
        ]

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        chosen = "WHERE stream=%s AND sequence>%s ORDER BY sequence LIMIT %s"
        present = [Entry(*row) for row in self._rows("entries", chosen, stream, after, limit)]
        return self._past.continued(present, stream, after, limit, self.archived)

    def timer(self, key: int) -> TimerRow | None:
        rows = self._rows("timers", "WHERE key=%s", key)
        return TimerRow(*rows[0]) if rows else None

    # ---- archives ----------------------------------------------------------------------------------------------------

    @property
    def archive_files(self) -> ArchiveFiles:
        return self._past.files

    def ended(self, after: int, position: int, limit: int) -> Sequence[InstanceRow]:
        chosen = "WHERE key>%s AND status<>'active' AND position<=%s ORDER BY key LIMIT %s"
        return [InstanceRow(*row) for row in self._rows("instances", chosen, after, position, limit)]

    def archives(self) -> Sequence[Archive]:
        return [Archive(*row) for row in self._rows("archives", "ORDER BY position")]

    def archived(self, instance: int) -> int | None:
        rows = self._rows("archived", "WHERE instance=%s", instance)
        return int(rows[0][1]) if rows else None

    def archived_instances(self) -> Iterator[tuple[int, int]]:
        yield from self._each("archived", "ORDER BY instance")

    # ---- verification ------------------------------------------------------------------------------------------------

    def instances(self) -> Iterator[InstanceRow]:
        for row in self._each("instances", "ORDER BY key"):
            yield InstanceRow(*row)

    def timers(self) -> Iterator[TimerRow]:
        for row in self._each("timers", "ORDER BY instance, key"):
            yield TimerRow(*row)

    def waiting(self) -> Iterator[SubscriptionRow]:
        for row in self._each("subscriptions", "ORDER BY instance, key"):
            yield SubscriptionRow(*row)

    def kept_messages(self) -> Iterator[MessageRow]:
        for row in self._each("messages", "ORDER BY key"):
            yield message_of(row)

    def locks(self) -> Iterator[tuple[str, str, int]]:
        yield from self._each("locks", "ORDER BY process, correlation_key")

    def links(self) -> Sequence[LinkRow]:
        return [LinkRow(*row) for row in self._rows("links", "ORDER BY shard")]

    def parcels(self, shard: int, after: int = 0, limit: int = 1000) -> Sequence[ParcelRow]:
        chosen = "WHERE shard=%s AND sequence>%s ORDER BY sequence LIMIT %s"
        return [ParcelRow(*row) for row in self._rows("parcels", chosen, shard, after, limit)]

    def damage(self) -> Sequence[str]:
        found = int(self._meta("version"))
        said = [] if found == VERSION else [f"{self._connector.named} has schema {found}, not {VERSION}"]
        invalid = (
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
            "WHERE relnamespace = to_regnamespace(%s) AND NOT (indisvalid AND indisready)"
        )
        return [
            *said,
            *(f"the index {name} is not valid: REINDEX it" for (name,) in self._read(invalid, self._connector.schema)),
        ]

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        self._read("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._frozen = True
        try:
            yield
        finally:
            self._frozen = False
            if not self._reads.closed:
                self._read("ROLLBACK")

    def reader(self) -> "PostgresStore":
        return PostgresStore(self._address, shard=self._connector.shard, readonly=True, restores=self._restores)

    def close(self) -> None:
        if self._lease is not None:
            self._lease.release()
        for connection in (self._writes, self._reads):
            if connection is not None:
                connection.close()

    # ---- inside ------------------------------------------------------------------------------------------------------

    def run(self, query: str, *values: object) -> list[Any]:
        """One statement in a transaction of its own, outside of batches: for what is beside the ledger."""
        return self._read(query, *values)

    def _rows(self, table: str, chosen: str, *values: object) -> list[Any]:
        """Rows of a table; texts among the values are looked up as they are kept."""
        kept = [stored(value) if isinstance(value, str) else value for value in values]
        return _plain(table, self._read(f"{SELECT[table]} {chosen}", *kept))

    def _messages(self, chosen: str, *values: object) -> list[MessageRow]:
        return [message_of(row) for row in self._rows("messages", chosen, *values)]

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._turn:
            known = self._reads is not None and not self._reads.closed
            try:
                return self._ask(query, values)
            except Interrupted:
                if self._frozen or not known:
                    raise
                return self._ask(query, values)

    def _ask(self, query: str, values: Sequence[object]) -> list[Any]:
        connection = self._open_reads()
        try:
            with self._connector.explained(connection):
                cursor = connection.execute(query, values, binary=True)
                return [] if cursor.description is None else list(cursor.fetchall())
        except Interrupted:
            connection.close()
            raise

    def _open_reads(self) -> Any:
        if self._reads is None or self._reads.closed:
            with self._connector.explained(None):
                self._reads = self._connector.connect("reader")
        return self._reads

    def _each(self, table: str, order: str) -> Iterator[Any]:
        """Rows of a large result, fetched by and by through a cursor on the server."""
        with self._turn:
            connection = self._open_reads()
            self._cursors += 1
            cursor = connection.cursor(f"each_{self._cursors}", withhold=not self._frozen)
        with self._turn, self._connector.explained(connection):
            cursor.execute(f"{SELECT[table]} {order}", binary=True)
        try:
            while True:
                with self._turn, self._connector.explained(connection):
                    rows = cursor.fetchmany(_PAGE)
                if not rows:
                    return
                yield from _plain(table, rows)
        finally:
            with self._turn, self._connector.explained(connection):
                if not connection.closed:
                    cursor.close()

    def _meta(self, name: str) -> str:
        rows = self._read("SELECT value FROM meta WHERE name=%s", name)
        return str(rows[0][0]) if rows else ""


def _plain(table: str, rows: list[Any]) -> list[Any]:
    """Texts as they were given; rows without what PostgreSQL cannot hold are left alone."""
    places = _TEXTS[table]
    if not any(ESCAPE in row[place] for row in rows for place in places):
        return rows
    return [tuple(plain(value) if place in places else value for place, value in enumerate(row)) for row in rows]
