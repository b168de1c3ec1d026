"""Timers that are due, messages and signals that have come."""

from typing import Any

from clearance.kernel.shared import waits
from clearance.kernel.working import Refused, Step
from clearance.model.commands import Correlate, FireTimer


def _fire(step: Step, command: FireTimer) -> None:
    if command.timer not in step.instance.timers:
        raise Refused("not-found", f"timer {command.timer} is not set any longer")
    waits.fire_timer(step, command.timer)


def _correlate(step: Step, command: Correlate) -> None:
    if command.subscription not in step.instance.subscriptions:
        raise Refused("not-found", f"subscription {command.subscription} is not open any longer")
    waits.correlate(step, command.subscription, command.message, command.variables, command.label)


HANDLERS: dict[Any, Any] = {FireTimer: _fire, Correlate: _correlate}
