"""Where what leaves an element goes: outwards, but for what begins an event sub-process or belongs to one round."""

from clearance.kernel.shared import loops
from clearance.kernel.shared.variables import propagate
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import StartEvent
from clearance.model.events import VariablesSet
from clearance.model.graph import PROCESS, Node
from clearance.model.values import Value


def hand_on(step: Step, element: ElementInstance, node: Node, outputs: dict[str, Value]) -> None:
    """Set what leaves the element."""
    if not outputs:
        return
    if element.loop_counter:
        loops.hand_on(step, element, node, outputs)
    elif isinstance(node.element, StartEvent) and node.index not in step.graph.nodes[PROCESS].starts:
        step.record(VariablesSet(element.scope, outputs))
    else:
        propagate(step, element.scope or element.key, outputs)
