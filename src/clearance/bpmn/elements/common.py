"""What all elements share: id, name, documentation, flows in and out, and what is kept untouched."""

from typing import TypedDict

from lxml import etree

from clearance.bpmn.data import read_data, read_data_associations, write_data, write_data_associations
from clearance.bpmn.events import read_event_definition, write_event_definition
from clearance.bpmn.loops import read_multi_instance, read_standard_loop, write_multi_instance, write_standard_loop
from clearance.bpmn.names import CLEARANCE
from clearance.bpmn.node import Node, Rest
from clearance.bpmn.parts import read_listeners, read_mappings, write_listeners, write_mappings
from clearance.bpmn.xml import Document, add, keep_extensions, set_kept_attributes
from clearance.model.definition import (
    Activity,
    BoundaryEvent,
    DataAssociation,
    DataObject,
    Element,
    EndEvent,
    EventDefinition,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    Listener,
    Mapping,
    MultiInstance,
    StandardLoop,
    StartEvent,
)

NEW_EVIDENCE = f"{{{CLEARANCE}}}newEvidence"

Event = StartEvent | EndEvent | IntermediateCatchEvent | IntermediateThrowEvent | BoundaryEvent


class Common(Rest):
    """The fields of every element."""

    id: str
    name: str
    documentation: str
    listeners: tuple[Listener, ...]


class Activities(TypedDict):
    """The fields of every activity."""

    inputs: tuple[Mapping, ...]
    outputs: tuple[Mapping, ...]
    multi_instance: MultiInstance | None
    loop: StandardLoop | None
    data: tuple[DataObject, ...]
    data_inputs: tuple[DataAssociation, ...]
    data_outputs: tuple[DataAssociation, ...]
    default: str
    for_compensation: bool
    new_evidence: str


class Events(TypedDict):
    """The fields of every event."""

    definition: EventDefinition | None
    inputs: tuple[Mapping, ...]
    outputs: tuple[Mapping, ...]
    data: tuple[DataObject, ...]
    data_associations: tuple[DataAssociation, ...]


def read_common(node: Node) -> Common:
    """The common fields; call it last, for it refuses or keeps what has not been read before."""
    identifier, name, documentation = node.required("id"), node.name, node.documentation()
    listeners = read_listeners(node)
    rest = node.rest()
    return Common(
        id=identifier,
        name=name,
        documentation=documentation,
        listeners=listeners,
        extensions=rest["extensions"],
        attributes=rest["attributes"],
        carried=rest["carried"],
    )


def read_activity(node: Node) -> Activities:
    """Mappings, loops, data, default flow and whether it is a compensation handler."""
    inputs, outputs = read_mappings(node)
    return Activities(
        inputs=inputs,
        outputs=outputs,
        multi_instance=read_multi_instance(node),
        loop=read_standard_loop(node),
        data=read_data(node),
        data_inputs=read_data_associations(node, "dataInputAssociation"),
        data_outputs=read_data_associations(node, "dataOutputAssociation"),
        default=node.attribute("default"),
        for_compensation=node.flag("isForCompensation", default=False),
        new_evidence=node.attribute(NEW_EVIDENCE),
    )


def read_event(node: Node, *, throwing: bool) -> Events:
    """Definition, mappings and data."""
    definition = read_event_definition(node, throwing=throwing)
    inputs, outputs = read_mappings(node)
    return Events(
        definition=definition,
        inputs=inputs,
        outputs=outputs,
        data=read_data(node),
        data_associations=read_data_associations(node, _association(throwing)),
    )


def _association(throwing: bool) -> str:
    return "dataInputAssociation" if throwing else "dataOutputAssociation"


def write_activity(activity: Activity, xml: etree._Element, document: Document) -> None:
    """Mappings, loops, data, default flow and the compensation mark."""
    write_mappings(xml, activity.inputs, activity.outputs)
    write_multi_instance(xml, activity.multi_instance, document)
    write_standard_loop(xml, activity.loop, document)
    write_data(xml, activity.data, activity.carried, document)
    write_data_associations(xml, "dataInputAssociation", activity.data_inputs, document)
    write_data_associations(xml, "dataOutputAssociation", activity.data_outputs, document)
    if activity.default:
        xml.set("default", activity.default)
    if activity.for_compensation:
        xml.set("isForCompensation", "true")
    if activity.new_evidence:
        xml.set(NEW_EVIDENCE, activity.new_evidence)


def write_event(event: Event, xml: etree._Element, document: Document, *, throwing: bool) -> None:
    """Definition, mappings and data."""
    write_event_definition(xml, event.definition, document, throwing=throwing)
    write_mappings(xml, event.inputs, event.outputs)
    write_data(xml, event.data, event.carried, document)
    write_data_associations(xml, _association(throwing), event.data_associations, document)


def write_common(element: Element, xml: etree._Element, document: Document) -> None:
    """Everything else; call it last, for it puts the children into the schema's order."""
    xml.set("id", element.id)
    if element.name:
        xml.set("name", element.name)
    if element.documentation:
        add(xml, "documentation", element.documentation)
    for flow in document.incoming.get(element.id, ()):
        add(xml, "incoming", flow)
    for flow in document.outgoing.get(element.id, ()):
        add(xml, "outgoing", flow)
    write_listeners(xml, element.listeners)
    keep_extensions(document, xml, element.extensions)
    set_kept_attributes(xml, element.attributes)
    document.keep(xml, element.carried)
    document.sort(xml)
