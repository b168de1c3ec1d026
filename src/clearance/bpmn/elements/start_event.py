"""Start events (10.5.2), of processes, sub-processes and event sub-processes."""

from lxml import etree

from clearance.bpmn.elements.common import read_common, write_common
from clearance.bpmn.events import read_event_definition, write_event_definition
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_mappings, write_mappings
from clearance.bpmn.xml import Document
from clearance.model.definition import StartEvent


def read(node: Node) -> StartEvent:
    inputs, outputs = read_mappings(node)
    return StartEvent(
        definition=read_event_definition(node, throwing=False),
        interrupting=node.flag("isInterrupting", default=True),
        inputs=inputs,
        outputs=outputs,
        **read_common(node),
    )


def write(event: StartEvent, xml: etree._Element, document: Document) -> None:
    if not event.interrupting:
        xml.set("isInterrupting", "false")
    write_event_definition(xml, event.definition, document, throwing=False)
    write_mappings(xml, event.inputs, event.outputs)
    write_common(event, xml, document)
