"""Complex gateway (10.6.5, 13.4.5): flows whose condition holds, once when it starts and once when it is reset.

Conditions may read ``waitingForStart``, true when it starts. A flow without a condition is taken at the start alone, so
that a gateway which lets the first token through lets just one through. When it waits for what is in
``kernel/shared/joins.py``.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.expressions import condition
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.graph import Edge, Node


def _leave(step: Step, element: ElementInstance, node: Node) -> tuple[Edge, ...]:
    starting = bool(element.variables["waitingForStart"].data) if "waitingForStart" in element.variables else True
    chosen = []
    for edge in node.outgoing:
        if edge is node.default:
            continue
        what = f"condition of flow {edge.id}"
        holds = starting if edge.condition is None else condition(step, edge.condition, element.key, what)
        if holds:
            chosen.append(edge)
    if chosen or not starting or not node.outgoing:
        return tuple(chosen)
    if node.default is not None:
        return (node.default,)
    raise Fault("condition", f"no condition after {node.label} holds and it has no default flow")


BEHAVIOUR = Behaviour(leave=_leave)
