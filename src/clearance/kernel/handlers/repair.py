"""What an operator mends: variables and incidents."""

from typing import Any

from clearance.kernel.handlers.jobs import retry
from clearance.kernel.shared import evidence, turns
from clearance.kernel.shared.waits import close_waits
from clearance.kernel.state import IncidentState
from clearance.kernel.working import ACTIVATE, AGAIN, COMPLETE, Refused, Step
from clearance.model.commands import Faulted, ResolveIncident, SetVariables
from clearance.model.effects import NeedClearance
from clearance.model.events import IncidentRaised, IncidentResolved, VariablesSet
from clearance.model.values import Value


def _set_variables(step: Step, command: SetVariables) -> None:
    scope = command.scope or step.instance.key
    if scope not in step.instance.elements:
        raise Refused("not-found", f"scope {scope} has ended, or never was")
    element = step.instance.elements[scope]
    turns.must_rest(element)
    if not (element.task and turns.asks(step, element, turns.UPDATING, command)):
        values = {name: Value(data, "", "", scope) for name, data in command.variables.items()}
        step.record(VariablesSet(scope, values))


def _resolve(step: Step, command: ResolveIncident) -> None:
    """Run again the part that failed."""
    incident = step.instance.incidents.get(command.incident)
    if incident is None:
        raise Refused("not-found", f"incident {command.incident} is resolved, or never was")
    if command.attempts < 1:
        raise Refused("invalid", "attempts: must be at least 1")
    step.record(IncidentResolved(command.incident, command.by.name if command.by else ""))
    element = step.instance.elements[incident.element]
    if incident.kind == evidence.KIND:
        evidence.decide(step, keep=command.keep)
    elif element.job and step.instance.jobs[element.job].phase == "failed":
        retry(step, element.job, command.attempts)
    elif element.job and step.instance.jobs[element.job].phase == "created":
        step.effects.append(NeedClearance(element.job))
    elif element.state == "completing":
        step.follow(COMPLETE, element.key)
    elif element.state == "activating":
        close_waits(step, element)
        step.follow(ACTIVATE, element.key)
    else:
        step.follow(AGAIN, element.key)


def _faulted(step: Step, command: Faulted) -> None:
    element = command.element if command.element in step.instance.elements else step.instance.key
    said = IncidentState(element, command.kind, command.message)
    if said not in step.instance.incidents.values():
        step.record(IncidentRaised(step.key(), element, command.kind, command.message))


HANDLERS: dict[Any, Any] = {SetVariables: _set_variables, ResolveIncident: _resolve, Faulted: _faulted}
