"""Sub-process (10.3.5): a scope of its own that begins at its start event."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.waits import open_event_sub_processes
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    open_event_sub_processes(step, element, node)
    for index in node.starts:
        enter(step, index, element.key)
    return bool(node.starts)


BEHAVIOUR = Behaviour(activate=_activate)
