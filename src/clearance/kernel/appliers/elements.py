"""What element, flow, variable, loop, compensation and incident events do to the state."""

from typing import Any

from clearance.kernel import lifecycle
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import ElementInstance, IncidentState, Instance, Loop, Note
from clearance.model import events
from clearance.model.definition import Process, SubProcess
from clearance.model.graph import Graph
from clearance.model.values import join_labels


def _activating(instance: Instance, event: events.ElementActivating, graph: Graph) -> None:
    instance.elements[event.key] = ElementInstance(event.key, event.node, event.scope, loop_counter=event.loop_counter)
    if event.scope:
        scope = instance.elements[event.scope]
        scope.children += 1
        if event.loop_counter and scope.loop is not None:
            scope.loop.started += 1


def _advance(element: ElementInstance, state: str) -> None:
    if state not in lifecycle.TRANSITIONS[element.state]:
        raise ValueError(f"element instance {element.key} cannot go from {element.state} to {state}")
    element.state = state


def _activated(instance: Instance, event: events.ElementActivated, graph: Graph) -> None:
    element = instance.elements[event.key]
    _advance(element, "activated")
    if element.listened:
        element.listened = 0
        if not element.scope:
            instance.begins = ""


def _beginning_held(instance: Instance, event: events.BeginningHeld, graph: Graph) -> None:
    instance.begins = event.command


def _completing(instance: Instance, event: events.ElementCompleting, graph: Graph) -> None:
    _advance(instance.elements[event.key], "completing")


def _completed(instance: Instance, event: events.ElementCompleted, graph: Graph) -> None:
    element = instance.elements[event.key]
    _advance(element, "completed")
    if _may_hold_notes(element, graph):
        _hand_notes_outwards(instance, element, graph)
    _end(instance, element, "completed")


def _terminating(instance: Instance, event: events.ElementTerminating, graph: Graph) -> None:
    _advance(instance.elements[event.key], "terminating")


def _terminated(instance: Instance, event: events.ElementTerminated, graph: Graph) -> None:
    element = instance.elements[event.key]
    _advance(element, "terminated")
    if _may_hold_notes(element, graph):
        instance.notes = [note for note in instance.notes if note.scope != element.key]
    _end(instance, element, "terminated")


def _end(instance: Instance, element: ElementInstance, status: str) -> None:
    del instance.elements[element.key]
    instance.arrivals.pop(element.key, None)
    if instance.finished:
        instance.finished = [step for step in instance.finished if step.scope != element.key]
    if not element.scope:
        instance.status = status
        instance.notes = []
        return
    scope = instance.elements[element.scope]
    scope.children -= 1
    if element.loop_counter and scope.loop is not None:
        if status == "completed":
            scope.loop.completed += 1
        else:
            scope.loop.terminated += 1
    if element.thrower and element.thrower in instance.elements:
        instance.elements[element.thrower].handlers -= 1


def _may_hold_notes(element: ElementInstance, graph: Graph) -> bool:
    """Whether something can have been done in it; thousands of siblings that are none do not go through all notes."""
    return element.loop is not None or isinstance(graph.nodes[element.node].element, Process | SubProcess)


def _hand_notes_outwards(instance: Instance, element: ElementInstance, graph: Graph) -> None:
    """What was done in a completed scope can still be undone from the scope around it, with the data of both.

    A scope with a handler of its own is undone by that and nothing else (13.5.5); if that is an event sub-process of
    the scope, it may in turn undo what was done there, so the notes stay with the scope that is gone.
    """
    node = graph.nodes[element.node]
    if node.handler >= 0 and element.loop is None:
        if graph.nodes[node.handler].scope != element.node:
            instance.notes = [note for note in instance.notes if note.scope != element.key]
        return
    for note in instance.notes:
        if note.scope == element.key:
            note.scope = element.scope
            note.within = (*note.within, element.node)
            note.values = {**element.variables, **note.values}


def _interrupted(instance: Instance, event: events.ScopeInterrupted, graph: Graph) -> None:
    instance.elements[event.key].interrupted = True


def _flow(instance: Instance, event: events.FlowTaken, graph: Graph) -> None:
    if graph.edges[event.flow].joins:
        waiting = instance.arrivals.setdefault(event.scope, {})
        waiting[event.flow] = waiting.get(event.flow, 0) + 1
        instance.elements[event.scope].tokens += 1


def _joined(instance: Instance, event: events.TokensJoined, graph: Graph) -> None:
    waiting = instance.arrivals[event.scope]
    for flow in event.flows:
        if waiting[flow] == 1:
            del waiting[flow]
        else:
            waiting[flow] -= 1
    instance.elements[event.scope].tokens -= len(event.flows)
    if not waiting:
        del instance.arrivals[event.scope]


def _phase(instance: Instance, event: events.GatewayPhase, graph: Graph) -> None:
    phases = instance.elements[event.scope].phases
    if event.flows:
        phases[event.node] = event.flows
    else:
        del phases[event.node]


def _called(instance: Instance, event: events.ProcessCalled, graph: Graph) -> None:
    instance.elements[event.element].child = event.child


def _call_ended(instance: Instance, event: events.CallEnded, graph: Graph) -> None:
    instance.elements[event.element].child = 0


def _queued(instance: Instance, event: events.AdHocQueued, graph: Graph) -> None:
    instance.elements[event.key].queue.append((event.node, dict(event.values)))


def _taken(instance: Instance, event: events.AdHocTaken, graph: Graph) -> None:
    del instance.elements[event.key].queue[0]


def _fulfilled(instance: Instance, event: events.AdHocFulfilled, graph: Graph) -> None:
    instance.elements[event.key].fulfilled = True


def _variables(instance: Instance, event: events.VariablesSet, graph: Graph) -> None:
    instance.elements[event.scope].variables.update(event.values)


def _loop_opened(instance: Instance, event: events.LoopOpened, graph: Graph) -> None:
    instance.elements[event.key].loop = Loop(list(event.items), label=event.label)


def _loop_result(instance: Instance, event: events.LoopResult, graph: Graph) -> None:
    loop = instance.elements[event.key].loop
    assert loop is not None
    loop.outputs[event.index] = event.output
    loop.label = join_labels(loop.label, event.label)


def _subject(instance: Instance, event: events.SubjectSet, graph: Graph) -> None:
    instance.subject = event.text


def _noted(instance: Instance, event: events.CompensationNoted, graph: Graph) -> None:
    instance.notes.append(Note(event.element, event.node, event.scope, event.handler, dict(event.values)))


def _compensating(instance: Instance, event: events.CompensationStarted, graph: Graph) -> None:
    instance.notes = [note for note in instance.notes if note.element != event.element]
    for note in instance.notes:
        if note.scope == event.element:
            note.scope = event.key
    handler = instance.elements[event.key]
    handler.thrower = event.thrower
    handler.undo_next = event.following
    if event.thrower in instance.elements:
        instance.elements[event.thrower].handlers += 1


def _incident(instance: Instance, event: events.IncidentRaised, graph: Graph) -> None:
    instance.incidents[event.key] = IncidentState(event.element, event.kind, event.message, event.job)


def _resolved(instance: Instance, event: events.IncidentResolved, graph: Graph) -> None:
    del instance.incidents[event.key]
    if event.by:
        remember_person(instance, event.by)


def remember_person(instance: Instance, name: str) -> None:
    """Who has acted in the instance is a fact that policies rely on."""
    if name not in instance.people:
        instance.people.append(name)


def _canceled(instance: Instance, event: events.InstanceCanceled, graph: Graph) -> None:
    if event.by:
        remember_person(instance, event.by)


def _record_only(instance: Instance, event: Any, graph: Graph) -> None:
    """Facts for the reader of the ledger; the state does not depend on them."""


APPLIERS: Table = {
    events.ElementActivating: _activating,
    events.ElementActivated: _activated,
    events.BeginningHeld: _beginning_held,
    events.ElementCompleting: _completing,
    events.ElementCompleted: _completed,
    events.ElementTerminating: _terminating,
    events.ElementTerminated: _terminated,
    events.ScopeInterrupted: _interrupted,
    events.FlowTaken: _flow,
    events.TokensJoined: _joined,
    events.GatewayPhase: _phase,
    events.ProcessCalled: _called,
    events.CallEnded: _call_ended,
    events.AdHocQueued: _queued,
    events.AdHocTaken: _taken,
    events.AdHocFulfilled: _fulfilled,
    events.VariablesSet: _variables,
    events.LoopOpened: _loop_opened,
    events.LoopResult: _loop_result,
    events.SubjectSet: _subject,
    events.DecisionEvaluated: _record_only,
    events.CompensationNoted: _noted,
    events.CompensationStarted: _compensating,
    events.IncidentRaised: _incident,
    events.IncidentResolved: _resolved,
    events.ErrorThrown: _record_only,
    events.MessageThrown: _record_only,
    events.SignalThrown: _record_only,
    events.CommandRefused: _record_only,
    events.InstanceCanceled: _canceled,
}
