"""Rules on events: where they may stand, what they need, what tells them apart (10.5)."""

from collections.abc import Iterator, Sequence

from clearance.bpmn.findings import Finding, Scope, error, warning
from clearance.model import definition as model
from clearance.model.definition import Element, EventDefinition

_WAITING = (model.MessageDefinition, model.TimerDefinition, model.SignalDefinition, model.ConditionalDefinition)
_ALLOWED: dict[type, tuple[type, ...]] = {
    model.EndEvent: (
        model.MessageDefinition,
        model.ErrorDefinition,
        model.EscalationDefinition,
        model.SignalDefinition,
        model.CompensateDefinition,
        model.TerminateDefinition,
        model.CancelDefinition,
    ),
    model.IntermediateThrowEvent: (
        model.MessageDefinition,
        model.EscalationDefinition,
        model.SignalDefinition,
        model.CompensateDefinition,
        model.LinkDefinition,
    ),
    model.IntermediateCatchEvent: (*_WAITING, model.LinkDefinition),
    model.BoundaryEvent: (
        *_WAITING,
        model.ErrorDefinition,
        model.EscalationDefinition,
        model.CompensateDefinition,
        model.CancelDefinition,
    ),
}
"""Table 10.93."""
_STARTS_EVENT_SUB_PROCESS = (
    *_WAITING,
    model.ErrorDefinition,
    model.EscalationDefinition,
    model.CompensateDefinition,
)
_NEEDS_DEFINITION = (model.IntermediateCatchEvent, model.BoundaryEvent)
_EVENTS = (model.StartEvent, *_ALLOWED)
_THROWS = (model.EndEvent, model.IntermediateThrowEvent, model.SendTask)


def definitions_of(element: Element) -> tuple[EventDefinition, ...]:
    """What an event waits for or throws, or the message of a task; none, one, or several."""
    definition = getattr(element, "definition", None) or getattr(element, "message", None)
    if isinstance(definition, model.MultipleDefinition):
        return definition.definitions
    return (definition,) if definition is not None else ()


def events_are_allowed_here(scope: Scope) -> Iterator[Finding]:
    """Each kind of event stands only where the standard has it."""
    for element in scope.owner.elements:
        if not isinstance(element, _EVENTS):
            continue
        allowed = _ALLOWED.get(type(element), ())
        if isinstance(element, model.StartEvent):
            allowed = _STARTS_EVENT_SUB_PROCESS if scope.is_event_sub_process else _WAITING
        if not definitions_of(element) and isinstance(element, _NEEDS_DEFINITION):
            yield error(element, "it is not said what the event waits for", "Make it a timer, message or other event")
        for definition in definitions_of(element):
            if not isinstance(definition, allowed):
                kind = type(definition).__name__.removesuffix("Definition").lower()
                yield error(element, f"a {kind} event cannot stand here", "Use another kind of event")


def multiple_events_are_several(scope: Scope) -> Iterator[Finding]:
    """10.5.5: multiple and parallel multiple events have at least two triggers."""
    for element in scope.owner.elements:
        definition = getattr(element, "definition", None)
        if isinstance(definition, model.MultipleDefinition) and len(definition.definitions) < 2:
            yield error(
                element, "it is a multiple event with fewer than two triggers", "Add triggers, or make it a plain event"
            )


def events_are_complete(scope: Scope) -> Iterator[Finding]:
    """A message has a name, a timer a time, a signal a name; an error that is thrown should have a code."""
    for element in scope.owner.elements:
        catching = not isinstance(element, _THROWS)
        for definition in definitions_of(element):
            match definition:
                case model.MessageDefinition():
                    yield from _message(scope, element, definition, catching)
                case model.TimerDefinition():
                    yield from _timer(scope, element, definition)
                case model.SignalDefinition(name=""):
                    yield error(element, "its signal has no name", "Name the signal")
                case model.ErrorDefinition(code="") | model.EscalationDefinition(code="") if not catching:
                    yield warning(
                        element,
                        "it throws an error or escalation without a code: only what catches all catches it",
                        "Give it a code",
                    )
                case model.ConditionalDefinition(condition=""):
                    yield error(element, "it has no condition", "Write the condition in FEEL")
                case model.LinkDefinition(name=""):
                    yield error(element, "its link has no name", "Name the link")


def _message(scope: Scope, element: Element, message: model.MessageDefinition, catching: bool) -> Iterator[Finding]:
    if not message.name and message.job is None:
        yield error(element, "its message has no name", "Choose a message, and name it")
    starts_process = (isinstance(element, model.StartEvent) and not scope.is_event_sub_process) or getattr(
        element, "instantiate", False
    )
    correlates = any(
        message.name == name
        for key in scope.process.correlations
        for item in key.properties
        for name, _ in item.retrievals
    )
    if catching and message.name and not message.correlation_key and not starts_process and not correlates:
        yield warning(
            element,
            f'its message "{message.name}" has no correlation key, so it takes only messages with an empty key',
            "Give a correlation key, e.g. = invoice.number",
        )


def _timer(scope: Scope, element: Element, timer: model.TimerDefinition) -> Iterator[Finding]:
    given = [text for text in (timer.date, timer.duration, timer.cycle) if text]
    if len(given) != 1:
        yield error(element, "its timer needs exactly one of date, duration and cycle", "Give one")
    repeats = isinstance(element, model.StartEvent) or (
        isinstance(element, model.BoundaryEvent) and not element.interrupting
    )
    if timer.cycle and not repeats:
        yield error(element, "its timer repeats, but the event happens only once", "Give a duration instead of a cycle")
    if timer.duration and isinstance(element, model.StartEvent) and not scope.is_event_sub_process:
        yield error(element, "its timer has a duration, but nothing that it counts from", "Give a date or a cycle")
    if timer.calendar and timer.calendar not in {calendar.name for calendar in scope.process.calendars}:
        yield error(
            element,
            f'its timer counts by the calendar "{timer.calendar}", which the process does not have',
            "Define the calendar at the process, or choose another",
        )


def boundary_events_are_attached(scope: Scope) -> Iterator[Finding]:
    """10.5.4: on an activity of the same scope; errors and cancellation always interrupt."""
    for event in scope.owner.elements:
        if not isinstance(event, model.BoundaryEvent):
            continue
        host = scope.elements.get(event.attached_to)
        if host is None:
            yield error(
                event, f'it is attached to "{event.attached_to}", which is not there', "Attach it to an activity"
            )
        elif not isinstance(host, model.Activity) or (isinstance(host, model.SubProcess) and host.triggered_by_event):
            yield error(
                event, f'it is attached to "{host.name or host.id}", which is no activity', "Attach it to a task"
            )
        for definition in definitions_of(event):
            yield from _interrupts(event, definition)
            if isinstance(definition, model.CancelDefinition) and not isinstance(host, model.Transaction):
                yield error(event, "a cancel event sits only on a transaction", "Make the sub-process a transaction")


def _interrupts(event: model.BoundaryEvent | model.StartEvent, definition: EventDefinition) -> Iterator[Finding]:
    if not event.interrupting and isinstance(definition, model.ErrorDefinition | model.CancelDefinition):
        kind = "an error" if isinstance(definition, model.ErrorDefinition) else "a cancel"
        yield error(event, f"{kind} event always interrupts", "Make it interrupting")


def start_events_of_event_sub_processes_interrupt(scope: Scope) -> Iterator[Finding]:
    """10.3.5: an error start event always interrupts."""
    if scope.is_event_sub_process:
        for event in scope.owner.elements:
            if isinstance(event, model.StartEvent):
                for definition in definitions_of(event):
                    yield from _interrupts(event, definition)


def cancel_ends_a_transaction(scope: Scope) -> Iterator[Finding]:
    """10.5.3: a cancel end event stands directly in a transaction."""
    for element in scope.owner.elements:
        if not isinstance(element, model.EndEvent) or isinstance(scope.owner, model.Transaction):
            continue
        if any(isinstance(definition, model.CancelDefinition) for definition in definitions_of(element)):
            yield error(element, "only a transaction can be cancelled", "Make the sub-process a transaction")


def links_have_partners(scope: Scope) -> Iterator[Finding]:
    """10.5.4: every link that is thrown is caught exactly once in the same scope; flows do not go round it."""
    caught: dict[str, list[Element]] = {}
    thrown: dict[str, list[Element]] = {}
    for element in scope.owner.elements:
        for definition in definitions_of(element):
            if isinstance(definition, model.LinkDefinition):
                side = caught if isinstance(element, model.IntermediateCatchEvent) else thrown
                side.setdefault(definition.name, []).append(element)
    for name, elements in thrown.items():
        count = len(caught.get(name, ()))
        for element in elements:
            if count != 1:
                yield error(element, f'the link "{name}" is caught {count} times', "Draw one catching link")
            if scope.leaving(element):
                yield error(element, "a flow leaves a link that jumps away", "Remove the flow")
    for name, elements in caught.items():
        for element in elements:
            if name not in thrown:
                yield error(element, f'nothing jumps to the link "{name}"', "Draw a throwing link, or remove it")
            if scope.entering(element):
                yield error(element, "a flow leads to a link that is jumped to", "Remove the flow")


def events_can_be_told_apart(scope: Scope) -> Iterator[Finding]:
    """Of events that wait side by side for the same message, error or escalation, chance would choose one."""
    for group in _side_by_side(scope):
        seen: dict[tuple[str, str], Element] = {}
        for element in group:
            for definition in definitions_of(element):
                kind, name = _what(definition)
                first = seen.setdefault((kind, name), element) if kind else element
                if first is element:
                    continue
                place = f'"{first.name or first.id}"'
                said = f'the same {kind} "{name}" as {place}' if name else f"every {kind}, as {place} does"
                if kind == "signal":
                    yield warning(element, f"it waits for {said}", "Remove one, if both are not meant to happen")
                else:
                    yield error(element, f"it waits for {said}", "Remove one, or let it wait for something else")


def _side_by_side(scope: Scope) -> Iterator[Sequence[Element]]:
    yield from scope.boundaries.values()
    inner = [element for element in scope.owner.elements if isinstance(element, model.SubProcess)]
    yield [
        start
        for element in inner
        if element.triggered_by_event
        for start in element.elements
        if isinstance(start, model.StartEvent)
    ]
    if isinstance(scope.owner, model.Process):
        yield [element for element in scope.owner.elements if isinstance(element, model.StartEvent)]
    for gateway in scope.owner.elements:
        if isinstance(gateway, model.EventBasedGateway):
            yield [scope.elements[way.target] for way in scope.leaving(gateway) if way.target in scope.elements]


def _what(definition: EventDefinition) -> tuple[str, str]:
    """Kind and name of what is waited for; empty for what may be waited for twice."""
    match definition:
        case model.MessageDefinition(name=name) | model.SignalDefinition(name=name) if name:
            return str(definition.__struct_config__.tag), name
        case model.ErrorDefinition(code=code) | model.EscalationDefinition(code=code):
            return str(definition.__struct_config__.tag), code
        case _:
            return "", ""


RULES = (
    events_are_allowed_here,
    multiple_events_are_several,
    events_are_complete,
    boundary_events_are_attached,
    start_events_of_event_sub_processes_interrupt,
    cancel_ends_a_transaction,
    links_have_partners,
    events_can_be_told_apart,
)
