"""What is done to a ledger that is at rest: moving what is old to archives, and making its tables anew.

While a control tower runs, it archives by itself, as its settings say ([retention]).
"""

import re
from collections.abc import Callable
from pathlib import Path

from clearance.compose import ConfigurationError
from clearance.engine.clock import machine_time
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Store
from clearance.engine.registry import Registry
from clearance.engine.retention import Moved, Retention, RetentionSettings
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.model.clearance import Request, Ruling
from clearance.model.commands import Answer, ArchiveInstances, Refusal
from clearance.stores.sqlite import SqliteStore

_UNITS_MS = {"d": 24 * 3600 * 1000, "h": 3600 * 1000, "m": 60 * 1000}


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
) -> Moved:
    """Archive what ended so long ago; a dry run may be made beside a running tower. Raises ConfigurationError."""
    until = machine_time() - _milliseconds(older_than)
    if not (data / "ledger.sqlite").exists():
        raise ConfigurationError(f"there is no ledger in {data}: give the data folder with --data")
    store = SqliteStore(data / "ledger.sqlite", readonly=dry_run)
    try:
        moved = archive_in(store, until, settings, dry_run=dry_run, progress=progress)
        if moved.archives and not dry_run:
            store.compact()
        return moved
    finally:
        store.close()


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
            number = EngineSettings(shard=store.head().next_key >> 50)
            shard = Shard(store, _NobodyActs(), Registry(Feel(), read_decisions), {}, number)
        answer = shard.work(command, machine_time())
        cut = shard.cut()
        store.commit(cut.batch)
        shard.committed(cut.batch)
        return answer

    return Retention(store, ask, settings).run(until, dry_run=dry_run, progress=progress)


def _milliseconds(span: str) -> int:
    """Of 90d, 12h or 30m."""
    match = re.fullmatch(r"(\d+)([dhm])", span.strip())
    if match is None:
        raise ConfigurationError(f"{span!r} is no span of time: write 90d, 12h or 30m")
    return int(match[1]) * _UNITS_MS[match[2]]
