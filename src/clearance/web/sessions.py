"""Log-in sessions: a random token in a cookie, its SHA-256 with the user and the expiry on our side.

The token says nothing and cannot be guessed; who reads the file cannot log in with what it holds. Roles are looked up
anew at each request, so a changed or removed user is so at once.
"""

import hashlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clearance.ledger.store import StoreError

COOKIE = "clearance_session"
TOKEN_BYTES = 32
SESSIONS_PER_USER_MAX = 20

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (token BLOB PRIMARY KEY, name TEXT NOT NULL, until REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS sessions_by_name ON sessions (name, until);
"""


class Sessions:
    """In a file, or in memory when no path is given."""

    def __init__(self, path: Path | None, hours: float, clock: Callable[[], float] = time.time) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        if path is not None:
            path.chmod(0o600)
        self._connection.executescript(_SCHEMA)
        self._lock = threading.Lock()
        self._seconds = hours * 3600
        self._clock = clock

    def open(self, name: str) -> str:
        """A new session's token; raises StoreError when it cannot be kept."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        with self._written():
            self._connection.execute("DELETE FROM sessions WHERE until <= ?", (now,))
            self._connection.execute(
                "DELETE FROM sessions WHERE token IN"
                " (SELECT token FROM sessions WHERE name = ? ORDER BY until DESC LIMIT -1 OFFSET ?)",
                (name, SESSIONS_PER_USER_MAX - 1),
            )
            self._connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?)", (_digest(token), name, now + self._seconds)
            )
        return token

    def user(self, token: str) -> str | None:
        """Whose session it is, while it lasts."""
        with self._lock:
            row = self._connection.execute(
                "SELECT name FROM sessions WHERE token = ? AND until > ?", (_digest(token), self._clock())
            ).fetchone()
        return str(row[0]) if row else None

    def end(self, token: str) -> None:
        with self._written():
            self._connection.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    @contextmanager
    def _written(self) -> Iterator[None]:
        """A disk that is full is not a fault of ours: who logs in is told what is the matter."""
        with self._lock:
            try:
                yield
            except sqlite3.OperationalError as error:
                raise StoreError(f"log-ins cannot be kept: {error}") from error

    def close(self) -> None:
        self._connection.close()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
