"""The service task (10.3.3): work for an actor.

Without ``zeebe:taskDefinition`` the job's type is the task's implementation, its operation, or else its id.
"""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.parts import default_job, read_job, write_job
from clearance.bpmn.xml import Document
from clearance.model.definition import ServiceTask


def read(node: Node) -> ServiceTask:
    return ServiceTask(job=read_job(node) or default_job(node), **read_activity(node), **read_common(node))


def write(task: ServiceTask, xml: etree._Element, document: Document) -> None:
    write_job(xml, task.job)
    write_activity(task, xml, document)
    write_common(task, xml, document)
