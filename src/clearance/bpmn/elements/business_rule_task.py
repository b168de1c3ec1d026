"""The business rule task (10.3.3): a DMN decision (``zeebe:calledDecision``), or a job.

Without either, the decision is the task's implementation or else its id, and so is the result variable.
"""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.parts import default_job, read_job, write_job
from clearance.bpmn.xml import Document, extend
from clearance.model.definition import BusinessRuleTask


def read(node: Node) -> BusinessRuleTask:
    job = read_job(node)
    decision, result, binding, version_tag = "", "", "", ""
    called = node.zeebe("calledDecision")
    if called is not None:
        decision, result = called.required("decisionId"), called.attribute("resultVariable")
        binding, version_tag = called.attribute("bindingType"), called.attribute("versionTag")
        called.finished()
    elif job is None:
        decision = result = default_job(node).type
    return BusinessRuleTask(
        decision=decision,
        result=result,
        binding=binding,
        version_tag=version_tag,
        job=job,
        **read_activity(node),
        **read_common(node),
    )


def write(task: BusinessRuleTask, xml: etree._Element, document: Document) -> None:
    if task.decision:
        extend(
            xml,
            "calledDecision",
            decisionId=task.decision,
            resultVariable=task.result,
            bindingType=task.binding,
            versionTag=task.version_tag,
        )
    write_job(xml, task.job)
    write_activity(task, xml, document)
    write_common(task, xml, document)
