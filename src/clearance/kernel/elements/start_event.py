"""Start event (10.5.2): passes through; what it waits for before the instance exists is the engine's business.

A parallel multiple one has seen the first of its triggers when the instance begins, and waits for the others.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.waits import open_wait
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    if element.seen:
        open_wait(step, element, node, element.key)
    return bool(element.waits)


BEHAVIOUR = Behaviour(activate=_activate)
