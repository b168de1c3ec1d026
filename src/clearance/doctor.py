"""``clearance doctor``: looks at what the control tower stands on, and says what to do about it.

It changes nothing, and may run while the tower does.
"""

import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from clearance.compose import Application, ConfigurationError, verify_ledger
from clearance.engine.runtime.clock import machine_time
from clearance.governance import PolicyGate
from clearance.ledger import chain
from clearance.ledger.ledgers import Ledgers
from clearance.ledger.numbering import FIRST, first_key, shard_of
from clearance.ledger.store import StoreError
from clearance.model.definition import Process, read_process
from clearance.stores.opening import find_stores
from clearance.stores.postgres.health import health
from clearance.stores.sqlite.store import connect

_FREE_MIN = 500 * 1024 * 1024
_SYNC_SLOW_S = 0.03
_SYNCS = 15
_AHEAD_MAX_MS = 60_000
_CLOCK_MIN = datetime(2025, 1, 1, tzinfo=UTC)


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    well: bool
    said: str
    """What was found, and what to do when it is not well."""


def examine(data: Path, application: Application | None = None, address: str = "") -> Iterator[Check]:
    """Look at everything, one after the other; ``address``: of the store that is not in the data folder."""
    yield _checked("disk", lambda: _room(data))
    yield _checked("disk speed", lambda: _speed(data))
    yield _checked("clock", lambda: _clock(data, address))
    if address:
        yield _checked("store", lambda: health(address))
    yield _checked("ledger", lambda: _ledger(data, address))
    yield _checked("keys", lambda: _keys(data, address))
    yield _checked("users", lambda: _users(data))
    if application is not None:
        yield _checked("policies", lambda: _policies(application))
        yield _checked("actors", lambda: _actors(data, application, address))


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except (ConfigurationError, StoreError, OSError, ValueError, sqlite3.Error) as error:
        return Check(name, False, str(error))


def _room(data: Path) -> str:
    if not data.is_dir():
        raise ConfigurationError(f"there is no folder {data}: it is made at the first start, or give another --data")
    if not os.access(data, os.W_OK):
        raise ConfigurationError(f"{data} cannot be written: give whoever runs Clearance leave to write there")
    free = shutil.disk_usage(data).free
    if free < _FREE_MIN:
        raise ConfigurationError(f"only {free // 2**20} MiB are free: make room before nothing can be committed")
    return f"{free // 2**30} GiB are free"


def _speed(data: Path) -> str:
    """A commit waits for one sync, so this is what everything else waits for."""
    if not os.access(data, os.W_OK):
        raise ConfigurationError("it cannot be measured: mend first what is said of the disk")
    taken = []
    with tempfile.NamedTemporaryFile(dir=data, prefix=".doctor-") as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    usual = statistics.median(taken)
    if usual > _SYNC_SLOW_S:
        raise ConfigurationError(f"a sync takes {usual * 1000:.0f} ms: put the data folder on a faster, local disk")
    return f"a sync takes {usual * 1000:.1f} ms"


def _clock(data: Path, address: str) -> str:
    now = datetime.fromtimestamp(machine_time() / 1000, UTC)
    if now < _CLOCK_MIN:
        raise ConfigurationError(f"the clock says {now:%Y-%m-%d}: set it, and let a time service keep it")
    if stores := find_stores(data, address):
        with closing(Ledgers(stores)) as ledgers:
            last = [entry for store in ledgers.stores for entry in store.entries(store.head().position - 1, 1)]
        if last and (ahead := max(chain.read(entry).at for entry in last) - machine_time()) > _AHEAD_MAX_MS:
            raise ConfigurationError(
                f"the last ledger entry lies {ahead // 1000} s in the future: the clock was, or is, wrong; timers that "
                "were set meanwhile fire late"
            )
    return f"{now:%Y-%m-%d %H:%M:%S} UTC"


def _ledger(data: Path, address: str) -> str:
    stores = find_stores(data, address)
    if not stores:
        return "there is none yet"
    Ledgers(stores).close()
    found = verify_ledger(data, address=address)
    if not found.ok:
        raise ConfigurationError(f"{found.problems[0].message}: run `clearance ledger verify`, restore from a backup")
    return f"{found.entries} entries in {found.streams} streams: every hash, chain and state agrees"


def _keys(data: Path, address: str) -> str:
    """Keys are what other systems know actions by: none may ever be given twice."""
    stores = find_stores(data, address)
    if not stores:
        return "none has been given yet"
    with closing(Ledgers(stores)) as ledgers:
        for shard, store in enumerate(ledgers.stores):
            following = max(store.head().next_key, first_key(shard))
            given = max((row.key for row in store.instances()), default=0)
            if given >= following or shard_of(following) != shard:
                raise ConfigurationError(
                    f"shard {shard} would give key {following} next, and {max(given, following - 1)} has been given: "
                    "actions could be taken for others that were done; restore the ledger from a backup"
                )
        installation = ledgers.stores[FIRST].head().installation
    return f"idempotency keys begin with clearance-{installation}-, and the next is new"


def _users(data: Path) -> str:
    path = data / "users.sqlite"
    if not path.exists():
        raise ConfigurationError("nobody may log in: add somebody with `clearance users add`")
    connection = connect(path, readonly=True)
    try:
        count = connection.execute("SELECT count(*) FROM users").fetchone()[0]
    finally:
        connection.close()
    if not count:
        raise ConfigurationError("nobody may log in: add somebody with `clearance users add`")
    return f"{count} may log in"


def _policies(application: Application) -> str:
    gate = PolicyGate.load(*([application.policies] if application.policies else []))
    return f"{len(gate.files.policies)} policies can be used"


def _actors(data: Path, application: Application, address: str) -> str:
    """Job types of what is deployed that nobody here does; remote workers may."""
    declared = {actor.type for actor in application.actors}
    stores = find_stores(data, address)
    if not stores:
        return f"{len(declared)} are declared"
    with closing(Ledgers(stores)) as ledgers:
        latest = {row.process: row.content for row in ledgers.of(FIRST).definitions()}
    wanted = {kind for content in latest.values() for kind in _job_types(read_process(content))}
    if nobody := sorted(wanted - declared):
        raise ConfigurationError(f"no actor does jobs of type {', '.join(nobody)}: declare it, or run a worker for it")
    return f"{len(declared)} are declared, and do all jobs of what is deployed"


def _job_types(process: Process) -> Iterator[str]:
    """Constant job types; those that expressions make are known when they are made."""
    pending = list(process.elements)
    while pending:
        element = pending.pop()
        pending.extend(getattr(element, "elements", ()))
        job = getattr(element, "job", None)
        if job is not None and not job.type.startswith("="):
            yield job.type
