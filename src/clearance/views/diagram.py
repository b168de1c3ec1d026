"""Where an instance stands, told from its ledger entries: what is active, what failed, which path it took how often.

For pictures: ``bpmn/drawing`` puts the counts on the diagram of the version on which the instance runs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from clearance.bpmn.drawing import Standing, Tokens, draw
from clearance.engine.state.registry import Registry
from clearance.ledger import chain
from clearance.ledger.rows import SHARD_STREAM, Definition
from clearance.ledger.store import Store
from clearance.model import events
from clearance.model.definition import Definitions, read_process
from clearance.model.events import Event
from clearance.model.graph import PROCESS, Graph

_PAGE = 500


class NoSuchInstance(ValueError):
    """The ledger knows no instance of that key."""


def diagram(store: Store, registry: Registry, key: int, *, page: int | str = 1, dark: bool = False) -> str:
    """The picture of an instance as SVG; raises :class:`NoSuchInstance`."""
    source, tokens = standing(store, registry, key)
    return draw(source, page=page, tokens=tokens, dark=dark)


def standing(store: Store, registry: Registry, key: int) -> tuple[bytes | Definitions, Tokens]:
    """The version on which an instance runs, to be drawn, and where it stands."""
    row = store.instance(key)
    if (row is None and store.archived(key) is None) or key == SHARD_STREAM:
        raise NoSuchInstance(f"there is no process instance {key} in this ledger")
    folded = _Fold(registry.graph)
    folded.take(_events(store, key))
    definition = next(known for known in store.definitions() if known.hash == folded.definition)
    return drawable(definition), folded.tokens()


def drawable(definition: Definition) -> bytes | Definitions:
    """The file that was deployed; what was deployed without one is laid out."""
    if definition.xml:
        return definition.xml.encode()
    process = read_process(definition.content)
    return Definitions(id=f"{process.id}-definitions", processes=(process,))


def _events(store: Store, key: int) -> Iterator[Event]:
    after = 0
    while entries := store.history(key, after, _PAGE):
        for entry in entries:
            yield from chain.read(entry).events
        after = entries[-1].sequence


class _Fold:
    """Counts while the events of one instance go by."""

    def __init__(self, graphs: Callable[[str], Graph]) -> None:
        self._graphs = graphs
        self._graph: Graph | None = None
        self.definition = ""
        self._active: dict[int, int] = {}
        """Element instances that have not ended, with their nodes."""
        self._around: set[int] = set()
        """Those that only hold the inner instances of a multi-instance activity."""
        self._incidents: dict[int, int] = {}
        self._completed: Counter[str] = Counter()
        self._flows: Counter[str] = Counter()

    def take(self, happened: Iterable[Event]) -> None:
        for event in happened:
            match event:
                case events.InstanceCreated():
                    self._run_on(event.definition)
                case events.ElementActivating():
                    self._active[event.key] = event.node
                    if event.loop_counter and self._active.get(event.scope) == event.node:
                        self._around.add(event.scope)
                case events.ElementCompleted() | events.ElementTerminated():
                    self._ended(event.key, completed=isinstance(event, events.ElementCompleted))
                case events.IncidentRaised():
                    self._incidents[event.key] = self._active.get(event.element, PROCESS)
                case events.IncidentResolved():
                    self._incidents.pop(event.key, None)
                case events.FlowTaken():
                    self._flows[self._now.edges[event.flow].id] += 1
                case events.InstanceMigrated():
                    self._migrated(event)

    def tokens(self) -> Tokens:
        """All counts, by ids."""
        active = Counter(self._id(node) for key, node in self._active.items() if key not in self._around)
        incidents = Counter(self._id(node) for node in self._incidents.values())
        shown = {*active, *incidents, *self._completed} - {self._id(PROCESS)}
        return Tokens(
            elements={
                name: Standing(active=active[name], incidents=incidents[name], completed=self._completed[name])
                for name in sorted(shown)
            },
            flows=dict(sorted(self._flows.items())),
        )

    @property
    def _now(self) -> Graph:
        assert self._graph is not None, "a history begins with InstanceCreated"
        return self._graph

    def _run_on(self, definition: str) -> None:
        self.definition = definition
        self._graph = self._graphs(definition)

    def _ended(self, key: int, *, completed: bool) -> None:
        node = self._active.pop(key)
        if completed and key not in self._around:
            self._completed[self._id(node)] += 1
        self._around.discard(key)

    def _migrated(self, event: events.InstanceMigrated) -> None:
        """Counts of what was passed stay with the ids; what is active goes over."""
        self._run_on(event.definition)
        self._active = {key: event.nodes.get(node, PROCESS) for key, node in self._active.items()}
        self._incidents = {key: event.nodes.get(node, PROCESS) for key, node in self._incidents.items()}

    def _id(self, node: int) -> str:
        return self._now.nodes[node].id
