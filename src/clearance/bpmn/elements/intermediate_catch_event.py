"""Intermediate catch events (10.5.4): message, timer, signal, conditional, link, one or all of several."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, read_event, write_common, write_event
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import IntermediateCatchEvent


def read(node: Node) -> IntermediateCatchEvent:
    return IntermediateCatchEvent(**read_event(node, throwing=False), **read_common(node))


def write(event: IntermediateCatchEvent, xml: etree._Element, document: Document) -> None:
    write_event(event, xml, document, throwing=False)
    write_common(event, xml, document)
