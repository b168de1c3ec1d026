"""Service task (10.3.3.1): an actor does it."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import ServiceTask
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, ServiceTask)
    create_job(step, element, node, node.element.job)
    return True


BEHAVIOUR = Behaviour(activate=_activate)
