"""What becomes of a user task: assigned, corrected, completed."""

from typing import TypeVar

import msgspec

from clearance.kernel.shared import times
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance, TaskState
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.commands import AssignTask, CompleteTask
from clearance.model.events import TaskAssigned, TaskChanged, TaskCompleted, TaskCreated
from clearance.model.work import TaskCorrections

T = TypeVar("T")


class Attributes(msgspec.Struct, frozen=True):
    """What listeners may correct of a task."""

    assignee: str
    groups: tuple[str, ...]
    users: tuple[str, ...]
    due: int
    follow_up: int
    priority: int


def complete(step: Step, command: CompleteTask) -> None:
    """The person's answer counts."""
    element = step.instance.elements[step.instance.tasks[command.task].element]
    answers = dict(command.variables)
    if command.option:
        answers["decision"] = command.option
        answers["comment"] = command.comment
        answers["decidedBy"] = command.by.name
    step.record(TaskCompleted(command.task, command.by.name, command.option, command.comment, command.ruling))
    receive(step, element, step.node_of(element), answers, source=command.task)
    step.follow(COMPLETE, element.key)


def assign(step: Step, command: AssignTask) -> None:
    """Somebody has it, or nobody any longer."""
    step.record(TaskAssigned(command.task, command.assignee, command.by.name, command.ruling))


def correct(step: Step, element: ElementInstance, corrections: TaskCorrections) -> None:
    """Change the task as its listeners say."""
    task = step.instance.tasks[element.task]
    corrected = attributes(task, corrections, step.node_of(element).label)
    if corrected != attributes(task):
        step.record(TaskChanged(element.task, *msgspec.structs.astuple(corrected)))


def attributes(
    task: TaskCreated | TaskState, corrections: TaskCorrections = TaskCorrections(), label: str = ""
) -> Attributes:
    """The task as it is once it is corrected; raises :class:`Fault` for what cannot be."""
    priority = _or(corrections.priority, task.priority)
    if not 0 <= priority <= 100:
        raise Fault("expression", f"priority of {label}: must be a number from 0 to 100, but is {priority}")
    return Attributes(
        _or(corrections.assignee, task.assignee),
        _or(corrections.candidate_groups, task.groups),
        _or(corrections.candidate_users, task.users),
        _date(corrections.due_date, task.due, f"due date of {label}"),
        _date(corrections.follow_up_date, task.follow_up, f"follow-up date of {label}"),
        priority,
    )


def _or(corrected: T | None, present: T) -> T:
    return present if corrected is None else corrected


def _date(corrected: str | None, present: int, what: str) -> int:
    if corrected is None:
        return present
    return times.due_date(corrected, what) if corrected else 0
