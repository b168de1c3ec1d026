"""Boundary events (10.5.4): on the border of an activity, interrupting it or not."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, read_event, write_common, write_event
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import BoundaryEvent


def read(node: Node) -> BoundaryEvent:
    return BoundaryEvent(
        attached_to=node.required("attachedToRef"),
        interrupting=node.flag("cancelActivity", default=True),
        **read_event(node, throwing=False),
        **read_common(node),
    )


def write(event: BoundaryEvent, xml: etree._Element, document: Document) -> None:
    xml.set("attachedToRef", event.attached_to)
    if not event.interrupting:
        xml.set("cancelActivity", "false")
    write_event(event, xml, document, throwing=False)
    write_common(event, xml, document)
