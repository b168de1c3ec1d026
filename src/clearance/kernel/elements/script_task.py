"""Script task (10.3.3.7): a FEEL expression whose value goes into a variable, or an actor runs the script.

Without a result variable the entries of a context become variables of their names.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.expressions import evaluate
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import ScriptTask
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, ScriptTask)
    if node.element.job is not None:
        create_job(step, element, node, node.element.job)
        return True
    value = evaluate(step, node.texts["expression"], element.key, f"script of {node.label}")
    if node.element.result:
        receive(step, element, node, {node.element.result: value.data}, value.label)
    elif isinstance(value.data, dict):
        receive(step, element, node, value.data, value.label)
    return False


BEHAVIOUR = Behaviour(activate=_activate)
