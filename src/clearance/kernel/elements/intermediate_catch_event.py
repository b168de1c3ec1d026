"""Intermediate catch event (10.5.4): waits for its message, signal or time."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.waits import open_wait
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    open_wait(step, element, node, element.key)
    return bool(element.waits)


BEHAVIOUR = Behaviour(activate=_activate)
