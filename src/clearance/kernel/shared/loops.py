"""Repeated activities: a body that holds one inner instance an item, or one a round (10.3.7, 13.3.6, 13.3.7).

Boundary events sit on the body. Inner instances see their item, ``loopCounter`` (from 1) and whatever the body sees. A
multi-instance activity keeps the results of its items apart; each round of a standard loop goes on from what the last
one has left. Its condition sees ``loopCounter`` as the number of rounds done.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from clearance.kernel.shared.ending import terminate_children
from clearance.kernel.shared.expressions import NOTHING, condition, evaluate
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import propagate
from clearance.kernel.state import ElementInstance, Loop
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.definition import MultiInstance, StandardLoop
from clearance.model.events import LoopOpened, LoopResult, VariablesSet
from clearance.model.graph import Compiled, Node
from clearance.model.values import Data, Value

_RESULT_NAME = re.compile(r"=?\s*([^\W\d]\w*)\s*(?:\.\s*[^\W\d]\w*\s*)*$")
"""An output element that is a variable or a path into one: that variable is each inner instance's own, null at first.
"""


def multi_instance(node: Node) -> MultiInstance | None:
    """The loop characteristics of an activity."""
    return getattr(node.element, "multi_instance", None)


def standard_loop(node: Node) -> StandardLoop | None:
    """The standard loop of an activity."""
    return getattr(node.element, "loop", None)


def repeats(node: Node) -> bool:
    """Whether the activity has a body around what it does."""
    return multi_instance(node) is not None or standard_loop(node) is not None


def open_body(step: Step, element: ElementInstance, node: Node) -> bool:
    """Start the inner instances; returns False when there is nothing to go through."""
    loop = multi_instance(node)
    if loop is None:
        return _open_rounds(step, element, node)
    items, label = _items(step, element, node, loop)
    step.record(LoopOpened(element.key, items, label))
    if "loop.completion_condition" in node.texts:
        step.record(VariablesSet(element.key, counts_of(element)))
    first = items[:1] if loop.sequential else items
    for index in range(len(first)):
        _start(step, element, node, loop, index)
    return bool(items)


def _open_rounds(step: Step, element: ElementInstance, node: Node) -> bool:
    loop = standard_loop(node)
    assert loop is not None
    going = not loop.test_before or _goes_on(step, element, node, 0)
    step.record(LoopOpened(element.key, []))
    if going:
        _start_round(step, element, node, 0)
    return going


def inner_ended(step: Step, body: ElementInstance, node: Node, early: bool) -> None:
    """After an inner instance: the next one, an early end, or the end of the body."""
    loop = multi_instance(node)
    state = body.loop
    assert state is not None
    if loop is None:
        if early or not _goes_on(step, body, node, state.started):
            step.follow(COMPLETE, body.key)
        else:
            _start_round(step, body, node, state.started)
        return
    if early:
        terminate_children(step, body)
        step.follow(COMPLETE, body.key)
    elif not body.children:
        if state.started < len(state.items):
            _start(step, body, node, loop, state.started)
        else:
            step.follow(COMPLETE, body.key)


def keep_result(step: Step, inner: ElementInstance, node: Node, outputs: dict[str, Value]) -> bool:
    """What an inner instance leaves when it completes; returns whether it ends the body early.

    The completion condition is checked where the instance's variables are visible (Table 10.26), with the counts as
    they are once it has completed.
    """
    if standard_loop(node) is not None:
        over = not _goes_on(step, inner, node, inner.loop_counter, outputs)
        if outputs:
            hand_on(step, inner, node, outputs)
        return over
    output_item = node.texts.get("loop.output_item")
    compiled = node.texts.get("loop.completion_condition")
    result: Value | None = None
    counts: dict[str, Value] = {}
    early = False
    if output_item is not None:
        result = evaluate(step, output_item, inner.key, f"output element of {node.label}", outputs)
    if compiled is not None:
        counts = counts_of(step.instance.elements[inner.scope], ending=1)
        what = f"completion condition of {node.label}"
        early = condition(step, compiled, inner.key, what, {**outputs, **counts})
        step.record(VariablesSet(inner.scope, counts))
    if outputs:
        hand_on(step, inner, node, outputs)
    if result is not None:
        step.record(LoopResult(inner.scope, inner.loop_counter - 1, result.data, result.label))
    return early


def hand_on(step: Step, inner: ElementInstance, node: Node, outputs: dict[str, Value]) -> None:
    """What a round leaves: rounds of a standard loop go on from one another, others keep apart from their siblings."""
    propagate(step, step.instance.elements[inner.scope].scope if standard_loop(node) else inner.key, outputs)


def results_of(step: Step, body: ElementInstance, node: Node) -> dict[str, Value]:
    """The body's output collection, in the order of the items; null where an inner instance did not complete."""
    loop = multi_instance(node)
    if loop is None or not loop.output_collection or body.loop is None:
        return {}
    outputs = [body.loop.outputs.get(index) for index in range(len(body.loop.items))]
    return {loop.output_collection: Value(outputs, body.loop.label, "", body.key)}


def _goes_on(
    step: Step, element: ElementInstance, node: Node, rounds: int, outputs: Mapping[str, Value] = NOTHING
) -> bool:
    """Whether there is another round after so many."""
    maximum = node.texts.get("loop.maximum")
    if maximum is not None and rounds >= _whole(step, maximum, element.key, f"maximum of {node.label}"):
        return False
    if rounds >= step.limits.loop_items_max:
        raise Fault("loop", f"{node.label} has had {rounds} rounds (setting loop_items_max)")
    compiled = node.texts.get("loop.condition")
    known = {**outputs, "loopCounter": Value(rounds)}
    return compiled is None or condition(step, compiled, element.key, f"loop condition of {node.label}", known)


def _start_round(step: Step, body: ElementInstance, node: Node, rounds: int) -> None:
    key = enter(step, node.index, body.key, rounds + 1)
    step.record(VariablesSet(key, {"loopCounter": Value(rounds + 1)}))


def _whole(step: Step, compiled: Compiled, scope: int, what: str) -> int:
    number = evaluate(step, compiled, scope, what).data
    if isinstance(number, str) and number.isdigit():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int | Decimal) or number < 0 or number != int(number):
        raise Fault("loop", f"{what} = {compiled.text}: must be a whole number from 0, but is {number!r}")
    return int(number)


def _start(step: Step, body: ElementInstance, node: Node, loop: MultiInstance, index: int) -> None:
    assert body.loop is not None
    key = enter(step, node.index, body.key, index + 1)
    values: dict[str, Value] = {"loopCounter": Value(index + 1)}
    result = _RESULT_NAME.match(loop.output_item)
    if result is not None:
        values[result[1]] = Value(None)
    if loop.item:
        values[loop.item] = Value(body.loop.items[index], body.loop.label)
    step.record(VariablesSet(key, values))


def _items(step: Step, element: ElementInstance, node: Node, loop: MultiInstance) -> tuple[list[Data], str]:
    label = ""
    if loop.collection:
        what = f"collection of {node.label}"
        collection = evaluate(step, node.texts["loop.collection"], element.key, what)
        items, label = collection.data, collection.label
        if not isinstance(items, list):
            raise Fault("loop", f"{what} = {loop.collection}: must be a list")
    else:
        what = f"cardinality of {node.label}"
        number = _whole(step, node.texts["loop.cardinality"], element.key, what)
        items = [None] * min(number, step.limits.loop_items_max + 1)
    if len(items) > step.limits.loop_items_max:
        raise Fault("loop", f"{what} has more than {step.limits.loop_items_max} items (setting loop_items_max)")
    return items, label


def counts_of(body: ElementInstance, ending: int = 0) -> dict[str, Value]:
    """The counts that completion conditions read (Table 10.30); ``ending`` inner instances are about to complete."""
    loop = body.loop or Loop([])
    counts = {
        "numberOfInstances": len(loop.items),
        "numberOfActiveInstances": body.children - ending,
        "numberOfCompletedInstances": loop.completed + ending,
        "numberOfTerminatedInstances": loop.terminated,
    }
    return {name: Value(count) for name, count in counts.items()}
