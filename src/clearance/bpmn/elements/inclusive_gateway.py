"""The inclusive gateway (10.6.3): every way whose condition holds, or the default."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import InclusiveGateway


def read(node: Node) -> InclusiveGateway:
    return InclusiveGateway(default=node.attribute("default"), **read_common(node))


def write(gateway: InclusiveGateway, xml: etree._Element, document: Document) -> None:
    if gateway.default:
        xml.set("default", gateway.default)
    write_common(gateway, xml, document)
