"""Choosing what is done in an ad-hoc sub-process, from outside."""

from typing import Any

from clearance.kernel.shared import ad_hoc
from clearance.kernel.working import Fault, Refused, Step
from clearance.model.commands import ActivateElements


def _activate(step: Step, command: ActivateElements) -> None:
    element = step.instance.elements.get(command.element)
    if element is None or step.node_of(element).kind != ad_hoc.KIND or element.loop is not None:
        raise Refused("not-found", f"element instance {command.element} is no active ad-hoc sub-process")
    if element.state != "activated" or element.fulfilled:
        raise Refused("conflict", f"{step.node_of(element).label} is about to end: nothing more is done in it")
    if not command.activate:
        raise Refused("invalid", "elements: name one at least")
    try:
        node = step.node_of(element)
        ad_hoc.choose(step, element, node, command.activate, cancel_remaining=command.cancel_remaining)
    except Fault as fault:
        raise Refused("invalid", fault.message) from fault


HANDLERS: dict[Any, Any] = {ActivateElements: _activate}
