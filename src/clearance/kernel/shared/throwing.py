"""Errors and escalations travel outwards to the nearest event that catches them (10.5.6, 13.5.2, 13.5.4)."""

from collections.abc import Mapping

from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.waits import catch_at
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import ErrorDefinition, EscalationDefinition
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
) -> bool:
    """Throw from an element; returns whether something caught it. An error that nothing catches is an incident."""
    current = element
    while True:
        node = _catcher(step, current, kind, code)
        if node is not None:
            step.record(ErrorThrown(element.key, kind, code, message, node.index))
            catch_at(step, current, node, {**(variables or {}), **_told(kind, code, message)}, label)
            return True
        if not current.scope:
            break
        current = step.instance.elements[current.scope]
    step.record(ErrorThrown(element.key, kind, code, message, -1))
    if kind == "error":
        said = f"{code}: {message}" if message else code
        step.record(
            IncidentRaised(step.key(), element.key, "uncaught-error", f"nothing catches the error {said}", element.job)
        )
    return False


def _told(kind: str, code: str, message: str) -> dict[str, Data]:
    return {f"{kind}Code": code, f"{kind}Message": message} if message else {}


def _catcher(step: Step, element: ElementInstance, kind: str, code: str) -> Node | None:
    """The event on the element's border that catches this code, a named code before a catch-all."""
    if element.loop_counter or element.renews:
        return None
    catch_all = None
    for index in step.node_of(element).boundaries:
        node = step.graph.nodes[index]
        if not isinstance(getattr(node.element, "definition", None), _KINDS[kind]):
            continue
        compiled = node.texts.get(f"{kind}.code")
        if compiled is None:
            catch_all = catch_all or node
        elif text(step, compiled, element.scope, f"{kind} code of {node.label}") == code:
            return node
    return catch_all
