"""Ad-hoc sub-processes: their elements are done as often and in the order that somebody chooses (10.3.5, 13.3.5).

An expression names the first elements, or a job is asked at the start and each time a path inside has ended (Camunda
8's agent form), or people and programs activate them. Only elements that no flow leads to can be chosen; flows between
elements go on as usual. Whatever else is named is an incident that says what is offered.
"""

from collections.abc import Iterable, Mapping

from clearance.kernel.shared.ending import terminate_children
from clearance.kernel.shared.expressions import condition, evaluate
from clearance.kernel.shared.flows import discard_tokens, enter
from clearance.kernel.shared.jobs import cancel_job, create_job
from clearance.kernel.shared.variables import propagate, receive
from clearance.kernel.shared.waits import open_event_sub_processes
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.definition import AdHocSubProcess, BoundaryEvent
from clearance.model.events import AdHocFulfilled, AdHocQueued, AdHocTaken, VariablesSet
from clearance.model.graph import Graph, Node
from clearance.model.values import Data, Value, join_labels
from clearance.model.work import ActivateElement, Completed

KIND = "adHocSubProcess"
OFFERED = "adHocSubProcessElements"
"""The variable that tells a job what it may choose among."""


def offered(graph: Graph, node: Node) -> dict[str, Node]:
    """What can be chosen, by id: elements that no flow leads to and that no event begins."""
    definition = node.element
    assert isinstance(definition, AdHocSubProcess)
    inner = (graph.nodes[graph.by_id[element.id]] for element in definition.elements)
    return {
        one.id: one
        for one in inner
        if not one.incoming
        and not isinstance(one.element, BoundaryEvent)
        and not getattr(one.element, "triggered_by_event", False)
        and not getattr(one.element, "for_compensation", False)
    }


def begin(step: Step, element: ElementInstance, node: Node) -> bool:
    """Activate what the expression names, or ask who chooses; with neither, wait for people."""
    definition = node.element
    assert isinstance(definition, AdHocSubProcess)
    chosen: list[str] = []
    compiled = node.texts.get("active_elements")
    if compiled is not None:
        data = evaluate(step, compiled, element.key, f"active elements of {node.label}").data
        if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
            raise Fault("ad-hoc", f"active elements of {node.label} = {compiled.text}: must be a list of element ids")
        chosen = [str(one) for one in data]
    wanted = [ActivateElement(one) for one in chosen]
    _check(step, node, wanted)
    open_event_sub_processes(step, element, node)
    if definition.output_collection:
        step.record(VariablesSet(element.key, {definition.output_collection: Value([], "", "", element.key)}))
    if definition.job is not None:
        step.record(VariablesSet(element.key, {OFFERED: Value(_described(step.graph, node))}))
        create_job(step, element, node, definition.job)
    _activate(step, element, node, wanted)
    return compiled is None or bool(chosen) or definition.job is not None


def end(step: Step, element: ElementInstance, node: Node) -> bool:
    """What was collected goes out."""
    definition = node.element
    assert isinstance(definition, AdHocSubProcess)
    if element.job:
        cancel_job(step, element)
    name = definition.output_collection
    if name and not node.outputs:
        propagate(step, element.scope, {name: element.variables[name]})
    return True


def output_of(step: Step, element: ElementInstance, outputs: Mapping[str, Value]) -> Value | None:
    """What the end of a path inside adds to the output collection; None when nothing is collected."""
    if not element.scope or step.node_of(step.instance.elements[element.scope]).kind != KIND:
        return None
    holder = step.node_of(step.instance.elements[element.scope])
    compiled = holder.texts.get("output_element")
    if compiled is None:
        return None
    return evaluate(step, compiled, element.key, f"output element of {holder.label}", outputs)


def path_ended(step: Step, scope: ElementInstance, result: Value | None) -> None:
    """A path inside has ended: keep what it leaves."""
    definition = step.node_of(scope).element
    if result is None or not isinstance(definition, AdHocSubProcess) or not definition.output_collection:
        return
    present = scope.variables[definition.output_collection]
    items = [*present.data, result.data] if isinstance(present.data, list) else [result.data]
    value = Value(items, join_labels(present.label, result.label), "", scope.key)
    step.record(VariablesSet(scope.key, {definition.output_collection: value}))


def go_on(step: Step, element: ElementInstance, node: Node) -> None:
    """After the end of a path, or an incident: is it fulfilled, what is next in the queue, whom to ask."""
    definition = node.element
    assert isinstance(definition, AdHocSubProcess)
    if element.state != "activated":
        return
    compiled = node.texts.get("completion_condition")
    what = f"completion condition of {node.label}"
    if not element.fulfilled and compiled is not None and condition(step, compiled, element.key, what):
        _fulfil(step, element, node, cancel_remaining=definition.cancel_remaining)
    elif element.fulfilled:
        _end_when_empty(step, element)
    elif element.queue and not element.children:
        _take_next(step, element)
    elif definition.job is not None:
        if element.job:
            cancel_job(step, element)
        create_job(step, element, node, definition.job)
    elif compiled is None:
        _end_when_empty(step, element)


def decided(step: Step, element: ElementInstance, node: Node, outcome: Completed, label: str) -> None:
    """The job has said what to activate, or that all is done."""
    receive(step, element, node, outcome.variables, label)
    result = outcome.ad_hoc
    wanted = result.activate_elements if result else ()
    _check(step, node, wanted)
    if result is not None and result.is_completion_condition_fulfilled:
        if wanted:
            raise Fault("ad-hoc", f"the job of {node.label} says that it is fulfilled, and what to activate: only one")
        _fulfil(step, element, node, cancel_remaining=result.is_cancel_remaining_instances)
        return
    if result is not None and result.is_cancel_remaining_instances:
        _cancel_remaining(step, element, node)
    _activate(step, element, node, wanted, label)
    if not (element.children or element.queue or element.tokens):
        raise Fault(
            "ad-hoc",
            f"the job of {node.label} names no element and does not say that it is fulfilled: nothing would ever "
            "happen in it; resolve to ask again, or activate an element",
        )


def choose(
    step: Step, element: ElementInstance, node: Node, wanted: Iterable[ActivateElement], *, cancel_remaining: bool
) -> None:
    """A person or a program activates elements; raises a fault, and changes nothing, when one is not offered."""
    wanted = list(wanted)
    _check(step, node, wanted)
    if cancel_remaining:
        _cancel_remaining(step, element, node)
    _activate(step, element, node, wanted)


def _check(step: Step, node: Node, wanted: Iterable[ActivateElement]) -> None:
    known = offered(step.graph, node)
    for one in wanted:
        if one.element_id not in known:
            names = ", ".join(known) or "nothing"
            raise Fault("ad-hoc", f"{node.label} does not offer {one.element_id} (it offers {names})")


def _activate(
    step: Step, element: ElementInstance, node: Node, wanted: Iterable[ActivateElement], label: str = ""
) -> None:
    definition = node.element
    assert isinstance(definition, AdHocSubProcess)
    for one in wanted:
        index = step.graph.by_id[one.element_id]
        values = {name: Value(data, label, "", element.key) for name, data in one.variables.items()}
        if definition.sequential and (element.children or element.queue):
            step.record(AdHocQueued(element.key, index, values))
        else:
            _enter(step, element, index, values)


def _take_next(step: Step, element: ElementInstance) -> None:
    index, values = element.queue[0]
    step.record(AdHocTaken(element.key))
    _enter(step, element, index, values)


def _enter(step: Step, element: ElementInstance, index: int, values: dict[str, Value]) -> None:
    key = enter(step, index, element.key)
    if values:
        step.record(VariablesSet(key, values))


def _fulfil(step: Step, element: ElementInstance, node: Node, *, cancel_remaining: bool) -> None:
    step.record(AdHocFulfilled(element.key))
    if cancel_remaining:
        _cancel_remaining(step, element, node)
    _end_when_empty(step, element)


def _cancel_remaining(step: Step, element: ElementInstance, node: Node) -> None:
    terminate_children(step, element)
    discard_tokens(step, node, element.key)
    while element.queue:
        step.record(AdHocTaken(element.key))


def _end_when_empty(step: Step, element: ElementInstance) -> None:
    if not (element.children or element.tokens):
        step.follow(COMPLETE, element.key)


def _described(graph: Graph, node: Node) -> Data:
    """What an agent needs to know of each element: who it is, what it is for, and what it wants."""
    return [
        {
            "elementId": one.id,
            "elementName": one.name,
            "documentation": getattr(one.element, "documentation", ""),
            "properties": {},
            "parameters": [dict(parameter) for parameter in one.parameters],
        }
        for one in offered(graph, node).values()
    ]
