"""Suspending and resuming; what is held meanwhile is in ``kernel/shared/holding.py``."""

from typing import Any

from clearance.kernel.working import ACTIVATE, Refused, Step
from clearance.model.commands import ResumeInstance, SuspendInstance
from clearance.model.events import InstanceResumed, InstanceSuspended


def _suspend(step: Step, command: SuspendInstance) -> None:
    if step.instance.suspended:
        raise Refused("conflict", f"instance {command.instance} is suspended already")
    step.record(InstanceSuspended(command.by.name if command.by else "", command.reason))


def _resume(step: Step, command: ResumeInstance) -> None:
    """What was activated while nothing could move begins now; ``kernel/step.py`` then works out what was held."""
    if not step.instance.suspended:
        raise Refused("conflict", f"instance {command.instance} is not suspended")
    step.record(InstanceResumed(command.by.name if command.by else "", command.reason))
    stuck = {incident.element for incident in step.instance.incidents.values()}
    for element in step.instance.elements.values():
        if element.state == "activating" and not element.job and element.key not in stuck:
            step.follow(ACTIVATE, element.key)


HANDLERS: dict[Any, Any] = {SuspendInstance: _suspend, ResumeInstance: _resume}
