"""Appliers: the only code that changes an instance's state, one small function an event.

They never decide. What an event means for the state is all here, so replaying the events of an instance yields exactly
the state that deciding them left behind.
"""

from collections.abc import Iterable

from clearance.kernel.appliers import elements, jobs, people, waits
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Instance
from clearance.model.events import Event, InstanceCreated
from clearance.model.graph import Graph

APPLIERS: Table = {**elements.APPLIERS, **jobs.APPLIERS, **people.APPLIERS, **waits.APPLIERS}


def apply(instance: Instance, event: Event, graph: Graph) -> None:
    """Advance the state by one event."""
    APPLIERS[type(event)](instance, event, graph)


def create(event: InstanceCreated) -> Instance:
    """The state after an instance's first event."""
    return Instance(key=event.key, process=event.process, definition=event.definition, tenant=event.tenant)


def replay(events: Iterable[Event], graph: Graph, instance: Instance | None = None) -> Instance:
    """The state after the events, which follow those that led to ``instance``, or begin with InstanceCreated."""
    for event in events:
        if instance is None:
            if not isinstance(event, InstanceCreated):
                raise ValueError(f"a history begins with InstanceCreated, not with {type(event).__name__}")
            instance = create(event)
        else:
            apply(instance, event, graph)
    if instance is None:
        raise ValueError("there is nothing to replay")
    return instance
