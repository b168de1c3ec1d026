"""What must hold whatever happens; each check raises :class:`Broken` with what is wrong."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from clearance.engine import routing
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.kernel.state import ElementInstance, Instance
from clearance.ledger import numbering
from clearance.ledger.rows import SHARD_STREAM
from clearance.ledger.store import Store
from clearance.testing.simulation.observer import Broken
from clearance.testing.tables import differences
from clearance.views import texts
from clearance.views.projector import Projector


def ledger_verifies(store: Store, registry: Registry) -> None:
    """Hashes chain, and replaying gives the state and the indexes that are kept."""
    found = verify(store, registry)
    if not found.ok:
        raise Broken("the ledger does not verify: " + "; ".join(problem.message for problem in found.problems[:5]))


def tables_follow(store: Store) -> None:
    """Every table is what the entries alone lead to, so that it can be made anew."""
    for difference in differences(store):
        raise Broken(f"the tables are not what the entries lead to: {difference[:1000]}")


def archives_agree(stores: Sequence[Store]) -> None:
    """Once somebody has cleaned up after a crash, there is a file for each archive that is on record, and no other."""
    for store in stores:
        recorded = sorted(archive.sha256 for archive in store.archives())
        if sorted(store.archive_files.names()) != recorded:
            raise Broken(f"archives {recorded} are on record, and {store.archive_files.names()} are on the disk")


def views_agree(kept: Projector, stores: Sequence[Store], fresh: Path) -> None:
    """Views that were kept over crashes are those that a fresh projection gives, row for row."""
    kept.catch_up()
    projector = Projector(fresh, *(store.reader() for store in stores))
    try:
        projector.catch_up()
        ours, theirs = _rows(kept.path), _rows(fresh)
    finally:
        projector.stop()
        fresh.unlink()
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            raise Broken(f"a view has {one[:500]} and would have {other[:500]} if it was built anew")
    if len(ours) != len(theirs):
        raise Broken(f"the views have {len(ours)} rows, and would have {len(theirs)} if they were built anew")


def everything_waits_or_ended(shard: Shard, now: int) -> None:
    """Every element at work waits for something that has a name, or says why it cannot go on."""
    for row in shard.store.instances():
        if row.key == SHARD_STREAM or row.status != "active":
            continue
        stream = shard.stream(row.key)
        if stream is None or stream.instance is None:
            raise Broken(f"instance {row.key} has a row and cannot be loaded")
        instance = stream.instance
        stuck = [element for element in instance.elements.values() if not _waits(instance, element)]
        if stuck and not instance.suspended and not _caller_says_why(shard, instance):
            raise Broken(f"instance {row.key} stands still at {stuck[0]}: nothing will ever happen to it")
        _jobs_wait(instance)
        _counts_agree(instance)
        late = [key for key, timer in instance.timers.items() if timer.due <= now]
        if late and not instance.incidents and not instance.suspended:
            raise Broken(f"timers {late} of instance {row.key} are overdue and do not fire")


def shards_agree(stores: Sequence[Store]) -> None:
    """Once all has arrived: nothing is on its way any longer, and each home knows exactly who waits elsewhere."""
    known, waiting = set(), set()
    for number, store in enumerate(stores):
        for link in store.links():
            if store.parcels(link.shard):
                raise Broken(f"shard {number} has parcels for shard {link.shard} that never arrive")
            other = next(back for back in stores[link.shard].links() if back.shard == number)
            if link.sent != other.taken:
                raise Broken(f"shard {number} has sent {link.sent} parcels to {link.shard}, which took {other.taken}")
        for message in store.kept_messages():
            if message.offered:
                raise Broken(f"message {message.key} was offered, and nobody answers")
        for row in store.waiting():
            if row.kind == "message" and row.instance:
                told = (row.key, row.instance, row.process, row.name, row.correlation_key)
                if numbering.shard_of(row.instance) != number:
                    known.add(told)
                elif routing.home(row.correlation_key, len(stores)) != number:
                    waiting.add(told)
    if known != waiting:
        raise Broken(f"homes know of {known - waiting} that do not wait, and do not know of {waiting - known}")


def _rows(path: Path) -> list[str]:
    """Of all tables but the index of texts, which only says where to look."""
    connection = sqlite3.connect(path)
    try:
        named = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        tables = [name for (name,) in named if not name.startswith(texts.TABLES)]
        return [f"{table}: {row}" for table in tables for row in connection.execute(f"SELECT * FROM {table}")]
    finally:
        connection.close()


def _waits(instance: Instance, element: ElementInstance) -> bool:
    if any(incident.element == element.key for incident in instance.incidents.values()):
        return True
    if element.job in instance.jobs or element.task in instance.tasks:
        return True
    if element.child:  # a called process, which is looked at itself
        return True
    named = (*instance.timers, *instance.subscriptions, *instance.conditions)
    return bool(element.children or element.tokens or element.handlers or any(key in named for key in element.waits))


def _caller_says_why(shard: Shard, instance: Instance) -> bool:
    """What a called process throws and nothing there catches is an incident of the call activity."""
    caller = shard.stream(instance.parent) if instance.parent else None
    if caller is None or caller.instance is None:
        return False
    return any(incident.element == instance.parent_element for incident in caller.instance.incidents.values())


def _jobs_wait(instance: Instance) -> None:
    for key, job in instance.jobs.items():
        if job.phase == "created":
            raise Broken(f"job {key} was never ruled on")
        if job.phase == "approval" and job.approval not in instance.approvals:
            raise Broken(f"job {key} waits for an approval that nobody can give")
        if job.phase == "failed" and all(incident.job != key for incident in instance.incidents.values()):
            raise Broken(f"job {key} has failed, and no incident says so")


def _counts_agree(instance: Instance) -> None:
    for element in instance.elements.values():
        children = sum(other.scope == element.key for other in instance.elements.values())
        if element.children != children:
            raise Broken(f"element {element.key} counts {element.children} children and has {children}")
        if element.tokens != sum(instance.arrivals.get(element.key, {}).values()):
            raise Broken(f"element {element.key} counts {element.tokens} waiting tokens, its joins others")
