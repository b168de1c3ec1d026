"""Start events (10.5.2), of processes, sub-processes and event sub-processes."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, read_event, write_common, write_event
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import StartEvent


def read(node: Node) -> StartEvent:
    return StartEvent(
        interrupting=node.flag("isInterrupting", default=True), **read_event(node, throwing=False), **read_common(node)
    )


def write(event: StartEvent, xml: etree._Element, document: Document) -> None:
    if not event.interrupting:
        xml.set("isInterrupting", "false")
    write_event(event, xml, document, throwing=False)
    write_common(event, xml, document)
