"""Follows the ledger and keeps the view database up to it, in a thread of its own.

``wake`` says that the ledger may have grown (the engine calls it after each commit); ``wait_for`` lets a client read
its own writes. The database is opened where it stood. It is dropped and built anew when its schema is not this
program's, when it is damaged, or when it was projected from another ledger.
"""

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from clearance.engine.chain import read
from clearance.engine.ports import Entry, Store, StoreError
from clearance.views.registry import SCHEMA, handlers, project
from clearance.views.scene import Scene

log = logging.getLogger("clearance.views")

_AGAIN_AFTER_S = 1.0
BATCH_MAX = 500
"""Entries projected in one transaction."""
VERSION = 2
"""Raise it when a handler changes what it writes: kept databases are then rebuilt."""
FINGERPRINT = hashlib.sha256(f"{VERSION}\n{SCHEMA}".encode()).hexdigest()

Listener = Callable[[int, frozenset[str]], None]
"""Called with the position reached and the topics that changed."""


class Projector:
    """The one writer of the view database."""

    def __init__(self, path: Path, store: Store) -> None:
        """``store`` is a reader handle of the ledger, used by the projector's thread alone; it is closed with it."""
        self.path = path
        self._store = store
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
        self._connection = self._open()
        self._scene = Scene(self._connection)
        self._position = self._kept()

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
        self._store.close()

    def position(self) -> int:
        """Up to where the ledger is projected."""
        return self._position

    def wait_for(self, position: int, timeout_s: float) -> bool:
        """Whether the views have reached the position within the time."""
        if self._position >= position:
            return True
        self._wake.set()
        with self._reached:
            return self._reached.wait_for(lambda: self._position >= position or self._ended(), timeout_s) and (
                self._position >= position
            )

    def listen(self, listener: Listener) -> None:
        self._listeners = (*self._listeners, listener)

    def catch_up(self) -> int:
        """Project all that the ledger holds now; for use without the thread. Returns the position reached."""
        while entries := self._store.entries(after=self._position, limit=BATCH_MAX):
            self._project(entries)
        return self._position

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

    def _project(self, entries: Sequence[Entry]) -> None:
        scene = self._scene
        scene.topics.clear()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for entry in entries:
                scene.enter(entry, read(entry))
                project(scene, self._table)
            last = entries[-1]
            self._connection.execute("UPDATE projected SET position = ?, hash = ?", (last.position, last.hash))
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite takes it back by itself on a full disk
                self._connection.execute("ROLLBACK")
            scene.forget()
            raise
        with self._reached:
            self._position = last.position
            self._reached.notify_all()
        topics = frozenset(scene.topics)
        for listener in self._listeners:
            listener(last.position, topics)

    def _open(self) -> sqlite3.Connection:
        if self.path.exists():
            try:
                connection = connect(self.path)
                if self._fits(connection):
                    return connection
                connection.close()
            except sqlite3.DatabaseError:
                pass  # Damaged or not ours: it holds nothing that the ledger lacks, so it is built anew below.
            discard(self.path)
        connection = connect(self.path)
        connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        connection.execute("INSERT INTO projected VALUES (0, x'', ?)", (FINGERPRINT,))
        return connection

    def _fits(self, connection: sqlite3.Connection) -> bool:
        row = connection.execute("SELECT position, hash, fingerprint FROM projected").fetchone()
        if row is None or row[2] != FINGERPRINT:
            return False
        if row[0] == 0:
            return True
        same = self._store.entries(after=row[0] - 1, limit=1)
        return bool(same) and same[0].position == row[0] and same[0].hash == row[1]

    def _kept(self) -> int:
        return int(self._connection.execute("SELECT position FROM projected").fetchone()[0])


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to a view database; several threads may use it, one at a time."""
    uri = f"{path.absolute().as_uri()}{'?mode=ro' if read_only else ''}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256)
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def discard(path: Path) -> None:
    """Remove a view database with its side files."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
