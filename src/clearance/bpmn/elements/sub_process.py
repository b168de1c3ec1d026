"""The embedded sub-process (10.3.5), and the event sub-process."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import SubProcess


def read(node: Node) -> SubProcess:
    elements, flows = node.file.read_scope(node)
    return SubProcess(
        elements=elements,
        flows=flows,
        triggered_by_event=node.flag("triggeredByEvent", default=False),
        **read_activity(node),
        **read_common(node),
    )


def write(process: SubProcess, xml: etree._Element, document: Document) -> None:
    if process.triggered_by_event:
        xml.set("triggeredByEvent", "true")
    document.write_scope(process, xml)
    write_activity(process, xml, document)
    write_common(process, xml, document)
