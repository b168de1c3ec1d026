"""The lease of a shard: at any time one engine may write to it, and others wait to take over.

Whoever holds the lease says so twice a second by raising a number (``beat``), and holds an advisory lock for as long as
its connection lives. Who waits watches both, by its own clock and over one unbroken connection, so that neither wrong
clocks nor a restart of the server look like a death. An owner that was stopped cleanly has given the lease back; one
whose connection is gone and that has been silent for a second is dead; one that is connected but silent for the whole
lease is paused.

The lease only says when to take over. What keeps two engines from writing is the epoch: taking over raises it, and
each commit asks for it within its own transaction (see ``schema.py``).
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from clearance.ledger.store import Interrupted, StoreError, StoreLost
from clearance.stores.postgres import restoring
from clearance.stores.postgres.connecting import Connector
from clearance.stores.postgres.schema import MIGRATIONS, VERSION

log = logging.getLogger("clearance.postgresql")

LEASE_S = 4.0
_BEATS = 8
"""How often within a lease its owner says that it lives."""
_GONE_S = 1.0
"""An owner without a connection has this long to come back."""
_LOOK_S = 0.25
_LOCK = 0x434C52
"""The class of our advisory locks; the second key is the shard."""

Waiting = Callable[[str], bool]
"""Told again and again why one has to wait; says False to wait no longer."""


class Seen(msgspec.Struct, frozen=True):
    """The lease as it was found."""

    epoch: int
    holder: str
    """Empty: given back."""
    beat: int
    connected: bool


class Watch:
    """Judges by what is seen again and again whether the owner lives."""

    def __init__(self, lease_s: float) -> None:
        self._lease_s = lease_s
        self._last: tuple[int, int] | None = None
        self._since = 0.0
        self.alive = False
        """Whether the owner has been seen to live."""

    def free(self, seen: Seen | None, now: float) -> bool:
        """``now``: seconds of a clock that only goes on; None: there is no lease yet."""
        if seen is None or not seen.holder:
            return True
        moment = (seen.epoch, seen.beat)
        if moment != self._last:
            self.alive = self._last is not None
            self._last, self._since = moment, now
            return False
        return now - self._since >= (self._lease_s if seen.connected else min(_GONE_S, self._lease_s))


class Lease:
    """Takes the lease of a shard, keeps it and gives it back."""

    def __init__(
        self,
        connector: Connector,
        lease_s: float,
        lost: Callable[[str], None],
        replaced: set[str] | None = None,
        *,
        restores: bool = False,
    ) -> None:
        """``lost`` is called once, from a thread of the lease, when another engine has taken over. ``replaced``: owners
        of other shards that were found dead; a tower that has lost one shard gives up all, so it is waited for once.
        ``restores``: who takes it begins a restore.
        """
        self.epoch = 0
        self._restores = restores
        self._replaced = replaced if replaced is not None else set()
        self._connector = connector
        self._lease_s = lease_s
        self._lost = lost
        self._connection: Any = None
        self._locked = False
        self.silence = ""
        """Why it cannot be said just now that the owner lives; empty while it can."""
        self._held_until = 0.0
        """By the monotonic clock: nobody else can have seen the owner silent for a whole lease before."""
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="clearance-lease", daemon=True)

    def take(self, waiting: Waiting | None = None) -> None:
        """Take the lease as soon as it is free. Without ``waiting`` a living owner is an error."""
        watch = Watch(self._lease_s)
        reached = False
        while True:
            try:
                self._connect()
                reached = True
                with self._connector.explained(self._connection):
                    seen = self._look()
                    gone = seen is not None and seen.holder in self._replaced
                    if (gone or watch.free(seen, time.monotonic())) and self._seize(seen):
                        break
                    said = f"{self._connector.named}: shard {self._connector.shard} is held by {_holder(seen)}"
            except Interrupted as error:
                if waiting is None or not reached:
                    raise
                said, watch = str(error), Watch(self._lease_s)
            if waiting is None and watch.alive:
                raise StoreError(f"{said}: stop it, or wait for it as a standby with `clearance serve`")
            if waiting is not None and not waiting(said):
                raise StoreError(f"{said}; it is not waited for any longer")
            time.sleep(_LOOK_S)
        self._keeper.start()

    def held(self) -> bool:
        """Whether nobody else can have taken over. An owner that has just been woken from a long pause is not sure."""
        return time.monotonic() < self._held_until

    def release(self) -> None:
        """Give it back, so that whoever waits takes over at once."""
        self._stopping.set()
        if self._keeper.ident is not None:
            self._keeper.join()
        if self._connection is None:
            return
        try:
            if self.epoch and not self._connection.closed:
                self._connection.execute("UPDATE lease SET holder='' WHERE epoch=%s", (self.epoch,))
        except self._connector.psycopg.Error as error:
            log.warning("the lease was not given back, a standby waits until it has expired: %s", error)
        finally:
            self._connection.close()

    # ---- taking ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._connection is None or self._connection.closed:
            self._locked = False
            with self._connector.explained(None):
                self._connection = self._connector.connect("lease", "lock_timeout=10s")

    def _look(self) -> Seen | None:
        (there,) = self._connection.execute("SELECT to_regclass('lease') IS NOT NULL").fetchone()
        if not there:
            return None
        held = (
            "SELECT 1 FROM pg_locks WHERE locktype='advisory' AND granted AND classid=%s AND objid=%s AND database="
            "(SELECT oid FROM pg_database WHERE datname=current_database())"
        )
        query = f"SELECT epoch, holder, beat, EXISTS ({held}) FROM lease"
        return Seen(*self._connection.execute(query, (_LOCK, self._connector.shard)).fetchone())

    def _seize(self, seen: Seen | None) -> bool:
        """Take over in one transaction, unless the owner has come back or somebody else was quicker."""
        began = time.monotonic()
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK + 1, self._connector.shard))
            again = self._look()
            if again is not None and seen is not None and (again.epoch, again.beat) != (seen.epoch, seen.beat):
                return False
            if again is not None and seen is None:
                return False
            self._connector.end_others(self._connection, ("writer", "lease"))
            self.epoch = prepare(self._connection, self._connector, restores=self._restores)
            owner = f"process {os.getpid()} on {socket.gethostname()}"
            self._connection.execute("UPDATE lease SET epoch=%s, holder=%s, beat=beat+1", (self.epoch, owner))
        self._held_until = began + self._lease_s
        if seen is not None and seen.holder:
            self._replaced.add(seen.holder)
        self._connection.execute("SET synchronous_commit=off")
        self._lock()
        return True

    # ---- keeping -----------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_S if self.silence else self._lease_s / _BEATS):
            try:
                self._beat()
            except StoreLost as error:
                self._held_until = 0.0
                self._lost(str(error))
                return
            except StoreError as error:
                self._held_until = 0.0
                if not self.silence:
                    log.warning("the lease cannot be renewed just now: %s", error)
                self.silence = str(error)
            else:
                self.silence = ""

    def _beat(self) -> None:
        self._connect()
        began = time.monotonic()
        with self._connector.explained(self._connection):
            done = self._connection.execute("UPDATE lease SET beat=beat+1 WHERE epoch=%s", (self.epoch,))
            if not done.rowcount:
                raise StoreLost(f"{self._connector.named}: another engine has taken over shard {self._connector.shard}")
            if not self._locked:
                self._lock()
        self._held_until = began + self._lease_s

    def _lock(self) -> None:
        """May fail for a moment: connections that were ended hold their locks until they notice."""
        tried = self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK, self._connector.shard))
        self._locked = bool(tried.fetchone()[0])


def prepare(connection: Any, connector: Connector, *, restores: bool = False) -> int:
    """Make or migrate the schema, within a transaction, and raise the epoch; returns it."""
    (encoding,) = connection.execute("SHOW server_encoding").fetchone()
    if encoding != "UTF8":
        raise StoreError(f"{connector.named}: the database has the encoding {encoding}: make one with ENCODING 'UTF8'")
    (there,) = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (connector.schema,)).fetchone()
    if not there:
        connection.execute(f"CREATE SCHEMA {connector.schema}")
    connection.execute("CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)")
    known = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    version = int(known.get("version", 0))
    if version > VERSION:
        raise StoreError(
            f"{connector.named} was written by a newer Clearance (schema {version}, this one knows {VERSION}): upgrade"
        )
    if not restores:
        restoring.refuse(known, connector.named)
    for migration in MIGRATIONS[version:]:
        connection.execute(migration)
    if restores:
        restoring.begin(connection, known, connector.named)
    epoch = int(known.get("epoch", 0)) + 1
    noted = {"version": str(VERSION), "epoch": str(epoch)}
    noted["installation"] = known.get("installation") or secrets.token_hex(8)
    noting = "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value=excluded.value"
    connection.cursor().executemany(noting, list(noted.items()))
    return epoch


def _holder(seen: Seen | None) -> str:
    return seen.holder if seen is not None and seen.holder else "nobody"
