"""Errors and escalations travel outwards to the nearest event that catches them (10.5.6, 13.5.2, 13.5.4)."""

from collections.abc import Mapping

from clearance.kernel.shared.event_sub_processes import begin
from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.waits import catch_at
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import BoundaryEvent, ErrorDefinition, EscalationDefinition, StartEvent
from clearance.model.effects import RaiseToCaller
from clearance.model.events import ErrorThrown, IncidentRaised
from clearance.model.graph import Node
from clearance.model.values import Data

_KINDS = {"error": ErrorDefinition, "escalation": EscalationDefinition}


def throw(
    step: Step,
    element: ElementInstance,
    kind: str,
    code: str,
    message: str,
    variables: Mapping[str, Data] | None = None,
    label: str = "",
) -> Node | None:
    """Throw from an element; returns the event that caught it. An error that nothing catches is an incident.
    In a called process it goes on to the call activity instead.

    At each level an event on the border of the activity comes first, then the event sub-processes of the scope around
    it. An event sub-process does not catch what is thrown inside it.
    """
    told = {**(variables or {}), **_told(kind, code, message)}
    current = element
    while True:
        node = _on_border(step, current, kind, code)
        if node is not None:
            step.record(ErrorThrown(element.key, kind, code, message, node.index))
            catch_at(step, current, node, told, label)
            return node
        if not current.scope:
            break
        scope = step.instance.elements[current.scope]
        start = _in_scope(step, scope, current, kind, code)
        if start is not None:
            step.record(ErrorThrown(element.key, kind, code, message, start.index))
            begin(step, scope, start, told, label)
            return start
        current = scope
    step.record(ErrorThrown(element.key, kind, code, message, -1))
    if step.instance.parent:
        step.effects.append(RaiseToCaller(kind, code, message, dict(variables or {}), label))
    elif kind == "error":
        said = f"{code}: {message}" if message else code
        step.record(
            IncidentRaised(step.key(), element.key, "uncaught-error", f"nothing catches the error {said}", element.job)
        )
    return None


def ends_its_activity(caught: Node) -> bool:
    """Whether what the event caught from ends with it: it would otherwise go on, and somebody has to do its work."""
    return isinstance(caught.element, BoundaryEvent | StartEvent) and caught.element.interrupting


def _told(kind: str, code: str, message: str) -> dict[str, Data]:
    return {f"{kind}Code": code, f"{kind}Message": message} if message else {}


def _on_border(step: Step, element: ElementInstance, kind: str, code: str) -> Node | None:
    if element.loop_counter or element.renews:
        return None
    return _catcher(step, step.node_of(element).boundaries, element.scope, kind, code)


def _in_scope(step: Step, scope: ElementInstance, thrower: ElementInstance, kind: str, code: str) -> Node | None:
    """The start of an event sub-process of the scope that catches; ``thrower`` is what directly lies in the scope."""
    if scope.interrupted or scope.loop is not None:
        return None
    starts = step.node_of(scope).event_starts
    others = tuple(index for index in starts if step.graph.nodes[index].scope != thrower.node)
    return _catcher(step, others, scope.key, kind, code)


def _catcher(step: Step, events: tuple[int, ...], scope: int, kind: str, code: str) -> Node | None:
    """The event that catches this code, a named code before a catch-all."""
    catch_all = None
    for index in events:
        node = step.graph.nodes[index]
        for trigger in node.triggers:
            if not isinstance(trigger.definition, _KINDS[kind]):
                continue
            compiled = trigger.texts.get(f"{kind}.code")
            if compiled is None:
                catch_all = catch_all or node
            elif text(step, compiled, scope, f"{kind} code of {node.label}") == code:
                return node
    return catch_all
