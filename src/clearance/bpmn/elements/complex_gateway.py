"""The complex gateway (10.6.5): joins when its activation condition holds, splits by the conditions of its ways."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression
from clearance.bpmn.xml import Document, add_expression
from clearance.model.definition import ComplexGateway


def read(node: Node) -> ComplexGateway:
    return ComplexGateway(
        default=node.attribute("default"),
        activation_condition=read_expression(node.child("activationCondition")),
        **read_common(node),
    )


def write(gateway: ComplexGateway, xml: etree._Element, document: Document) -> None:
    if gateway.default:
        xml.set("default", gateway.default)
    if gateway.activation_condition:
        add_expression(xml, "activationCondition", gateway.activation_condition)
    write_common(gateway, xml, document)
