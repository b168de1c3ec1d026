"""Multi-instance activities: a body that holds one inner instance an item (10.3.7, 13.3.7).

Boundary events sit on the body. Inner instances see their item, ``loopCounter`` (from 1) and whatever the body sees.
"""

from decimal import Decimal

from clearance.kernel.shared.ending import terminate_children
from clearance.kernel.shared.expressions import condition, evaluate
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import propagate
from clearance.kernel.state import ElementInstance, Loop
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.definition import MultiInstance
from clearance.model.events import LoopOpened, LoopResult, VariablesSet
from clearance.model.graph import Node
from clearance.model.values import Data, Value


def multi_instance(node: Node) -> MultiInstance | None:
    """The loop characteristics of an activity."""
    return getattr(node.element, "multi_instance", None)


def open_body(step: Step, element: ElementInstance, node: Node, loop: MultiInstance) -> bool:
    """Start the inner instances; returns False when there is nothing to go through."""
    items = _items(step, element, node, loop)
    step.record(LoopOpened(element.key, items))
    _tell_counts(step, element)
    first = items[:1] if loop.sequential else items
    for index in range(len(first)):
        _start(step, element, node, loop, index)
    return bool(items)


def inner_ended(step: Step, body: ElementInstance, node: Node) -> None:
    """After an inner instance: the next one, an early end, or the end of the body."""
    loop = multi_instance(node)
    state = body.loop
    assert loop is not None
    assert state is not None
    _tell_counts(step, body)
    compiled = node.texts.get("loop.completion_condition")
    if compiled is not None and condition(step, compiled, body.key, f"completion condition of {node.label}"):
        terminate_children(step, body)
        step.follow(COMPLETE, body.key)
    elif state.started < len(state.items):
        if loop.sequential:
            _start(step, body, node, loop, state.started)
    elif not body.children:
        step.follow(COMPLETE, body.key)


def keep_result(step: Step, inner: ElementInstance, node: Node) -> None:
    """The output of an inner instance goes to its place in the output collection."""
    compiled = node.texts.get("loop.output_item")
    if compiled is not None:
        value = evaluate(step, compiled, inner.key, f"output element of {node.label}")
        step.record(LoopResult(inner.scope, inner.loop_counter - 1, value.data))


def deliver_results(step: Step, body: ElementInstance, node: Node) -> None:
    """The body's output collection, in the order of the items; null where an inner instance did not complete."""
    loop = multi_instance(node)
    if loop is None or not loop.output_collection or body.loop is None:
        return
    outputs = [body.loop.outputs.get(index) for index in range(len(body.loop.items))]
    propagate(step, body.scope, {loop.output_collection: Value(outputs, "", "", body.key)})


def _start(step: Step, body: ElementInstance, node: Node, loop: MultiInstance, index: int) -> None:
    assert body.loop is not None
    key = enter(step, node.index, body.key, index + 1)
    values: dict[str, Value] = {"loopCounter": Value(index + 1)}
    if loop.item:
        values[loop.item] = Value(body.loop.items[index])
    step.record(VariablesSet(key, values))


def _items(step: Step, element: ElementInstance, node: Node, loop: MultiInstance) -> list[Data]:
    if loop.collection:
        what = f"collection of {node.label}"
        items = evaluate(step, node.texts["loop.collection"], element.key, what).data
        if not isinstance(items, list):
            raise Fault("loop", f"{what} = {loop.collection}: must be a list")
    else:
        what = f"cardinality of {node.label}"
        number = evaluate(step, node.texts["loop.cardinality"], element.key, what).data
        if isinstance(number, str) and number.isdigit():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int | Decimal) or number < 0 or number != int(number):
            raise Fault("loop", f"{what} = {loop.cardinality}: must be a whole number from 0, but is {number!r}")
        items = [None] * min(int(number), step.limits.loop_items_max + 1)
    if len(items) > step.limits.loop_items_max:
        raise Fault("loop", f"{what} has more than {step.limits.loop_items_max} items (setting loop_items_max)")
    return items


def _tell_counts(step: Step, body: ElementInstance) -> None:
    """The counts that completion conditions read (Table 10.30); only kept where there is such a condition."""
    if "loop.completion_condition" not in step.node_of(body).texts:
        return
    loop = body.loop or Loop([])
    counts = {
        "numberOfInstances": len(loop.items),
        "numberOfActiveInstances": body.children,
        "numberOfCompletedInstances": loop.completed,
        "numberOfTerminatedInstances": loop.terminated,
    }
    step.record(VariablesSet(body.key, {name: Value(count) for name, count in counts.items()}))
