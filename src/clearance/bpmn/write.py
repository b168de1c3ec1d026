"""Definitions as BPMN 2.0 XML, with Camunda 8's extension elements, that any modeller opens.

``read(write(definitions)) == definitions``. When the definitions have no diagram, one is laid out (``pools.py``).
"""

from lxml import etree

from clearance.bpmn.calendars import write_calendars
from clearance.bpmn.correlations import correlation_roots, write_subscriptions
from clearance.bpmn.data import write_data
from clearance.bpmn.elements.registry import BY_TYPE, GLOBAL_TASKS_BY_TYPE
from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.interchange import write_diagram
from clearance.bpmn.names import CLEARANCE, TARGET_NAMESPACE, bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import write_listeners
from clearance.bpmn.pools import laid_out
from clearance.bpmn.roots import ROOTS, key_of, meaning_of
from clearance.bpmn.xml import (
    Document,
    add,
    add_expression,
    extend,
    extension_holder,
    keep_extensions,
    new_root,
    set_kept_attributes,
)
from clearance.model.definition import Association, Definitions, Element, Process, SubProcess, walk


def write(definitions: Definitions) -> bytes:
    """The file's content, UTF-8."""
    associations = {link.source: link for process in definitions.processes for link in process.associations}
    document = Document(lambda scope, xml: _write_scope(scope, xml, document, associations))
    root = new_root("definitions")
    root.set("id", definitions.id)
    if definitions.name:
        root.set("name", definitions.name)
    root.set("targetNamespace", definitions.target_namespace or TARGET_NAMESPACE)
    set_kept_attributes(root, definitions.attributes)
    if definitions.documentation:
        add(root, "documentation", definitions.documentation)
    keep_extensions(document, root, definitions.extensions)
    _take_ids(definitions, document)
    document.keep(root, definitions.carried)
    processes = [_write_process(process, document) for process in definitions.processes]
    global_tasks = [_write_global_task(task, document) for task in definitions.global_tasks]
    correlations = list(correlation_roots(definitions.processes, document))
    root.extend(document.roots.values())
    root.extend((*correlations, *global_tasks, *processes))
    drawn = (definitions.diagram, *definitions.further_diagrams) if definitions.diagram else laid_out(definitions)
    for number, diagram in enumerate(drawn, start=1):
        write_diagram(root, diagram, number, definitions.processes[0].id if definitions.processes else "")
    document.sort(root)
    return document.text(root)


def _take_ids(definitions: Definitions, document: Document) -> None:
    for process in definitions.processes:
        document.taken.add(process.id)
        document.taken.update(item.id for item in process.data)
        for key in process.correlations:
            document.taken.update((key.id, *(item.id for item in key.properties)))
        for element, _ in walk(process):
            document.taken.add(element.id)
            document.taken.update(item.id for item in getattr(element, "data", ()))
        inner = [element for element, _ in walk(process) if isinstance(element, SubProcess)]
        scopes: list[Process | SubProcess] = [process, *inner]
        for scope in scopes:
            for flow in scope.flows:
                document.taken.add(flow.id)
                document.outgoing.setdefault(flow.source, []).append(flow.id)
                document.incoming.setdefault(flow.target, []).append(flow.id)
    document.taken.update(task.id for task in definitions.global_tasks)
    for text in definitions.carried:
        carried = Node.alone(text)
        document.carried_keys.update(str(key.get("id")) for key in carried.element.iter(bpmn("correlationKey")))
        if carried.kind == "correlationProperty":
            document.carried_properties.add(carried.id)
        document.taken.update(str(part.get("id")) for part in carried.element.iter("*") if part.get("id"))
        if carried.kind in ROOTS:
            _offer(carried, document)


def _offer(root: Node, document: Document) -> None:
    """Let those who mean what this carried root element says refer to it, unless no reader would understand it."""
    try:
        document.carried_roots[root.kind, key_of(root), meaning_of(root)] = root.id
    except BpmnFileError:
        return


def _write_process(process: Process, document: Document) -> etree._Element:
    xml = etree.Element(bpmn("process"))
    xml.set("id", process.id)
    if process.name:
        xml.set("name", process.name)
    xml.set("isExecutable", "true" if process.executable else "false")
    set_kept_attributes(xml, process.attributes)
    if process.new_evidence:
        xml.set(f"{{{CLEARANCE}}}newEvidence", process.new_evidence)
    if process.documentation:
        add(xml, "documentation", process.documentation)
    if process.version_tag:
        extend(xml, "versionTag", value=process.version_tag)
    if process.subject:
        etree.SubElement(extension_holder(xml), f"{{{CLEARANCE}}}subject").text = process.subject
    write_calendars(xml, process.calendars)
    write_listeners(xml, process.listeners)
    keep_extensions(document, xml, process.extensions)
    document.write_scope(process, xml)
    write_data(xml, process.data, process.carried, document)
    write_subscriptions(xml, process, document)
    document.keep(xml, process.carried)
    document.sort(xml)
    return xml


def _write_global_task(task: Element, document: Document) -> etree._Element:
    codec = GLOBAL_TASKS_BY_TYPE[type(task)]
    xml = etree.Element(bpmn(codec.local))
    codec.write(task, xml, document)
    return xml


def _write_scope(
    scope: Process | SubProcess, xml: etree._Element, document: Document, associations: dict[str, Association]
) -> None:
    for element in scope.elements:
        codec = BY_TYPE[type(element)]
        codec.write(element, add(xml, codec.local), document)
    for flow in scope.flows:
        child = add(xml, "sequenceFlow", id=flow.id, name=flow.name, sourceRef=flow.source, targetRef=flow.target)
        if flow.documentation:
            add(child, "documentation", flow.documentation)
        if flow.condition:
            add_expression(child, "conditionExpression", flow.condition)
        keep_extensions(document, child, flow.extensions)
        set_kept_attributes(child, flow.attributes)
        document.keep(child, flow.carried)
        document.sort(child)
    for element in scope.elements:
        link = associations.get(element.id)
        if link is not None:
            attributes = {"id": link.id, "associationDirection": "One"}
            add(xml, "association", sourceRef=link.source, targetRef=link.target, **attributes)
