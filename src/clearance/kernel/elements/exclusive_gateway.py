"""Exclusive gateway (10.6.2, 13.4.2): the first flow whose condition holds, otherwise the default."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.expressions import condition
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.graph import Edge, Node


def _leave(step: Step, element: ElementInstance, node: Node) -> tuple[Edge, ...]:
    for edge in node.outgoing:
        if edge is node.default:
            continue
        if edge.condition is None or condition(step, edge.condition, element.key, f"condition of flow {edge.id}"):
            return (edge,)
    if node.default is not None:
        return (node.default,)
    if not node.outgoing:
        return ()
    raise Fault("condition", f"no condition after {node.label} holds and it has no default flow")


BEHAVIOUR = Behaviour(leave=_leave)
