"""Appliers: the only code that changes an instance's state, one small function an event.

They never decide. What an event means for the state is all here, so replaying the events of an instance yields exactly
the state that deciding them left behind.
"""

from collections.abc import Callable, Iterable

from clearance.kernel.appliers import changes, elements, evidence, jobs, people, waits
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Instance
from clearance.model.events import Event, InstanceCreated, InstanceMigrated
from clearance.model.graph import Graph

APPLIERS: Table = {
    **elements.APPLIERS,
    **jobs.APPLIERS,
    **people.APPLIERS,
    **waits.APPLIERS,
    **changes.APPLIERS,
    **evidence.APPLIERS,
}

Graphs = Callable[[str], Graph]
"""The graph of a definition, by its content hash."""


def apply(instance: Instance, event: Event, graph: Graph) -> None:
    """Advance the state by one event."""
    APPLIERS[type(event)](instance, event, graph)


def create(event: InstanceCreated) -> Instance:
    """The state after an instance's first event."""
    return Instance(
        key=event.key,
        process=event.process,
        definition=event.definition,
        tenant=event.tenant,
        parent=event.parent,
        parent_element=event.parent_element,
        depth=event.depth,
    )


def replay(events: Iterable[Event], graphs: Graphs, instance: Instance | None = None) -> Instance:
    """The state after the events, which follow those that led to ``instance``, or begin with InstanceCreated."""
    graph = graphs(instance.definition) if instance is not None else None
    for event in events:
        if instance is None or graph is None:
            if not isinstance(event, InstanceCreated):
                raise ValueError(f"a history begins with InstanceCreated, not with {type(event).__name__}")
            instance = create(event)
            graph = graphs(instance.definition)
            continue
        apply(instance, event, graph)
        if type(event) is InstanceMigrated:
            graph = graphs(instance.definition)
    if instance is None:
        raise ValueError("there is nothing to replay")
    return instance
