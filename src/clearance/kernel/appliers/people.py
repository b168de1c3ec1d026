"""What user task events do to the state."""

from clearance.kernel.appliers.elements import remember_person
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Instance, TaskState
from clearance.model import events
from clearance.model.graph import Graph


def _created(instance: Instance, event: events.TaskCreated, graph: Graph) -> None:
    instance.tasks[event.key] = TaskState(
        event.element, event.assignee, event.groups, event.users, event.due, event.brief
    )
    instance.elements[event.element].task = event.key


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
}
