"""Conditional events (10.5.5): they happen when their condition becomes true, and again only after it was false.

Conditions are looked at once nothing moves any longer: at once where an event has just come to wait, otherwise when a
variable that they read, or that they name, has changed. A condition that reads a variable which does not exist is not
true.
"""

from clearance.kernel.shared.expressions import visible_names
from clearance.kernel.shared.waits import meet
from clearance.kernel.state import ConditionState
from clearance.kernel.working import Fault, Step
from clearance.model.definition import ConditionalDefinition
from clearance.model.events import (
    ConditionLapsed,
    ConditionOpened,
    IncidentRaised,
    IncidentResolved,
    InstanceMigrated,
    InstanceResumed,
    VariablesSet,
)
from clearance.model.graph import Compiled


def settle(step: Step) -> bool:
    """Let the events happen whose conditions have become true; returns whether any has."""
    if not step.instance.conditions:
        step.settled = len(step.events)
        return False
    names, opened, every = _news(step)
    happened = False
    for key in list(step.instance.conditions):
        state = step.instance.conditions.get(key)
        if state is None or not (every or key in opened or _concerned(step, state, names)):
            continue
        true = _holds(step, state)
        if true and not state.held:
            happened = _meet(step, key, state) or happened
        elif state.held and not true:
            step.record(ConditionLapsed(key))
    return happened


def _meet(step: Step, key: int, state: ConditionState) -> bool:
    """Let it happen; conditions that make each other true without end become an incident."""
    node = step.graph.nodes[state.node]
    count = step.met.get(key, 0) + 1
    step.met[key] = count
    try:
        if count > step.limits.repeats_max:
            raise Fault(
                "loop",
                f"{node.label} became true more than {step.limits.repeats_max} times without waiting for anything "
                "(setting repeats_max); resolve the incident to go on, or cancel the instance",
            )
        meet(step, key)
    except Fault as fault:
        step.record(IncidentRaised(step.key(), step.instance.key, fault.kind, fault.message))
        return False
    return True


def _news(step: Step) -> tuple[set[str], set[int], bool]:
    """Names that were set and conditions that were opened since the last look; or everything is to be looked at."""
    names: set[str] = set()
    opened: set[int] = set()
    every = False
    for event in step.events[step.settled :]:
        if type(event) is VariablesSet:
            names.update(event.values)
        elif type(event) is ConditionOpened:
            opened.add(event.key)
        elif isinstance(event, InstanceResumed | InstanceMigrated | IncidentResolved):
            every = True
    step.settled = len(step.events)
    return names, opened, every


def _concerned(step: Step, state: ConditionState, names: set[str]) -> bool:
    trigger = step.graph.nodes[state.node].triggers[state.trigger]
    definition = trigger.definition
    assert isinstance(definition, ConditionalDefinition)
    watched = frozenset(definition.variable_names) or trigger.texts["conditional.condition"].reads
    concerned = names & watched
    if not concerned or not definition.variable_events or len(definition.variable_events) > 1:
        return bool(concerned)
    created = {name for _, name in step.created}
    return bool(concerned & created) if definition.variable_events == ("create",) else bool(concerned - created)


def _holds(step: Step, state: ConditionState) -> bool:
    compiled: Compiled = step.graph.nodes[state.node].triggers[state.trigger].texts["conditional.condition"]
    return compiled.evaluate(visible_names(step, compiled, state.element), step.moment) is True
