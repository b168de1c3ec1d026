"""Local users: names, roles and argon2id password hashes in a SQLite file.

Verifying takes the same time whether or not the name exists. Repeated failures of a name or an address make the next
attempt wait (:class:`Throttle`); nobody is locked out for good, so that nobody can lock out others.
"""

import hashlib
import hmac
import secrets
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import argon2
import msgspec

NAME_LENGTH_MAX = 100
PASSWORD_LENGTH_MAX = 1024
REMEMBERED_MAX = 1000
REMEMBERED_S = 300.0
TENANT_DEFAULT = "<default>"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, display_name TEXT NOT NULL, password TEXT NOT NULL, roles TEXT NOT NULL,
    tenants TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


class Account(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody who is logged in."""

    username: str
    display_name: str
    roles: tuple[str, ...]
    tenants: tuple[str, ...]


class CannotOpen(ValueError):
    """The file of the users is damaged, or cannot be reached; the message says which one."""


class Users:
    """Who may log in."""

    def __init__(self, path: Path, *, hasher: argon2.PasswordHasher | None = None) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            path.chmod(0o600)
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise CannotOpen(f"{path} cannot be opened: {error}") from error
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(2)  # Each hash takes 64 MiB: few at a time.
        self._hasher = hasher or argon2.PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._remembered = _Remembered()

    def add(
        self,
        name: str,
        password: str,
        roles: Sequence[str] = (),
        display_name: str = "",
        tenants: Sequence[str] = (TENANT_DEFAULT,),
    ) -> None:
        """Add a user, or change all of an existing one. Raises ValueError for a name or password that cannot be."""
        if not name or len(name) > NAME_LENGTH_MAX or ":" in name or not name.isprintable():
            raise ValueError(f"user name {name!r}: 1 to {NAME_LENGTH_MAX} printable characters without a colon")
        if not password or len(password) > PASSWORD_LENGTH_MAX:
            raise ValueError(f"password of {name}: 1 to {PASSWORD_LENGTH_MAX} characters")
        hashed = self._hasher.hash(password)
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?)",
                (name, display_name or name, hashed, _encode(roles), _encode(tenants)),
            )

    def remove(self, name: str) -> bool:
        with self._lock:
            return self._connection.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount > 0

    def any(self) -> bool:
        """Whether anybody may log in."""
        with self._lock:
            return self._connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    def all(self) -> list[Account]:
        """Everybody who may log in, by name."""
        with self._lock:
            asked = "SELECT name, display_name, roles, tenants FROM users ORDER BY name"
            found = self._connection.execute(asked).fetchall()
        return [_account(name, (display_name, "", roles, tenants)) for name, display_name, roles, tenants in found]

    def get(self, name: str) -> Account | None:
        row = self._row(name)
        return _account(name, row) if row else None

    def verify(self, name: str, password: str) -> Account | None:
        """The account when name and password are right; otherwise None, after the same time."""
        row = self._row(name)
        hashed = row[1] if row else self._nobody
        if len(password) > PASSWORD_LENGTH_MAX:
            return None
        if self._remembered.knows(name, password, hashed):
            return _account(name, row) if row else None
        with self._hashing:
            try:
                self._hasher.verify(hashed, password)
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return None
        if row is None:
            return None
        self._remembered.add(name, password, hashed)
        return _account(name, row)

    def remembered(self, name: str, password: str) -> Account | None:
        """As :meth:`verify`, but only from memory: at once, and None for what was not verified lately."""
        row = self._row(name)
        if row is None or not self._remembered.knows(name, password, row[1]):
            return None
        return _account(name, row)

    def close(self) -> None:
        self._connection.close()

    def _row(self, name: str) -> tuple[str, str, str, str] | None:
        with self._lock:
            found: tuple[str, str, str, str] | None = self._connection.execute(
                "SELECT display_name, password, roles, tenants FROM users WHERE name = ?", (name,)
            ).fetchone()
            return found


class _Remembered:
    """Credentials that were right a moment ago, so that Basic authentication does not hash at every request.

    What is kept is a keyed digest under a key of this run; it covers the stored hash, so a changed password ends it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._clock = clock
        self._lock = threading.Lock()

    def knows(self, name: str, password: str, hashed: str) -> bool:
        with self._lock:
            return self._until.get(self._digest(name, password, hashed), 0.0) > self._clock()

    def add(self, name: str, password: str, hashed: str) -> None:
        with self._lock:
            self._until[self._digest(name, password, hashed)] = self._clock() + REMEMBERED_S
            while len(self._until) > REMEMBERED_MAX:
                self._until.popitem(last=False)

    def _digest(self, *parts: str) -> bytes:
        text = "\0".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


class Throttle:
    """Counts failures by name and by address; after too many the next attempt waits."""

    def __init__(self, failures_max: int, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures_max = failures_max
        self._pause_s = pause_s
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, *whom: str) -> float:
        """Seconds until the next attempt; 0: now."""
        with self._lock:
            now = self._clock()
            return max((self._wait_of(name, now) for name in whom), default=0.0)

    def failed(self, *whom: str) -> None:
        with self._lock:
            now = self._clock()
            for name in whom:
                count, since = self._failures.get(name, (0, now))
                self._failures[name] = (1, now) if now - since > self._pause_s else (count + 1, now)
                self._failures.move_to_end(name)
            while len(self._failures) > REMEMBERED_MAX:
                self._failures.popitem(last=False)

    def succeeded(self, *whom: str) -> None:
        with self._lock:
            for name in whom:
                self._failures.pop(name, None)

    def _wait_of(self, name: str, now: float) -> float:
        count, since = self._failures.get(name, (0, now))
        return max(0.0, since + self._pause_s - now) if count >= self._failures_max else 0.0


def _account(name: str, row: tuple[str, str, str, str]) -> Account:
    texts = msgspec.json.Decoder(tuple[str, ...])
    return Account(username=name, display_name=row[0], roles=texts.decode(row[2]), tenants=texts.decode(row[3]))


def _encode(texts: Sequence[str]) -> str:
    return msgspec.json.encode(list(texts)).decode()
