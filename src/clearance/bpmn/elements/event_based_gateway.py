"""The event-based gateway (10.6.6): the first event to happen decides the way; it may also start the process."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import EventBasedGateway

_TYPES = ("Exclusive", "Parallel")


def read(node: Node) -> EventBasedGateway:
    kind = node.attribute("eventGatewayType", "Exclusive")
    if kind not in _TYPES:
        raise node.error(f'eventGatewayType="{kind}" is not known', "Write Exclusive or Parallel")
    return EventBasedGateway(
        instantiate=node.flag("instantiate", default=False), parallel=kind == "Parallel", **read_common(node)
    )


def write(gateway: EventBasedGateway, xml: etree._Element, document: Document) -> None:
    if gateway.instantiate:
        xml.set("instantiate", "true")
    if gateway.parallel:
        xml.set("eventGatewayType", "Parallel")
    write_common(gateway, xml, document)
