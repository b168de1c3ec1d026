"""The parallel gateway (10.6.4): all ways at once, and waiting for all of them."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import ParallelGateway


def read(node: Node) -> ParallelGateway:
    return ParallelGateway(**read_common(node))


def write(gateway: ParallelGateway, xml: etree._Element, document: Document) -> None:
    write_common(gateway, xml, document)
