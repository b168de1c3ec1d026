"""Sub-process (10.3.5): a scope of its own that begins at its start event.

Once it completes, none of its event sub-processes can begin, also while an output mapping waits to be mended.
"""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.event_sub_processes import close_starts
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


def _complete(step: Step, element: ElementInstance, node: Node) -> bool:
    if node.event_starts:
        close_starts(step, element)
    return True


BEHAVIOUR = Behaviour(activate=_activate, complete=_complete)
