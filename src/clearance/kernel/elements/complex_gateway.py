"""Complex gateway (10.6.5, 13.4.5): begins when its activation condition holds, and resets once nothing more can come.

``kernel/shared/joins.py`` says when. Conditions of its outgoing flows see ``waitingForStart``: true when it begins,
false when it resets, and the counts of the tokens that it consumed. When it resets, only flows whose condition holds
are taken: those without one, and the default, belong to its beginning. (The standard leaves open what an unconditional
flow does then; a token on it each time would turn an "n of m" join into two.)
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.expressions import condition
from clearance.kernel.shared.flows import choose_outgoing
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Edge, Node


def _leave(step: Step, element: ElementInstance, node: Node) -> tuple[Edge, ...]:
    phase = element.variables.get("waitingForStart")
    if phase is None or phase.data:
        return choose_outgoing(step, element, node, element.variables)
    edges = (edge for edge in node.outgoing if edge.condition is not None and edge is not node.default)
    return tuple(
        edge
        for edge in edges
        if edge.condition is not None and condition(step, edge.condition, element.key, f"condition of flow {edge.id}")
    )


BEHAVIOUR = Behaviour(leave=_leave)
