"""Backups of a data folder, taken while it is in use, brought up to date, and put back as they were at any moment.

A backup holds the ledger as one commit left it, its archives, the users, and the documents. Documents are written
before the ledger names them and never change, so copying them after the ledger misses none. Views and sessions are left
out: views come back from the ledger, and whoever was logged in logs in again.

The first backup into a folder copies the ledger and verifies the copy. Later ones take over the entries that are new
(``engine/follow.py``), whose chains and states are checked on the way. Nothing is put in place before it is whole: it
is made in a folder beside, which is renamed.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from clearance.compose import ConfigurationError, reader_of, verify_ledger
from clearance.engine import follow
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Batch, Store, StoreError
from clearance.engine.registry import Registry
from clearance.engine.verify import verify
from clearance.stores.blobs import write_whole
from clearance.stores.sqlite import SqliteStore

_LEDGER = "ledger.sqlite"
_USERS = "users.sqlite"
_BLOBS = "blobs"
_MARK = "backup.json"


class Backup(msgspec.Struct, frozen=True):
    """What is there now."""

    entries: int
    """Ledger entries."""
    documents: int
    new_entries: int = 0
    """Those that were taken over this time."""
    new_documents: int = 0


class _Mark(msgspec.Struct, frozen=True):
    """Says that a folder is a backup, and of what."""

    backup_of: str
    """The installation."""


class Moment(msgspec.Struct, frozen=True):
    """Up to where to restore."""

    position: int | None = None
    """In the ledger."""
    time: int | None = None
    """Milliseconds since 1970."""


def back_up(data: Path, target: Path, progress: Callable[[int], None] | None = None, *, address: str = "") -> Backup:
    """Copy a data folder, which may be in use, to a new folder, or bring an earlier backup up to date.

    ``progress`` is told positions in the ledger; ``address``: where the ledger is, when not in the data folder. Raises
    ConfigurationError or StoreError, and then has changed nothing but, of an earlier backup, how far it goes.
    """
    reader_of(data, address).close()
    if (target / _MARK).exists():
        return _bring_up(data, target, progress, address)

    def take_all(made: Path) -> int:
        return _take_all(data, made, progress, address) if address else _copy_ledger(data, made, target)

    advice = "choose a new folder, or that of an earlier backup; nothing is overwritten"
    made = _beside(data, target, advice, take_all, _mark)
    return msgspec.structs.replace(made, new_entries=made.entries, new_documents=made.documents)


def restore(
    backup: Path,
    data: Path,
    moment: Moment = Moment(),
    *,
    store: Store | None = None,
    progress: Callable[[int], None] | None = None,
) -> Backup:
    """Put a backup in the place of a data folder that is not there, as it was at a moment; raises ConfigurationError.

    ``store``: a new one that takes the ledger, of whatever kind; without it the ledger is a file in the data folder.

    What happened after the backup is forgotten here, but not by the systems that were acted on: they remember
    idempotency keys. So the keys that were given since are never given again, while jobs that were at work keep theirs.
    """
    if not (backup / _LEDGER).exists():
        raise ConfigurationError(f"there is no ledger in {backup}: give the folder of a backup")
    advice = "choose a new folder, nothing is overwritten"
    if moment == Moment() and store is None:
        return _beside(backup, data, advice, lambda made: _copy_ledger(backup, made, data), _skip_keys)

    def make_anew(made: Path) -> int:
        return _make_anew(backup, moment, store, made, progress)

    return _beside(backup, data, advice, make_anew, lambda made: None)


# ---- whole -----------------------------------------------------------------------------------------------------------


def _beside(
    source: Path,
    target: Path,
    advice: str,
    make_ledger: Callable[[Path], int],
    finish: Callable[[Path], None],
) -> Backup:
    """Make a folder beside the target, and let it take the target's place once it is whole."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(f"{target} is not empty: {advice}")
    made = target.with_name(f"{target.name}.partial")
    if made.exists():
        shutil.rmtree(made)  # an earlier one did not come to its end
    made.mkdir(parents=True)
    try:
        entries = make_ledger(made)
        _copy_users(source, made)
        documents = _copy_documents(source / _BLOBS, made / _BLOBS)
        finish(made)
        os.sync()
    except BaseException:
        shutil.rmtree(made)
        raise
    made.replace(target)
    return Backup(entries, sum(documents))


def _copy_ledger(source: Path, made: Path, target: Path) -> int:
    """All of it, page by page of the file; verified."""
    _copy_database(source / _LEDGER, made / _LEDGER)
    copy = SqliteStore(made / _LEDGER, readonly=True)
    origin = SqliteStore(source / _LEDGER, readonly=True)
    try:
        for archive in copy.archives():
            copy.archive_files.keep(origin.archive_files.read(archive.sha256))
    except KeyError as error:
        raise ConfigurationError(f"archive {error.args[0]} is missing: put it back from an earlier backup") from None
    finally:
        origin.close()
        copy.close()
    found = verify_ledger(made)
    if not found.ok:
        raise ConfigurationError(f"the copy in {target} does not verify: {found.problems[0].message}")
    return found.entries


def _mark(made: Path) -> None:
    store = SqliteStore(made / _LEDGER, readonly=True)
    mark = _Mark(store.head().installation)
    store.close()
    write_whole(made / _MARK, msgspec.json.encode(mark))


def _skip_keys(made: Path) -> None:
    store = SqliteStore(made / _LEDGER)
    try:
        store.commit(Batch(next_key=store.head().next_key + follow.KEYS_SKIPPED))
    finally:
        store.close()


def _copy_database(source: Path, target: Path) -> None:
    """In one step, within one read: whoever writes meanwhile is neither seen nor held up."""
    try:
        origin = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        try:
            origin.backup(copy)
        finally:
            origin.close()
            copy.close()
    except sqlite3.Error as error:
        raise ConfigurationError(f"{source} cannot be copied to {target}: {error}") from error


def _copy_users(source: Path, target: Path) -> None:
    if (source / _USERS).exists():
        copy = target / f"{_USERS}.partial"
        copy.unlink(missing_ok=True)
        _copy_database(source / _USERS, copy)
        copy.replace(target / _USERS)


def _copy_documents(source: Path, target: Path) -> tuple[int, int]:
    """How many were there, and how many are new.

    Each is written whole under another name and renamed, so those without a plain name are still being written.
    """
    present = new = 0
    for folder in sorted(source.glob("??")):
        place = target / folder.name
        there = set(os.listdir(place)) if place.exists() else set()
        for name in sorted(os.listdir(folder)):
            if len(name.partition(".")[0]) != 64:
                continue
            document = "." not in name
            if name in there:
                present += document
                continue
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place / f".{name}.partial")
            (place / f".{name}.partial").replace(place / name)
            new += document
    return present, new


# ---- by entries ------------------------------------------------------------------------------------------------------


def _take_all(data: Path, made: Path, progress: Callable[[int], None] | None, address: str) -> int:
    """Of a ledger that is no file: entry by entry."""
    source = reader_of(data, address)
    kept = SqliteStore(made / _LEDGER)
    try:
        with source.frozen():
            head = source.head()
            follow.follow(source, kept, _registry(), progress=progress)
            follow.finish(kept, head.next_key, head.installation)
    finally:
        kept.close()
        source.close()
    found = verify_ledger(made)
    if not found.ok:
        raise ConfigurationError(f"the copy does not verify: {found.problems[0].message}")
    return found.entries


def _bring_up(data: Path, target: Path, progress: Callable[[int], None] | None, address: str) -> Backup:
    """Take over what is new since the backup was made, or brought up, last."""
    source = reader_of(data, address)
    try:
        kept = SqliteStore(target / _LEDGER)
        try:
            with source.frozen():
                head = source.head()
                mark = msgspec.json.decode((target / _MARK).read_bytes(), type=_Mark)
                if mark.backup_of != head.installation:
                    raise ConfigurationError(f"{target} is a backup of another installation: choose a new folder")
                new = follow.follow(source, kept, _registry(), progress=progress)
                follow.finish(kept, head.next_key, head.installation)
        finally:
            kept.close()
    except StoreError as error:
        raise ConfigurationError(f"{target} cannot be brought up to date: {error}") from error
    finally:
        source.close()
    _copy_users(data, target)
    present, copied = _copy_documents(data / _BLOBS, target / _BLOBS)
    os.sync()
    return Backup(head.position, present + copied, new, copied)


def _make_anew(
    backup: Path, moment: Moment, store: Store | None, made: Path, progress: Callable[[int], None] | None
) -> int:
    """The ledger up to a moment, in a new store; all tables are made from the entries, and verified."""
    source = SqliteStore(backup / _LEDGER, readonly=True)
    target = store if store is not None else SqliteStore(made / _LEDGER)
    try:
        if target.head().position:
            raise ConfigurationError("the store holds a ledger already: give one that is new")
        until = follow.cut(source, position=moment.position, time=moment.time)
        if not until:
            raise ConfigurationError("nothing was recorded by then: give a later position or time")
        head = source.head()
        follow.follow(source, target, _registry(), until=until, progress=progress)
        follow.finish(target, head.next_key + follow.KEYS_SKIPPED, head.installation)
        registry = _registry()
        registry.load(list(target.definitions()), [])
        found = verify(target, registry)
        if not found.ok:
            raise ConfigurationError(f"what was restored does not verify: {found.problems[0].message}")
        return found.entries
    finally:
        source.close()
        if store is None:
            target.close()


def _registry() -> Registry:
    return Registry(Feel(), read_decisions)
