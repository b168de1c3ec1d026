"""What comes back from a called process: its end, its error, or that there is no such process."""

from typing import Any

from clearance.kernel.shared.throwing import throw
from clearance.kernel.shared.variables import propagate
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import COMPLETE, Refused, Step
from clearance.model.commands import EndCall, RaiseCall
from clearance.model.definition import CallActivity
from clearance.model.events import CallEnded, IncidentRaised, VariablesSet


def _caller(step: Step, command: EndCall | RaiseCall) -> ElementInstance:
    element = step.instance.elements.get(command.element)
    if element is None or element.child != command.child:
        raise Refused("conflict", f"nothing waits for the called instance {command.child} any longer")
    return element


def _end(step: Step, command: EndCall) -> None:
    element = _caller(step, command)
    step.record(CallEnded(element.key, command.child, command.how))
    if command.how != "completed":
        step.record(IncidentRaised(step.key(), element.key, "called-element", command.reason))
        return
    node = step.node_of(element)
    assert isinstance(node.element, CallActivity)
    if command.variables:
        values = dict(command.variables)
        if node.outputs or not node.element.propagate_all_out:
            step.record(VariablesSet(element.key, values))
        else:
            propagate(step, element.key if element.loop_counter else element.scope, values)
    step.follow(COMPLETE, element.key)


def _raise(step: Step, command: RaiseCall) -> None:
    element = _caller(step, command)
    throw(step, element, command.kind, command.code, command.message, command.variables, command.label)


HANDLERS: dict[Any, Any] = {EndCall: _end, RaiseCall: _raise}
