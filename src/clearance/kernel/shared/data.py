"""Data goes into an activity when it is activated and out of it when it completes (10.4.2, 13.3.2).

Data objects, properties, inputs and outputs are variables: what goes in is local to the activity, what comes out goes
to the nearest scope that has the object. What is not there yet is copied as null.
"""

from clearance.kernel.shared.expressions import NOTHING, Values, evaluate
from clearance.kernel.shared.variables import placed
from clearance.kernel.state import ElementInstance, lookup
from clearance.kernel.working import Step
from clearance.model.events import VariablesSet
from clearance.model.graph import Copy, Node
from clearance.model.values import Value


def copy_in(step: Step, element: ElementInstance, node: Node) -> None:
    """The associations that lead into an activity or a throwing event."""
    for copy in node.data_in:
        values = _copied(step, element, copy, NOTHING)
        step.record(VariablesSet(element.key, values))


def copied_out(step: Step, element: ElementInstance, node: Node, outputs: dict[str, Value]) -> dict[str, Value]:
    """The outputs, and what the associations out of an activity or catching event add to them."""
    for copy in node.data_out:
        outputs = {**outputs, **_copied(step, element, copy, outputs)}
    return outputs


def open_objects(step: Step, element: ElementInstance, node: Node) -> None:
    """A sub-process has its own data objects, empty at first."""
    missing = [name for name in node.data_objects if name not in element.variables]
    if missing:
        step.record(VariablesSet(element.key, {name: Value(None) for name in missing}))


def _copied(step: Step, element: ElementInstance, copy: Copy, before: Values) -> dict[str, Value]:
    values: dict[str, Value] = {}
    if copy.target:
        values[copy.target] = _value(step, element, copy, before)
    for mapping in copy.assigned:
        value = evaluate(step, mapping.source, element.key, f"assignment to {'.'.join(mapping.target)}", before)
        name = mapping.target[0]
        present = values.get(name) or before.get(name) or lookup(step.instance, element.key, name)
        values[name] = placed({name: present} if present else {}, mapping, value)
    return values


def _value(step: Step, element: ElementInstance, copy: Copy, before: Values) -> Value:
    if copy.transformed is not None:
        return evaluate(step, copy.transformed, element.key, f"data for {copy.target}", before)
    name = copy.sources[0]
    return before.get(name) or lookup(step.instance, element.key, name) or Value(None)
