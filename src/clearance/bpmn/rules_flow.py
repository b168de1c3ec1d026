"""Rules on how elements are connected: flows, gateways, starts and ends."""

from collections.abc import Iterator

from clearance.bpmn.findings import Finding, Scope, error, warning
from clearance.model.definition import (
    BoundaryEvent,
    CompensateDefinition,
    ConditionalDefinition,
    Element,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    MessageDefinition,
    ParallelGateway,
    ReceiveTask,
    SignalDefinition,
    StartEvent,
    SubProcess,
    TimerDefinition,
)


def flows_join_elements_of_one_scope(scope: Scope) -> Iterator[Finding]:
    """10.2.1: a sequence flow stays inside its process or sub-process."""
    for flow in scope.owner.flows:
        for end, identifier in (("source", flow.source), ("target", flow.target)):
            if identifier not in scope.elements:
                yield error(
                    flow,
                    f'its {end} "{identifier}" is not an element of the same process or sub-process',
                    "Connect it to an element on the same level, or remove it",
                )


def scope_starts_properly(scope: Scope) -> Iterator[Finding]:
    """10.5.2: a process starts somewhere, a sub-process at one plain start, an event sub-process at one event."""
    starts = [element for element in scope.owner.elements if isinstance(element, StartEvent)]
    plain = [start for start in starts if start.definition is None]
    owner = scope.owner
    if not starts:
        yield error(owner, "it has no start event", "Draw a start event")
    elif isinstance(owner, SubProcess) and owner.triggered_by_event:
        if len(starts) > 1 or plain:
            yield error(owner, "an event sub-process needs exactly one start event, with a trigger", "Draw it so")
    elif isinstance(owner, SubProcess):
        if len(starts) > 1 or not plain:
            yield error(owner, "a sub-process needs exactly one start event, without a trigger", "Draw it so")
    elif len(plain) > 1:
        yield error(plain[1], "the process has more than one start event without a trigger", "Keep one of them")


def elements_are_connected(scope: Scope) -> Iterator[Finding]:
    """Something leads to every element, and away from it, where the standard says so."""
    for element in scope.owner.elements:
        entering, leaving = scope.entering(element), scope.leaving(element)
        if isinstance(element, StartEvent | BoundaryEvent) and entering:
            yield error(element, "a flow leads into an event that only starts a path", "Lead it to the next element")
        if isinstance(element, EndEvent) and leaving:
            yield error(element, "a flow leaves an end event", "Use an intermediate event, or remove the flow")
        if _is_apart(element) and (entering or leaving):
            yield error(element, "flows lead to or from it, though it is not on a path", "Remove the flows")
        if not entering and not _may_be_first(element):
            yield error(element, "nothing leads to it", "Draw a flow to it, or remove it")
        if not leaving and not _may_be_last(element):
            if isinstance(element, StartEvent | BoundaryEvent | EventBasedGateway):
                yield error(element, "nothing follows it", "Draw a flow from it")
            else:
                yield warning(element, "the path stops here without an end event", "Draw an end event")


def elements_are_reached(scope: Scope) -> Iterator[Finding]:
    """No element stands in a circle that no path enters."""
    reached: set[str] = set()
    waiting = [element for element in scope.owner.elements if _may_be_first(element)]
    waiting = [element for element in waiting if not isinstance(element, BoundaryEvent)]
    while waiting:
        element = waiting.pop()
        if element.id in reached:
            continue
        reached.add(element.id)
        waiting += [scope.elements[flow.target] for flow in scope.leaving(element) if flow.target in scope.elements]
        waiting += scope.boundaries.get(element.id, [])
    for element in scope.owner.elements:
        if element.id not in reached and scope.entering(element):
            yield error(element, "it can never be reached from a start event", "Draw a path to it, or remove it")


def splits_are_complete(scope: Scope) -> Iterator[Finding]:
    """10.6.2: every way out of a choice has a condition, but for the default."""
    for element in scope.owner.elements:
        if not isinstance(element, ExclusiveGateway | InclusiveGateway):
            continue
        ways = scope.leaving(element)
        if len(ways) > 1:
            for flow in ways:
                if not flow.condition and flow.id != element.default:
                    yield error(
                        flow,
                        f'this way out of "{element.name or element.id}" has no condition',
                        "Give it a condition, or make it the default",
                    )
            if not element.default:
                yield warning(
                    element,
                    "it has no default: when no condition is true, the case stops with an incident",
                    "Make one way the default",
                )


def defaults_are_ways_out(scope: Scope) -> Iterator[Finding]:
    """A default flow leaves the element that names it, and needs no condition."""
    for element in scope.owner.elements:
        default = getattr(element, "default", "")
        ways = {flow.id: flow for flow in scope.leaving(element)}
        if default and default not in ways:
            yield error(element, f'its default flow "{default}" does not leave it', "Choose one of its ways out")
        elif default and ways[default].condition:
            yield warning(ways[default], "its condition is not looked at, because it is the default", "Remove it")


def conditions_stand_where_they_count(scope: Scope) -> Iterator[Finding]:
    """10.2.1: conditions belong on ways out of choices and activities."""
    for flow in scope.owner.flows:
        source = scope.elements.get(flow.source)
        if flow.condition and isinstance(
            source,
            ParallelGateway
            | EventBasedGateway
            | StartEvent
            | BoundaryEvent
            | IntermediateCatchEvent
            | IntermediateThrowEvent,
        ):
            yield error(flow, "its condition would not be looked at here", "Put an exclusive gateway before it")


def event_gateways_lead_to_events(scope: Scope) -> Iterator[Finding]:
    """10.6.6: at least two ways, each to an event that waits or a receive task, reached from nowhere else."""
    for gateway in scope.owner.elements:
        if not isinstance(gateway, EventBasedGateway):
            continue
        ways = scope.leaving(gateway)
        if len(ways) == 1:
            yield error(gateway, "it has only one way out", "Draw at least two events, or leave the gateway out")
        targets = [scope.elements[flow.target] for flow in ways if flow.target in scope.elements]
        for target in targets:
            if not _waits(target):
                yield error(
                    target,
                    f'it follows the event-based gateway "{gateway.name or gateway.id}" but does not wait for an event',
                    "Put a message, timer, signal or conditional event before it",
                )
            elif len(scope.entering(target)) > 1:
                yield error(target, "flows lead to it other than from its event-based gateway", "Lead them elsewhere")
            if isinstance(target, ReceiveTask) and scope.boundaries.get(target.id):
                yield error(target, "a receive task after an event-based gateway has boundary events", "Remove them")


def _waits(element: Element) -> bool:
    kinds = (MessageDefinition, TimerDefinition, SignalDefinition, ConditionalDefinition)
    if isinstance(element, IntermediateCatchEvent):
        return isinstance(element.definition, kinds)
    return isinstance(element, ReceiveTask)


def _is_apart(element: Element) -> bool:
    """Handlers of compensation and event sub-processes are on no path."""
    if isinstance(element, SubProcess) and element.triggered_by_event:
        return True
    return bool(getattr(element, "for_compensation", False))


def _is_link(element: Element, kind: type) -> bool:
    return isinstance(element, kind) and isinstance(getattr(element, "definition", None), LinkDefinition)


def _may_be_first(element: Element) -> bool:
    return (
        isinstance(element, StartEvent | BoundaryEvent)
        or _is_apart(element)
        or _is_link(element, IntermediateCatchEvent)
    )


def _may_be_last(element: Element) -> bool:
    undoes = isinstance(element, BoundaryEvent) and isinstance(element.definition, CompensateDefinition)
    return isinstance(element, EndEvent) or undoes or _is_apart(element) or _is_link(element, IntermediateThrowEvent)


RULES = (
    flows_join_elements_of_one_scope,
    scope_starts_properly,
    elements_are_connected,
    elements_are_reached,
    splits_are_complete,
    defaults_are_ways_out,
    conditions_stand_where_they_count,
    event_gateways_lead_to_events,
)
