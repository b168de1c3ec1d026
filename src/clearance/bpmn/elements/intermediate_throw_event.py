"""Intermediate throw events (10.5.4): none, message, escalation, signal, compensation, link, several of them."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, read_event, write_common, write_event
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import IntermediateThrowEvent


def read(node: Node) -> IntermediateThrowEvent:
    return IntermediateThrowEvent(**read_event(node, throwing=True), **read_common(node))


def write(event: IntermediateThrowEvent, xml: etree._Element, document: Document) -> None:
    write_event(event, xml, document, throwing=True)
    write_common(event, xml, document)
