"""Rules on how elements are connected: flows, gateways, starts and ends."""

from collections.abc import Iterator

from clearance.bpmn.findings import Finding, Scope, error, warning
from clearance.bpmn.rules_events import definitions_of
from clearance.model.definition import (
    Activity,
    BoundaryEvent,
    CompensateDefinition,
    ComplexGateway,
    ConditionalDefinition,
    Element,
    EndEvent,
    EventBasedGateway,
    EventDefinition,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    MessageDefinition,
    ParallelGateway,
    Process,
    ReceiveTask,
    SignalDefinition,
    StartEvent,
    SubProcess,
    TimerDefinition,
)

_GATEWAYS = (ExclusiveGateway, InclusiveGateway, ParallelGateway, EventBasedGateway, ComplexGateway)


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
    """10.5.2, 13.3.4: a process starts somewhere, a sub-process at one plain start, an event sub-process at one event.

    Without a start event a process or sub-process begins at everything that nothing leads to.
    """
    starts = [element for element in scope.owner.elements if isinstance(element, StartEvent)]
    plain = [start for start in starts if start.definition is None]
    owner = scope.owner
    if scope.is_ad_hoc:
        return
    if not starts:
        if isinstance(owner, Process) and any(_starts_process(element) for element in owner.elements):
            return
        if isinstance(owner, SubProcess) and not owner.triggered_by_event and not owner.elements:
            yield warning(owner, "it is empty: nothing is done in it", "Draw what is done")
        elif _begins_anywhere(scope) and any(_is_loose(scope, element) for element in owner.elements):
            yield warning(owner, "it has no start event: it begins at all that nothing leads to", "Draw a start event")
        else:
            yield error(owner, "it has no start event", "Draw a start event")
    elif isinstance(owner, SubProcess) and owner.triggered_by_event:
        if len(starts) > 1 or plain:
            yield error(owner, "an event sub-process needs exactly one start event, with a trigger", "Draw it so")
    elif isinstance(owner, SubProcess):
        if len(starts) > 1 or not plain:
            yield error(owner, "a sub-process needs exactly one start event, without a trigger", "Draw it so")
    elif len(plain) > 1:
        yield error(plain[1], "the process has more than one start event without a trigger", "Keep one of them")


def ad_hoc_content_is_loose(scope: Scope) -> Iterator[Finding]:
    """10.3.5: an ad-hoc sub-process has activities, and neither start nor end events."""
    if not scope.is_ad_hoc:
        return
    for element in scope.owner.elements:
        if isinstance(element, StartEvent | EndEvent):
            yield error(element, "an ad-hoc sub-process has neither start nor end events", "Remove the event")
    if not any(isinstance(element, Activity) and not _is_apart(element) for element in scope.owner.elements):
        yield error(scope.owner, "an ad-hoc sub-process needs activities to choose from", "Draw at least one")


def what_starts_the_process_is_first(scope: Scope) -> Iterator[Finding]:
    """10.3.3, 10.6.6: receive tasks and event-based gateways that start a process stand at its beginning."""
    for element in scope.owner.elements:
        if isinstance(element, EventBasedGateway) and element.parallel and not element.instantiate:
            yield error(element, "only a gateway that starts the process can wait for all events", "Make it exclusive")
        if not _starts_process(element):
            continue
        if not isinstance(scope.owner, Process):
            yield error(
                element, "it starts a process, but stands in a sub-process", "Let it wait instead (instantiate)"
            )
        if scope.entering(element):
            yield error(element, "it starts the process, but a flow leads to it", "Remove the flow, or let it wait")


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
        if not entering and not _may_be_first(element) and not scope.is_ad_hoc and not _begins_anywhere(scope):
            yield error(element, "nothing leads to it", "Draw a flow to it, or remove it")
        if not leaving and not _may_be_last(element):
            if isinstance(element, StartEvent | BoundaryEvent):
                yield warning(element, "nothing follows it", "Draw a flow from it")
            elif isinstance(element, EventBasedGateway):
                yield error(element, "nothing follows it", "Draw a flow from it")
            elif not scope.is_ad_hoc:
                yield warning(element, "the path stops here without an end event", "Draw an end event")


def elements_are_reached(scope: Scope) -> Iterator[Finding]:
    """No element stands in a circle that no path enters."""
    reached: set[str] = set()
    loose = scope.is_ad_hoc or _begins_anywhere(scope)
    waiting = [
        element for element in scope.owner.elements if _may_be_first(element) or (loose and not scope.entering(element))
    ]
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
        if not isinstance(element, ExclusiveGateway | InclusiveGateway | ComplexGateway):
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


def event_gateways_do_not_mix(scope: Scope) -> Iterator[Finding]:
    """10.6.6: not receive tasks and message events after one gateway; only messages where all must happen."""
    for gateway in scope.owner.elements:
        if not isinstance(gateway, EventBasedGateway):
            continue
        targets = [scope.elements[flow.target] for flow in scope.leaving(gateway) if flow.target in scope.elements]
        kinds = [definition for target in targets for definition in _events_of(target)]
        if any(isinstance(target, ReceiveTask) for target in targets) and any(
            isinstance(definition, MessageDefinition) for definition in kinds
        ):
            yield error(
                gateway, "receive tasks and message events follow it", "Use receive tasks only, or message events only"
            )
        if gateway.parallel and any(not isinstance(definition, MessageDefinition) for definition in kinds):
            yield error(gateway, "where all events must happen, all must be messages", "Use message events only")


def joins_say_when(scope: Scope) -> Iterator[Finding]:
    """10.6.5: a complex gateway with several ways in says when it is satisfied."""
    for element in scope.owner.elements:
        if (
            isinstance(element, ComplexGateway)
            and not element.activation_condition
            and len(scope.entering(element)) > 1
        ):
            yield error(
                element,
                "it does not say how many of its ways in it waits for",
                "Write an activation condition, e.g. = activationCount >= 2",
            )


def gateways_have_a_purpose(scope: Scope) -> Iterator[Finding]:
    """A gateway either splits or joins, and in the direction that it states."""
    for element in scope.owner.elements:
        if not isinstance(element, _GATEWAYS):
            continue
        entering, leaving = len(scope.entering(element)), len(scope.leaving(element))
        if entering == 1 and leaving == 1:
            yield warning(element, "it neither splits nor joins", "Leave it out")
        elif entering > 1 and leaving > 1:
            yield warning(element, "it joins and splits at once", "Draw two gateways, so that both can be read")
        direction = dict(element.attributes).get("gatewayDirection", "Unspecified")
        if (direction == "Converging" and leaving > 1) or (direction == "Diverging" and entering > 1):
            yield warning(element, f"it is said to be {direction}, and is not", "Mend gatewayDirection, or its flows")


def flows_are_drawn_once(scope: Scope) -> Iterator[Finding]:
    """Two flows on one way would send two tokens on it."""
    seen: set[tuple[str, str, str]] = set()
    for flow in scope.owner.flows:
        way = (flow.source, flow.target, flow.condition)
        if way in seen:
            yield warning(flow, "another flow leads the same way", "Remove one of the two")
        seen.add(way)


def splits_can_be_seen(scope: Scope) -> Iterator[Finding]:
    """Several flows without conditions out of a task or event are all taken, which few readers see."""
    for element in scope.owner.elements:
        free = [flow for flow in scope.leaving(element) if not flow.condition]
        default = getattr(element, "default", "")
        if not isinstance(element, _GATEWAYS) and len([flow for flow in free if flow.id != default]) > 1:
            yield warning(element, "all flows that leave it are taken at once", "Draw a parallel gateway to show it")


def _events_of(element: Element) -> tuple[EventDefinition, ...]:
    return definitions_of(element) if isinstance(element, IntermediateCatchEvent) else ()


def _waits(element: Element) -> bool:
    kinds = (MessageDefinition, TimerDefinition, SignalDefinition, ConditionalDefinition)
    definitions = _events_of(element)
    return isinstance(element, ReceiveTask) or (
        bool(definitions) and all(isinstance(part, kinds) for part in definitions)
    )


def _starts_process(element: Element) -> bool:
    return isinstance(element, ReceiveTask | EventBasedGateway) and element.instantiate


def _begins_anywhere(scope: Scope) -> bool:
    """Whether it has no start event, so that it begins at all that nothing leads to."""
    owner = scope.owner
    if scope.is_ad_hoc or (isinstance(owner, SubProcess) and owner.triggered_by_event):
        return False
    return not any(isinstance(element, StartEvent) or _starts_process(element) for element in owner.elements)


def _is_loose(scope: Scope, element: Element) -> bool:
    return not scope.entering(element) and not _may_be_first(element)


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
        or _starts_process(element)
        or _is_link(element, IntermediateCatchEvent)
    )


def _may_be_last(element: Element) -> bool:
    undoes = isinstance(element, BoundaryEvent) and isinstance(element.definition, CompensateDefinition)
    return isinstance(element, EndEvent) or undoes or _is_apart(element) or _is_link(element, IntermediateThrowEvent)


RULES = (
    flows_join_elements_of_one_scope,
    scope_starts_properly,
    ad_hoc_content_is_loose,
    what_starts_the_process_is_first,
    elements_are_connected,
    elements_are_reached,
    splits_are_complete,
    defaults_are_ways_out,
    conditions_stand_where_they_count,
    event_gateways_lead_to_events,
    event_gateways_do_not_mix,
    joins_say_when,
    gateways_have_a_purpose,
    flows_are_drawn_once,
    splits_can_be_seen,
)
