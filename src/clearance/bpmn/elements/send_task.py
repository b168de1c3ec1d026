"""The send task (10.3.3): a job, or the publication of its message, or of that of its operation or message flow."""

import msgspec
from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.events import read_message, write_message
from clearance.bpmn.node import Node
from clearance.bpmn.parts import default_job, read_job, write_job
from clearance.bpmn.xml import Document
from clearance.model.definition import SendTask


def read(node: Node) -> SendTask:
    job = read_job(node)
    message = read_message(node, throwing=True, holder=node, operation=str(node.element.get("operationRef", "")))
    stated = node.element.get("messageRef") or node.zeebe("publishMessage") is not None
    sends = bool(stated or (message.name and job is None))
    if job is None and not sends:
        job = default_job(node)
    message = msgspec.structs.replace(message, job=None)
    return SendTask(job=job, message=message if sends else None, **read_activity(node), **read_common(node))


def write(task: SendTask, xml: etree._Element, document: Document) -> None:
    if task.message is not None:
        write_message(xml, xml, task.message, document, throwing=True)
    write_job(xml, task.job)
    write_activity(task, xml, document)
    write_common(task, xml, document)
