"""Task listeners: actors that are asked before a user task is created, assigned, changed or completed.

They may deny it (not that it is created), and correct the task. Until all have been heard nothing of it has happened;
what is to happen is kept in the element. A task that the process assigns is created without an assignee, then assigned.
"""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from clearance.kernel.shared import evidence, tasks
from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.jobs import attempts
from clearance.kernel.state import ElementInstance, TaskState
from clearance.kernel.working import Fault, Refused, Step
from clearance.model.clearance import Person
from clearance.model.commands import AssignTask, CompleteTask, SetVariables
from clearance.model.effects import NeedClearance
from clearance.model.events import (
    IncidentRaised,
    JobCreated,
    TaskCreated,
    TaskHeard,
    TaskTurned,
    TaskTurning,
    VariablesSet,
)
from clearance.model.graph import Node
from clearance.model.values import Value
from clearance.model.work import TaskResult

CREATING, ASSIGNING, UPDATING, COMPLETING = "creating", "assigning", "updating", "completing"

What = TaskCreated | CompleteTask | AssignTask | SetVariables
_TYPES: dict[str, type[What]] = {
    CREATING: TaskCreated,
    ASSIGNING: AssignTask,
    UPDATING: SetVariables,
    COMPLETING: CompleteTask,
}
_encoder = msgspec.json.Encoder(decimal_format="number")
_PREFIX = "io.camunda.zeebe:"
_NOBODY = Person("")


def must_rest(element: ElementInstance) -> None:
    """Refuse what comes while listeners are asked about something else."""
    if element.turn is not None:
        raise Refused("conflict", f"the task waits for its listeners ({element.turn.event}): try again later")


def asks(step: Step, element: ElementInstance, event: str, what: What) -> bool:
    """Ask the listeners first; False when there are none, and it can happen now."""
    if event not in step.node_of(element).listeners:
        return False
    step.record(TaskTurning(element.key, event, _encoder.encode(what).decode()))
    go_on(step, element)
    return True


def go_on(step: Step, element: ElementInstance) -> None:
    """The next listener is asked; after the last one it happens. What cannot be asked is an incident of the task."""
    turn, node = element.turn, step.node_of(element)
    assert turn is not None
    listeners = node.listeners[turn.event]
    try:
        if turn.heard < len(listeners):
            _ask(step, element, node, turn.heard)
        else:
            _happen(step, element, node)
    except Fault as fault:
        step.record(IncidentRaised(step.key(), element.key, fault.kind, fault.message))


def hear(step: Step, element: ElementInstance, result: TaskResult) -> None:
    """A listener has answered something that can be."""
    if result.denied:
        step.record(TaskTurned(element.key, True, result.denied_reason))
        return
    step.record(TaskHeard(element.key, result.corrections))
    go_on(step, element)


def problem_of(step: Step, element: ElementInstance, result: TaskResult) -> str:
    """Why a listener cannot answer so; empty when it can."""
    turn, label = element.turn, step.node_of(element).label
    assert turn is not None
    what = _what(turn.event, turn.what)
    if isinstance(what, TaskCreated) and (result.denied or (result.corrections.assignee and what.assignee)):
        return f"a listener cannot deny that {label} is created, nor replace the assignee that the process gives it"
    try:
        tasks.attributes(_task(step, element, what), result.corrections, label)
    except Fault as fault:
        return fault.message
    return ""


def _ask(step: Step, element: ElementInstance, node: Node, number: int) -> None:
    turn = element.turn
    assert turn is not None
    listener = node.listeners[turn.event][number]
    what = f"{turn.event} listener {number + 1} of {node.label}"
    job_type = text(step, listener.type, element.key, f"job type of {what}")
    count = attempts(step, element, listener.retries, f"retries of {what}")
    headers = {**listener.headers, **_told(step, element)}
    step.record(JobCreated(step.key(), element.key, job_type, count, headers, turn.event))
    step.effects.append(NeedClearance(element.job))


def _told(step: Step, element: ElementInstance) -> dict[str, str]:
    """The task as it is about to be, under the names that Camunda 8 gives its attributes."""
    turn = element.turn
    assert turn is not None
    what = _what(turn.event, turn.what)
    present = tasks.attributes(_task(step, element, what))
    about = tasks.attributes(_task(step, element, what), turn.corrections)
    if isinstance(what, AssignTask) and turn.corrections.assignee is None:
        about = msgspec.structs.replace(about, assignee=what.assignee)
    changed = [called for name, called in _NAMES.items() if getattr(about, name) != getattr(present, name)]
    dates = {"dueDate": about.due, "followUpDate": about.follow_up}
    told = {
        "action": _ACTIONS[turn.event],
        "assignee": about.assignee,
        "candidateGroups": _encoder.encode(about.groups).decode(),
        "candidateUsers": _encoder.encode(about.users).decode(),
        "changedAttributes": _encoder.encode(changed).decode(),
        "priority": str(about.priority),
        "userTaskKey": str(what.key if isinstance(what, TaskCreated) else element.task),
        **{name: datetime.fromtimestamp(date / 1000, UTC).isoformat() for name, date in dates.items() if date},
    }
    return {_PREFIX + name: value for name, value in told.items()}


_ACTIONS = {CREATING: "create", ASSIGNING: "assign", UPDATING: "update", COMPLETING: "complete"}
_NAMES = {
    "assignee": "assignee",
    "groups": "candidateGroups",
    "users": "candidateUsers",
    "due": "dueDate",
    "follow_up": "followUpDate",
    "priority": "priority",
}


def _task(step: Step, element: ElementInstance, what: What) -> TaskCreated | TaskState:
    return what if isinstance(what, TaskCreated) else step.instance.tasks[element.task]


def _what(event: str, text: str) -> What:
    return msgspec.json.Decoder(_TYPES[event], float_hook=Decimal).decode(text)


def _happen(step: Step, element: ElementInstance, node: Node) -> None:
    """All have been heard."""
    turn = element.turn
    assert turn is not None
    corrections, what = turn.corrections, _what(turn.event, turn.what)
    step.record(TaskTurned(element.key))
    if isinstance(what, TaskCreated):
        corrected = msgspec.structs.asdict(tasks.attributes(what, corrections, node.label))
        created(step, element, msgspec.structs.replace(what, **corrected))
        return
    if isinstance(what, AssignTask):
        assignee = what.assignee if corrections.assignee is None else corrections.assignee
        tasks.assign(step, msgspec.structs.replace(what, assignee=assignee))
        corrections = msgspec.structs.replace(corrections, assignee=None)
    tasks.correct(step, element, corrections)
    if isinstance(what, CompleteTask):
        tasks.complete(step, what)
    elif isinstance(what, SetVariables):
        values = {name: Value(data, "", "", element.key) for name, data in what.variables.items()}
        step.record(VariablesSet(element.key, values))
    if step.changed and not element.renews:
        evidence.consider(step)


def created(step: Step, element: ElementInstance, task: TaskCreated) -> None:
    """People may do it from now on; one that has listeners for being assigned is assigned once these are heard."""
    if not task.assignee or ASSIGNING not in step.node_of(element).listeners:
        step.record(task)
        return
    step.record(msgspec.structs.replace(task, assignee=""))
    command = AssignTask(instance=step.instance.key, task=task.key, assignee=task.assignee, by=_NOBODY)
    asks(step, element, ASSIGNING, command)
