"""Event definitions (10.5.5): what an event waits for or throws.

Messages, errors, signals and escalations are root elements in the file and refer to each other by id. The model names
them by what they mean (name or code), so equal ones become one root element when written.
"""

from collections.abc import Callable

from lxml import etree

from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression, read_job, read_time, write_job
from clearance.bpmn.xml import Document, add, add_expression, extend
from clearance.model.definition import (
    CancelDefinition,
    CompensateDefinition,
    ConditionalDefinition,
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
    TerminateDefinition,
    TimerDefinition,
)


def read_event_definition(node: Node, *, throwing: bool) -> EventDefinition | None:
    """The event's single definition, or None."""
    found = [child for child in node.elements() if child.kind.endswith("EventDefinition")]
    if node.children("eventDefinitionRef"):
        raise node.error("eventDefinitionRef is not supported", "Put the event definition into the event")
    if len(found) > 1:
        raise node.error(
            "it has several event definitions", "Multiple events are not supported yet: draw one event each"
        )
    if not found:
        return None
    definition = found[0]
    reader = _READERS.get(definition.kind)
    if reader is None:
        raise definition.error(f"{definition.kind} is not supported", "Use another kind of event")
    node.take(definition)
    result = reader(definition, node, throwing)
    definition.children("operationRef")
    definition.finished()
    return result


def read_message(node: Node, *, throwing: bool, holder: Node) -> MessageDefinition:
    """The message of an event or task; its key is in ``zeebe:subscription`` or, thrown, in ``zeebe:publishMessage``."""
    message = node.reference("messageRef", "message")
    name = (message.attribute("name") or message.id) if message else ""
    if not throwing:
        subscription = message.zeebe("subscription") if message else None
        return MessageDefinition(
            name=name, correlation_key=subscription.attribute("correlationKey") if subscription else ""
        )
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


def _read_timer(node: Node) -> TimerDefinition:
    kinds = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
    values = {field: read_time(child) for local, field in kinds.items() for child in node.children(local)}
    if len(values) > 1:
        raise node.error("the timer has more than one of date, duration and cycle", "Keep one")
    return TimerDefinition(**values)


def _read_signal(node: Node) -> SignalDefinition:
    found = node.reference("signalRef", "signal")
    return SignalDefinition(name=(found.attribute("name") or found.id) if found else "")


def _read_error(node: Node) -> ErrorDefinition:
    found = node.reference("errorRef", "error")
    code = (found.attribute("errorCode") or found.attribute("name") or found.id) if found else ""
    return ErrorDefinition(code=code)


def _read_escalation(node: Node) -> EscalationDefinition:
    found = node.reference("escalationRef", "escalation")
    code = (found.attribute("escalationCode") or found.attribute("name") or found.id) if found else ""
    return EscalationDefinition(code=code)


def _read_conditional(node: Node) -> ConditionalDefinition:
    return ConditionalDefinition(condition=read_expression(node.child("condition")))


def _read_link(node: Node) -> LinkDefinition:
    node.children("source")
    node.children("target")
    return LinkDefinition(name=node.attribute("name"))


def _read_compensate(node: Node) -> CompensateDefinition:
    node.flag("waitForCompletion", default=True)
    return CompensateDefinition(activity=node.attribute("activityRef").rpartition(":")[2])


_READERS: dict[str, Callable[[Node, Node, bool], EventDefinition]] = {
    "timerEventDefinition": lambda node, holder, throwing: _read_timer(node),
    "messageEventDefinition": lambda node, holder, throwing: read_message(node, throwing=throwing, holder=holder),
    "signalEventDefinition": lambda node, holder, throwing: _read_signal(node),
    "errorEventDefinition": lambda node, holder, throwing: _read_error(node),
    "escalationEventDefinition": lambda node, holder, throwing: _read_escalation(node),
    "conditionalEventDefinition": lambda node, holder, throwing: _read_conditional(node),
    "linkEventDefinition": lambda node, holder, throwing: _read_link(node),
    "compensateEventDefinition": lambda node, holder, throwing: _read_compensate(node),
    "terminateEventDefinition": lambda node, holder, throwing: TerminateDefinition(),
    "cancelEventDefinition": lambda node, holder, throwing: CancelDefinition(),
}


def write_event_definition(
    element: etree._Element, definition: EventDefinition | None, document: Document, *, throwing: bool
) -> None:
    """Append the event definition, and the root element that it refers to."""
    match definition:
        case None:
            pass
        case TimerDefinition():
            child = add(element, "timerEventDefinition")
            for local, text in (
                ("timeDate", definition.date),
                ("timeDuration", definition.duration),
                ("timeCycle", definition.cycle),
            ):
                if text:
                    add_expression(child, local, text)
        case MessageDefinition():
            write_message(element, add(element, "messageEventDefinition"), definition, document, throwing=throwing)
        case SignalDefinition():
            add(element, "signalEventDefinition", signalRef=_root(document, "signal", name=definition.name))
        case ErrorDefinition():
            code = definition.code
            add(element, "errorEventDefinition", errorRef=_root(document, "error", name=code, errorCode=code))
        case EscalationDefinition():
            code = definition.code
            reference = _root(document, "escalation", name=code, escalationCode=code)
            add(element, "escalationEventDefinition", escalationRef=reference)
        case CompensateDefinition():
            add(element, "compensateEventDefinition", activityRef=definition.activity)
        case TerminateDefinition():
            add(element, "terminateEventDefinition")
        case ConditionalDefinition():
            add_expression(add(element, "conditionalEventDefinition"), "condition", definition.condition)
        case LinkDefinition():
            add(element, "linkEventDefinition", name=definition.name).set("name", definition.name)
        case CancelDefinition():
            add(element, "cancelEventDefinition")


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
    reference = _root(document, "message", key, name=message.name)
    if reference:
        referrer.set("messageRef", reference)
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


def _root(document: Document, local: str, key: str = "", **attributes: str) -> str:
    """The id of the root element with these attributes, made when it is not there yet; none without a name."""
    if not any(attributes.values()):
        return ""
    found = document.roots.get((local, key, *attributes.values()))
    if found is None:
        found = etree.Element(bpmn(local))
        wished = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in attributes["name"])
        found.set("id", document.free_id(f"{local}_{wished}"))
        for name, value in attributes.items():
            found.set(name, value)
        if key:
            extend(found, "subscription", correlationKey=key)
        document.roots[(local, key, *attributes.values())] = found
    return str(found.get("id"))
