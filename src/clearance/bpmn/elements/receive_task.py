"""The receive task (10.3.3): waits for a message."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.events import read_message, write_message
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import ReceiveTask


def read(node: Node) -> ReceiveTask:
    if node.flag("instantiate", default=False):
        raise node.error("receive tasks that start the process are not supported yet", "Use a message start event")
    message = read_message(node, throwing=False, holder=node)
    return ReceiveTask(message=message, **read_activity(node), **read_common(node))


def write(task: ReceiveTask, xml: etree._Element, document: Document) -> None:
    write_message(xml, xml, task.message, document, throwing=False)
    write_activity(task, xml, document)
    write_common(task, xml, document)
