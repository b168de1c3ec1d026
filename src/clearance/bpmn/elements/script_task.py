"""The script task (10.3.3): a FEEL expression (``zeebe:script``, or the standard's script), or a job."""

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.node import Node
from clearance.bpmn.parts import default_job, read_job, write_job
from clearance.bpmn.xml import Document, extend
from clearance.model.definition import ScriptTask, Text


def read(node: Node) -> ScriptTask:
    expression, result = _read_script(node)
    job = read_job(node)
    if job is None and not expression:
        job = default_job(node)
    return ScriptTask(expression=expression, result=result, job=job, **read_activity(node), **read_common(node))


def _read_script(node: Node) -> tuple[Text, str]:
    """The expression and its result variable. A standard script has no result variable: it yields a context."""
    found = node.zeebe("script")
    if found is not None:
        pair = found.attribute("expression"), found.attribute("resultVariable")
        found.finished()
        return pair
    script = node.child("script")
    text = script.text if script else ""
    if not text:
        return "", ""
    language = str(node.element.get("scriptFormat") or node.element.get("scriptLanguage", ""))
    if language and "feel" not in language.lower():
        raise node.error(f"the script is in {language}", "Write it in FEEL, or make it a service task with an actor")
    return text if text.startswith("=") else f"={text}", ""


def write(task: ScriptTask, xml: etree._Element, document: Document) -> None:
    if task.expression:
        extend(xml, "script", expression=task.expression, resultVariable=task.result)
    write_job(xml, task.job)
    write_activity(task, xml, document)
    write_common(task, xml, document)
