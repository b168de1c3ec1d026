"""Parallel gateway (10.6.4, 13.4.1): a token on every outgoing flow.

As a join it is entered once tokens wait on all incoming flows, see ``kernel/shared/flows.py``.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Edge, Node


def _leave(step: Step, element: ElementInstance, node: Node) -> tuple[Edge, ...]:
    return node.outgoing


BEHAVIOUR = Behaviour(leave=_leave)
