"""Where listeners may stand: as in Camunda 8, whose modellers write them."""

from collections.abc import Iterator

from clearance.model.definition.elements import (
    BoundaryEvent,
    ComplexGateway,
    Element,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    StartEvent,
    UserTask,
)
from clearance.model.definition.events import CancelDefinition, CompensateDefinition, ErrorDefinition
from clearance.model.definition.process import Process
from clearance.model.definition.work import Listener

_GATEWAYS = ExclusiveGateway | InclusiveGateway | ParallelGateway | EventBasedGateway | ComplexGateway
_EVENTS = ("start", "end", "beforeAll")
TASK_EVENTS = ("creating", "assigning", "updating", "completing")


def listener_problems(element: Element | Process) -> Iterator[tuple[str, str]]:
    """What is wrong with the listeners of an element or process, each with its remedy."""
    yield from _problems(element, element.listeners, _EVENTS)
    if isinstance(element, UserTask):
        yield from _problems(element, element.task_listeners, TASK_EVENTS)


def _problems(
    element: Element | Process, listeners: tuple[Listener, ...], events: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for listener in listeners:
        event = listener.event
        if event == "canceling":
            yield "nothing waits for a listener when a task is cancelled", "Model what is to be done after it"
            continue
        if event not in events:
            yield f'a listener waits for "{event}", which is none of {", ".join(events)}', "Choose one of them"
            continue
        if not listener.type:
            yield f"its {event} listener has no job type", "Say which actor it is"
        if (event, listener.type) in seen:
            yield f'it has two {event} listeners of the type "{listener.type}"', "Keep one"
        seen.add((event, listener.type))
        why = _misplaced(element, event)
        if why:
            yield f"it cannot have a listener for its {event}: {why[0]}", why[1]


def _misplaced(element: Element | Process, event: str) -> tuple[str, str] | None:
    definition = getattr(element, "definition", None)
    if event == "beforeAll":
        if getattr(element, "multi_instance", None) is None:
            return "it is no multi-instance activity", "Make it a listener for the start"
        return None
    if isinstance(definition, CompensateDefinition) and isinstance(element, BoundaryEvent):
        return "what it leads to is no step after it", "Move the listener to the activity that undoes"
    if event == "start" and isinstance(element, StartEvent):
        return "it has happened when it begins", "Move the listener to the process or sub-process"
    if event == "start" and isinstance(element, BoundaryEvent):
        return "it has happened when it begins", "Move the listener to the activity that it sits on"
    if event == "end" and isinstance(element, _GATEWAYS):
        return "it only leads on", "Make it a listener for the start of the next element"
    if event == "end" and isinstance(element, EndEvent) and isinstance(definition, ErrorDefinition | CancelDefinition):
        return "it ends by being caught", "Move the listener to the event that catches it"
    return None
