"""End event (10.5.3): none, message, signal, escalation, compensation; error and terminate end more than their path."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.ending import terminate_all
from clearance.kernel.shared.expressions import optional_text
from clearance.kernel.shared.flows import discard_tokens
from clearance.kernel.shared.sending import throw_event
from clearance.kernel.shared.throwing import throw
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import EndEvent, ErrorDefinition, TerminateDefinition
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, EndEvent)
    if isinstance(node.element.definition, ErrorDefinition):
        code = optional_text(step, node.texts, "error.code", element.key)
        throw(step, element, "error", code, node.name)
        return True
    return throw_event(step, element, node)


def _complete(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, EndEvent)
    if isinstance(node.element.definition, TerminateDefinition):
        elements = step.instance.elements.values()
        terminate_all(step, [other for other in elements if other.scope == element.scope and other is not element])
        discard_tokens(step, node, element.scope)
    return True


BEHAVIOUR = Behaviour(activate=_activate, complete=_complete)
