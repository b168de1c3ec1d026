"""Ending element instances before their time: whatever they wait for is withdrawn, inner ones first."""

from collections.abc import Iterable

from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.effects import CancelCalled
from clearance.model.events import (
    ApprovalClosed,
    CallEnded,
    ConditionClosed,
    ElementTerminated,
    ElementTerminating,
    IncidentResolved,
    JobCanceled,
    TaskCanceled,
    TimerCanceled,
    Unsubscribed,
)


def terminate(step: Step, element: ElementInstance) -> None:
    """End the element instance with all that is in it."""
    terminate_all(step, [element])


def terminate_all(step: Step, elements: Iterable[ElementInstance]) -> None:
    """End several element instances, one after the other."""
    first = list(elements)
    inside = _children(step) if any(element.children for element in first) else {}
    stack = [(element, False) for element in reversed(first)]
    while stack:
        current, withdrawn = stack.pop()
        if withdrawn:
            step.record(ElementTerminated(current.key))
            continue
        step.record(ElementTerminating(current.key))
        withdraw(step, current)
        stack.append((current, True))
        stack.extend((child, False) for child in reversed(inside.get(current.key, ())))


def terminate_children(step: Step, scope: ElementInstance) -> None:
    """End all that is in a scope; the scope itself goes on."""
    if scope.children:
        terminate_all(step, [element for element in step.instance.elements.values() if element.scope == scope.key])


def withdraw(step: Step, element: ElementInstance) -> None:
    """Cancel the element's job, task, called instance, timers, subscriptions and incidents."""
    if element.job:
        approval = step.instance.jobs[element.job].approval
        if approval:
            step.record(ApprovalClosed(approval, "canceled"))
        step.record(JobCanceled(element.job))
    if element.task:
        step.record(TaskCanceled(element.task))
    if element.child:
        step.effects.append(CancelCalled(element.child))
        step.record(CallEnded(element.key, element.child, "canceled"))
    for key in list(element.waits):
        close_wait(step, key)
    if step.instance.incidents:
        resolve_incidents(step, element)


def close_wait(step: Step, key: int) -> None:
    """A timer, subscription or condition is no longer waited for."""
    if key in step.instance.timers:
        step.record(TimerCanceled(key))
    elif key in step.instance.conditions:
        step.record(ConditionClosed(key))
    else:
        step.record(Unsubscribed(key))


def resolve_incidents(step: Step, element: ElementInstance) -> None:
    """What kept the element from going on no longer matters."""
    for key in [key for key, incident in step.instance.incidents.items() if incident.element == element.key]:
        step.record(IncidentResolved(key))


def _children(step: Step) -> dict[int, list[ElementInstance]]:
    inside: dict[int, list[ElementInstance]] = {}
    for element in step.instance.elements.values():
        inside.setdefault(element.scope, []).append(element)
    return inside
