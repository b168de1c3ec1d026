"""BPMN 2.0 XML from any modeller, as :class:`~clearance.model.definition.Definitions`.

Untrusted input: no document type, no entities, no network, a bound on size and depth. Whatever the file says is
understood, kept to be written back, or refused with the line and a remedy; nothing is dropped in silence. Elements are
read by the files in ``elements/``; parts that do not execute (pools, lanes, annotations) are carried as XML.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from lxml import etree

from clearance.bpmn.calendars import read_calendars
from clearance.bpmn.collaborations import message_names
from clearance.bpmn.correlations import is_generated, read_correlations
from clearance.bpmn.data import read_data
from clearance.bpmn.elements.registry import BY_LOCAL_NAME, GLOBAL_TASKS, REFUSED
from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.interchange import read_diagrams
from clearance.bpmn.names import BPMN, BPMNDI, CLEARANCE, TARGET_NAMESPACE, bpmn
from clearance.bpmn.node import File, Node, line_of, raw
from clearance.bpmn.order import in_order
from clearance.bpmn.parts import read_listeners
from clearance.bpmn.roots import ROOTS, says_more
from clearance.bpmn.scopes import in_order_of_outgoing, read_associations, read_flow
from clearance.model.definition import Definitions, Element, Flow, Process

SIZE_MAX_BYTES = 50 * 1024 * 1024
"""A larger file is refused before it is parsed."""

_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_PROLOG = re.compile(rb"\A[^<]*(?:<[?!][^>]*>[^<]*)*")
_NO_PROCESSES = {
    "choreography": "choreographies",
    "globalChoreographyTask": "choreographies",
    "globalConversation": "conversations",
}


def read(source: str | Path | bytes) -> Definitions:
    """The definitions in a file (path) or in its content (bytes); raises :class:`BpmnFileError`."""
    name, content = _content(source)
    root = _parse(name, content)
    file = File(name, read_scope=_read_scope)
    _index(root, file)
    node = Node(root, file)
    processes = tuple(_read_process(child) for child in node.children("process"))
    global_tasks = tuple(
        GLOBAL_TASKS[child.kind].read(child) for child in node.elements() if child.kind in GLOBAL_TASKS
    )
    if not processes and not global_tasks:
        raise node.error("there is no process in the file", "Draw a process, or give the file that holds one")
    first, further = read_diagrams(root, file)
    target_namespace = node.attribute("targetNamespace")
    return Definitions(
        id=node.id or "definitions",
        name=node.name,
        target_namespace="" if target_namespace == TARGET_NAMESPACE else target_namespace,
        processes=processes,
        global_tasks=global_tasks,
        diagram=first,
        further_diagrams=further,
        documentation=node.documentation(),
        attributes=node.rest_of_attributes(),
        extensions=node.rest_of_extensions(),
        carried=_carried_roots(root, file),
    )


def lines(source: str | Path | bytes) -> dict[str, int]:
    """The line of each element in a file, by id; for the findings of ``validate``."""
    root = _parse(*_content(source))
    return {str(part.get("id")): line_of(part) for part in root.iter("*") if part.get("id")}


def _content(source: str | Path | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        name, size = "BPMN file", len(source)
    else:
        name = str(source)
        try:
            size = Path(source).stat().st_size
        except OSError as error:
            raise BpmnFileError(f"cannot be read ({error.strerror})", remedy="Check the path.", file=name) from error
    if size > SIZE_MAX_BYTES:
        raise BpmnFileError(
            f"the file has {size:,} bytes; the limit is {SIZE_MAX_BYTES:,}",
            remedy="Split the process, or take embedded pictures out of the file.",
            file=name,
        )
    if isinstance(source, bytes):
        return name, source
    try:
        return name, Path(source).read_bytes()
    except OSError as error:
        raise BpmnFileError(f"cannot be read ({error.strerror})", remedy="Check the path.", file=name) from error


def _parse(name: str, content: bytes) -> etree._Element:
    """The root element of safe XML that is BPMN."""
    doctype = BpmnFileError(
        "it declares a document type (DOCTYPE), which can hide entities and outside files",
        remedy="Remove the DOCTYPE; BPMN needs none.",
        file=name,
    )
    prolog = _PROLOG.match(_COMMENT.sub(b"", content.replace(b"\0", b"")))
    if prolog and b"<!DOCTYPE" in prolog[0]:
        raise doctype
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BpmnFileError(
            f"it is not well-formed XML ({error.msg})",
            remedy="Export it again from the modeller.",
            file=name,
            line=error.lineno or 0,
        ) from error
    if cast(Any, root.getroottree()).docinfo.doctype:
        raise doctype
    if str(root.tag) != bpmn("definitions"):
        raise BpmnFileError(
            f"it is not a BPMN 2.0 file: the outermost element is {root.tag}",
            remedy=f"Give a file whose outermost element is definitions in {BPMN}.",
            file=name,
            line=line_of(root),
        )
    return root


def _index(root: etree._Element, file: File) -> None:
    """What references across the file need: elements by id, and the messages of pools that talk to each other."""
    for child in root.iterchildren("*"):
        if etree.QName(child).namespace == BPMNDI:
            continue
        if child.get("id"):
            file.roots[str(child.get("id"))] = child
        for part in child.iter("*"):
            if part.get("id"):
                file.by_id.setdefault(str(part.get("id")), part)
    file.message_names = message_names(file, root)


def _read_process(node: Node) -> Process:
    associations_before = len(node.file.associations)
    elements, flows = _read_scope(node)
    version_tag = node.zeebe("versionTag")
    subject = node.extension(f"{{{CLEARANCE}}}subject")
    return Process(
        id=node.required("id"),
        name=node.name,
        documentation=node.documentation(),
        version_tag=version_tag.attribute("value") if version_tag else "",
        elements=elements,
        flows=flows,
        associations=tuple(node.file.associations[associations_before:]),
        executable=node.flag("isExecutable", default=True),
        new_evidence=node.attribute(f"{{{CLEARANCE}}}newEvidence"),
        subject=subject.text if subject else "",
        calendars=read_calendars(node),
        data=read_data(node),
        correlations=read_correlations(node),
        listeners=read_listeners(node),
        **node.rest(),
    )


def _read_scope(node: Node) -> tuple[tuple[Element, ...], tuple[Flow, ...]]:
    """What a process or sub-process holds, in document order."""
    node.file.associations.extend(read_associations(node))
    elements: list[Element] = []
    flows: list[Flow] = []
    outgoing: dict[str, list[str]] = {}
    for child in node.elements():
        if child.kind == "sequenceFlow":
            node.take(child)
            flows.append(read_flow(child))
        elif child.kind in BY_LOCAL_NAME:
            node.take(child)
            outgoing[child.id] = [flow.text for flow in child.children("outgoing")]
            elements.append(BY_LOCAL_NAME[child.kind].read(child))
        elif child.kind in REFUSED:
            raise child.error(f"{child.kind} is not supported", REFUSED[child.kind])
    return tuple(elements), in_order_of_outgoing(flows, outgoing)


def _carried_roots(root: etree._Element, file: File) -> tuple[str, ...]:
    """Root elements beside processes that nothing in the model stands for, and those that they refer to."""
    kept: list[etree._Element] = []
    taken_over: list[etree._Element] = []
    for child in root.iterchildren("*"):
        name = etree.QName(child)
        local = str(name.localname)
        if name.namespace == BPMN and local in _NO_PROCESSES:
            raise Node(child, file).error(
                f"{_NO_PROCESSES[local]} are not supported", f"Remove the {local} or draw it as a process"
            )
        if name.namespace == BPMNDI or is_generated(child):
            continue
        if name.namespace != BPMN or local not in ("process", "documentation", "extensionElements", *GLOBAL_TASKS):
            referred = str(child.get("id")) in file.referred
            keeps = not referred or (name.namespace == BPMN and local in ROOTS and says_more(Node(child, file)))
            (kept if keeps else taken_over).append(child)
    references = {reference for child in kept for reference in _references(child)}
    kept += [child for child in taken_over if str(child.get("id")) in references]
    return in_order("definitions", [raw(child) for child in root.iterchildren("*") if child in kept])


def _references(element: etree._Element) -> Iterator[str]:
    """Whatever inside the element could be the id of a root element."""
    for part in element.iter("*"):
        for value in (part.text or "", *map(str, part.attrib.values())):
            yield value.strip().rpartition(":")[2]
