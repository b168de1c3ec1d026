"""Variables in and out of elements: mappings, and how far a result travels.

A result without output mappings goes to the nearest scope that has the variable, seen from the element itself
outwards, otherwise to the process instance (Camunda 8's propagation). With output mappings only what they name leaves
the element. An inner instance of a multi-instance activity keeps what is local to it: its siblings must not overwrite
one another.
"""

from collections.abc import Mapping

from clearance.kernel.shared.expressions import evaluate
from clearance.kernel.state import ElementInstance, lookup
from clearance.kernel.working import Step
from clearance.model.events import VariablesSet
from clearance.model.graph import CompiledMapping, Node
from clearance.model.values import Data, Value, join_labels


def set_inputs(step: Step, element: ElementInstance, node: Node) -> None:
    """Input mappings: each makes a local variable; later ones may read earlier ones."""
    for mapping in node.inputs:
        value = evaluate(step, mapping.source, element.key, f"input {'.'.join(mapping.target)}")
        step.record(VariablesSet(element.key, {mapping.target[0]: placed(element.variables, mapping, value)}))


def outputs_of(step: Step, element: ElementInstance, node: Node) -> dict[str, Value]:
    """What the output mappings yield, evaluated where the element's local variables are visible.

    Later mappings see the targets of earlier ones. Nothing is recorded here: when one of them fails none has happened,
    so that trying again does none of them twice.
    """
    outputs: dict[str, Value] = {}
    home = element.key if element.loop_counter else element.scope
    for mapping in node.outputs:
        value = evaluate(step, mapping.source, element.key, f"output {'.'.join(mapping.target)}", outputs)
        name = mapping.target[0]
        if len(mapping.target) > 1:
            present = outputs.get(name) or lookup(step.instance, home, name)
            value = placed({name: present} if present else {}, mapping, value)
        outputs[name] = value
    return outputs


def receive(
    step: Step, element: ElementInstance, node: Node, variables: Mapping[str, Data], label: str = "", source: int = 0
) -> None:
    """What a job, message or person gave back."""
    if not variables:
        return
    values = {name: Value(data, label, "", source or element.key) for name, data in variables.items()}
    if node.outputs:
        step.record(VariablesSet(element.key, values))
    else:
        propagate(step, element.key, values)


def propagate(step: Step, scope: int, values: dict[str, Value]) -> None:
    """Each value goes to the nearest scope that has the variable, otherwise to the process instance."""
    homes = {name: _home(step, scope, name) for name in values}
    if len(homes) == 1:
        step.record(VariablesSet(homes.popitem()[1], values))
        return
    by_scope: dict[int, dict[str, Value]] = {}
    for name, home in homes.items():
        by_scope.setdefault(home, {})[name] = values[name]
    for home, part in by_scope.items():
        step.record(VariablesSet(home, part))


def _home(step: Step, scope: int, name: str) -> int:
    while True:
        element = step.instance.elements[scope]
        if not element.scope or name in element.variables:
            return scope
        scope = element.scope


def placed(variables: Mapping[str, Value], mapping: CompiledMapping, value: Value) -> Value:
    """The value at its path inside the variable that is there already."""
    if len(mapping.target) == 1:
        return value
    present = variables.get(mapping.target[0])
    root: dict[str, Data] = dict(present.data) if present and isinstance(present.data, dict) else {}
    level = root
    for step_name in mapping.target[1:-1]:
        inner = level.get(step_name)
        level[step_name] = dict(inner) if isinstance(inner, dict) else {}
        level = level[step_name]
    level[mapping.target[-1]] = value.data
    return Value(root, join_labels(present.label if present else "", value.label))
