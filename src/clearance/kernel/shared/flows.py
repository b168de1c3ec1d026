"""Sequence flows: who is next (13.2.1); gateways that wait for several tokens are in ``joins.py``."""

from collections.abc import Iterable

from clearance.kernel.shared.ending import withdraw
from clearance.kernel.shared.expressions import NOTHING, Values, condition
from clearance.kernel.shared.joins import enter as enter
from clearance.kernel.shared.joins import settle_join as settle_join
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.events import ElementCompleted, ElementCompleting, FlowTaken, TokensJoined
from clearance.model.graph import Edge, Node


def choose_outgoing(step: Step, element: ElementInstance, node: Node, outputs: Values = NOTHING) -> tuple[Edge, ...]:
    """The flows that leave an activity or event: all without condition, those whose condition holds, else the default.

    Conditions see the ``outputs`` that are about to be set.
    """
    if node.default is None and all(edge.condition is None for edge in node.outgoing):
        return node.outgoing
    chosen = []
    for edge in node.outgoing:
        if edge is node.default:
            continue
        what = f"condition of flow {edge.id}"
        if edge.condition is None or condition(step, edge.condition, element.scope, what, outputs):
            chosen.append(edge)
    if chosen:
        return tuple(chosen)
    if node.default is not None:
        return (node.default,)
    raise Fault("condition", f"no condition after {node.label} holds and it has no default flow")


def take(step: Step, edges: Iterable[Edge], scope: int) -> None:
    """Move tokens along the flows; each target is entered at once, or waits at its join."""
    for edge in edges:
        step.record(FlowTaken(edge.index, scope))
        if edge.joins:
            settle_join(step, step.graph.nodes[edge.target], scope)
        else:
            enter(step, edge.target, scope)


def leave_by(step: Step, element: ElementInstance, edge: Edge) -> None:
    """Complete the element through one flow whose target is entered by whoever calls."""
    step.record(ElementCompleting(element.key))
    withdraw(step, element)
    step.record(ElementCompleted(element.key))
    step.record(FlowTaken(edge.index, element.scope))


def discard_tokens(step: Step, node: Node, scope: int) -> None:
    """The node ends its scope: tokens that wait at joins are consumed."""
    waiting = step.instance.arrivals.get(scope)
    if waiting:
        flows = tuple(flow for flow, count in waiting.items() for _ in range(count))
        step.record(TokensJoined(node.index, scope, flows))
