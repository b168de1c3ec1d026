"""End events (10.5.3): none, message, error, escalation, signal, compensation, cancel, terminate, several of them."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, read_event, write_common, write_event
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import EndEvent


def read(node: Node) -> EndEvent:
    return EndEvent(**read_event(node, throwing=True), **read_common(node))


def write(event: EndEvent, xml: etree._Element, document: Document) -> None:
    write_event(event, xml, document, throwing=True)
    write_common(event, xml, document)
