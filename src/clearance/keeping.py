"""What is done to a ledger that is at rest: moving what is old to archives, and making its tables anew.

While a control tower runs, it archives by itself, as its settings say ([retention]).
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec

from clearance.compose import ConfigurationError, readers_of
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import machine_time
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.rebuild import KEYS_SKIPPED, finish, follow
from clearance.integrity.retention import Moved, Retention, RetentionSettings
from clearance.integrity.verify import verify
from clearance.ledger import archive_format, numbering
from clearance.ledger.ledgers import Ledgers
from clearance.ledger.rows import SHARD_STREAM, Archive
from clearance.ledger.store import Store
from clearance.model.clearance import Request, Ruling
from clearance.model.commands import Answer, ArchiveInstances, Refusal
from clearance.stores.opening import StoreSettings, find_stores, ledger_path, open_stores
from clearance.stores.sqlite import SqliteStore

_UNITS_MS = {"d": 24 * 3600 * 1000, "h": 3600 * 1000, "m": 60 * 1000}


class Rebuilt(msgspec.Struct, frozen=True):
    """What was made anew."""

    entries: int
    streams: int
    before: Path
    """The file as it was."""


class _ByFiles(SqliteStore):
    """A store that asks the files themselves what is archived, and not its tables; where recorded, it does not know."""

    _found: list[Archive] | None = None

    def archives(self) -> Sequence[Archive]:
        if self._found is None:
            self._found = list(self._look())
        return self._found

    def _look(self) -> Iterator[Archive]:
        for sha256 in self.archive_files.names():
            content = self.archive_files.read(sha256)
            try:
                read = archive_format.unpack(content)
            except archive_format.Damaged:
                continue  # its entries will be missing, and said to be
            places = [entry.position for entry in read.entries]
            if read.header.installation == self.head().installation and places:
                own = max((entry.sequence for entry in read.entries if entry.stream == SHARD_STREAM), default=0)
                yield Archive(0, sha256, places[0], places[-1], len(places), len(content), own)


class _NobodyActs:
    """The gate of a shard on which nothing but archiving happens."""

    def rule(self, request: Request) -> Ruling:
        raise AssertionError("archiving leads to no action")


def archive(
    data: Path,
    older_than: str,
    settings: RetentionSettings,
    *,
    dry_run: bool = False,
    progress: Callable[[Moved], None] | None = None,
    address: str = "",
) -> Moved:
    """Archive what ended so long ago; a dry run may be made beside a running tower. Raises ConfigurationError."""
    until = machine_time() - _milliseconds(older_than)
    stores = readers_of(data, address)
    if not dry_run:
        Ledgers(stores).close()
        stores = open_stores(data, StoreSettings(address=address))
    total = Moved()
    with closing(Ledgers(stores)):
        for store in stores:
            before = msgspec.structs.replace(total)

            def tell(moved: Moved, before: Moved = before) -> None:
                if progress is not None:
                    progress(before.plus(moved))

            moved = archive_in(store, until, settings, dry_run=dry_run, progress=tell)
            total = before.plus(moved)
            if moved.archives and not dry_run and isinstance(store, SqliteStore):
                store.compact()
    return total


def archive_in(
    store: Store,
    until: int,
    settings: RetentionSettings,
    *,
    dry_run: bool = False,
    progress: Callable[[Moved], None] | None = None,
) -> Moved:
    """Archive what ended at ``until`` (milliseconds since 1970) or before, in a store that no engine runs on."""
    shard: Shard | None = None

    def ask(command: ArchiveInstances) -> Answer | Refusal:
        nonlocal shard
        if shard is None:
            number = EngineSettings(shard=numbering.shard_of(store.head().next_key))
            shard = Shard(store, _NobodyActs(), Registry(Feel(), read_decisions), {}, number)
        answer = shard.work(command, machine_time())
        cut = shard.cut()
        store.commit(cut.batch)
        shard.committed(cut.batch)
        return answer

    return Retention(store, ask, settings).run(until, dry_run=dry_run, progress=progress)


def rebuild(data: Path, progress: Callable[[int], None] | None = None, *, shard: int = numbering.FIRST) -> Rebuilt:
    """Make all tables of a shard anew from the entries; they take the place of those that are there, which are kept.

    For tables or indexes that are damaged: what the entries themselves say must be whole. Raises ConfigurationError
    or StoreError, and then has changed nothing.
    """
    path = ledger_path(data, shard)
    if not path.exists():
        shards = len(find_stores(data))
        advice = f"give --shard a number below {shards}" if shards else "give the data folder with --data"
        raise ConfigurationError(f"there is no ledger {path.name} in {data}: {advice}")
    made = data / "rebuilding.sqlite"
    _discard(made)
    source = _ByFiles(path)
    try:
        head = source.head()
        if head.recorded > head.position:
            lost = f"the ledger ends at entry {head.position}, but {head.recorded} were committed"
            raise ConfigurationError(f"{lost}: no table can bring them back, restore it from a backup")
        target = SqliteStore(made, archives=path.with_name(f"{path.stem}.archives"))
        try:
            registry = Registry(Feel(), read_decisions)
            follow(source, target, registry, progress=progress)
            finish(target, head, KEYS_SKIPPED)
            found = verify(target, registry)
        finally:
            target.close()
        if not found.ok:
            raise ConfigurationError(f"what was made anew does not verify: {found.problems[0].message}")
        source.settle()
        before = _unused(path)
        os.link(path, before)
        made.replace(path)  # the lock on the ledger is held until the end
    finally:
        source.close()
        _discard(made)
    return Rebuilt(found.entries, found.streams, before)


def _unused(path: Path) -> Path:
    """A name for the file that is replaced."""
    names = (path.with_name(f"{path.stem}.before-{number}.sqlite") for number in count(1))
    return next(name for name in names if not name.exists())


def _discard(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"):
        path.with_name(name).unlink(missing_ok=True)


def _milliseconds(span: str) -> int:
    """Of 90d, 12h or 30m."""
    match = re.fullmatch(r"(\d+)([dhm])", span.strip())
    if match is None:
        raise ConfigurationError(f"{span!r} is no span of time: write 90d, 12h or 30m")
    return int(match[1]) * _UNITS_MS[match[2]]
