"""Intermediate throw event (10.5.4): none, message, signal, escalation or compensation."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.sending import throw_event
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    return throw_event(step, element, node)


BEHAVIOUR = Behaviour(activate=_activate)
