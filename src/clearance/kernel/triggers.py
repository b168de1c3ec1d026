"""Which events can stand where, and what links them: the part of compiling that is about events.

An event that cannot be executed must not be passed by as if there were nothing to wait for, so it is refused here.
"""

from collections.abc import Sequence
from types import NoneType

from clearance.model.definition import (
    BoundaryEvent,
    CancelDefinition,
    CompensateDefinition,
    ConditionalDefinition,
    Element,
    EndEvent,
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    MessageDefinition,
    MultipleDefinition,
    Process,
    ReceiveTask,
    SignalDefinition,
    StartEvent,
    SubProcess,
    TerminateDefinition,
    TimerDefinition,
    Transaction,
)
from clearance.model.graph import Node

_CATCH = (MessageDefinition, SignalDefinition, TimerDefinition, ConditionalDefinition)
_THROW = (MessageDefinition, SignalDefinition, EscalationDefinition, CompensateDefinition)
_START = (*_CATCH, NoneType)
_START_IN_EVENT_SUB_PROCESS = (*_CATCH, ErrorDefinition, EscalationDefinition, CompensateDefinition)
_ALLOWED: dict[type[Element], tuple[type, ...]] = {
    IntermediateCatchEvent: (*_CATCH, LinkDefinition),
    IntermediateThrowEvent: (*_THROW, LinkDefinition, NoneType),
    EndEvent: (*_THROW, ErrorDefinition, TerminateDefinition, CancelDefinition, NoneType),
    BoundaryEvent: (*_CATCH, ErrorDefinition, EscalationDefinition, CompensateDefinition, CancelDefinition),
}
"""Table 10.93."""


def definitions_of(element: Element) -> tuple[EventDefinition, ...]:
    """What an event waits for or throws; the message of a receive task."""
    if isinstance(element, ReceiveTask):
        return (element.message,)
    definition = getattr(element, "definition", None)
    if isinstance(definition, MultipleDefinition):
        return definition.definitions
    return (definition,) if definition is not None else ()


def begins_without_start(nodes: Sequence[Node], scope: Node) -> tuple[int, ...]:
    """Where a scope without a start event begins: at everything that nothing leads to (10.5.2, 13.3.4)."""

    def begins(node: Node) -> bool:
        element = node.element
        apart = getattr(element, "for_compensation", False) or getattr(element, "triggered_by_event", False)
        return node.scope == scope.index and not node.incoming and not apart and not isinstance(element, BoundaryEvent)

    return tuple(node.index for node in nodes if begins(node))


def problem_of(node: Node, element: Element, scope: Process | SubProcess) -> str:
    """Why an event cannot be executed where it stands; empty when it can."""
    definition = getattr(element, "definition", None)
    allowed: tuple[type, ...]
    in_event_sub_process = isinstance(scope, SubProcess) and scope.triggered_by_event
    if isinstance(element, StartEvent):
        allowed = _START_IN_EVENT_SUB_PROCESS if in_event_sub_process else _START
        if isinstance(scope, SubProcess) and not in_event_sub_process and definition is not None:
            return f"{node.label}: an embedded sub-process begins at a none start event: remove its trigger"
    elif type(element) in _ALLOWED:
        allowed = _ALLOWED[type(element)]
    else:
        return ""
    for part in definitions_of(element) or (None,):
        if not isinstance(part, allowed):
            what = str(part.__struct_config__.tag) if part is not None else "no trigger"
            return f"{node.label} is a {node.kind} with {what}, which cannot be executed there: replace it"
    if any(isinstance(part, ErrorDefinition) for part in definitions_of(element)) and not _interrupts(element):
        return f"{node.label}: an error always interrupts (table 10.93): make the event interrupting"
    if isinstance(definition, CancelDefinition) and isinstance(element, EndEvent) and not _in_transaction(scope):
        return f"{node.label}: only a transaction can be cancelled: put it into one"
    return _problem_of_several(node, definition)


def _problem_of_several(node: Node, definition: EventDefinition | None) -> str:
    if not isinstance(definition, MultipleDefinition):
        return ""
    parts = definition.definitions
    if definition.parallel and any(isinstance(part, ErrorDefinition | EscalationDefinition) for part in parts):
        return f"{node.label}: errors and escalations are not kept until others come: catch them apart"
    if len(parts) < 2:
        return f"{node.label} is a multiple event with {len(parts)} trigger: give it two at least"
    lonely = (CompensateDefinition, CancelDefinition, TerminateDefinition, LinkDefinition)
    alone = [part for part in parts if isinstance(part, lonely)]
    if alone:
        return f"{node.label}: {alone[0].__struct_config__.tag} cannot be one trigger of several: draw it by itself"
    jobs = [part for part in parts if isinstance(part, MessageDefinition) and part.job is not None]
    if (jobs and len(parts) > len(jobs)) or len(jobs) > 1:
        return f"{node.label} throws several things, one of them by a job: use a send task for that"
    return ""


def _interrupts(element: Element) -> bool:
    return getattr(element, "interrupting", True)


def _in_transaction(scope: Process | SubProcess) -> bool:
    return isinstance(scope, Transaction)
