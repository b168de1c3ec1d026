"""Backups of a data folder, taken while it is in use, and put back.

A backup holds the ledger as one commit left it, the users, and the documents. Documents are written before the ledger
names them and never change, so copying them after the ledger misses none. Views and sessions are left out: views come
back from the ledger, and whoever was logged in logs in again. A backup counts once its ledger has been verified.
"""

import shutil
import sqlite3
from pathlib import Path

import msgspec

from clearance.compose import ConfigurationError, verify_ledger
from clearance.engine.ports import Batch
from clearance.stores.sqlite import SqliteStore

_DATABASES = ("ledger.sqlite", "users.sqlite")
_BLOBS = "blobs"
_KEYS_SKIPPED = 2**32
"""More than were given since any backup; a shard has 2 to the power of 50."""


class Backup(msgspec.Struct, frozen=True):
    """What was copied."""

    entries: int
    """Ledger entries."""
    documents: int


def back_up(data: Path, target: Path) -> Backup:
    """Copy a data folder, which may be in use, to a new folder; raises ConfigurationError."""
    return _copy(data, target, f"there is no ledger in {data}: give the data folder with --data")


def restore(backup: Path, data: Path) -> Backup:
    """Put a backup in the place of a data folder that is not there; raises ConfigurationError.

    What happened after the backup is forgotten here, but not by the systems that were acted on: they remember
    idempotency keys. So the keys that were given since are never given again, while jobs that were at work keep theirs.
    """
    restored = _copy(backup, data, f"there is no ledger in {backup}: give the folder of a backup")
    store = SqliteStore(data / _DATABASES[0])
    try:
        store.commit(Batch(next_key=store.head().next_key + _KEYS_SKIPPED))
    finally:
        store.close()
    return restored


def _copy(source: Path, target: Path, missing: str) -> Backup:
    if not (source / _DATABASES[0]).exists():
        raise ConfigurationError(missing)
    if target.exists() and any(target.iterdir()):
        raise ConfigurationError(f"{target} is not empty: choose a new folder, nothing is overwritten")
    target.mkdir(parents=True, exist_ok=True)
    for name in _DATABASES:
        if (source / name).exists():
            _copy_database(source / name, target / name)
    documents = _copy_documents(source / _BLOBS, target / _BLOBS)
    found = verify_ledger(target)
    if not found.ok:
        raise ConfigurationError(f"the copy in {target} does not verify: {found.problems[0].message}")
    return Backup(found.entries, documents)


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


def _copy_documents(source: Path, target: Path) -> int:
    """Each is written whole under another name and renamed, so those without a plain name are still being written."""
    count = 0
    for path in sorted(source.glob("??/*")):
        if len(path.stem) == 64:
            place = target / path.parent.name
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place / path.name)
            count += path.suffix == ""
    return count
