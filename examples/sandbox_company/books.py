"""What the ERP's and the bank's books have in common: one SQLite file, and actions that are carried out once.

A write is answered only when it is on the disk (WAL with ``synchronous=FULL``), so an acknowledged payment survives
``kill -9``. An action and its idempotency key are recorded in one transaction: either both are there or neither.
Refusals are not recorded, because nothing was done: the same request may succeed once its cause is mended.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sandbox_company.records import Answer

KEY_LENGTH_MAX = 255
_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS actions (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, reference TEXT NOT NULL
) WITHOUT ROWID;
"""


class Refused(Exception):
    """The system will not do it; the status is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Books:
    """A SQLite file used by one process, from any thread, one transaction at a time."""

    def __init__(self, path: Path, schema: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA + schema)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, rolled back on any exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite takes it back by itself on a full disk
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The books as they stand; nobody writes meanwhile."""
        with self._lock:
            yield self._connection

    def origin(self) -> str | None:
        """What the books were filled from; None while they are empty."""
        with self.reading() as books:
            row = books.execute("SELECT text FROM origin").fetchone()
        return None if row is None else str(row[0])

    def once(self, key: str, operation: str, request: object, action: Callable[[sqlite3.Connection], str]) -> Answer:
        """Carry the action out and return its reference; for a key seen before, only return the reference.

        Raises Refused (409) when the key was used for another request. Without a key, every call acts.
        """
        if len(key) > KEY_LENGTH_MAX:
            raise Refused(400, f"the Idempotency-Key has {len(key)} characters: at most {KEY_LENGTH_MAX} are kept")
        content = f"{operation}\n".encode() + msgspec.json.encode(request)
        fingerprint = hashlib.sha256(content).hexdigest()
        with self.writing() as books:
            if not key:
                return Answer(reference=action(books))
            row = books.execute("SELECT request, reference FROM actions WHERE key = ?", (key,)).fetchone()
            if row is None:
                reference = action(books)
                books.execute("INSERT INTO actions VALUES (?, ?, ?)", (key, fingerprint, reference))
                return Answer(reference=reference)
            if row[0] != fingerprint:
                raise Refused(
                    409, f"Idempotency-Key {key} was used for another request (answered with {row[1]}): use a new key"
                )
            return Answer(reference=row[1])
