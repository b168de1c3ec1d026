"""Follows the ledger and keeps the view database up to it, in a thread of its own.

``wake`` says that the ledger may have grown (the engine calls it after each commit); ``wait_for`` lets a client read
its own writes. The database is opened where it stood. It is dropped and built anew when its schema is not this
program's, when it is damaged, or when it was projected from another ledger.

Several shards are projected side by side, each up to its own position. What a row holds comes from the ledger of one
shard alone, or does not depend on the order, so the views come back the same in whatever order the ledgers are read.
"""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from clearance.ledger import numbering
from clearance.ledger.chain import read
from clearance.ledger.rows import Entry
from clearance.ledger.store import Store, StoreError
from clearance.views import texts
from clearance.views.registry import SCHEMA, handlers, project
from clearance.views.scene import Scene

log = logging.getLogger("clearance.views")

_AGAIN_AFTER_S = 1.0
CACHE_KB = 65_536
"""Pages that the projector keeps at hand: those of the instances under way, which all tables come back to."""
CHECKPOINT_PAGES = 4_096
"""The log that is kept before it is copied into the database: what changes again meanwhile is copied once."""
BATCH_MAX = 500
"""Entries projected in one transaction."""
VERSION = 5
"""Raise it when a handler changes what it writes: kept databases are then rebuilt."""

Listener = Callable[[int, frozenset[str]], None]
"""Called with the place reached and the topics that changed."""


class Projector:
    """The one writer of the view database."""

    def __init__(self, path: Path, *stores: Store) -> None:
        """``stores`` are reader handles of the ledger, one a shard, used by the projector's thread alone; they are
        closed with it.
        """
        self.path = path
        self._stores = list(stores)
        self._table = handlers()
        self._listeners: tuple[Listener, ...] = ()
        self._reached = threading.Condition()
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None
        self.failure: BaseException | None = None
        """Why the projector stopped by itself; None while all is well."""
        self.trouble = ""
        """Why the views are behind and it is tried again; empty when all is well."""
        self._texts = False
        """Whether there is an index of texts."""
        self._connection = self._open()
        self._scene = Scene(self._connection)
        self._positions = self._kept()

    def start(self) -> None:
        thread = threading.Thread(target=self._run, name="views", daemon=True)
        thread.start()
        self._thread = thread

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Project what is committed, then stop and close."""
        self._stop = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._connection.close()
        for store in self._stores:
            store.close()

    def position(self) -> int:
        """How many entries are projected: of a single shard, up to where."""
        return sum(self._positions)

    def shows(self, place: int) -> bool:
        """Whether the views have reached the place. One of a shard that is not there is never reached."""
        shard = numbering.shard_at(place)
        return shard < len(self._positions) and self._positions[shard] >= numbering.position_at(place)

    def wait_for(self, place: int, timeout_s: float) -> bool:
        """Whether the views have reached the place within the time."""
        if self.shows(place):
            return True
        self._wake.set()
        with self._reached:
            self._reached.wait_for(lambda: self.shows(place) or self._ended(), timeout_s)
        return self.shows(place)

    def listen(self, listener: Listener) -> None:
        self._listeners = (*self._listeners, listener)

    def catch_up(self) -> int:
        """Project all that the ledger holds now; for use without the thread. Returns how many are."""
        behind = True
        while behind:
            behind = False
            for shard, store in enumerate(self._stores):
                if entries := store.entries(after=self._positions[shard], limit=BATCH_MAX):
                    self._project(shard, entries)
                    behind = True
        return self.position()

    def _run(self) -> None:
        try:
            while True:
                self._wake.clear()
                behind = not self._caught_up()
                if self._stop:
                    return
                self._wake.wait(_AGAIN_AFTER_S if behind else None)
        except BaseException as failure:  # noqa: BLE001 - kept for whoever asks, and everybody who waits is released
            self.failure = failure
            with self._reached:
                self._reached.notify_all()

    def _caught_up(self) -> bool:
        """False when the disk would not have it (it is full, say): nothing is lost, and it is tried again."""
        try:
            self.catch_up()
        except (sqlite3.OperationalError, StoreError) as error:
            if self.trouble != str(error):
                log.error("%s: the views are behind the ledger: %s", self.path, error)
            self.trouble = str(error)
            return False
        self.trouble = ""
        return True

    def _ended(self) -> bool:
        return self.failure is not None or (self._thread is not None and not self._thread.is_alive())

    def _project(self, shard: int, entries: Sequence[Entry]) -> None:
        scene = self._scene
        scene.topics.clear()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for entry in entries:
                scene.enter(entry, read(entry), shard)
                project(scene, self._table)
            if self._texts:
                texts.gather(self._connection)
            last = entries[-1]
            self._connection.execute(
                "UPDATE projected SET position = ?, hash = ? WHERE shard = ?", (last.position, last.hash, shard)
            )
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite takes it back by itself on a full disk
                self._connection.execute("ROLLBACK")
            scene.forget()
            raise
        with self._reached:
            self._positions[shard] = last.position
            self._reached.notify_all()
        topics = frozenset(scene.topics)
        for listener in self._listeners:
            listener(numbering.place_of(last.position, shard), topics)

    def _open(self) -> sqlite3.Connection:
        self._texts = texts.offered()
        schema = SCHEMA + (texts.SCHEMA if self._texts else "")
        fingerprint = hashlib.sha256(f"{VERSION}\n{schema}".encode()).hexdigest()
        if self.path.exists():
            try:
                connection = connect(self.path)
                if self._fits(connection, fingerprint):
                    return connection
                connection.close()
            except sqlite3.DatabaseError:
                pass  # Damaged or not ours: it holds nothing that the ledger lacks, so it is built anew below.
            discard(self.path)
        connection = connect(self.path)
        connection.executescript(f"BEGIN; {schema} COMMIT;")
        rows = [(shard, fingerprint) for shard in range(len(self._stores))]
        connection.executemany("INSERT INTO projected VALUES (?, 0, x'', ?)", rows)
        return connection

    def _fits(self, connection: sqlite3.Connection, fingerprint: str) -> bool:
        rows = connection.execute("SELECT shard, position, hash, fingerprint FROM projected ORDER BY shard").fetchall()
        if [row[0] for row in rows] != list(range(len(self._stores))):
            return False
        return all(row[3] == fingerprint and self._same(*row[:3]) for row in rows)

    def _same(self, shard: int, position: int, digest: bytes) -> bool:
        """Whether the shard's ledger is the one that was projected."""
        if position == 0:
            return True
        entries = self._stores[shard].entries(after=position - 1, limit=1)
        return bool(entries) and entries[0].position == position and entries[0].hash == digest

    def _kept(self) -> list[int]:
        return [int(row[0]) for row in self._connection.execute("SELECT position FROM projected ORDER BY shard")]


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to a view database; several threads may use it, one at a time."""
    uri = f"{path.absolute().as_uri()}{'?mode=ro' if read_only else ''}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256)
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        texts.prepare(connection)
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def discard(path: Path) -> None:
    """Remove a view database with its side files."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
