"""Compensation: completed activities are undone by their handlers, the latest first (10.7, 13.5.5).

A sub-process with a handler of its own, a boundary event's or a compensation event sub-process, is undone by that
alone; of one without a handler, what was done in it is undone. A compensation event sub-process sees its sub-process's
data as it was, and may compensate what was done inside. Of a repeated activity the handler on its border undoes all
rounds at once, as in Camunda 8; the event sub-process in it undoes each round, with the data that it had (10.7.1).
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
    step.record(CompensationNoted(element.key, node.index, element.scope, node.handler, dict(element.variables)))


def throw(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> bool:
    """Undo, one after the other; returns whether the thrower has to wait for it."""
    notes = _to_undo(step, thrower, definition)
    if notes:
        _start(step, notes[0], thrower.key, () if definition.wait_for_completion else _keys(notes[1:]))
    return bool(notes) and definition.wait_for_completion


def handler_ended(step: Step, handler: ElementInstance) -> None:
    """On to the next handler; when there is none, the thrower completes, if it has waited."""
    thrower = step.instance.elements.get(handler.thrower)
    if handler.undo_next:
        left = [note for note in reversed(step.instance.notes) if note.element in handler.undo_next]
        if left:
            _start(step, left[0], handler.thrower, _keys(left[1:]))
    elif thrower is not None and not thrower.handlers and thrower.state == "activated":
        thrown = (trigger.definition for trigger in step.node_of(thrower).triggers)
        definition = next((one for one in thrown if isinstance(one, CompensateDefinition)), CompensateDefinition())
        notes = _to_undo(step, thrower, definition)
        if notes:
            _start(step, notes[0], thrower.key, ())
        else:
            step.follow(COMPLETE, thrower.key)


def _start(step: Step, note: Note, thrower: int, following: tuple[int, ...]) -> None:
    key = enter(step, note.handler, note.scope)
    step.record(CompensationStarted(key, note.element, thrower, following))
    if note.values:
        step.record(VariablesSet(key, note.values))


def _keys(notes: list[Note]) -> tuple[int, ...]:
    return tuple(note.element for note in notes)


def _to_undo(step: Step, thrower: ElementInstance, definition: CompensateDefinition) -> list[Note]:
    """What the thrower undoes, the latest first."""
    activity = step.graph.by_id.get(definition.activity, -1)
    scopes = _scopes(step, thrower)
    return [
        note
        for note in reversed(step.instance.notes)
        if note.scope in scopes and (not definition.activity or activity in (note.node, *note.within))
    ]


def _scopes(step: Step, thrower: ElementInstance) -> set[int]:
    """Where it may undo: its own scope, and from an event sub-process also the scope around that."""
    scope = step.instance.elements[thrower.scope]
    scopes = {scope.key}
    while getattr(step.node_of(scope).element, "triggered_by_event", False) and not scope.thrower:
        scope = step.instance.elements[scope.scope]
        scopes.add(scope.key)
    return scopes
