"""The event-based gateway (10.6.6): the first event to happen decides the way."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import EventBasedGateway


def read(node: Node) -> EventBasedGateway:
    if node.flag("instantiate", default=False):
        raise node.error(
            "event-based gateways that start the process are not supported yet", "Draw one start event for each message"
        )
    if node.attribute("eventGatewayType", "Exclusive") != "Exclusive":
        raise node.error(
            "parallel event-based gateways are not supported yet", "Use a parallel gateway before the events"
        )
    return EventBasedGateway(**read_common(node))


def write(gateway: EventBasedGateway, xml: etree._Element, document: Document) -> None:
    write_common(gateway, xml, document)
