"""Correlation keys, properties and subscriptions (8.4.2): which conversation a message belongs to.

A key stands in a collaboration, its properties beside the processes, and what a process knows of them in a
subscription of the process. The model puts them together at each process that takes part. In files of others they are
carried as they stand; those that we write carry a mark, so that reading does not carry them as well.
"""

from collections.abc import Iterator, Sequence

from lxml import etree

from clearance.bpmn.names import CLEARANCE, bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression
from clearance.bpmn.roots import meaning_of, root_for
from clearance.bpmn.xml import Document, add, add_expression
from clearance.model.definition import Correlation, CorrelationProperty, Process

_MARK = f"{{{CLEARANCE}}}generated"


def is_generated(element: etree._Element) -> bool:
    """Whether we wrote the element for what the model says of processes."""
    return element.get(_MARK) == "true"


def read_correlations(node: Node) -> tuple[Correlation, ...]:
    """Of a process: the keys that it subscribes to, and those of collaborations that it takes part in."""
    subscriptions: dict[str, dict[str, str]] = {}
    for child in node.elements():
        if child.kind == "correlationSubscription":
            key = _local(child.required("correlationKeyRef"))
            subscriptions.setdefault(key, {}).update(_read_bindings(child))
            if is_generated(child.element):
                node.take(child)
    keys = dict(_keys_around(node))
    for identifier in subscriptions:
        element = node.file.by_id.get(identifier)
        if element is None or element.tag != bpmn("correlationKey"):
            raise node.error(f'it subscribes to "{identifier}", which is no correlation key', "Define the key")
        keys[identifier] = element
    return tuple(_read_key(Node(key, node.file), subscriptions.get(name, {})) for name, key in keys.items())


def _keys_around(node: Node) -> Iterator[tuple[str, etree._Element]]:
    for root in node.file.roots.values():
        if root.tag != bpmn("collaboration"):
            continue
        participants = root.iterfind(bpmn("participant"))
        if any(_local(participant.get("processRef")) == node.id for participant in participants):
            for key in root.iter(bpmn("correlationKey")):
                yield str(key.get("id")), key


def _read_bindings(subscription: Node) -> Iterator[tuple[str, str]]:
    for binding in subscription.children("correlationPropertyBinding"):
        yield _local(binding.required("correlationPropertyRef")), read_expression(binding.child("dataPath"))


def _read_key(node: Node, bindings: dict[str, str]) -> Correlation:
    properties: list[CorrelationProperty] = []
    for reference in node.children("correlationPropertyRef"):
        element = node.file.by_id.get(_local(reference.text))
        if element is None or element.tag != bpmn("correlationProperty"):
            raise node.error(f'"{reference.text}" is no correlation property of this file', "Define it or mend the key")
        properties.append(_read_property(Node(element, node.file), bindings))
    return Correlation(id=node.required("id"), name=node.name, properties=tuple(properties))


def _read_property(node: Node, bindings: dict[str, str]) -> CorrelationProperty:
    retrievals: list[tuple[str, str]] = []
    for child in node.children("correlationPropertyRetrievalExpression"):
        message = child.reference("messageRef", "message")
        path = child.child("messagePath")
        if message is None or path is None:
            raise node.error("a retrieval expression lacks its message or its path", "Give it both")
        retrievals.append((meaning_of(message), read_expression(path)))
    return CorrelationProperty(
        id=node.id, name=node.name, retrievals=tuple(retrievals), binding=bindings.get(node.id, "")
    )


def write_subscriptions(xml: etree._Element, process: Process, document: Document) -> None:
    """Append what the process knows of its keys, unless its carried XML says it."""
    carried = {
        _local(subscription.element.get("correlationKeyRef"))
        for subscription in map(Node.alone, process.carried)
        if subscription.kind == "correlationSubscription"
    }
    for key in process.correlations:
        bound = [item for item in key.properties if item.binding]
        if not bound or key.id in carried:
            continue
        subscription = add(xml, "correlationSubscription", correlationKeyRef=key.id)
        subscription.set(_MARK, "true")
        for item in bound:
            binding = add(subscription, "correlationPropertyBinding", correlationPropertyRef=item.id)
            add_expression(binding, "dataPath", item.binding)


def correlation_roots(processes: Sequence[Process], document: Document) -> Iterator[etree._Element]:
    """For each key of the model that is not carried a collaboration of the processes that have it; its properties."""
    members: dict[str, list[str]] = {}
    keys: dict[str, Correlation] = {}
    for process in processes:
        for key in process.correlations:
            if key.id not in document.carried_keys:
                members.setdefault(key.id, []).append(process.id)
                keys.setdefault(key.id, key)
    for key in keys.values():
        collaboration = _root("collaboration", document.free_id(f"{key.id}_talks"))
        for process_id in members[key.id]:
            participant = document.free_id(f"{key.id}_{process_id}")
            add(collaboration, "participant", id=participant, processRef=process_id)
        element = add(collaboration, "correlationKey", id=key.id, name=key.name)
        for item in key.properties:
            add(element, "correlationPropertyRef", item.id)
        yield collaboration
    every = (key for process in processes for key in process.correlations)
    for item in {item.id: item for key in every for item in key.properties}.values():
        if item.id not in document.carried_properties:
            yield _write_property(item, document)


def _write_property(item: CorrelationProperty, document: Document) -> etree._Element:
    element = _root("correlationProperty", item.id)
    if item.name:
        element.set("name", item.name)
    for message, path in item.retrievals:
        retrieval = add(element, "correlationPropertyRetrievalExpression")
        retrieval.set("messageRef", root_for(document, "message", name=message))
        add_expression(retrieval, "messagePath", path)
    return element


def _root(local: str, identifier: str) -> etree._Element:
    return etree.Element(bpmn(local), {"id": identifier, _MARK: "true"})


def _local(reference: object) -> str:
    return str(reference or "").strip().rpartition(":")[2]
