"""Joins: when tokens that wait in front of a gateway let it begin (13.4.1, 13.4.3, 13.4.5).

A parallel gateway begins when a token waits on each of its flows, a complex gateway when its activation condition
holds; both are looked at when a token arrives. An inclusive gateway begins when no token elsewhere can still reach one
of its empty flows without also being able to reach a flow that has a token, and a complex gateway that has begun resets
under the same condition. That is looked at once nothing moves any longer, for as long as something moves it is unclear.

Where tokens are is said by nodes: a token in an activity may go on by the flows that leave it or by an event on its
border, one inside a sub-process by those of the sub-process.
"""

from collections.abc import Iterable

from clearance.kernel.shared.expressions import condition
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import ACTIVATE, COMPLETE, Fault, Step
from clearance.model.definition import BoundaryEvent
from clearance.model.events import (
    ElementActivating,
    GatewayPhase,
    IncidentRaised,
    TokensJoined,
    VariablesSet,
)
from clearance.model.graph import Graph, Node
from clearance.model.values import Value

INCLUSIVE = "inclusiveGateway"
COMPLEX = "complexGateway"


def enter(step: Step, node: int, scope: int, loop_counter: int = 0) -> int:
    """A new element instance; the rest of its activation follows."""
    key = step.key()
    step.record(ElementActivating(key, node, scope, loop_counter))
    step.follow(ACTIVATE, key)
    return key


def settle_join(step: Step, node: Node, scope: int) -> None:
    """A token has arrived: enter the join if that is enough."""
    if node.kind == COMPLEX:
        _begin_complex(step, node, scope)
    elif node.kind != INCLUSIVE:
        waiting = step.instance.arrivals.get(scope, {})
        if all(waiting.get(edge.index) for edge in node.incoming):
            _consume_and_enter(step, node, scope, [edge.index for edge in node.incoming])


def try_again(step: Step, scope: ElementInstance) -> None:
    """Complex gateways whose condition could not be told are looked at once more."""
    waiting = step.instance.arrivals.get(scope.key, {})
    for target in sorted({step.graph.edges[flow].target for flow in waiting}):
        settle_join(step, step.graph.nodes[target], scope.key)


def settle(step: Step) -> bool:
    """Nothing moves any longer: let joins begin, or reset, for which no token can come; whether one has."""
    if step.instance.suspended or not (step.instance.arrivals or step.instance.resets):
        return False
    scopes = dict.fromkeys((*step.instance.arrivals, *step.instance.resets))
    return any(_settle_scope(step, scope) for scope in list(scopes))


def say_deadlocks(step: Step) -> bool:
    """A scope whose last tokens wait at joins is stuck, and says so once."""
    for scope in list(step.instance.arrivals):
        element = step.instance.elements[scope]
        if element.children or element.state != "activated" or step.instance.suspended:
            continue
        labels = sorted(
            {step.graph.nodes[step.graph.edges[flow].target].label for flow in step.instance.arrivals[scope]}
        )
        said = f"{', '.join(labels)} waits for a token that can no longer come; the process model is unsound"
        _say(step, scope, "deadlock", said)
    return False


def _settle_scope(step: Step, scope: int) -> bool:
    instance = step.instance
    waiting = instance.arrivals.get(scope, {})
    resets = instance.resets.get(scope, {})
    targets = {step.graph.edges[flow].target for flow in waiting} | resets.keys()
    asked = [node for target in sorted(targets) if _asks_for_paths(node := step.graph.nodes[target], resets)]
    if not asked:
        return False
    standing = _standing(step, scope)
    for node in asked:
        consumed = set(resets.get(node.index, ()))
        filled = {flow for flow in waiting if step.graph.edges[flow].target == node.index}
        elsewhere = standing
        for flow in waiting.keys() - filled:
            elsewhere |= 1 << step.graph.edges[flow].target
        if not _can_still_come(step.graph, node, elsewhere, filled | consumed):
            _finish(step, node, scope, sorted(filled - consumed))
            return True
    return False


def _asks_for_paths(node: Node, resets: dict[int, tuple[int, ...]]) -> bool:
    return node.kind == INCLUSIVE or (node.kind == COMPLEX and node.index in resets)


def _finish(step: Step, node: Node, scope: int, flows: list[int]) -> None:
    if node.kind == INCLUSIVE:
        _consume_and_enter(step, node, scope, flows)
        return
    step.record(GatewayPhase(node.index, scope, ()))
    if flows:
        step.record(TokensJoined(node.index, scope, tuple(flows)))
    if any(edge.condition is not None for edge in node.outgoing):
        key = enter(step, node.index, scope)
        step.record(VariablesSet(key, {"waitingForStart": Value(False), **_counts(step, node, flows)}))
    _begin_complex(step, node, scope)
    element = step.instance.elements[scope]
    if not element.children and not element.tokens:
        step.follow(COMPLETE, scope)


def _consume_and_enter(step: Step, node: Node, scope: int, flows: Iterable[int]) -> int:
    step.record(TokensJoined(node.index, scope, tuple(flows)))
    return enter(step, node.index, scope)


# ---- complex gateways ------------------------------------------------------------------------------------------------


def _begin_complex(step: Step, node: Node, scope: int) -> None:
    """Its first phase, when the activation condition holds (13.4.5): a token of each flow that has one is consumed."""
    if node.index in step.instance.resets.get(scope, {}):
        return
    waiting = step.instance.arrivals.get(scope, {})
    filled = [edge.index for edge in node.incoming if waiting.get(edge.index)]
    if not filled:
        return
    compiled = node.texts.get("activation_condition")
    counts = _counts(step, node, [flow for flow in filled for _ in range(waiting[flow])])
    try:
        if compiled is not None and not condition(step, compiled, scope, f"activation of {node.label}", counts):
            return
    except Fault as fault:
        _say(step, scope, fault.kind, fault.message)
        return
    step.record(GatewayPhase(node.index, scope, tuple(filled)))
    key = _consume_and_enter(step, node, scope, filled)
    step.record(VariablesSet(key, {"waitingForStart": Value(True), **counts}))


def _counts(step: Step, node: Node, tokens: list[int]) -> dict[str, Value]:
    """How many tokens there are in all, and on each flow by its id."""
    by_flow = {edge.id: tokens.count(edge.index) for edge in node.incoming}
    return {"activationCount": Value(len(tokens)), "activationCounts": Value(dict(by_flow))}


def _say(step: Step, scope: int, kind: str, message: str) -> None:
    for incident in step.instance.incidents.values():
        if incident.element == scope and incident.kind == kind and incident.message == message:
            return
    step.record(IncidentRaised(step.key(), scope, kind, message))


# ---- paths -----------------------------------------------------------------------------------------------------------


def _standing(step: Step, scope: int) -> int:
    """Nodes of the scope with a token in them, as a set of bits."""
    bits = 0
    for element in step.instance.elements.values():
        if element.scope == scope and not element.renews and not element.thrower:
            bits |= 1 << element.node
    return bits


def _can_still_come(graph: Graph, node: Node, elsewhere: int, filled: set[int]) -> bool:
    """Whether a token elsewhere has a path to an empty flow of the join, and none to one that is filled (13.4.3)."""
    paths = graph.paths.get(node.index)
    if paths is None:
        paths = graph.paths[node.index] = {edge.index: _origins(graph, node, edge.source) for edge in node.incoming}
    to_filled, to_empty = 0, 0
    for flow, origins in paths.items():
        if flow in filled:
            to_filled |= origins
        else:
            to_empty |= origins
    return bool(elsewhere & to_empty & ~to_filled)


def _origins(graph: Graph, join: Node, last: int) -> int:
    """Nodes from which a path that does not visit the join ends at ``last``, as a set of bits.

    The join itself is among them when such a path begins with one of its own flows.
    """
    seen = {last}
    todo = [last]
    while todo:
        current = todo.pop()
        if current == join.index:
            continue
        node = graph.nodes[current]
        before = [edge.source for edge in node.incoming]
        if isinstance(node.element, BoundaryEvent):
            before.append(graph.by_id[node.element.attached_to])
        todo += [one for one in before if one not in seen]
        seen.update(before)
    return int.from_bytes(_bits(seen), "little")


def _bits(indexes: set[int]) -> bytes:
    made = bytearray(max(indexes) // 8 + 1)
    for index in indexes:
        made[index // 8] |= 1 << index % 8
    return bytes(made)
