"""Events that a multi-instance activity throws to its own border when an inner instance completes (Table 10.26).

``None`` throws its event each time, ``One`` the first time, ``Complex`` each event whose condition holds, ``All``
nothing. Errors and escalations travel outwards from the activity; a signal or message is for its border only.
"""

from clearance.kernel.shared.expressions import Values, condition, text
from clearance.kernel.shared.loops import counts_of
from clearance.kernel.shared.throwing import throw
from clearance.kernel.shared.waits import catch_at
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import (
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    MessageDefinition,
    SignalDefinition,
)
from clearance.model.graph import Node, Trigger

THROWN = (ErrorDefinition, EscalationDefinition, MessageDefinition, SignalDefinition)


def due(step: Step, inner: ElementInstance, node: Node, seen: Values) -> list[Trigger]:
    """What the completion of this inner instance throws; decided before it is recorded."""
    loop = getattr(node.element, "multi_instance", None)
    body = step.instance.elements[inner.scope]
    if loop is None or body.loop is None or (loop.behavior == "One" and body.loop.completed):
        return []
    what = f"behavior of {node.label}"
    known = {**seen, **counts_of(body, ending=1)}
    return [
        behavior.trigger
        for behavior in node.behaviors
        if behavior.condition is None or condition(step, behavior.condition, inner.key, what, known)
    ]


def throw_from(step: Step, body: ElementInstance, node: Node, triggers: list[Trigger]) -> None:
    """Throw to the border of the activity; an event there that interrupts ends it."""
    for trigger in triggers:
        if body.key not in step.instance.elements:
            return
        definition = trigger.definition
        kind = str(definition.__struct_config__.tag)
        if isinstance(definition, ErrorDefinition | EscalationDefinition):
            compiled = trigger.texts.get(f"{kind}.code")
            code = text(step, compiled, body.key, f"{kind} of {node.label}") if compiled is not None else ""
            throw(step, body, kind, code, "")
        else:
            _to_border(step, body, node, definition, text(step, trigger.texts[f"{kind}.name"], body.key, kind))


def _to_border(step: Step, body: ElementInstance, node: Node, thrown: EventDefinition, name: str) -> None:
    kind = str(thrown.__struct_config__.tag)
    for index in node.boundaries:
        event = step.graph.nodes[index]
        for trigger in event.triggers:
            if type(trigger.definition) is not type(thrown):
                continue
            if text(step, trigger.texts[f"{kind}.name"], body.scope, f"{kind} name") == name:
                catch_at(step, body, event, {})
                return
