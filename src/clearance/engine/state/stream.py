"""A stream of the ledger: where it stands, with the state of the instance whose stream it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from clearance.engine.state.indexes import jobs_at_work
from clearance.kernel.appliers import replay
from clearance.kernel.state import Instance, restore, snapshot
from clearance.ledger import chain
from clearance.ledger.rows import Entry, InstanceRow
from clearance.model.graph import Graph


@dataclass(slots=True)
class Stream:
    """Where a stream of the ledger stands, with the instance's state when it is an instance's.

    No struct: it changes with each entry, and setting a struct's field takes several times as long.
    """

    key: int
    position: int = 0
    sequence: int = 0
    hash: bytes = chain.GENESIS
    kept: int = 0
    """Sequence of the last snapshot."""
    instance: Instance | None = None
    graph: Graph | None = None
    working: set[int] = field(default_factory=set)
    """The instance's jobs at work."""

    def row(self) -> InstanceRow:
        """The instance's row as it stands; who has ended needs no snapshot."""
        instance = self.instance
        assert instance is not None
        state = snapshot(instance) if instance.status == "active" else b""
        return InstanceRow(
            self.key,
            instance.definition,
            instance.process,
            instance.status,
            self.position,
            self.sequence,
            self.hash,
            state,
        )


def loaded(row: InstanceRow, later: Iterable[Entry], graph_of: Callable[[str], Graph]) -> Stream:
    """An instance's stream with its state: what its row says, and the entries that the row does not cover."""
    stream = Stream(row.key, row.position, row.sequence, row.hash, row.sequence)
    instance = restore(row.snapshot) if row.snapshot else None
    if instance is None:
        instance = Instance(row.key, row.process, row.definition, "", status=row.status)
    for entry in later:
        instance = replay(chain.read(entry).events, graph_of, instance)
        stream.position, stream.sequence, stream.hash = entry.position, entry.sequence, entry.hash
    stream.instance = instance
    stream.working = jobs_at_work(instance)
    stream.graph = graph_of(instance.definition)
    return stream
