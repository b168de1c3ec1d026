"""Cancelling a transaction (10.3.5, 13.3.6): what runs in it ends, what was done is undone, then it is left.

It is left by its cancel boundary event. An error that leaves a transaction is a hazard: nothing is undone by itself.
"""

from clearance.kernel.shared import compensation, event_sub_processes
from clearance.kernel.shared.ending import terminate_all
from clearance.kernel.shared.flows import discard_tokens
from clearance.kernel.shared.waits import catch_at
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.definition import CancelDefinition, CompensateDefinition
from clearance.model.events import ScopeInterrupted
from clearance.model.graph import Node


def cancel(step: Step, element: ElementInstance, node: Node) -> bool:
    """End all else in the transaction and begin to undo; returns whether something is being undone."""
    scope = step.instance.elements[element.scope]
    _border(step, scope, node)
    others = [other for other in step.instance.elements.values() if other.scope == scope.key and other is not element]
    terminate_all(step, others)
    discard_tokens(step, node, scope.key)
    event_sub_processes.close_starts(step, scope)
    step.record(ScopeInterrupted(scope.key))
    return compensation.throw(step, element, CompensateDefinition())


def leave(step: Step, element: ElementInstance, node: Node) -> None:
    """All is undone: go on at the cancel boundary event."""
    activity, border = _border(step, step.instance.elements[element.scope], node)
    catch_at(step, activity, border, {})


def _border(step: Step, scope: ElementInstance, node: Node) -> tuple[ElementInstance, Node]:
    """The transaction (with its repetitions, if it is repeated) and the event on its border that catches cancel."""
    activity = step.instance.elements[scope.scope] if scope.loop_counter else scope
    for index in step.node_of(activity).boundaries:
        event = step.graph.nodes[index]
        if any(isinstance(trigger.definition, CancelDefinition) for trigger in event.triggers):
            return activity, event
    raise Fault(
        "uncaught-cancel",
        f"{node.label} cancels {step.node_of(scope).label}, which has no cancel boundary event: attach one",
    )
