"""Event definitions (10.5.5): what an event waits for or throws, one of them, or several.

A definition may also stand beside the processes, for several events to refer to; the model has no place for that, each
event gets its own.
"""

from collections.abc import Callable

import msgspec
from lxml import etree

from clearance.bpmn.collaborations import in_message_of
from clearance.bpmn.names import CLEARANCE
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression, read_job, read_time, write_job
from clearance.bpmn.roots import key_of, meaning_of, root_for
from clearance.bpmn.xml import Document, add, add_expression, extend, keep_extensions
from clearance.model import definition as model
from clearance.model.definition import EventDefinition, MessageDefinition

CALENDAR = f"{{{CLEARANCE}}}calendar"


def read_event_definition(node: Node, *, throwing: bool) -> EventDefinition | None:
    """The event's definition, several as one multiple definition, or None."""
    found = [child for child in node.elements() if child.kind.endswith("EventDefinition")]
    for child in found:
        node.take(child)
    found += [_referred(node, reference) for reference in node.children("eventDefinitionRef")]
    parallel = not throwing and node.flag("parallelMultiple", default=False)
    if len(found) == 1 and not parallel:
        return read_definition(found[0], node, throwing=throwing)
    if not found and not parallel:
        return None
    definitions = tuple(read_definition(child, child, throwing=throwing) for child in found)
    return model.MultipleDefinition(definitions=definitions, parallel=parallel)


def _referred(node: Node, reference: Node) -> Node:
    """The definition that an event refers to; it is taken over and no longer carried."""
    return root_definition(node, reference.text)


def root_definition(node: Node, reference: str) -> Node:
    """An event definition that stands beside the processes, by the QName that refers to it."""
    target = node.file.roots.get(reference.rpartition(":")[2])
    if target is None or not str(etree.QName(target).localname).endswith("EventDefinition"):
        raise node.error(
            f'"{reference}" refers to no event definition of this file', "Put the event definition into the event"
        )
    node.file.referred.add(str(target.get("id")))
    return Node(target, node.file)


def read_definition(node: Node, holder: Node, *, throwing: bool) -> EventDefinition:
    """One definition; ``holder`` has the extension elements that say how a message is sent."""
    reader = _READERS.get(node.kind)
    if reader is None:
        raise node.error(f"{node.kind} is not supported", "Use another kind of event")
    result = reader(node, holder, throwing)
    node.children("operationRef")
    node.finished(keeps_extensions=True)
    return msgspec.structs.replace(result, extensions=node.rest_of_extensions())


def read_message(node: Node, *, throwing: bool, holder: Node, operation: str = "") -> MessageDefinition:
    """The message of an event or task; its key is in ``zeebe:subscription`` or, thrown, in ``zeebe:publishMessage``.

    Without a reference to a message its name is that of its operation, or of the message flow that it is an end of.
    """
    message = node.reference("messageRef", "message")
    name = meaning_of(message) or in_message_of(node.file, operation) or node.file.message_names.get(_end(node), "")
    if not throwing:
        return MessageDefinition(name=name, correlation_key=key_of(message))
    publish = holder.zeebe("publishMessage")
    if publish is None:
        return MessageDefinition(name=name, job=read_job(holder))
    definition = MessageDefinition(
        name=name,
        correlation_key=publish.attribute("correlationKey"),
        message_id=publish.attribute("messageId"),
        time_to_live=publish.attribute("timeToLive"),
        job=read_job(holder),
    )
    publish.finished()
    return definition


def _end(node: Node) -> str:
    """The id of the task or event that a message flow would lead to."""
    return node.owner.id if node.kind.endswith("EventDefinition") and node.owner is not None else node.id


def _read_message(node: Node, holder: Node, throwing: bool) -> MessageDefinition:
    operation = node.child("operationRef")
    return read_message(node, throwing=throwing, holder=holder, operation=operation.text if operation else "")


def _read_timer(node: Node) -> model.TimerDefinition:
    date, duration, cycle = (node.child(local) for local in ("timeDate", "timeDuration", "timeCycle"))
    if sum(part is not None for part in (date, duration, cycle)) > 1:
        raise node.error("the timer has more than one of date, duration and cycle", "Keep one")
    return model.TimerDefinition(
        date=read_time(date) if date else "",
        duration=read_time(duration) if duration else "",
        cycle=read_time(cycle) if cycle else "",
        calendar=node.attribute(CALENDAR),
    )


def _read_signal(node: Node) -> model.SignalDefinition:
    return model.SignalDefinition(name=meaning_of(node.reference("signalRef", "signal")))


def _read_error(node: Node) -> model.ErrorDefinition:
    return model.ErrorDefinition(code=meaning_of(node.reference("errorRef", "error")))


def _read_escalation(node: Node) -> model.EscalationDefinition:
    return model.EscalationDefinition(code=meaning_of(node.reference("escalationRef", "escalation")))


def _read_conditional(node: Node) -> model.ConditionalDefinition:
    """With Camunda 8's ``zeebe:conditionalFilter``, whose lists are separated by commas."""
    names: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    found = node.zeebe("conditionalFilter")
    if found is not None:
        names, events = (_listed(found.attribute(name)) for name in ("variableNames", "variableEvents"))
        found.finished()
        unknown = set(events) - {"create", "update"}
        if unknown:
            raise node.error(
                f'"{min(unknown)}" is no event of a variable that a condition can wait for',
                "Use create, update or both",
            )
    condition = read_expression(node.child("condition"))
    return model.ConditionalDefinition(condition=condition, variable_names=names, variable_events=events)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read_link(node: Node) -> model.LinkDefinition:
    node.children("source")
    node.children("target")
    return model.LinkDefinition(name=node.attribute("name"))


def _read_compensate(node: Node) -> model.CompensateDefinition:
    return model.CompensateDefinition(
        activity=node.attribute("activityRef").rpartition(":")[2],
        wait_for_completion=node.flag("waitForCompletion", default=True),
    )


_READERS: dict[str, Callable[[Node, Node, bool], EventDefinition]] = {
    "timerEventDefinition": lambda node, holder, throwing: _read_timer(node),
    "messageEventDefinition": _read_message,
    "signalEventDefinition": lambda node, holder, throwing: _read_signal(node),
    "errorEventDefinition": lambda node, holder, throwing: _read_error(node),
    "escalationEventDefinition": lambda node, holder, throwing: _read_escalation(node),
    "conditionalEventDefinition": lambda node, holder, throwing: _read_conditional(node),
    "linkEventDefinition": lambda node, holder, throwing: _read_link(node),
    "compensateEventDefinition": lambda node, holder, throwing: _read_compensate(node),
    "terminateEventDefinition": lambda node, holder, throwing: model.TerminateDefinition(),
    "cancelEventDefinition": lambda node, holder, throwing: model.CancelDefinition(),
}


def write_event_definition(
    element: etree._Element, definition: EventDefinition | None, document: Document, *, throwing: bool
) -> None:
    """Append the event's definition or definitions, and the root elements that they refer to."""
    if isinstance(definition, model.MultipleDefinition):
        if definition.parallel:
            element.set("parallelMultiple", "true")
        for part in definition.definitions:
            write_definition(element, part, document, throwing=throwing)
    elif definition is not None:
        write_definition(element, definition, document, throwing=throwing, holder=element)


def write_definition(
    parent: etree._Element,
    definition: EventDefinition,
    document: Document,
    *,
    throwing: bool,
    holder: etree._Element | None = None,
) -> etree._Element:
    """Append one definition; ``holder``, or else the definition itself, gets what says how a message is sent."""
    child = add(parent, f"{definition.__struct_config__.tag}EventDefinition")
    match definition:
        case model.TimerDefinition():
            _write_timer(child, definition)
        case MessageDefinition():
            write_message(child if holder is None else holder, child, definition, document, throwing=throwing)
        case model.SignalDefinition():
            _refer(child, "signalRef", root_for(document, "signal", name=definition.name))
        case model.ErrorDefinition(code=code):
            _refer(child, "errorRef", root_for(document, "error", name=code, errorCode=code))
        case model.EscalationDefinition(code=code):
            _refer(child, "escalationRef", root_for(document, "escalation", name=code, escalationCode=code))
        case model.CompensateDefinition():
            _refer(child, "activityRef", definition.activity)
            if not definition.wait_for_completion:
                child.set("waitForCompletion", "false")
        case model.ConditionalDefinition():
            _write_conditional(child, definition)
        case model.LinkDefinition():
            child.set("name", definition.name)
    keep_extensions(document, child, definition.extensions)
    document.sort(child)
    return child


def _refer(child: etree._Element, attribute: str, identifier: str) -> None:
    if identifier:
        child.set(attribute, identifier)


def _write_timer(child: etree._Element, timer: model.TimerDefinition) -> None:
    if timer.calendar:
        child.set(CALENDAR, timer.calendar)
    for local, text in (("timeDate", timer.date), ("timeDuration", timer.duration), ("timeCycle", timer.cycle)):
        if text:
            add_expression(child, local, text)


def _write_conditional(child: etree._Element, definition: model.ConditionalDefinition) -> None:
    if definition.variable_names or definition.variable_events:
        names, events = ",".join(definition.variable_names), ",".join(definition.variable_events)
        extend(child, "conditionalFilter", variableNames=names, variableEvents=events)
    add_expression(child, "condition", definition.condition)


def write_message(
    holder: etree._Element,
    referrer: etree._Element,
    message: MessageDefinition,
    document: Document,
    *,
    throwing: bool,
) -> None:
    """Refer to the message, and state the key where catching and throwing have it."""
    key = "" if throwing else message.correlation_key
    _refer(referrer, "messageRef", root_for(document, "message", key, name=message.name))
    if throwing:
        write_job(holder, message.job)
        if message.correlation_key or message.message_id or message.time_to_live:
            extend(
                holder,
                "publishMessage",
                correlationKey=message.correlation_key,
                messageId=message.message_id,
                timeToLive=message.time_to_live,
            )
