"""Send task (10.3.3.3): an actor sends, or the engine publishes the message."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.shared.sending import throw_message
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import SendTask
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, SendTask)
    if node.element.job is not None:
        create_job(step, element, node, node.element.job)
        return True
    throw_message(step, element, node, node.texts)
    return False


BEHAVIOUR = Behaviour(activate=_activate)
