"""Backups of a data folder, taken while it is in use, brought up to date, and put back as they were at any moment.

A backup holds the ledgers of all shards, their archives, the users, and the documents. Documents are written before a
ledger names them and never change, so copying them after the ledgers misses none. Views and sessions are left out:
views come back from the ledgers, and whoever was logged in logs in again.

The first backup into a folder copies the files of the ledgers and verifies the copy. Then, as every later backup does,
it takes over the entries that are new (``integrity/rebuild.py``), whose chains and states are checked on the way, up to
a moment at which no shard knows of anything that another has not done yet. Nothing is put in place before it is whole:
it is made in a folder beside, which is renamed.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec

from clearance.compose import ConfigurationError, readers_of, verify_ledger, verify_stores
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.integrity import rebuild
from clearance.integrity.verify import Verification
from clearance.ledger.ledgers import Ledgers
from clearance.ledger.rows import Batch
from clearance.ledger.store import Store, StoreError
from clearance.stores.blobs import write_whole
from clearance.stores.opening import StoreSettings, find_stores, ledger_path, open_stores, restored
from clearance.stores.sqlite import SqliteStore
from clearance.stores.sqlite.store import connect

_USERS = "users.sqlite"
_BLOBS = "blobs"
_MARK = "backup.json"
_AGREE_TRIES = 200
_AGREE_PAUSE_S = 0.01

Progress = Callable[[int], None]
"""Told positions in a ledger."""


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
    """In the ledger, when it is the only one."""
    time: int | None = None
    """Milliseconds since 1970."""


def back_up(data: Path, target: Path, progress: Progress | None = None, *, address: str = "") -> Backup:
    """Copy a data folder, which may be in use, to a new folder, or bring an earlier backup up to date.

    ``address``: where the ledgers are, when not in the data folder. Raises ConfigurationError or StoreError, and then
    has changed nothing but, of an earlier backup, how far it goes.
    """
    with closing(Ledgers(readers_of(data, address))) as sources:
        if (target / _MARK).exists():
            return _bring_up(sources.stores, data, target, progress)

        def copy(made: Path) -> Verification:
            if not address:
                _copy_ledgers(data, made, len(sources.stores))
            with closing(Ledgers(open_stores(made, shards=len(sources.stores)))) as copies:
                _take_new(sources.stores, copies.stores, progress)
            write_whole(made / _MARK, msgspec.json.encode(_Mark(sources.stores[0].head().installation)))
            return verify_ledger(made)

        advice = "choose a new folder, or that of an earlier backup; nothing is overwritten"
        made = _beside(data, target, advice, copy)
    return msgspec.structs.replace(made, new_entries=made.entries, new_documents=made.documents)


def restore(
    backup: Path, data: Path, moment: Moment = Moment(), *, address: str = "", progress: Progress | None = None
) -> Backup:
    """Put a backup in the place of a data folder that is not there, as it was at a moment; raises ConfigurationError or
    StoreError.

    ``address``: a new database that takes the ledgers; without it they are files in the data folder. Nobody can open
    them there before the folder is in place too.

    What happened after the backup is forgotten here, but not by the systems that were acted on: they remember
    idempotency keys. So the keys that were given since are never given again, while jobs that were at work keep theirs.
    """
    count = _count(backup)

    def copy(made: Path) -> Verification:
        if moment != Moment() or address:
            return _make_anew(backup, made, moment, address, progress)
        _copy_ledgers(backup, made, count)
        with closing(Ledgers(open_stores(made))) as copies:
            for store in copies.stores:
                store.commit(Batch(next_key=store.head().next_key + rebuild.KEYS_SKIPPED))
        return verify_ledger(made)

    made = _beside(backup, data, "choose a new folder, nothing is overwritten", copy)
    if address:
        restored(address, count)
    return made


# ---- folders ---------------------------------------------------------------------------------------------------------


def _beside(source: Path, target: Path, advice: str, make: Callable[[Path], Verification]) -> Backup:
    """Make a folder beside the target and let it take the target's place once it is whole; ``make`` says whether its
    ledgers verify.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(f"{target} is not empty: {advice}")
    made = target.with_name(f"{target.name}.partial")
    if made.exists():
        shutil.rmtree(made)  # an earlier one did not come to its end
    made.mkdir(parents=True)
    try:
        found = make(made)
        if not found.ok:
            raise ConfigurationError(f"what would be in {target} does not verify: {found.problems[0].message}")
        _copy_users(source, made)
        documents = _copy_documents(source / _BLOBS, made / _BLOBS)
        os.sync()
    except BaseException:
        shutil.rmtree(made)
        raise
    made.replace(target)
    return Backup(found.entries, sum(documents))


def _count(folder: Path) -> int:
    stores = find_stores(folder)
    if not stores:
        raise ConfigurationError(f"there is no ledger in {folder}: give the folder of a backup")
    Ledgers(stores).close()
    return len(stores)


def _copy_ledgers(source: Path, made: Path, count: int) -> None:
    """Page by page of the files, each as one commit left it, with their archives."""
    for shard in range(count):
        _copy_database(ledger_path(source, shard), ledger_path(made, shard))
        copy = SqliteStore(ledger_path(made, shard), readonly=True)
        origin = SqliteStore(ledger_path(source, shard), readonly=True)
        try:
            for archive in copy.archives():
                copy.archive_files.keep(origin.archive_files.read(archive.sha256))
        except KeyError as error:
            raise ConfigurationError(f"archive {error.args[0]} is missing: put it back from a backup") from None
        finally:
            origin.close()
            copy.close()


def _copy_database(source: Path, target: Path) -> None:
    """In one step, within one read: whoever writes meanwhile is neither seen nor held up."""
    try:
        origin = connect(source, readonly=True)
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


def _bring_up(sources: Sequence[Store], data: Path, target: Path, progress: Progress | None) -> Backup:
    """Take over what is new since the backup was made, or brought up, last."""
    mark = msgspec.json.decode((target / _MARK).read_bytes(), type=_Mark)
    if mark.backup_of != sources[0].head().installation:
        raise ConfigurationError(f"{target} is a backup of another installation: choose a new folder")
    try:
        with closing(Ledgers(open_stores(target, shards=len(sources)))) as kept:
            new = _take_new(sources, kept.stores, progress)
            entries = sum(store.head().position for store in kept.stores)
    except StoreError as error:
        raise ConfigurationError(f"{target} cannot be brought up to date: {error}") from error
    _copy_users(data, target)
    present, copied = _copy_documents(data / _BLOBS, target / _BLOBS)
    os.sync()
    return Backup(entries, present + copied, new, copied)


def _take_new(sources: Sequence[Store], targets: Sequence[Store], progress: Progress | None) -> int:
    """What the sources have and the targets have not; how many entries."""
    new = 0
    with _agreeing(sources):
        for source, target in zip(sources, targets, strict=True):
            new += rebuild.follow(source, target, _registry(), progress=progress)
            rebuild.finish(target, source.head())
    return new


@contextmanager
def _agreeing(stores: Sequence[Store]) -> Iterator[None]:
    """See all ledgers at moments that fit: nothing has arrived anywhere that was not sent, or is not known to be."""
    for _ in range(_AGREE_TRIES):
        with ExitStack() as stack:
            for store in stores:
                stack.enter_context(store.frozen())
            if _agree(stores):
                yield
                return
        time.sleep(_AGREE_PAUSE_S)
    raise ConfigurationError("the shards were never seen at moments that fit: try again when there is less to do")


def _agree(stores: Sequence[Store]) -> bool:
    links = [{link.shard: link for link in store.links()} for store in stores]
    for own, known in enumerate(links):
        for other, link in known.items():
            back = links[other].get(own)
            if link.taken > (back.sent if back else 0) or link.arrived > (back.taken if back else 0):
                return False
    return True


def _make_anew(backup: Path, made: Path, moment: Moment, address: str, progress: Progress | None) -> Verification:
    """The ledgers up to a moment, in new stores; all tables are made from the entries."""
    with ExitStack() as stack:
        sources = stack.enter_context(closing(Ledgers(find_stores(backup)))).stores
        if moment.position is not None and len(sources) > 1:
            raise ConfigurationError("there are several shards, each with positions of its own: give a time instead")
        cuts = [rebuild.cut(source, position=moment.position, time=moment.time) for source in sources]
        if not any(cuts):
            raise ConfigurationError("nothing was recorded by then: give a later position or time")
        settings = StoreSettings(address=address)
        stores = open_stores(made, settings, shards=len(sources), restores=True)
        targets = stack.enter_context(closing(Ledgers(stores))).stores
        for source, target, until in zip(sources, targets, cuts, strict=True):
            rebuild.follow(source, target, _registry(), until=until, progress=progress)
            rebuild.finish(target, source.head(), rebuild.KEYS_SKIPPED)
        return verify_stores(targets)


def _registry() -> Registry:
    return Registry(Feel(), read_decisions)
