"""Events that a multi-instance activity throws as its inner instances complete (10.3.7, Table 10.26).

None throws its event for each of them, One for the first, Complex whatever its conditions choose; All throws nothing.
An error or escalation goes to the border of the activity itself, messages and signals to whoever waits for them.
"""

from collections.abc import Sequence

from clearance.kernel.shared.expressions import condition
from clearance.kernel.shared.loops import counts_of, multi_instance
from clearance.kernel.shared.sending import throw_trigger
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Node, Trigger


def chosen(step: Step, inner: ElementInstance, node: Node) -> Sequence[Trigger]:
    """What is thrown when this inner instance completes."""
    loop = multi_instance(node)
    if loop is None or not node.behaviors:
        return ()
    body = step.instance.elements[inner.scope]
    if loop.behavior == "None":
        return (node.behaviors[0][1],)
    if loop.behavior == "One":
        return (node.behaviors[0][1],) if body.loop is not None and not body.loop.completed else ()
    counts = counts_of(body, ending=1)
    what = f"complex behavior of {node.label}"
    return [
        trigger
        for compiled, trigger in node.behaviors
        if compiled is not None and condition(step, compiled, inner.key, what, counts)
    ]


def throw(step: Step, body: ElementInstance, node: Node, triggers: Sequence[Trigger]) -> None:
    """Throw from the body, as long as nothing that is thrown ends it."""
    for trigger in triggers:
        if body.key in step.instance.elements and body.state == "activated":
            throw_trigger(step, body, node, trigger)
