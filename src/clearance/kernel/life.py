"""The common life of an element instance: how it is activated, completed, and what follows for the scope around it.

What is peculiar to an element is in ``kernel/elements/<element>.py``; here is what all share, in the order in which it
happens. A fault anywhere leaves the element in its state with an incident; resolving the incident runs the same part
again.
"""

from clearance.kernel.elements import BEHAVIOURS
from clearance.kernel.shared import (
    ad_hoc,
    behaviors,
    compensation,
    conditions,
    data,
    ending,
    event_sub_processes,
    evidence,
    flows,
    joins,
    listeners,
    loops,
    turns,
    variables,
    waits,
)
from clearance.kernel.shared.flows import choose_outgoing
from clearance.kernel.shared.outputs import hand_on
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import ACTIVATE, AGAIN, COMPLETE, Fault, Step
from clearance.model.events import (
    ElementActivated,
    ElementCompleted,
    ElementCompleting,
    IncidentRaised,
)
from clearance.model.graph import Edge, Node, Trigger
from clearance.model.values import Value


def run(step: Step) -> None:
    """Work through the follow-ups until the instance waits, has ended, or runs in circles.

    Joins that look at paths and conditional events can only be decided once nothing moves any longer, in this order;
    each says whether something moves again.
    """
    _work(step)
    while joins.settle(step) or conditions.settle(step):
        _work(step)


def _work(step: Step) -> None:
    while step.work:
        what, key = step.work.popleft()
        element = step.instance.elements.get(key)
        if element is None or element.state == "terminating":
            continue
        try:
            if what == ACTIVATE:
                activate(step, element)
            elif what == COMPLETE:
                complete(step, element)
            elif what == AGAIN:
                again(step, element)
        except Fault as fault:
            raise_incident(step, element, fault.kind, fault.message)


def raise_incident(step: Step, element: ElementInstance, kind: str, message: str) -> None:
    """Something keeps the element from going on; a person decides."""
    step.record(IncidentRaised(step.key(), element.key, kind, message, element.job))


def activate(step: Step, element: ElementInstance) -> None:
    """Inputs, border events, then the element's own part; one that does not wait completes at once."""
    node = step.node_of(element)
    _count(step, element, node)
    if loops.repeats(node) and not element.loop_counter:
        if node.listeners and listeners.waits_for(step, element, node, listeners.BEFORE_ALL):
            return
        if not element.renews:
            waits.open_boundaries(step, element, node)
        going = loops.open_body(step, element, node)
        step.record(ElementActivated(element.key))
        if not going:
            step.follow(COMPLETE, element.key)
        return
    if not element.listened:
        _take_in(step, element, node)
    if node.listeners and listeners.waits_for(step, element, node, listeners.START):
        return
    if node.boundaries and not element.loop_counter and not element.renews:
        waits.open_boundaries(step, element, node)
    activated = BEHAVIOURS[node.kind].activate
    waiting = activated(step, element, node) if activated is not None else False
    if element.state != "activating":
        return  # it threw what ended the scope around it
    step.record(ElementActivated(element.key))
    if not waiting:
        step.follow(COMPLETE, element.key)


def _take_in(step: Step, element: ElementInstance, node: Node) -> None:
    """What is local to the element."""
    if node.inputs:
        variables.set_inputs(step, element, node)
    if node.data_in:
        data.copy_in(step, element, node)
    if node.data_objects:
        data.open_objects(step, element, node)


def complete(step: Step, element: ElementInstance) -> None:
    """The element's own part, outputs, then the tokens go on; the end of a path may be the end of its scope.

    All that may fail is decided before anything of it is recorded, so that resolving an incident does nothing twice.
    """
    node = step.node_of(element)
    behaviour = BEHAVIOURS[node.kind]
    body = element.loop is not None
    if element.state == "activated":
        step.record(ElementCompleting(element.key))
    outputs: dict[str, Value] = {}
    if not element.listened:
        if not body and behaviour.complete is not None and not behaviour.complete(step, element, node):
            return
        outputs = _outputs(step, element, node)
    if node.listeners and not body:
        listener = listeners.next_of(step, element, node, listeners.END, outputs)
        if listener is not None:
            hand_on(step, element, node, outputs)
            listeners.ask(step, listener)
            return
    if element.loop_counter:
        thrown = behaviors.due(step, element, node, outputs) if node.behaviors else []
        _end_inner(step, element, node, loops.keep_result(step, element, node, outputs), thrown)
        return
    edges = behaviour.leave(step, element, node) if behaviour.leave else choose_outgoing(step, element, node, outputs)
    result = ad_hoc.output_of(step, element, outputs) if not edges else None
    if outputs:
        hand_on(step, element, node, outputs)
    if element.waits:
        waits.close_waits(step, element)
    if step.instance.incidents:
        ending.resolve_incidents(step, element)
    compensation.note(step, element, node)
    if element.renews:
        _renewed(step, element, node, edges)
        return
    if node.new_evidence:
        evidence.finish(step, element, node, edges)
    step.record(ElementCompleted(element.key))
    if result is not None:
        ad_hoc.path_ended(step, step.instance.elements[element.scope], result)
    _go_on(step, element, edges)


def _outputs(step: Step, element: ElementInstance, node: Node) -> dict[str, Value]:
    """What leaves the element: decided, not recorded."""
    if element.loop is not None:
        outputs = loops.results_of(step, element, node)
    else:
        outputs = variables.outputs_of(step, element, node) if node.outputs else {}
    if node.data_out and not element.loop_counter:
        outputs = data.copied_out(step, element, node, outputs)
    return outputs


def again(step: Step, element: ElementInstance) -> None:
    """After an incident in the middle of its life: do once more what could not be done."""
    node = step.node_of(element)
    if element.loop is not None:
        loops.inner_ended(step, element, node, early=False)
    elif element.turn is not None:
        turns.go_on(step, element)
    elif node.kind == ad_hoc.KIND:
        ad_hoc.go_on(step, element, node)
    elif node.starts:
        _listen_again(step, element, node)
        end_of_path(step, element)
    else:
        activated = BEHAVIOURS[node.kind].activate
        if activated is not None and not activated(step, element, node):
            step.follow(COMPLETE, element.key)


def _listen_again(step: Step, scope: ElementInstance, node: Node) -> None:
    """Event sub-processes of the process that could not be waited for when it began."""
    if node.event_starts and not scope.interrupted:
        event_sub_processes.close_starts(step, scope)
        waits.open_event_sub_processes(step, scope, node)


def _end_inner(step: Step, element: ElementInstance, node: Node, early: bool, thrown: list[Trigger]) -> None:
    """An inner instance is done; its multi-instance body knows what is next."""
    if element.waits:
        waits.close_waits(step, element)
    compensation.note(step, element, node)
    body = step.instance.elements[element.scope]
    step.record(ElementCompleted(element.key))
    if thrown:
        behaviors.throw_from(step, body, node, thrown)
    if body.key in step.instance.elements and body.state == "activated":
        loops.inner_ended(step, body, node, early)


def _renewed(step: Step, element: ElementInstance, node: Node, edges: tuple[Edge, ...]) -> None:
    """A step that was done again because of new evidence: its result counts, but no token moves on."""
    evidence.chosen_again(step, element, node, edges)
    evidence.finish(step, element, node, edges)
    step.record(ElementCompleted(element.key))
    evidence.renewed(step, element, node)
    end_of_path(step, step.instance.elements[element.scope])


def _go_on(step: Step, element: ElementInstance, edges: tuple[Edge, ...]) -> None:
    scope = element.scope
    flows.take(step, edges, scope)
    if element.thrower:
        compensation.handler_ended(step, element)
    if scope:
        outer = step.instance.elements[scope]
        if step.node_of(outer).kind == ad_hoc.KIND:
            if not edges and outer.loop is None:
                step.follow(AGAIN, scope)
        else:
            end_of_path(step, outer)


def end_of_path(step: Step, scope: ElementInstance) -> None:
    """A scope with nothing left in it completes; one whose last tokens wait at a join is stuck, and says so."""
    if scope.children or scope.state != "activated":
        return
    if joins.waits_for_paths(step, scope):
        return  # decided once nothing moves any longer
    if not scope.tokens:
        step.follow(COMPLETE, scope.key)
        return
    flow_ids = (step.graph.edges[flow] for flow in step.instance.arrivals[scope.key])
    stuck = sorted({step.graph.nodes[edge.target].label for edge in flow_ids})
    raise_incident(
        step,
        scope,
        "deadlock",
        f"{', '.join(stuck)} waits for a token that can no longer come; the process model is unsound",
    )


def _count(step: Step, element: ElementInstance, node: Node) -> None:
    """A loop without a wait state must not hang the engine."""
    if element.loop_counter and loops.multi_instance(node) is not None:
        return
    place = node.index, element.scope
    count = step.repeats.get(place, 0) + 1
    step.repeats[place] = count
    if count > step.limits.repeats_max:
        raise Fault(
            "loop",
            f"{node.label} was entered more than {step.limits.repeats_max} times without waiting for anything "
            "(setting repeats_max); resolve the incident to go on, or cancel the instance",
        )
