"""Intermediate catch events (10.5.4): message, timer, signal, conditional, link."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.events import read_event_definition, write_event_definition
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_mappings, write_mappings
from clearance.bpmn.xml import Document
from clearance.model.definition import IntermediateCatchEvent


def read(node: Node) -> IntermediateCatchEvent:
    inputs, outputs = read_mappings(node)
    definition = read_event_definition(node, throwing=False)
    return IntermediateCatchEvent(definition=definition, inputs=inputs, outputs=outputs, **read_common(node))


def write(event: IntermediateCatchEvent, xml: etree._Element, document: Document) -> None:
    write_event_definition(xml, event.definition, document, throwing=False)
    write_mappings(xml, event.inputs, event.outputs)
    write_common(event, xml, document)
