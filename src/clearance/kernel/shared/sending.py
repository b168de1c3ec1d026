"""Throwing events: messages and signals leave the instance, escalations and compensations stay inside."""

from collections.abc import Mapping

from clearance.kernel.shared import compensation, correlation
from clearance.kernel.shared.expressions import optional_text, text
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.shared.throwing import throw
from clearance.kernel.shared.times import after
from clearance.kernel.state import ElementInstance, visible
from clearance.kernel.working import Step
from clearance.model.definition import (
    CompensateDefinition,
    ErrorDefinition,
    EscalationDefinition,
    MessageDefinition,
    SignalDefinition,
)
from clearance.model.effects import SendMessage, SendSignal
from clearance.model.events import MessageThrown, SignalThrown
from clearance.model.graph import Compiled, Node, Trigger


def throw_event(step: Step, element: ElementInstance, node: Node) -> bool:
    """What a throwing event does; returns whether it waits for that to finish."""
    waiting = False
    for trigger in node.triggers:
        waiting |= throw_trigger(step, element, node, trigger)
        if element.state != "activating":
            break  # it threw what ended the scope around it
    return waiting


def throw_trigger(step: Step, element: ElementInstance, node: Node, trigger: Trigger) -> bool:
    """What one trigger throws; returns whether the element waits for that to finish."""
    definition = trigger.definition
    if isinstance(definition, MessageDefinition):
        if definition.job is not None:
            create_job(step, element, node, definition.job)
            return True
        throw_message(step, element, node, trigger.texts)
    elif isinstance(definition, SignalDefinition):
        _throw_signal(step, element, trigger.texts)
    elif isinstance(definition, EscalationDefinition):
        throw(step, element, "escalation", _code(step, element, trigger, "escalation"), node.name)
    elif isinstance(definition, ErrorDefinition):
        throw(step, element, "error", _code(step, element, trigger, "error"), node.name)
        return True
    elif isinstance(definition, CompensateDefinition):
        return compensation.throw(step, element, definition)
    return False


def _code(step: Step, element: ElementInstance, trigger: Trigger, kind: str) -> str:
    return optional_text(step, trigger.texts, f"{kind}.code", element.key)


def throw_message(step: Step, element: ElementInstance, node: Node, texts: Mapping[str, Compiled]) -> None:
    """Publish a message with the element's local variables (all visible ones when it has none)."""
    name = text(step, texts["message.name"], element.key, f"message name of {node.label}")
    key = optional_text(step, texts, "message.correlation_key", element.key)
    message_id = optional_text(step, texts, "message.message_id", element.key)
    lifetime = optional_text(step, texts, "message.time_to_live", element.key)
    what = f"time to live of {node.label}"
    time_to_live = after(step.moment, lifetime, what) - step.now if lifetime else 0
    if element.variables:
        variables = {name: value.data for name, value in element.variables.items()}
    else:
        variables = visible(step.instance, element.key)
    if step.graph.conversations:
        correlation.note(step, name, variables)
        correlation.settle(step)
        key = key or correlation.key_of_message(step.graph, name, variables, step.moment)
    step.record(MessageThrown(element.key, name, key, message_id, time_to_live, variables))
    step.effects.append(SendMessage(name, key, message_id, time_to_live, variables))


def _throw_signal(step: Step, element: ElementInstance, texts: Mapping[str, Compiled]) -> None:
    name = text(step, texts["signal.name"], element.key, "signal name")
    variables = {name: value.data for name, value in element.variables.items()}
    step.record(SignalThrown(element.key, name, variables))
    step.effects.append(SendSignal(name, variables))
