"""What people do with user tasks. The gate has ruled before the command gets here; its ruling is recorded."""

from typing import Any

from clearance.kernel.shared import tasks, turns
from clearance.kernel.state import TaskState
from clearance.kernel.working import Refused, Step
from clearance.model.clearance import Ruling
from clearance.model.commands import AssignTask, CompleteTask
from clearance.model.events import CommandRefused


def denied(step: Step, ruling: Ruling | None, what: str) -> bool:
    """Whether the gate said no; if so that is recorded, and nothing else happens."""
    if ruling is not None and ruling.permits:
        return False
    why = "; ".join(ruling.reasons) if ruling else "nobody has ruled on it"
    step.record(CommandRefused(f"{what} was refused: {why}", ruling))
    return True


def _task(step: Step, key: int) -> TaskState:
    task = step.instance.tasks.get(key)
    if task is None:
        raise Refused("not-found", f"task {key} is not open any longer")
    turns.must_rest(step.instance.elements[task.element])
    return task


def _complete(step: Step, command: CompleteTask) -> None:
    task = _task(step, command.task)
    if denied(step, command.ruling, "completing the task"):
        return
    if task.assignee and task.assignee != command.by.name:
        raise Refused("conflict", f"the task is assigned to {task.assignee}: ask them to release it first")
    if not turns.asks(step, step.instance.elements[task.element], turns.COMPLETING, command):
        tasks.complete(step, command)


def _assign(step: Step, command: AssignTask) -> None:
    task = _task(step, command.task)
    if denied(step, command.ruling, "assigning the task"):
        return
    if task.assignee and command.assignee and task.assignee not in (command.by.name, command.assignee):
        raise Refused("conflict", f"the task is assigned to {task.assignee}: ask them to release it first")
    if not turns.asks(step, step.instance.elements[task.element], turns.ASSIGNING, command):
        tasks.assign(step, command)


HANDLERS: dict[Any, Any] = {CompleteTask: _complete, AssignTask: _assign}
