"""Call activity (10.3.6, 13.3.4): another process runs as an instance of its own; its end, or its error, comes back.

The engine makes the called instance in the same transaction (``engine/commands/calls.py``). Which version is called is
decided there too, for only the engine knows what is deployed.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.expressions import text
from clearance.kernel.state import ElementInstance, seen_values
from clearance.kernel.working import Step
from clearance.model.definition import CallActivity
from clearance.model.effects import CallProcess, CancelCalled
from clearance.model.events import CallEnded, ProcessCalled
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    activity = node.element
    assert isinstance(activity, CallActivity)
    process = text(step, node.texts["process"], element.key, f"called process of {node.label}")
    tag = text(step, node.texts["version_tag"], element.key, "version tag") if activity.version_tag else ""
    if element.child:
        step.effects.append(CancelCalled(element.child))
        step.record(CallEnded(element.key, element.child, "given up"))
    child = step.key()
    step.record(ProcessCalled(element.key, child, process))
    given = seen_values(step.instance, element.key) if activity.propagate_all_in else dict(element.variables)
    step.effects.append(CallProcess(element.key, child, process, activity.binding, tag, activity.version, given))
    return True


BEHAVIOUR = Behaviour(activate=_activate)
