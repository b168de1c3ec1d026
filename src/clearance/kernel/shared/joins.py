"""Joins that look at where tokens still may come from: inclusive and complex gateways (10.6.3, 10.6.5; 13.4.3, 13.4.5).

They are decided once nothing moves any longer. An inclusive gateway starts when a token waits in front of it and every
token elsewhere in the scope that could still come to a flow without one could as well come to a flow that has one. A
complex gateway starts when its activation condition holds; then it takes what comes later, and is reset as soon as no
more can come, by the same rule.
"""

from clearance.kernel.shared.expressions import condition
from clearance.kernel.shared.flows import enter
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.definition import ComplexGateway
from clearance.model.events import GatewayPhase, IncidentRaised, TokensJoined, VariablesSet
from clearance.model.graph import Node
from clearance.model.values import Value


def settle(step: Step) -> bool:
    """Enter the joins that may start; returns whether any has."""
    joins = step.graph.path_joins
    if not joins or not (step.instance.arrivals or any(e.phases for e in step.instance.elements.values())):
        return False
    entered = False
    for scope in [element for element in step.instance.elements.values() if element.tokens or element.phases]:
        waiting = step.instance.arrivals.get(scope.key, {})
        concerned = {step.graph.edges[flow].target for flow in waiting} & joins | set(scope.phases)
        for index in sorted(concerned):
            entered |= _try(step, scope, step.graph.nodes[index])
        if scope.children or scope.phases or scope.state != "activated":
            continue
        if scope.tokens and not entered:
            _stuck(step, scope)
        elif not scope.tokens and concerned:
            step.follow(COMPLETE, scope.key)  # a reset was the last that was to come
            entered = True
    return entered


def waits_for_paths(step: Step, scope: ElementInstance) -> bool:
    """Whether a token in the scope waits at a join that is decided here, or a complex gateway has to be reset."""
    if not step.graph.path_joins:
        return False
    waiting = step.instance.arrivals.get(scope.key, {})
    return bool(scope.phases) or any(step.graph.edges[flow].target in step.graph.path_joins for flow in waiting)


def _try(step: Step, scope: ElementInstance, node: Node) -> bool:
    if not isinstance(node.element, ComplexGateway):
        if not _nothing_more(step, scope, node, _with_tokens(step, scope, node)):
            return False
        _enter(step, scope, node, _with_tokens(step, scope, node))
        return True
    try:
        return _try_complex(step, scope, node)
    except Fault as fault:
        said = (scope.key, fault.message)
        if all((incident.element, incident.message) != said for incident in step.instance.incidents.values()):
            step.record(IncidentRaised(step.key(), scope.key, fault.kind, fault.message))
        return False


def _try_complex(step: Step, scope: ElementInstance, node: Node) -> bool:
    flows = _with_tokens(step, scope, node)
    if node.index not in scope.phases:
        if not flows or not _activates(step, scope, node):
            return False
        key = _enter(step, scope, node, flows)
        step.record(VariablesSet(key, _known(len(flows), starting=True)))
        step.record(GatewayPhase(node.index, scope.key, flows))
        return True
    had = scope.phases[node.index]
    if not _nothing_more(step, scope, node, tuple({*flows, *had})):
        return False
    late = tuple(flow for flow in flows if flow not in had)
    known = _known(len(late), starting=False)
    asked = [(edge.id, edge.condition) for edge in node.outgoing if edge is not node.default]
    if any(c is not None and condition(step, c, scope.key, f"condition of flow {name}", known) for name, c in asked):
        key = _enter(step, scope, node, late)
        step.record(VariablesSet(key, known))
    elif late:
        step.record(TokensJoined(node.index, scope.key, late))
    step.record(GatewayPhase(node.index, scope.key, ()))
    return True


def _known(count: int, *, starting: bool) -> dict[str, Value]:
    """What conditions after the gateway may read besides variables: the phase, and how many tokens it took."""
    return {"waitingForStart": Value(starting), "activationCount": Value(count)}


def _activates(step: Step, scope: ElementInstance, node: Node) -> bool:
    compiled = node.texts.get("activation_condition")
    if compiled is None:
        return True
    waiting = step.instance.arrivals[scope.key]
    counts = {edge.id: waiting.get(edge.index, 0) for edge in node.incoming}
    known = {"activationCount": Value(sum(counts.values())), "activationCounts": Value(dict(counts))}
    return condition(step, compiled, scope.key, f"activation condition of {node.label}", known)


def _with_tokens(step: Step, scope: ElementInstance, node: Node) -> tuple[int, ...]:
    waiting = step.instance.arrivals.get(scope.key, {})
    return tuple(edge.index for edge in node.incoming if edge.index in waiting)


def _nothing_more(step: Step, scope: ElementInstance, node: Node, flows: tuple[int, ...]) -> bool:
    """Whether no token can still come to a flow without one that could not as well come to a flow with one."""
    empty = full = 0
    for edge, reaching in zip(node.incoming, node.paths, strict=True):
        if edge.index in flows:
            full |= reaching
        else:
            empty |= reaching
    return not _tokens(step, scope, node) & empty & ~full


def _tokens(step: Step, scope: ElementInstance, node: Node) -> int:
    """Where tokens are in the scope, as a bit set of nodes; those in front of the join itself do not count."""
    found = 0
    for element in step.instance.elements.values():
        if element.scope == scope.key:
            found |= 1 << element.node
    for flow in step.instance.arrivals.get(scope.key, {}):
        target = step.graph.edges[flow].target
        if target != node.index:
            found |= 1 << target
    return found


def _enter(step: Step, scope: ElementInstance, node: Node, flows: tuple[int, ...]) -> int:
    if flows:
        step.record(TokensJoined(node.index, scope.key, flows))
    return enter(step, node.index, scope.key)


def _stuck(step: Step, scope: ElementInstance) -> None:
    """Joins that wait for one another wait for ever; said once."""
    if any(i.element == scope.key and i.kind == "deadlock" for i in step.instance.incidents.values()):
        return
    flows = (step.graph.edges[flow] for flow in step.instance.arrivals[scope.key])
    joins = ", ".join(sorted({step.graph.nodes[edge.target].label for edge in flows}))
    said = f"{joins} waits for a token that can no longer come; the process model is unsound"
    step.record(IncidentRaised(step.key(), scope.key, "deadlock", said))
