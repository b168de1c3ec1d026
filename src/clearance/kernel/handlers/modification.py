"""An operator's repair of where an instance stands: enter an element, end one, move tokens from one to another.

First everything is checked, so that all of it happens or none; then elements are entered, then others are ended, so
that a scope that tokens move within stays alive. A scope that is left with nothing in it ends, and with the last one
the instance.
"""

from typing import Any

from clearance.kernel.shared import compensation, waits
from clearance.kernel.shared.ending import terminate
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import set_inputs
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import AGAIN, Fault, Refused, Step
from clearance.model.commands import Activation, ModifyInstance, Move, Termination
from clearance.model.definition import BoundaryEvent
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    IncidentRaised,
    InstanceModified,
    TokensJoined,
    VariablesSet,
)
from clearance.model.graph import PROCESS, Node
from clearance.model.values import Value


def _modify(step: Step, command: ModifyInstance) -> None:
    if not (command.activate or command.terminate or command.move):
        raise Refused("invalid", "nothing to do: give elements to activate, to terminate, or to move tokens between")
    enters = [(_node(step, one.element), one) for one in command.activate]
    ends: list[ElementInstance] = []
    joins: list[tuple[Node, int, tuple[int, ...]]] = []
    for termination in command.terminate:
        found, tokens = _there(step, termination)
        ends += found
        joins += tokens
    for move in command.move:
        found, tokens = _there(step, Termination(element=move.source))
        ends += found
        joins += tokens
        enters += [(_node(step, move.target), _moved(move, element.scope)) for element in found]
        enters += [(_node(step, move.target), _moved(move, scope)) for _, scope, flows in tokens for _ in flows]
    for node, activation in enters:
        _check(step, node, activation)
    step.record(InstanceModified(command.by.name if command.by else "", command.reason))
    for node, activation in enters:
        _enter(step, node, activation)
    for node, scope, flows in joins:
        if scope in step.instance.elements:
            step.record(TokensJoined(node.index, scope, flows))
    left = [*(element.scope for element in ends), *(scope for _, scope, _ in joins)]
    for element in ends:
        if element.key in step.instance.elements:
            terminate(step, element)
            if element.thrower:
                compensation.handler_ended(step, element)
    for key in left:
        _close(step, key)


def _moved(move: Move, scope: int) -> Activation:
    return Activation(move.target, move.variables, scope)


def _node(step: Step, name: str) -> Node:
    index = step.graph.by_id.get(name)
    if index is None:
        raise Refused("invalid", f"the process has no element {name}")
    node = step.graph.nodes[index]
    apart = getattr(node.element, "for_compensation", False) or getattr(node.element, "triggered_by_event", False)
    if index == PROCESS or apart or isinstance(node.element, BoundaryEvent):
        raise Refused("invalid", f"{node.label} is entered by an event only: choose an element on a path")
    return node


def _there(step: Step, wanted: Termination) -> tuple[list[ElementInstance], list[tuple[Node, int, tuple[int, ...]]]]:
    """The element instances that are meant, and the tokens that wait in front of a join."""
    instance = step.instance
    if wanted.key:
        element = instance.elements.get(wanted.key)
        if element is None:
            raise Refused("not-found", f"element instance {wanted.key} has ended, or never was")
        return [element], []
    index = step.graph.by_id.get(wanted.element)
    if index is None:
        raise Refused("invalid", f"the process has no element {wanted.element}")
    found = [e for e in instance.elements.values() if e.node == index and not e.loop_counter]
    tokens = []
    for scope, waiting in instance.arrivals.items():
        flows = tuple(
            flow for flow, count in waiting.items() if step.graph.edges[flow].target == index for _ in range(count)
        )
        if flows:
            tokens.append((step.graph.nodes[index], scope, flows))
    if not found and not tokens:
        raise Refused("not-found", f"nothing stands at {step.graph.nodes[index].label}")
    return found, tokens


def _check(step: Step, node: Node, activation: Activation) -> None:
    """Whether it is clear in which scope the element is to be entered."""
    scope = step.graph.nodes[node.scope]
    candidates = _open(step, scope, activation.ancestor)
    if len(candidates) > 1:
        keys = ", ".join(str(element.key) for element in candidates)
        raise Refused("invalid", f"{scope.label} is active several times ({keys}): name the ancestor to enter it in")
    if candidates:
        return
    if scope.index == PROCESS or (activation.ancestor and activation.ancestor not in step.instance.elements):
        raise Refused("not-found", f"element instance {activation.ancestor} is no scope around {node.label}")
    if getattr(scope.element, "multi_instance", None) is not None or getattr(scope.element, "loop", None) is not None:
        raise Refused("invalid", f"{scope.label} is repeated and not active: activate it as a whole")
    if getattr(scope.element, "triggered_by_event", False):
        raise Refused("invalid", f"{scope.label} is an event sub-process that is not active: let its event happen")
    _check(step, scope, activation)


def _open(step: Step, scope: Node, ancestor: int) -> list[ElementInstance]:
    """Active instances of a scope, in or around an ancestor if one is given."""
    found = [
        element
        for element in step.instance.elements.values()
        if element.node == scope.index and element.loop is None and element.state == "activated"
    ]
    if ancestor and len(found) > 1:
        found = [element for element in found if _within(step, element, ancestor)]
    return found


def _within(step: Step, element: ElementInstance, ancestor: int) -> bool:
    key = element.key
    while key:
        if key == ancestor:
            return True
        key = step.instance.elements[key].scope
    return False


def _enter(step: Step, node: Node, activation: Activation) -> None:
    scope = _scope(step, node, activation)
    key = enter(step, node.index, scope)
    if activation.variables:
        values = {name: Value(data, "", "", key) for name, data in activation.variables.items()}
        step.record(VariablesSet(key, values))


def _scope(step: Step, node: Node, activation: Activation) -> int:
    """The scope to enter an element in; scopes that are not active are opened on the way."""
    scope = step.graph.nodes[node.scope]
    candidates = _open(step, scope, activation.ancestor)
    if candidates:
        return candidates[0].key
    key = step.key()
    step.record(ElementActivating(key, scope.index, _scope(step, scope, activation)))
    element = step.instance.elements[key]
    try:
        set_inputs(step, element, scope)
        waits.open_boundaries(step, element, scope)
    except Fault as fault:
        step.record(IncidentRaised(step.key(), key, fault.kind, fault.message))
    step.record(ElementActivated(key))
    return key


def _close(step: Step, key: int) -> None:
    """A scope in which nothing is left ends; a repeated activity goes on to its next round."""
    element = step.instance.elements.get(key)
    if element is None or element.children or element.tokens:
        return
    if element.loop is not None:
        step.follow(AGAIN, key)
        return
    terminate(step, element)
    if element.scope:
        _close(step, element.scope)


HANDLERS: dict[Any, Any] = {ModifyInstance: _modify}
