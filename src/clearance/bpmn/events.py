"""Event definitions (10.5.5): what an event waits for or throws.

Messages, errors, signals and escalations are root elements in the file and refer to each other by id. The model names
them by what they mean (name or code), so equal ones become one root element when written.
"""

from collections.abc import Callable

import msgspec
from lxml import etree

from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression, read_job, read_time, write_job
from clearance.bpmn.xml import Document, add, add_expression, extend, keep_extensions
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

ROOTS = frozenset(("message", "signal", "error", "escalation"))
"""Root elements that events refer to."""


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
    definition.finished(keeps_extensions=True)
    return msgspec.structs.replace(result, extensions=definition.rest_of_extensions())


def meaning_of(root: Node | None) -> str:
    """What a message, signal, error or escalation is known by: its code, or else its name, or else its id."""
    if root is None:
        return ""
    code = root.attribute("errorCode") or root.attribute("escalationCode")
    return code or root.attribute("name") or root.id


def key_of(message: Node | None) -> str:
    """The correlation key of a message's ``zeebe:subscription``."""
    subscription = message.zeebe("subscription") if message else None
    return subscription.attribute("correlationKey") if subscription else ""


def says_more(root: Node) -> bool:
    """Whether a root element holds more than the model keeps of it, so that it must be carried as well."""
    meaning_of(root)
    key_of(root)
    name = root.name
    rest = root.rest()
    return any(rest.values()) or name not in ("", meaning_of(root))


def read_message(node: Node, *, throwing: bool, holder: Node) -> MessageDefinition:
    """The message of an event or task; its key is in ``zeebe:subscription`` or, thrown, in ``zeebe:publishMessage``."""
    message = node.reference("messageRef", "message")
    name = meaning_of(message)
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


def _read_timer(node: Node) -> TimerDefinition:
    date, duration, cycle = (node.child(local) for local in ("timeDate", "timeDuration", "timeCycle"))
    if sum(part is not None for part in (date, duration, cycle)) > 1:
        raise node.error("the timer has more than one of date, duration and cycle", "Keep one")
    return TimerDefinition(
        date=read_time(date) if date else "",
        duration=read_time(duration) if duration else "",
        cycle=read_time(cycle) if cycle else "",
    )


def _read_signal(node: Node) -> SignalDefinition:
    return SignalDefinition(name=meaning_of(node.reference("signalRef", "signal")))


def _read_error(node: Node) -> ErrorDefinition:
    return ErrorDefinition(code=meaning_of(node.reference("errorRef", "error")))


def _read_escalation(node: Node) -> EscalationDefinition:
    return EscalationDefinition(code=meaning_of(node.reference("escalationRef", "escalation")))


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
    if definition is not None and definition.extensions:
        (written,) = (child for child in element if str(child.tag).endswith("EventDefinition"))
        keep_extensions(document, written, definition.extensions)
        document.sort(written)


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
    meaning = next(reversed(attributes.values()))
    if not meaning:
        return ""
    if (local, key, meaning) in document.carried_roots:
        return document.carried_roots[local, key, meaning]
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
