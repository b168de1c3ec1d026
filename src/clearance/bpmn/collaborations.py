"""Pools that talk to each other (9.4): what message flows say of the events and tasks at their ends.

An end that names no message takes the flow's message, or else that of the other end, or else the flow's own name or id,
so that what one process throws is what the other catches. Ends that message flows join, and that name no message, all
take the same one.
"""

from lxml import etree

from clearance.bpmn.names import bpmn
from clearance.bpmn.node import File, Node
from clearance.bpmn.roots import meaning_of

_EVENT = bpmn("messageEventDefinition")


def operation_of(file: File, reference: str) -> etree._Element | None:
    """The operation of an interface, by the QName that a task or event refers to it with."""
    found = file.by_id.get(reference.strip().rpartition(":")[2])
    return found if found is not None and found.tag == bpmn("operation") else None


def in_message_of(file: File, reference: str) -> str:
    """The name of the message that invokes an operation; empty when there is none."""
    operation = operation_of(file, reference)
    return _message(file, operation.findtext(bpmn("inMessageRef"))) if operation is not None else ""


def message_names(file: File, root: etree._Element) -> dict[str, str]:
    """For each event or task that message flows lead to or from, the name that a missing message gets."""
    flows = list(root.iterfind(f"{bpmn('collaboration')}/{bpmn('messageFlow')}"))
    ends = [[end for end in map(flow.get, ("sourceRef", "targetRef")) if _talks(file, end)] for flow in flows]
    pairs = [[_local(end) for end in pair] for pair in ends]
    own = {end: _own_message(file, end) for pair in pairs for end in pair}
    joined: dict[str, list[str]] = {}
    for pair in pairs:
        for end in pair:
            joined.setdefault(end, []).extend(pair)
    names: dict[str, str] = {}
    for flow, pair in zip(flows, pairs, strict=True):
        declared = _message(file, flow.get("messageRef")) or next((own[end] for end in pair if own[end]), "")
        if declared:
            names.update((end, declared) for end in pair if not own[end] and end not in names)
    for end in list(names):
        _spread(end, names[end], names, own, joined)
    for flow, pair in zip(flows, pairs, strict=True):
        for end in pair:
            if not own[end] and end not in names:
                _spread(end, str(flow.get("name") or flow.get("id") or "").strip(), names, own, joined)
    return names


def _spread(end: str, name: str, names: dict[str, str], own: dict[str, str], joined: dict[str, list[str]]) -> None:
    """Give the name to the end, and to all that message flows join with it and that have none yet."""
    names[end] = name
    waiting = [end]
    while waiting:
        for other in joined[waiting.pop()]:
            if not own[other] and other not in names:
                names[other] = name
                waiting.append(other)


def _talks(file: File, reference: str | None) -> bool:
    """Whether it is a task or event that sends or receives a message; a pool, for instance, only stands for some."""
    element = file.by_id.get(_local(reference))
    if element is None:
        return False
    return element.tag in (bpmn("sendTask"), bpmn("receiveTask")) or element.find(_EVENT) is not None


def _own_message(file: File, identifier: str) -> str:
    element = file.by_id.get(identifier)
    if element is None:
        return ""
    holders = [element, *element.iterfind(_EVENT)]
    for holder in holders:
        reference = holder.get("operationRef") or holder.findtext(bpmn("operationRef")) or ""
        name = _message(file, holder.get("messageRef")) or in_message_of(file, str(reference))
        if name:
            return name
    return ""


def _message(file: File, reference: str | None) -> str:
    target = file.by_id.get(_local(reference))
    return meaning_of(Node(target, file)) if target is not None and target.tag == bpmn("message") else ""


def _local(reference: str | None) -> str:
    return str(reference or "").strip().rpartition(":")[2]
