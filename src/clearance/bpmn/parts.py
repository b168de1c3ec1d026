"""Parts that several elements share: jobs, input and output mappings, expressions.

Camunda 8's extension elements come first; where a plain OMG file has none, the standard's own place is read.
"""

import re

from lxml import etree

from clearance.bpmn.names import zeebe
from clearance.bpmn.node import Node
from clearance.bpmn.xml import extend
from clearance.model.definition import JobDefinition, LinkedResource, Listener, Mapping, Text

_LANGUAGES = re.compile(r"feel|xpath", re.IGNORECASE)
"""XPath is the schema's default, which modellers write without meaning it."""
_LITERAL_TIME = re.compile(r"^(=|[PR+-]?P|R\d*/|\d|@|\*|0 )|^$|\$\{")
_UNNAMED_IMPLEMENTATION = "##"


def read_expression(node: Node | None) -> Text:
    """A formal expression with its leading ``=``; empty when there is none."""
    if node is None:
        return ""
    language = node.attribute("language")
    text = node.text
    if text and language and not _LANGUAGES.search(language):
        raise node.error(f"the expression is in {language}", "Write it in FEEL and remove the language")
    if not text or text.startswith("="):
        return text
    return f"={text}"


def read_time(node: Node) -> Text:
    """A timer's value: ISO 8601 or cron text as it is, anything else as an expression."""
    text = node.text
    return text if _LITERAL_TIME.search(text) else f"={text}"


def read_job(node: Node) -> JobDefinition | None:
    """``zeebe:taskDefinition`` with its headers."""
    found = node.zeebe("taskDefinition")
    if found is None:
        return None
    job = JobDefinition(
        type=found.required("type"),
        retries=found.attribute("retries"),
        headers=read_headers(node),
        linked=_read_linked(node),
    )
    found.finished()
    return job


def _read_linked(node: Node) -> tuple[LinkedResource, ...]:
    """``zeebe:linkedResources``."""
    found = node.zeebe("linkedResources")
    if found is None:
        return ()
    linked = tuple(_read_resource(item) for item in found.zeebe_children("linkedResource"))
    found.finished()
    return linked


def _read_resource(node: Node) -> LinkedResource:
    resource = LinkedResource(
        id=node.required("resourceId"),
        type=node.attribute("resourceType"),
        link=node.attribute("linkName"),
        binding=node.attribute("bindingType"),
        version_tag=node.attribute("versionTag"),
    )
    node.finished()
    return resource


def default_job(node: Node) -> JobDefinition:
    """For a file without ``zeebe:taskDefinition``: the task's implementation, its operation, or else its id."""
    implementation = str(node.element.get("implementation", ""))
    operation = _operation_name(node)
    named = "" if implementation.startswith(_UNNAMED_IMPLEMENTATION) else implementation
    return JobDefinition(type=named or operation or node.id, headers=read_headers(node), linked=_read_linked(node))


def _operation_name(node: Node) -> str:
    """The operation's name, or where it is defined elsewhere what the reference says."""
    reference = str(node.element.get("operationRef", "")).rpartition(":")[2]
    operation = node.file.by_id.get(reference)
    return reference if operation is None else str(operation.get("name") or reference)


def read_headers(node: Node) -> tuple[tuple[str, str], ...]:
    """``zeebe:taskHeaders``."""
    found = node.zeebe("taskHeaders")
    if found is None:
        return ()
    return tuple(_read_header_list(found))


def read_listeners(node: Node) -> tuple[Listener, ...]:
    """``zeebe:executionListeners``; call it when all else has been read.

    Headers of an element without a job are for its listeners only, so these get them.
    """
    found = node.zeebe("executionListeners")
    if found is None:
        return ()
    own = {key: value for held in node.unread_zeebe("taskHeaders") for key, value in _read_header_list(held)}
    listeners = tuple(_read_listener(item, own) for item in found.zeebe_children("executionListener"))
    found.finished()
    return listeners


def read_task_listeners(node: Node) -> tuple[Listener, ...]:
    """``zeebe:taskListeners`` of a user task."""
    found = node.zeebe("taskListeners")
    if found is None:
        return ()
    listeners = tuple(_read_listener(item, {}) for item in found.zeebe_children("taskListener"))
    found.finished()
    return listeners


def _read_listener(node: Node, shared: dict[str, str]) -> Listener:
    own = [header for held in node.zeebe_children("taskHeaders") for header in _read_header_list(held)]
    listener = Listener(
        event=node.required("eventType"),
        type=node.required("type"),
        retries=node.attribute("retries"),
        headers=tuple({**shared, **dict(own)}.items()) if shared else tuple(own),
    )
    node.finished()
    return listener


def _read_header_list(node: Node) -> list[tuple[str, str]]:
    """Modellers write lines that say nothing."""
    headers = node.zeebe_children("header")
    return [_read_header(header) for header in headers if header.attribute("key") or header.attribute("value")]


def _read_header(node: Node) -> tuple[str, str]:
    return node.required("key"), node.attribute("value")


def write_listeners(element: etree._Element, listeners: tuple[Listener, ...], kind: str = "executionListener") -> None:
    if not listeners:
        return
    holder = extend(element, f"{kind}s")
    for listener in listeners:
        item = etree.SubElement(holder, zeebe(kind), eventType=listener.event, type=listener.type)
        if listener.retries:
            item.set("retries", listener.retries)
        _write_headers(etree.SubElement(item, zeebe("taskHeaders")) if listener.headers else item, listener.headers)


def write_job(element: etree._Element, job: JobDefinition | None) -> None:
    if job is not None:
        extend(element, "taskDefinition", type=job.type, retries=job.retries)
        write_headers(element, job.headers)
        _write_linked(element, job.linked)


def _write_linked(element: etree._Element, linked: tuple[LinkedResource, ...]) -> None:
    if not linked:
        return
    holder = extend(element, "linkedResources")
    for resource in linked:
        said = {
            "resourceId": resource.id,
            "resourceType": resource.type,
            "linkName": resource.link,
            "bindingType": resource.binding,
            "versionTag": resource.version_tag,
        }
        etree.SubElement(holder, zeebe("linkedResource"), {name: text for name, text in said.items() if text})


def write_headers(element: etree._Element, headers: tuple[tuple[str, str], ...]) -> None:
    if headers:
        _write_headers(extend(element, "taskHeaders"), headers)


def _write_headers(holder: etree._Element, headers: tuple[tuple[str, str], ...]) -> None:
    for key, value in headers:
        etree.SubElement(holder, zeebe("header"), key=key, value=value)


def read_mappings(node: Node) -> tuple[tuple[Mapping, ...], tuple[Mapping, ...]]:
    """Inputs and outputs of ``zeebe:ioMapping``."""
    found = node.zeebe("ioMapping")
    if found is None:
        return (), ()
    inputs = tuple(_read_mapping(item) for item in found.zeebe_children("input"))
    outputs = tuple(_read_mapping(item) for item in found.zeebe_children("output"))
    found.finished()
    return inputs, outputs


def _read_mapping(node: Node) -> Mapping:
    mapping = Mapping(source=node.attribute("source"), target=node.required("target"))
    node.finished()
    return mapping


def write_mappings(element: etree._Element, inputs: tuple[Mapping, ...], outputs: tuple[Mapping, ...]) -> None:
    if not inputs and not outputs:
        return
    holder = extend(element, "ioMapping")
    namespace = etree.QName(holder).namespace
    for local, mappings in (("input", inputs), ("output", outputs)):
        for mapping in mappings:
            item = etree.SubElement(holder, f"{{{namespace}}}{local}")
            item.set("source", mapping.source)
            item.set("target", mapping.target)
