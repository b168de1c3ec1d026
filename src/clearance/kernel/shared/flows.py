"""Sequence flows: who is next, and joins that wait for all their tokens (13.2.1, 13.4.2)."""

from collections.abc import Iterable

from clearance.kernel.shared.ending import withdraw
from clearance.kernel.shared.expressions import NOTHING, Values, condition
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import ACTIVATE, Fault, Step
from clearance.model.events import (
    ElementActivating,
    ElementCompleted,
    ElementCompleting,
    FlowTaken,
    GatewayPhase,
    TokensJoined,
)
from clearance.model.graph import Edge, Node


def choose_outgoing(step: Step, element: ElementInstance, node: Node, outputs: Values = NOTHING) -> tuple[Edge, ...]:
    """The flows that leave an activity or event: all without condition, those whose condition holds, else the default.

    Conditions see the ``outputs`` that are about to be set.
    """
    if node.unconditional:
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


def enter(step: Step, node: int, scope: int, loop_counter: int = 0) -> int:
    """A new element instance; the rest of its activation follows."""
    key = step.key()
    step.record(ElementActivating(key, node, scope, loop_counter))
    step.follow(ACTIVATE, key)
    return key


def leave_by(step: Step, element: ElementInstance, edge: Edge) -> None:
    """Complete the element through one flow whose target is entered by whoever calls."""
    step.record(ElementCompleting(element.key))
    withdraw(step, element)
    step.record(ElementCompleted(element.key))
    step.record(FlowTaken(edge.index, element.scope))


def discard_tokens(step: Step, node: Node, scope: int) -> None:
    """The node ends its scope: tokens that wait at joins are consumed, and complex gateways start anew."""
    for gateway in list(step.instance.elements[scope].phases):
        step.record(GatewayPhase(gateway, scope, ()))
    waiting = step.instance.arrivals.get(scope)
    if waiting:
        flows = tuple(flow for flow, count in waiting.items() for _ in range(count))
        step.record(TokensJoined(node.index, scope, flows))


def settle_join(step: Step, node: Node, scope: int) -> None:
    """Enter a join for which tokens wait on all its flows; what looks at paths is settled in ``joins.py``."""
    if node.paths:
        return
    waiting = step.instance.arrivals.get(scope, {})
    if all(waiting.get(edge.index) for edge in node.incoming):
        step.record(TokensJoined(node.index, scope, tuple(edge.index for edge in node.incoming)))
        enter(step, node.index, scope)
