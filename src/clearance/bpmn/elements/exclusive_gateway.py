"""The exclusive gateway (10.6.2): one way, the first whose condition holds, or the default."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import ExclusiveGateway


def read(node: Node) -> ExclusiveGateway:
    return ExclusiveGateway(default=node.attribute("default"), **read_common(node))


def write(gateway: ExclusiveGateway, xml: etree._Element, document: Document) -> None:
    if gateway.default:
        xml.set("default", gateway.default)
    write_common(gateway, xml, document)
