"""Rules on single elements: what events wait for, what tasks need, what undoes what."""

from collections.abc import Iterator

from clearance.bpmn.findings import Finding, Scope, error, warning
from clearance.model import definition as model
from clearance.model.definition import Element, EventDefinition

_ALLOWED: dict[type, tuple[type, ...]] = {
    model.EndEvent: (
        model.MessageDefinition,
        model.ErrorDefinition,
        model.EscalationDefinition,
        model.SignalDefinition,
        model.CompensateDefinition,
        model.TerminateDefinition,
    ),
    model.IntermediateThrowEvent: (
        model.MessageDefinition,
        model.EscalationDefinition,
        model.SignalDefinition,
        model.CompensateDefinition,
        model.LinkDefinition,
    ),
    model.IntermediateCatchEvent: (
        model.MessageDefinition,
        model.TimerDefinition,
        model.SignalDefinition,
        model.ConditionalDefinition,
        model.LinkDefinition,
    ),
    model.BoundaryEvent: (
        model.MessageDefinition,
        model.TimerDefinition,
        model.ErrorDefinition,
        model.EscalationDefinition,
        model.SignalDefinition,
        model.ConditionalDefinition,
        model.CompensateDefinition,
    ),
}
"""Table 10.93, without cancel, which needs a transaction."""

_STARTS_PROCESS = (
    model.MessageDefinition,
    model.TimerDefinition,
    model.SignalDefinition,
    model.ConditionalDefinition,
)
_STARTS_EVENT_SUB_PROCESS = (
    *_STARTS_PROCESS,
    model.ErrorDefinition,
    model.EscalationDefinition,
    model.CompensateDefinition,
)
_NEEDS_DEFINITION = (model.IntermediateCatchEvent, model.BoundaryEvent)
_EVENTS = (model.StartEvent, *_ALLOWED)


def events_are_allowed_here(scope: Scope) -> Iterator[Finding]:
    """Each kind of event stands only where the standard has it."""
    for element in scope.owner.elements:
        if not isinstance(element, _EVENTS):
            continue
        definition: EventDefinition | None = getattr(element, "definition", None)
        allowed = _ALLOWED.get(type(element), ())
        if isinstance(element, model.StartEvent):
            allowed = _STARTS_EVENT_SUB_PROCESS if scope.is_event_sub_process else _STARTS_PROCESS
        if definition is None:
            if isinstance(element, _NEEDS_DEFINITION):
                yield error(
                    element, "it is not said what the event waits for", "Make it a timer, message or other event"
                )
        elif not isinstance(definition, allowed):
            kind = type(definition).__name__.removesuffix("Definition").lower()
            yield error(element, f"a {kind} event cannot stand here", "Use another kind of event")


def events_are_complete(scope: Scope) -> Iterator[Finding]:
    """A message has a name, a timer a time, a signal a name, an error that is thrown a code."""
    for element in scope.owner.elements:
        definition = getattr(element, "definition", None) or getattr(element, "message", None)
        catching = not isinstance(element, model.EndEvent | model.IntermediateThrowEvent | model.SendTask)
        match definition:
            case model.MessageDefinition():
                yield from _message(scope, element, definition, catching)
            case model.TimerDefinition():
                yield from _timer(scope, element, definition)
            case model.SignalDefinition(name=""):
                yield error(element, "its signal has no name", "Name the signal")
            case model.ErrorDefinition(code="") | model.EscalationDefinition(code="") if not catching:
                yield error(element, "it throws an error or escalation without a code", "Give it a code")
            case model.ConditionalDefinition(condition=""):
                yield error(element, "it has no condition", "Write the condition in FEEL")
            case model.LinkDefinition(name=""):
                yield error(element, "its link has no name", "Name the link")


def _message(scope: Scope, element: Element, message: model.MessageDefinition, catching: bool) -> Iterator[Finding]:
    if not message.name and message.job is None:
        yield error(element, "its message has no name", "Choose a message, and name it")
    starts_process = isinstance(element, model.StartEvent) and not scope.is_event_sub_process
    if catching and message.name and not message.correlation_key and not starts_process:
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


def boundary_events_are_attached(scope: Scope) -> Iterator[Finding]:
    """10.5.4: on an activity of the same scope; errors and compensation always interrupt."""
    for event in scope.owner.elements:
        if not isinstance(event, model.BoundaryEvent):
            continue
        host = scope.elements.get(event.attached_to)
        if host is None:
            yield error(
                event, f'it is attached to "{event.attached_to}", which is not there', "Attach it to an activity"
            )
        elif not hasattr(host, "for_compensation") or (isinstance(host, model.SubProcess) and host.triggered_by_event):
            yield error(
                event, f'it is attached to "{host.name or host.id}", which is no activity', "Attach it to a task"
            )
        if isinstance(event.definition, model.ErrorDefinition) and not event.interrupting:
            yield error(event, "an error event always interrupts", "Make it interrupting")


def compensation_is_linked(scope: Scope) -> Iterator[Finding]:
    """10.6.7 and 13.5.5: an event leads to one handler, and what is undone can be."""
    links: dict[str, list[str]] = {}
    for link in scope.process.associations:
        links.setdefault(link.source, []).append(link.target)
    undone: set[str] = set()
    for element in scope.owner.elements:
        if isinstance(element, model.BoundaryEvent) and isinstance(element.definition, model.CompensateDefinition):
            undone.add(element.attached_to)
            handlers = [scope.elements.get(target) for target in links.get(element.id, [])]
            if len(handlers) != 1:
                yield error(element, f"it has {len(handlers)} handlers", "Draw an association to one activity")
            for handler in handlers:
                if handler is None or not getattr(handler, "for_compensation", False):
                    yield error(element, "what it leads to is no compensation handler", 'Mark it "for compensation"')
    for element in scope.owner.elements:
        definition = getattr(element, "definition", None)
        if not isinstance(element, model.EndEvent | model.IntermediateThrowEvent):
            continue
        if isinstance(definition, model.CompensateDefinition) and definition.activity:
            target = scope.elements.get(definition.activity)
            if target is None and not scope.is_event_sub_process:
                yield error(element, f'it undoes "{definition.activity}", which is not there', "Choose an activity")
            elif target is not None and target.id not in undone and not isinstance(target, model.SubProcess):
                yield error(element, f'"{target.name or target.id}" has no compensation handler', "Attach one to it")


def links_have_partners(scope: Scope) -> Iterator[Finding]:
    """10.5.4: every link that is thrown is caught exactly once in the same scope."""
    caught: list[str] = []
    thrown: list[str] = []
    for element in scope.owner.elements:
        if isinstance(element, model.IntermediateCatchEvent) and isinstance(element.definition, model.LinkDefinition):
            caught.append(element.definition.name)
        if isinstance(element, model.IntermediateThrowEvent) and isinstance(element.definition, model.LinkDefinition):
            thrown.append(element.definition.name)
    for element in scope.owner.elements:
        definition = getattr(element, "definition", None)
        if not isinstance(definition, model.LinkDefinition):
            continue
        if isinstance(element, model.IntermediateThrowEvent) and caught.count(definition.name) != 1:
            count = caught.count(definition.name)
            yield error(element, f'the link "{definition.name}" is caught {count} times', "Draw one catching link")
        if isinstance(element, model.IntermediateCatchEvent) and definition.name not in thrown:
            yield error(element, f'nothing jumps to the link "{definition.name}"', "Draw a throwing link, or remove it")


def activities_are_complete(scope: Scope) -> Iterator[Finding]:
    """A task says who does it, a repeated one how often."""
    for element in scope.owner.elements:
        match element:
            case model.ServiceTask() if not element.job.type:
                yield error(element, "it has no job type", "Say which actor does it")
            case model.ScriptTask() if not element.expression and element.job is None:
                yield error(element, "it has no script", "Write the script in FEEL")
            case model.BusinessRuleTask() if not element.decision and element.job is None:
                yield error(element, "it names no decision", "Choose a decision")
            case model.BusinessRuleTask() if element.decision and not element.result:
                yield error(element, "its result goes nowhere", "Name a result variable")
            case model.SendTask() if element.message is None and element.job is None:
                yield error(element, "it sends nothing", "Choose a message, or a job type")
            case model.SubProcess() if element.triggered_by_event and element.multi_instance is not None:
                yield error(element, "an event sub-process cannot be multi-instance", "Remove the marker")
        loop = getattr(element, "multi_instance", None)
        if loop is not None and bool(loop.collection) == bool(loop.cardinality):
            yield error(element, "it is not said how often it is done", "Give a collection or a number of instances")
        if loop is not None and bool(loop.output_collection) != bool(loop.output_item):
            yield error(element, "results are collected without saying what or where", "Give both, or neither")


RULES = (
    events_are_allowed_here,
    events_are_complete,
    boundary_events_are_attached,
    compensation_is_linked,
    links_have_partners,
    activities_are_complete,
)
