"""The embedded sub-process (10.3.5), and the event sub-process."""

from lxml import etree

from clearance.bpmn.elements.common import Activities, Common, read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model.definition import Element, Flow, SubProcess


class Content(Activities, Common):
    """The fields of every kind of sub-process."""

    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]
    triggered_by_event: bool


def read_content(node: Node) -> Content:
    """What a sub-process, transaction or ad-hoc sub-process holds; call it last, as of ``read_common``."""
    elements, flows = node.file.read_scope(node)
    triggered = node.flag("triggeredByEvent", default=False)
    return Content(
        elements=elements, flows=flows, triggered_by_event=triggered, **read_activity(node), **read_common(node)
    )


def read(node: Node) -> SubProcess:
    return SubProcess(**read_content(node))


def write(process: SubProcess, xml: etree._Element, document: Document) -> None:
    if process.triggered_by_event:
        xml.set("triggeredByEvent", "true")
    document.write_scope(process, xml)
    write_activity(process, xml, document)
    write_common(process, xml, document)
