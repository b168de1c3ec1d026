"""What user task events do to the state."""

import msgspec

from clearance.kernel.appliers.elements import remember_person
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Instance, TaskState, Turn
from clearance.model import events
from clearance.model.graph import Graph
from clearance.model.work import TaskCorrections

_CORRECTED = TaskCorrections.__struct_fields__


def _created(instance: Instance, event: events.TaskCreated, graph: Graph) -> None:
    instance.tasks[event.key] = TaskState(
        event.element,
        event.assignee,
        event.groups,
        event.users,
        event.due,
        event.brief,
        event.follow_up,
        event.priority,
    )
    instance.elements[event.element].task = event.key


def _turning(instance: Instance, event: events.TaskTurning, graph: Graph) -> None:
    instance.elements[event.element].turn = Turn(event.turn, event.what)


def _heard(instance: Instance, event: events.TaskHeard, graph: Graph) -> None:
    turn = instance.elements[event.element].turn
    assert turn is not None
    turn.heard += 1
    said = {name: value for name in _CORRECTED if (value := getattr(event.corrections, name)) is not None}
    turn.corrections = msgspec.structs.replace(turn.corrections, **said)


def _turned(instance: Instance, event: events.TaskTurned, graph: Graph) -> None:
    instance.elements[event.element].turn = None


def _changed(instance: Instance, event: events.TaskChanged, graph: Graph) -> None:
    task = instance.tasks[event.key]
    task.assignee, task.groups, task.users = event.assignee, event.groups, event.users
    task.due, task.follow_up, task.priority = event.due, event.follow_up, event.priority


def _assigned(instance: Instance, event: events.TaskAssigned, graph: Graph) -> None:
    instance.tasks[event.key].assignee = event.assignee


def _completed(instance: Instance, event: events.TaskCompleted, graph: Graph) -> None:
    remember_person(instance, event.by)
    _end(instance, event.key)


def _canceled(instance: Instance, event: events.TaskCanceled, graph: Graph) -> None:
    _end(instance, event.key)


def _end(instance: Instance, key: int) -> None:
    task = instance.tasks.pop(key)
    instance.elements[task.element].task = 0


APPLIERS: Table = {
    events.TaskCreated: _created,
    events.TaskAssigned: _assigned,
    events.TaskCompleted: _completed,
    events.TaskCanceled: _canceled,
    events.TaskTurning: _turning,
    events.TaskHeard: _heard,
    events.TaskTurned: _turned,
    events.TaskChanged: _changed,
}
