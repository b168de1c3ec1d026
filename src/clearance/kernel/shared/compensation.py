"""Compensation: completed activities are undone by their handlers, the latest first (10.7, 13.5.5).

A sub-process with a handler of its own, a boundary event's or a compensation event sub-process, is undone by that
alone; of one without a handler, what was done in it is undone. A compensation event sub-process sees its sub-process's
data as it was, and may compensate what was done inside. Of a repeated activity the handler on its border undoes all
rounds at once, the event sub-process in it each round by itself.
"""

from clearance.kernel.shared.flows import enter
from clearance.kernel.state import ElementInstance, Note
from clearance.kernel.working import COMPLETE, Step
from clearance.model.definition import CompensateDefinition
from clearance.model.events import CompensationNoted, CompensationStarted, VariablesSet
from clearance.model.graph import Node


def note(step: Step, element: ElementInstance, node: Node) -> None:
    """A completed activity can be undone from now on; its local data is kept as it was."""
    if node.handler < 0:
        return
    inside = step.graph.nodes[node.handler].scope == node.index
    if (element.loop_counter and not inside) or (element.loop is not None and inside):
        return
    scope = step.instance.elements[element.scope].scope if element.loop_counter else element.scope
    values = dict(element.variables)
    step.record(CompensationNoted(element.key, node.index, scope, node.handler, values))


def throw(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> bool:
    """Undo, one after the other; returns whether the thrower has to wait for it."""
    if definition.wait_for_completion:
        return start_next(step, thrower, definition)
    while start_next(step, thrower, definition):
        pass  # the thrower does not wait, so nobody would start the next one
    return False


def start_next(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> bool:
    """Run the handler of the latest activity that is still to be undone; returns False when there is none."""
    noted = _latest(step, thrower, definition)
    if noted is None:
        return False
    key = enter(step, noted.handler, noted.scope)
    step.record(CompensationStarted(key, noted.element, thrower.key))
    if noted.values:
        step.record(VariablesSet(key, noted.values))
    return True


def handler_ended(step: Step, thrower: int) -> None:
    """The thrower goes on to the next handler, or completes."""
    element = step.instance.elements.get(thrower)
    if element is None or element.handlers or element.state != "activated":
        return
    thrown = (trigger.definition for trigger in step.node_of(element).triggers)
    definition = next((one for one in thrown if isinstance(one, CompensateDefinition)), CompensateDefinition())
    if not start_next(step, element, definition):
        step.follow(COMPLETE, thrower)


def _latest(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> Note | None:
    activity = step.graph.by_id.get(definition.activity, -1)
    scopes = _scopes(step, thrower)
    for noted in reversed(step.instance.notes):
        if noted.scope in scopes and (not definition.activity or activity in (noted.node, *noted.within)):
            return noted
    return None


def _scopes(step: Step, thrower: ElementInstance) -> set[int]:
    """Where it may undo: its own scope, and from an event sub-process also the scope around that."""
    scope = step.instance.elements[thrower.scope]
    scopes = {scope.key}
    while getattr(step.node_of(scope).element, "triggered_by_event", False) and not scope.thrower:
        scope = step.instance.elements[scope.scope]
        scopes.add(scope.key)
    return scopes
