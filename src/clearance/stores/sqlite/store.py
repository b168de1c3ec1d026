"""The store contract on SQLite; see ``ledger/store.py`` for what each method promises."""

import contextlib
import fcntl
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from clearance.ledger.rows import (
    SHARD_STREAM,
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
from clearance.ledger.store import ArchiveFiles, Damaged, StoreError
from clearance.stores.archives import FolderArchives, Past
from clearance.stores.blobs import make_folder
from clearance.stores.rows import COLUMNS, SELECT, Row, keys_gone, message_of, rows_set
from clearance.stores.sqlite.schema import MIGRATIONS, VERSION

_BUSY_MS = 10_000
_CHECKPOINT_PAGES = 4000
"""16 MB of log before it is copied into the database: pages that change often are copied less often."""
_CHUNKS = (256, 64, 16, 8, 4, 2, 1)


def connect(path: Path, readonly: bool) -> sqlite3.Connection:
    """A connection to a file of this machine."""
    return sqlite3.connect(
        f"file:{quote(str(path))}{'?mode=ro' if readonly else ''}",
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
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._apply(batch)
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise _explain(self.path, error) from error

    def _apply(self, batch: Batch) -> None:
        # As bytearrays, which sqlite3 takes as they are: for each bytes object it looks for an adapter and finds none,
        # which is a tenth of the whole insertion.
        entries = [(e.position, e.stream, e.sequence, bytearray(e.hash), bytearray(e.content)) for e in batch.entries]
        self._insert("entries", entries)
        gone = keys_gone(batch)
        if any(gone.values()):
            for table, keys in gone.items():
                self._delete(table, keys)
        if batch.locks_gone:
            self._db.executemany("DELETE FROM locks WHERE process=? AND correlation_key=?", list(batch.locks_gone))
        for shard, sequence in batch.parcels_gone.items():
            self._db.execute("DELETE FROM parcels WHERE shard=? AND sequence<=?", (shard, sequence))
        for table, come in rows_set(batch).items():
            self._insert(table, come)
        if batch.installation:
            self._insert("meta", [("installation_again", batch.installation)])
            self._installation = batch.installation
        if batch.archives:
            self._drop_archived(batch)

    def _drop_archived(self, batch: Batch) -> None:
        shard = max(archive.shard_sequence for archive in batch.archives)
        self._db.execute("DELETE FROM entries WHERE stream=? AND sequence<=?", (SHARD_STREAM, shard))
        self._delete("entries", batch.archived, column="stream")
        self._delete("instances", batch.archived)

    def _insert(self, table: str, come: Sequence[Row]) -> None:
        """Rows that are new, or replace those of the same key; entries are only ever new."""
        for start, count in _chunks(len(come)):
            values = come[start] if count == 1 else tuple(chain.from_iterable(come[start : start + count]))
            self._db.execute(_insertion(table, count), values)

    def _delete(self, table: str, keys: Iterable[int], *, column: str = "key") -> None:
        gone = tuple(keys)
        for start, count in _chunks(len(gone)):
            self._db.execute(
                f"DELETE FROM {table} WHERE {column} IN ({','.join('?' * count)})", gone[start : start + count]
            )

    # ---- reading -----------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        """In one question: what is committed meanwhile is in all of it or in nothing."""
        asked = "SELECT name, value FROM meta UNION ALL SELECT 'last', coalesce(max(position), 0) FROM entries"
        known = dict(self._read(asked))
        position, shards = int(known["last"]), int(known.get("shards", 0))
        recorded = int(known.get("position", 0)) or position
        return Head(position, int(known.get("next_key", 0)), self._installation, recorded, shards)

    def instance(self, key: int) -> InstanceRow | None:
        rows = self._rows("instances", "WHERE key=?", key)
        return InstanceRow(*rows[0]) if rows else None

    def instances_of(self, keys: Sequence[int]) -> Sequence[InstanceRow]:
        found: list[InstanceRow] = []
        for start, count in _chunks(len(keys)):
            rows = self._rows("instances", f"WHERE key IN ({','.join('?' * count)})", *keys[start : start + count])
            found += [InstanceRow(*row) for row in rows]
        return found

    def tails(self, after: Mapping[int, int], limit: int = 1000) -> Sequence[Entry]:
        streams = sorted(after)
        found: list[Entry] = []
        for start, count in _chunks(len(streams)):
            values = chain.from_iterable((stream, after[stream]) for stream in streams[start : start + count])
            rows = self._read(_tails(count), *values, limit - len(found))
            found += [Entry(*row) for row in rows]
            if len(found) == limit:
                break
        return found

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        rows = self._rows("timers", "WHERE due<=? ORDER BY due, key LIMIT ?", now, limit)
        return [TimerRow(*row) for row in rows]

    def next_due(self, after: int = -1) -> int | None:
        rows = self._read("SELECT min(due) FROM timers WHERE due>?", after)
        return None if rows[0][0] is None else int(rows[0][0])

    def at_work(self) -> Sequence[int]:
        return [key for (key,) in self._rows("at_work", "ORDER BY key")]

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        chosen, values = "WHERE name=? AND kind=?", [name, kind]
        if correlation_key is not None:
            chosen, values = f"{chosen} AND correlation_key=?", [*values, correlation_key]
        return [SubscriptionRow(*row) for row in self._rows("subscriptions", f"{chosen} ORDER BY key", *values)]

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        if correlation_key is None:
            return self._messages("WHERE name=? ORDER BY key", name)
        return self._messages("WHERE name=? AND correlation_key=? ORDER BY key", name, correlation_key)

    def message(self, key: int) -> MessageRow | None:
        found = self._messages("WHERE key=?", key)
        return found[0] if found else None

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        chosen = "WHERE name=? AND correlation_key=? AND message_id=?"
        found = self._messages(chosen, name, correlation_key, message_id)
        return found[0] if found else None

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        return self._messages("WHERE forget<=? ORDER BY forget, key LIMIT ?", now, limit)

    def lock(self, process: str, correlation_key: str) -> int | None:
        rows = self._rows("locks", "WHERE process=? AND correlation_key=?", process, correlation_key)
        return int(rows[0][2]) if rows else None

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        rows = self._rows("locks", "WHERE instance=?", instance)
        return (rows[0][0], rows[0][1]) if rows else None

    def definitions(self) -> Sequence[Definition]:
        return [Definition(*row) for row in self._rows("definitions", "ORDER BY key")]

    def decisions(self) -> Sequence[DecisionFile]:
        return [DecisionFile(*row) for row in self._rows("decisions", "ORDER BY key")]

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        return self._past.filled(self.unarchived(after, limit), after, limit)

    def unarchived(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        chosen = "WHERE position>? ORDER BY position LIMIT ?"
        return [Entry(*row) for row in self._rows("entries", chosen, after, limit)]

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        chosen = "WHERE stream=? AND sequence>? ORDER BY sequence LIMIT ?"
        present = [Entry(*row) for row in self._rows("entries", chosen, stream, after, limit)]
        return self._past.continued(present, stream, after, limit, self.archived)

    # ---- archives ----------------------------------------------------------------------------------------------------

    @property
    def archive_files(self) -> ArchiveFiles:
        return self._past.files

    def ended(self, after: int, position: int, limit: int) -> Sequence[InstanceRow]:
        chosen = "WHERE key>? AND status<>'active' AND position<=? ORDER BY key LIMIT ?"
        return [InstanceRow(*row) for row in self._rows("instances", chosen, after, position, limit)]

    def archives(self) -> Sequence[Archive]:
        return [Archive(*row) for row in self._rows("archives", "ORDER BY position")]

    def archived(self, instance: int) -> int | None:
        rows = self._rows("archived", "WHERE instance=?", instance)
        return int(rows[0][1]) if rows else None

    def archived_instances(self) -> Iterator[tuple[int, int]]:
        yield from self._each("archived", "ORDER BY instance")

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
        rows = self._rows("timers", "WHERE key=?", key)
        return TimerRow(*rows[0]) if rows else None

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
        chosen = "WHERE shard=? AND sequence>? ORDER BY sequence LIMIT ?"
        return [ParcelRow(*row) for row in self._rows("parcels", chosen, shard, after, limit)]

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
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE meta SET value = value")  # may it be written? Now, not at the first commit
            self._db.execute("ROLLBACK")
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

    def _rows(self, table: str, chosen: str, *values: object) -> list[Any]:
        return self._read(f"{SELECT[table]} {chosen}", *values)

    def _messages(self, chosen: str, *values: object) -> list[MessageRow]:
        return [message_of(row) for row in self._rows("messages", chosen, *values)]

    def _each(self, table: str, order: str) -> Iterator[Any]:
        """Rows of a large result, one after the other."""
        try:
            yield from self._db.execute(f"{SELECT[table]} {order}")
        except sqlite3.Error as error:
            raise _explain(self.path, error) from error

    def _meta(self, name: str) -> str:
        rows = self._read("SELECT value FROM meta WHERE name=?", name)
        return rows[0][0] if rows else ""

    def _one(self, query: str) -> object:
        rows = self._read(query)
        return rows[0][0] if rows else None


@lru_cache(1024)
def _chunks(length: int) -> tuple[tuple[int, int], ...]:
    """Start and count of each piece: few sizes, so that their statements stay prepared.

    One statement writes many rows, because the interpreter's lock is given up and fought for with each statement.
    """
    chunks, start = [], 0
    for size in _CHUNKS:
        while length - start >= size:
            chunks.append((start, size))
            start += size
    return tuple(chunks)


@cache
def _insertion(table: str, count: int) -> str:
    columns = COLUMNS[table]
    verb = "INSERT" if table == "entries" else "INSERT OR REPLACE"
    row = f"({','.join('?' * len(columns))})"
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES {','.join([row] * count)}"


@cache
def _tails(count: int) -> str:
    """CROSS JOIN: who is asked for comes first, and each is looked up in the index."""
    return (
        f"WITH asked (stream, after) AS (VALUES {','.join(['(?,?)'] * count)}) "
        "SELECT position, entries.stream, sequence, hash, content FROM asked CROSS JOIN entries "
        "ON entries.stream=asked.stream AND sequence>after ORDER BY entries.stream, sequence LIMIT ?"
    )


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
        return Damaged(f"{path}: the file is damaged: restore it from a backup")
    elif "unable to open" in said:
        advice = "the folder does not exist or cannot be written"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        advice = f"{error.filename} is a file and no folder: give another one with --data"
    else:
        advice = said
    return StoreError(f"{path}: {advice}")
