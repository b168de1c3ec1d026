"""End event (10.5.3): what it throws; error, terminate and cancel end more than their path."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared import transactions
from clearance.kernel.shared.ending import terminate_all
from clearance.kernel.shared.flows import discard_tokens
from clearance.kernel.shared.sending import throw_event
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import CancelDefinition, EndEvent, TerminateDefinition
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, EndEvent)
    if isinstance(node.element.definition, CancelDefinition):
        return transactions.cancel(step, element, node)
    return throw_event(step, element, node)


def _complete(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, EndEvent)
    definitions = [trigger.definition for trigger in node.triggers]
    if any(isinstance(definition, CancelDefinition) for definition in definitions):
        transactions.leave(step, element, node)
        return False
    if any(isinstance(definition, TerminateDefinition) for definition in definitions):
        if step.instance.elements[element.scope].children > 1:
            elements = step.instance.elements.values()
            terminate_all(step, [other for other in elements if other.scope == element.scope and other is not element])
        discard_tokens(step, node, element.scope)
    return True


BEHAVIOUR = Behaviour(activate=_activate, complete=_complete)
