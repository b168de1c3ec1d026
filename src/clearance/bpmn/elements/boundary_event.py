"""Boundary events (10.5.4): on the border of an activity, interrupting it or not."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.events import read_event_definition, write_event_definition
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_mappings, write_mappings
from clearance.bpmn.xml import Document
from clearance.model.definition import BoundaryEvent


def read(node: Node) -> BoundaryEvent:
    inputs, outputs = read_mappings(node)
    return BoundaryEvent(
        attached_to=node.required("attachedToRef"),
        interrupting=node.flag("cancelActivity", default=True),
        definition=read_event_definition(node, throwing=False),
        inputs=inputs,
        outputs=outputs,
        **read_common(node),
    )


def write(event: BoundaryEvent, xml: etree._Element, document: Document) -> None:
    xml.set("attachedToRef", event.attached_to)
    if not event.interrupting:
        xml.set("cancelActivity", "false")
    write_event_definition(xml, event.definition, document, throwing=False)
    write_mappings(xml, event.inputs, event.outputs)
    write_common(event, xml, document)
