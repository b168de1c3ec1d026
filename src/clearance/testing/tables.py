"""Whether every table of a store is what its entries lead to: they are made anew beside it, and compared row by row."""

from collections.abc import Iterable, Iterator

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.integrity.rebuild import follow
from clearance.kernel.appliers import replay
from clearance.kernel.state import restore, snapshot
from clearance.ledger import chain
from clearance.ledger.rows import SHARD_STREAM, InstanceRow, ParcelRow
from clearance.ledger.store import Store
from clearance.stores.memory import MemoryStore


def differences(kept: Store) -> list[str]:
    """What is otherwise in tables that are made anew from the entries of a store, which may be in use by another."""
    made = MemoryStore()
    registry = Registry(Feel(), read_decisions)
    with kept.frozen():
        follow(kept, made, registry)
        return list(between(kept, made, registry))


def between(kept: Store, made: Store, registry: Registry) -> Iterator[str]:
    """What two stores with the same entries keep otherwise; snapshots may lag as they like."""
    for name, ours, theirs in (
        ("instance", _states(kept, registry), _states(made, registry)),
        ("timer", kept.timers(), made.timers()),
        ("subscription", kept.waiting(), made.waiting()),
        ("instance at work", kept.at_work(), made.at_work()),
        ("message", kept.kept_messages(), made.kept_messages()),
        ("lock", kept.locks(), made.locks()),
        ("definition", kept.definitions(), made.definitions()),
        ("decision file", sorted(kept.decisions(), key=_name), sorted(made.decisions(), key=_name)),
        ("link", kept.links(), made.links()),
        ("parcel", _parcels(kept), _parcels(made)),
        ("archive", kept.archives(), made.archives()),
        ("archived instance", kept.archived_instances(), made.archived_instances()),
    ):
        yield from _unlike(name, ours, theirs)


def _parcels(store: Store) -> Iterator[ParcelRow]:
    for link in store.links():
        yield from store.parcels(link.shard, 0, 1_000_000)


def _name(file: object) -> str:
    return str(getattr(file, "name", ""))


def _unlike(name: str, ours: Iterable[object], theirs: Iterable[object]) -> Iterator[str]:
    kept, made = list(ours), list(theirs)
    yield from (f"{name} is kept, and not made: {one}" for one in kept if one not in made)
    yield from (f"{name} is made, and not kept: {one}" for one in made if one not in kept)


def _states(store: Store, registry: Registry) -> Iterator[tuple[int, str, str, int, bytes, bytes]]:
    """Every row as it would be if its snapshot covered everything."""
    for row in store.instances():
        yield _covering(store, registry, row)


def _covering(store: Store, registry: Registry, row: InstanceRow) -> tuple[int, str, str, int, bytes, bytes]:
    if row.key == SHARD_STREAM or not row.snapshot:
        return row.key, row.definition, row.status, row.sequence, row.hash, row.snapshot
    instance, last = restore(row.snapshot), row.sequence
    digest = row.hash
    while page := store.history(row.key, last):
        for entry in page:
            instance = replay(chain.read(entry).events, registry.graph, instance)
        last, digest = page[-1].sequence, page[-1].hash
    return row.key, instance.definition, instance.status, last, digest, snapshot(instance)
