"""The receive task (10.3.3): waits for a message, or starts the process with one."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.events import read_message, write_message
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import ReceiveTask


def read(node: Node) -> ReceiveTask:
    operation = str(node.element.get("operationRef", ""))
    message = read_message(node, throwing=False, holder=node, operation=operation)
    instantiate = node.flag("instantiate", default=False)
    return ReceiveTask(message=message, instantiate=instantiate, **read_activity(node), **read_common(node))


def write(task: ReceiveTask, xml: etree._Element, document: Document) -> None:
    if task.instantiate:
        xml.set("instantiate", "true")
    write_message(xml, xml, task.message, document, throwing=False)
    write_activity(task, xml, document)
    write_common(task, xml, document)
