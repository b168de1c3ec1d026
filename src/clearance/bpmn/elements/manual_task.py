"""The manual task (10.3.3): work outside any system."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import ManualTask


def read(node: Node) -> ManualTask:
    return ManualTask(**read_activity(node), **read_common(node))


def write(task: ManualTask, xml: etree._Element, document: Document) -> None:
    write_activity(task, xml, document)
    write_common(task, xml, document)
