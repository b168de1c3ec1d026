"""The process itself (10.2): the outermost scope, which waits until nothing is left in it.

Its start event is entered by ``kernel/handlers/instances.py``, which knows which one it was.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    return True


BEHAVIOUR = Behaviour(activate=_activate)
