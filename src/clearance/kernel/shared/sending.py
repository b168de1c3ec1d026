"""Throwing events: messages and signals leave the instance, escalations and compensations stay inside."""

from clearance.kernel.shared import compensation
from clearance.kernel.shared.expressions import optional_text, text
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.shared.throwing import throw
from clearance.kernel.shared.times import after
from clearance.kernel.state import ElementInstance, visible
from clearance.kernel.working import Step
from clearance.model.definition import (
    CompensateDefinition,
    EscalationDefinition,
    MessageDefinition,
    SignalDefinition,
)
from clearance.model.effects import SendMessage, SendSignal
from clearance.model.events import MessageThrown, SignalThrown
from clearance.model.graph import Node


def throw_event(step: Step, element: ElementInstance, node: Node) -> bool:
    """What a throwing event does; returns whether it waits for that to finish."""
    definition = getattr(node.element, "definition", None)
    if isinstance(definition, MessageDefinition):
        if definition.job is not None:
            create_job(step, element, node, definition.job)
            return True
        throw_message(step, element, node)
    elif isinstance(definition, SignalDefinition):
        _throw_signal(step, element, node)
    elif isinstance(definition, EscalationDefinition):
        code = optional_text(step, node.texts, "escalation.code", element.key)
        throw(step, element, "escalation", code, node.name)
    elif isinstance(definition, CompensateDefinition):
        return compensation.start_next(step, element, definition)
    return False


def throw_message(step: Step, element: ElementInstance, node: Node) -> None:
    """Publish a message with the element's local variables (all visible ones when it has none)."""
    name = text(step, node.texts["message.name"], element.key, f"message name of {node.label}")
    key = optional_text(step, node.texts, "message.correlation_key", element.key)
    message_id = optional_text(step, node.texts, "message.message_id", element.key)
    lifetime = optional_text(step, node.texts, "message.time_to_live", element.key)
    what = f"time to live of {node.label}"
    time_to_live = after(step.moment, lifetime, what) - step.now if lifetime else 0
    if element.variables:
        variables = {name: value.data for name, value in element.variables.items()}
    else:
        variables = visible(step.instance, element.key)
    step.record(MessageThrown(element.key, name, key, message_id, time_to_live, variables))
    step.effects.append(SendMessage(name, key, message_id, time_to_live, variables))


def _throw_signal(step: Step, element: ElementInstance, node: Node) -> None:
    name = text(step, node.texts["signal.name"], element.key, f"signal name of {node.label}")
    variables = {name: value.data for name, value in element.variables.items()}
    step.record(SignalThrown(element.key, name, variables))
    step.effects.append(SendSignal(name, variables))
