"""The process itself (10.2): the outermost scope, which waits until nothing is left in it.

Its start event is entered by ``kernel/handlers/instances.py``, which knows which one it was.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.effects import LeaveCall
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    return True


def _complete(step: Step, element: ElementInstance, node: Node) -> bool:
    """What it has come to goes back to the call activity that called it."""
    if step.instance.parent:
        step.effects.append(LeaveCall(dict(element.variables)))
    return True


BEHAVIOUR = Behaviour(activate=_activate, complete=_complete)
