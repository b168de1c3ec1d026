"""The undefined task (Table 10.8)."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import Task


def read(node: Node) -> Task:
    return Task(**read_activity(node), **read_common(node))


def write(task: Task, xml: etree._Element, document: Document) -> None:
    write_activity(task, xml, document)
    write_common(task, xml, document)
