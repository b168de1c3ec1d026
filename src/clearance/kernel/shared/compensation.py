"""Compensation: completed activities are undone by their handlers, the latest first (10.7, 13.5.5)."""

from clearance.kernel.shared.flows import enter
from clearance.kernel.state import ElementInstance, Note
from clearance.kernel.working import COMPLETE, Step
from clearance.model.definition import CompensateDefinition
from clearance.model.events import CompensationNoted, CompensationStarted, VariablesSet
from clearance.model.graph import Node


def note(step: Step, element: ElementInstance, node: Node) -> None:
    """A completed activity can be undone from now on; its local data is kept as it was."""
    if node.handler >= 0:
        values = dict(element.variables)
        step.record(CompensationNoted(element.key, node.index, element.scope, node.handler, values))


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
    if element is None or element.handlers:
        return
    definition = getattr(step.node_of(element).element, "definition", None)
    assert isinstance(definition, CompensateDefinition)
    if not start_next(step, element, definition):
        step.follow(COMPLETE, thrower)


def _latest(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> Note | None:
    activity = step.graph.by_id.get(definition.activity, -1)
    for noted in reversed(step.instance.notes):
        if noted.scope == thrower.scope and (not definition.activity or activity in (noted.node, *noted.within)):
            return noted
    return None
