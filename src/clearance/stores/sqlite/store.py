"""The store contract on SQLite; see ``engine/ports.py`` for what each method promises."""

import contextlib
import fcntl
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any

import msgspec

from clearance.engine.ports import (
    SHARD_STREAM,
    Archive,
    ArchiveFiles,
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
from clearance.stores.archives import FolderArchives, Past
from clearance.stores.blobs import make_folder
from clearance.stores.sqlite.schema import MIGRATIONS, VERSION

_BUSY_MS = 10_000
_CHECKPOINT_PAGES = 4000
"""16 MB of log before it is copied into the database: pages that change often are copied less often."""
_CHUNKS = (256, 64, 16, 8, 4, 2, 1)
_ENTRIES = "SELECT position, stream, sequence, hash, content FROM entries"
_INSTANCE_COLUMNS = "key, definition, process, status, position, sequence, hash, snapshot"
_TIMER_COLUMNS = "due, key, instance, kind, detail"
_SUBSCRIPTION_COLUMNS = "kind, name, correlation_key, key, instance, process, definition, node, place"
_MESSAGE_COLUMNS = "key, name, correlation_key, message_id, expires, forget, variables, correlated, offered"


def connect(path: Path, readonly: bool) -> sqlite3.Connection:
    """A connection to a file of this machine."""
    return sqlite3.connect(
        f"file:{path}{'?mode=ro' if readonly else ''}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


class SqliteStore:
    """A shard's durable memory in one file; created when it is not there."""

    def __init__(
        self,
        path: Path | str,
        *,
        readonly: bool = False,
        disk: Callable[[Path, bool], Any] | None = None,
        archives: Path | None = None,
    ) -> None:
        """``archives``: the folder of its archives, where that is not beside the file.

        ``disk``: opens the file where it is not on this machine's disk (the simulator's is not), and keeps others out
        of it; what it returns behaves as ``sqlite3.Connection`` does.
        """
        self.path = Path(path)
        self._readonly = readonly
        self._archives = archives or self.path.with_name(f"{self.path.stem}.archives")
        self._past = Past(FolderArchives(self._archives), self.archives)
        self._owner: IO[str] | None = None
        with _explained(self.path):
            if not readonly and disk is None:
                make_folder(self.path.parent)
                self._owner = _own(self.path)
            self._db: Any = (disk or connect)(self.path, readonly)
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    # ---- writing -----------------------------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        with _explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._apply(batch)
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _apply(self, batch: Batch) -> None:
        self._insert("entries", 5, [(e.position, e.stream, e.sequence, e.hash, e.content) for e in batch.entries])
        self._insert(
            "instances",
            8,
            [
                (r.key, r.definition, r.process, r.status, r.position, r.sequence, r.hash, r.snapshot)
                for r in batch.instances.values()
            ],
        )
        self._apply_waits(batch)
        self._apply_messages(batch)
        self._insert(
            "definitions",
            7,
            [(d.key, d.process, d.name, d.version, d.hash, d.content, d.xml) for d in batch.definitions],
        )
        self._insert("decisions", 4, [(f.name, f.key, f.sha256, f.content) for f in batch.decisions])
        self._apply_parcels(batch)
        if batch.archives:
            self._apply_archives(batch)
        noted = [("next_key", str(batch.next_key))]
        if batch.shards:
            noted.append(("shards", str(batch.shards)))
        if batch.entries:
            noted.append(("position", str(batch.entries[-1].position)))
        if batch.installation:
            noted += [("installation", batch.installation), ("installation_again", batch.installation)]
            self._installation = batch.installation
        self._insert("meta", 2, noted)

    def _apply_archives(self, batch: Batch) -> None:
        self._insert("archives", 7, [msgspec.structs.astuple(archive) for archive in batch.archives])
        self._insert("archived", 2, list(batch.archived.items()))
        shard = max(archive.shard_sequence for archive in batch.archives)
        self._db.execute("DELETE FROM entries WHERE stream=? AND sequence<=?", (SHARD_STREAM, shard))
        gone = [(instance,) for instance in batch.archived]
        self._db.executemany("DELETE FROM entries WHERE stream=?", gone)
        self._db.executemany("DELETE FROM instances WHERE key=?", gone)

    def _apply_waits(self, batch: Batch) -> None:
        self._delete("timers", batch.timers_gone)
        self._insert("timers", 5, [(t.key, t.due, t.instance, t.kind, t.detail) for t in batch.timers_set.values()])
        self._delete("work", batch.work_gone)
        self._insert("work", 2, list(batch.work_set.items()))
        self._delete("subscriptions", batch.subscriptions_gone)
        self._insert(
            "subscriptions",
            9,
            [
                (s.key, s.kind, s.name, s.correlation_key, s.instance, s.process, s.definition, s.node, s.place)
                for s in batch.subscriptions_set.values()
            ],
        )

    def _apply_messages(self, batch: Batch) -> None:
        self._delete("messages", batch.messages_gone)
        self._insert(
            "messages",
            9,
            [
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
        )
        if batch.locks_gone:
            gone = "DELETE FROM locks WHERE process=? AND correlation_key=?"
            self._db.executemany(gone, list(batch.locks_gone))
        locks = [(process, key, instance) for (process, key), instance in batch.locks_set.items()]
        self._insert("locks", 3, locks)

    def _apply_parcels(self, batch: Batch) -> None:
        for shard, sequence in batch.parcels_gone.items():
            self._db.execute("DELETE FROM parcels WHERE shard=? AND sequence<=?", (shard, sequence))
        parcels = [(p.shard, p.sequence, p.depth, p.content) for p in batch.parcels_set.values()]
        self._insert("parcels", 4, parcels)
        self._insert("links", 4, [(k.shard, k.sent, k.arrived, k.taken) for k in batch.links.values()])

    def _insert(self, table: str, columns: int, rows: Sequence[tuple[object, ...]]) -> None:
        """Rows that are new, or replace those of the same key; entries are only ever new."""
        verb = "INSERT" if table == "entries" else "INSERT OR REPLACE"
        row = f"({','.join('?' * columns)})"
        for start, count in _chunks(len(rows)):
            values = chain.from_iterable(rows[start : start + count])
            self._db.execute(f"{verb} INTO {table} VALUES {','.join([row] * count)}", tuple(values))

    def _delete(self, table: str, keys: Iterable[int]) -> None:
        gone = tuple(keys)
        for start, count in _chunks(len(gone)):
            self._db.execute(f"DELETE FROM {table} WHERE key IN ({','.join('?' * count)})", gone[start : start + count])

    # ---- reading -----------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        position = int(str(self._one("SELECT max(position) FROM entries") or 0))
        recorded = int(self._meta("position") or position)
        shards = int(self._meta("shards") or 0)
        return Head(position, int(self._meta("next_key") or 0), self._installation, recorded, shards)

    def instance(self, key: int) -> InstanceRow | None:
        rows = self._read(f"SELECT {_INSTANCE_COLUMNS} FROM instances WHERE key=?", key)
        return InstanceRow(*rows[0]) if rows else None

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        rows = self._read(f"SELECT {_TIMER_COLUMNS} FROM timers WHERE due<=? ORDER BY due, key LIMIT ?", now, limit)
        return [TimerRow(*row) for row in rows]

    def next_due(self) -> int | None:
        due = self._one("SELECT min(due) FROM timers")
        return None if due is None else int(str(due))

    def at_work(self) -> Sequence[tuple[int, int]]:
        return self._read("SELECT key, instance FROM work ORDER BY key")

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        chosen = f"SELECT {_SUBSCRIPTION_COLUMNS} FROM subscriptions WHERE name=? AND kind=?"
        if correlation_key is None:
            rows = self._read(f"{chosen} ORDER BY key", name, kind)
        else:
            rows = self._read(f"{chosen} AND correlation_key=? ORDER BY key", name, kind, correlation_key)
        return [SubscriptionRow(*row) for row in rows]

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        if correlation_key is None:
            every = f"SELECT {_MESSAGE_COLUMNS} FROM messages WHERE name=? ORDER BY key"
            return [_message(row) for row in self._read(every, name)]
        chosen = f"SELECT {_MESSAGE_COLUMNS} FROM messages WHERE name=? AND correlation_key=? ORDER BY key"
        return [_message(row) for row in self._read(chosen, name, correlation_key)]

    def message(self, key: int) -> MessageRow | None:
        rows = self._read(f"SELECT {_MESSAGE_COLUMNS} FROM messages WHERE key=?", key)
        return _message(rows[0]) if rows else None

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        chosen = f"SELECT {_MESSAGE_COLUMNS} FROM messages WHERE name=? AND correlation_key=? AND message_id=?"
        rows = self._read(chosen, name, correlation_key, message_id)
        return _message(rows[0]) if rows else None

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        chosen = f"SELECT {_MESSAGE_COLUMNS} FROM messages WHERE forget<=? ORDER BY forget, key LIMIT ?"
        return [_message(row) for row in self._read(chosen, now, limit)]

    def lock(self, process: str, correlation_key: str) -> int | None:
        rows = self._read("SELECT instance FROM locks WHERE process=? AND correlation_key=?", process, correlation_key)
        return int(rows[0][0]) if rows else None

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        rows = self._read("SELECT process, correlation_key FROM locks WHERE instance=?", instance)
        return (rows[0][0], rows[0][1]) if rows else None

    def definitions(self) -> Sequence[Definition]:
        rows = self._read("SELECT key, process, name, version, hash, content, xml FROM definitions ORDER BY key")
        return [Definition(*row) for row in rows]

    def decisions(self) -> Sequence[DecisionFile]:
        return [
            DecisionFile(*row) for row in self._read("SELECT key, name, sha256, content FROM decisions ORDER BY key")
        ]

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return self._past.filled(self.unarchived(after, limit), after, limit)

    def unarchived(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return [
            Entry(*row) for row in self._read(f"{_ENTRIES} WHERE position>? ORDER BY position LIMIT ?", after, limit)
        ]

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        chosen = f"{_ENTRIES} WHERE stream=? AND sequence>? ORDER BY sequence LIMIT ?"
        present = [Entry(*row) for row in self._read(chosen, stream, after, limit)]
        return self._past.continued(present, stream, after, limit, self.archived)

    # ---- archives ----------------------------------------------------------------------------------------------------

    @property
    def archive_files(self) -> ArchiveFiles:
        return self._past.files

    def ended(self, after: int, position: int, limit: int) -> Sequence[InstanceRow]:
        chosen = f"SELECT {_INSTANCE_COLUMNS} FROM instances WHERE key>? AND status<>'active' AND position<=?"
        return [InstanceRow(*row) for row in self._read(f"{chosen} ORDER BY key LIMIT ?", after, position, limit)]

    def archives(self) -> Sequence[Archive]:
        chosen = "SELECT position, sha256, first, last, entries, size, shard_sequence FROM archives ORDER BY position"
        return [Archive(*row) for row in self._read(chosen)]

    def archived(self, instance: int) -> int | None:
        rows = self._read("SELECT archive FROM archived WHERE instance=?", instance)
        return int(rows[0][0]) if rows else None

    def archived_instances(self) -> Iterator[tuple[int, int]]:
        yield from self._each("SELECT instance, archive FROM archived ORDER BY instance")

    def settle(self) -> None:
        """Bring all that is committed into the file itself, so that it is whole without its log."""
        self._read("PRAGMA wal_checkpoint(TRUNCATE)")

    def compact(self) -> None:
        """Give the room of what has gone back to the disk; nobody else may be writing, and it takes that room first."""
        with _explained(self.path):
            self._db.execute("VACUUM")
            self.settle()

    # ---- verification ------------------------------------------------------------------------------------------------

    def timer(self, key: int) -> TimerRow | None:
        rows = self._read(f"SELECT {_TIMER_COLUMNS} FROM timers WHERE key=?", key)
        return TimerRow(*rows[0]) if rows else None

    def instances(self) -> Iterator[InstanceRow]:
        for row in self._each(f"SELECT {_INSTANCE_COLUMNS} FROM instances ORDER BY key"):
            yield InstanceRow(*row)

    def timers(self) -> Iterator[TimerRow]:
        for row in self._each(f"SELECT {_TIMER_COLUMNS} FROM timers ORDER BY instance, key"):
            yield TimerRow(*row)

    def waiting(self) -> Iterator[SubscriptionRow]:
        for row in self._each(f"SELECT {_SUBSCRIPTION_COLUMNS} FROM subscriptions ORDER BY instance, key"):
            yield SubscriptionRow(*row)

    def work(self) -> Iterator[tuple[int, int]]:
        yield from self._each("SELECT instance, key FROM work ORDER BY instance, key")

    def kept_messages(self) -> Iterator[MessageRow]:
        for row in self._each(f"SELECT {_MESSAGE_COLUMNS} FROM messages ORDER BY key"):
            yield _message(row)

    def locks(self) -> Iterator[tuple[str, str, int]]:
        yield from self._each("SELECT process, correlation_key, instance FROM locks ORDER BY process, correlation_key")

    def links(self) -> Sequence[LinkRow]:
        return [LinkRow(*row) for row in self._read("SELECT shard, sent, arrived, taken FROM links ORDER BY shard")]

    def parcels(self, shard: int, after: int = 0, limit: int = 1000) -> Sequence[ParcelRow]:
        chosen = "SELECT shard, sequence, depth, content FROM parcels WHERE shard=? AND sequence>?"
        return [ParcelRow(*row) for row in self._read(f"{chosen} ORDER BY sequence LIMIT ?", shard, after, limit)]

    def damage(self) -> Sequence[str]:
        said = [str(row[0]) for row in self._read("PRAGMA integrity_check(20)")]
        if said != ["ok"]:
            return [f"the file is damaged: {line}" for line in said]
        if int(str(self._one("PRAGMA user_version"))) != VERSION:
            return [f"the file does not have schema {VERSION}"]
        found = []
        for table in self._read("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"):
            for column, declared in self._read("SELECT name, lower(type) FROM pragma_table_info(?)", table[0]):
                wrong = self._one(f"SELECT count(*) FROM {table[0]} WHERE typeof({column}) != '{declared}'")
                if wrong:
                    found.append(f"{wrong} rows of {table[0]} have a {column} that is not {declared}")
        return found

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        self._read("BEGIN")
        try:
            yield
        finally:
            self._read("COMMIT")

    def reader(self) -> "SqliteStore":
        return SqliteStore(self.path, readonly=True, archives=self._archives)

    def close(self) -> None:
        self._db.close()
        if self._owner is not None:
            self._owner.close()
            self._owner = None

    # ---- opening -----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._db.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        if not self._readonly:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
            # Whoever was killed within a commit leaves a log that is whole, and perhaps never synced. What we act on
            # must be on the disk: a checkpoint syncs the log first.
            self._read("PRAGMA wal_checkpoint(PASSIVE)")
            self._migrate()
        self._installation = self._meta("installation")
        if self._meta("installation_again") != self._installation and self._one("PRAGMA user_version") == VERSION:
            raise StoreError(f"{self.path}: the file is damaged: it has forgotten which installation it is of")

    def _migrate(self) -> None:
        version = int(str(self._one("PRAGMA user_version")))
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer Clearance (schema {version}, this one knows {VERSION}): upgrade"
            )
        for number in range(version, VERSION):
            self._db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version={number + 1}; COMMIT;")
        if self._one("SELECT count(*) FROM meta") == 0:
            name = secrets.token_hex(8)
            values = [("installation", name), ("installation_again", name)]
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", values)
            self._db.execute("COMMIT")

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _read(self, query: str, *values: object) -> list[Any]:
        try:
            rows: list[Any] = self._db.execute(query, values).fetchall()
            return rows
        except sqlite3.Error as error:
            raise _explain(self.path, error) from error

    def _each(self, query: str) -> Iterator[Any]:
        """Rows of a large result, one after the other."""
        try:
            yield from self._db.execute(query)
        except sqlite3.Error as error:
            raise _explain(self.path, error) from error

    def _meta(self, name: str) -> str:
        rows = self._read("SELECT value FROM meta WHERE name=?", name)
        return rows[0][0] if rows else ""

    def _one(self, query: str) -> object:
        rows = self._read(query)
        return rows[0][0] if rows else None


def _chunks(length: int) -> Iterator[tuple[int, int]]:
    """Start and count of each piece: few sizes, so that their statements stay prepared.

    One statement writes many rows, because the interpreter's lock is given up and fought for with each statement.
    """
    start = 0
    for size in _CHUNKS:
        while length - start >= size:
            yield start, size
            start += size


def _message(row: tuple[int, str, str, str, int, int, bytes, str, str]) -> MessageRow:
    offered = tuple((process, subscription) for process, subscription in json.loads(row[-1]))
    return MessageRow(*row[:-2], correlated=tuple(json.loads(row[-2])), offered=offered)


def _own(path: Path) -> IO[str]:
    """Hold the lock file beside the database for as long as the store is open; the system frees it if we die."""
    owner = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner.close()
        raise StoreError(f"{path} is in use by another Clearance: stop it, or choose another --data folder") from None
    return owner


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: Exception) -> StoreError:
    """What the disk or SQLite says, as one sentence with what to do."""
    said = str(error)
    if "disk is full" in said or "No space left" in said:
        advice = "the disk is full: make room; work goes on by itself"
    elif "readonly" in said or "Read-only" in said or "Permission denied" in said:
        advice = "it cannot be written: check the folder's permissions and that the disk is not mounted read-only"
    elif "malformed" in said or "not a database" in said or "Could not decode" in said:
        advice = "the file is damaged: restore it from a backup"
    elif "unable to open" in said:
        advice = "the folder does not exist or cannot be written"
    else:
        advice = said
    return StoreError(f"{path}: {advice}")
