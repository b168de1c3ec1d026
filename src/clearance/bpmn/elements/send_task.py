"""The send task (10.3.3): a job, or the publication of its message."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.events import read_message, write_message
from clearance.bpmn.node import Node
from clearance.bpmn.parts import default_job, read_job, write_job
from clearance.bpmn.xml import Document
from clearance.model.definition import SendTask


def read(node: Node) -> SendTask:
    job = read_job(node)
    has_message = bool(node.element.get("messageRef")) or node.zeebe("publishMessage") is not None
    message = read_message(node, throwing=True, holder=node) if has_message else None
    if job is None and message is None:
        job = default_job(node)
    if message is not None and message.job is not None:
        message = type(message)(**{name: getattr(message, name) for name in ("name", *_KEYS)})
    return SendTask(job=job, message=message, **read_activity(node), **read_common(node))


_KEYS = ("correlation_key", "message_id", "time_to_live")
"""Of a message; its job is the task's own."""


def write(task: SendTask, xml: etree._Element, document: Document) -> None:
    if task.message is not None:
        write_message(xml, xml, task.message, document, throwing=True)
    write_job(xml, task.job)
    write_activity(task, xml, document)
    write_common(task, xml, document)
