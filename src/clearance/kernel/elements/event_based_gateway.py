"""Event-based gateway (10.6.6, 13.4.4): waits for several events, the first one decides where the token goes."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.waits import open_wait
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    for edge in node.outgoing:
        open_wait(step, element, step.graph.nodes[edge.target], element.key)
    return True


BEHAVIOUR = Behaviour(activate=_activate)
