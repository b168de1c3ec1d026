"""The process itself (10.2): the outermost scope, which waits until nothing is left in it.

How it begins is in ``kernel/shared/beginning.py``: at once, or once the listeners for its start have been heard.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.beginning import begin_held
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.effects import LeaveCall
from clearance.model.graph import Edge, Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    """Only after listeners: otherwise the instance has begun with its first command."""
    begin_held(step)
    return True


def _leave(step: Step, element: ElementInstance, node: Node) -> tuple[Edge, ...]:
    """What it has come to goes back to the call activity that called it."""
    if step.instance.parent:
        step.effects.append(LeaveCall(dict(element.variables)))
    return ()


BEHAVIOUR = Behaviour(activate=_activate, leave=_leave)
