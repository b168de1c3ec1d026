"""User tasks: what people are asked and what they answer."""

from clearance.model.clearance import Ruling
from clearance.model.events.base import Recorded
from clearance.model.values import Data
from clearance.model.work import TaskCorrections


class TaskCreated(Recorded, frozen=True, tag="task"):
    key: int
    element: int
    assignee: str
    groups: tuple[str, ...]
    users: tuple[str, ...]
    due: int
    """Milliseconds since 1970, 0: none."""
    follow_up: int
    priority: int
    form: str
    brief: Data
    """What the person is shown: the task's local variable ``brief``, or null."""


class TaskTurning(Recorded, frozen=True, tag="task-turning"):
    """Listeners are asked before a user task is created, assigned, changed or completed."""

    element: int
    turn: str
    """creating, assigning, updating or completing."""
    what: str
    """JSON of what then happens: the task as it is created, or the command."""


class TaskHeard(Recorded, frozen=True, tag="task-heard"):
    """A listener has answered and lets it go on, with corrections."""

    element: int
    corrections: TaskCorrections


class TaskTurned(Recorded, frozen=True, tag="task-turned"):
    """All listeners have been heard, or one has denied it."""

    element: int
    denied: bool = False
    reason: str = ""


class TaskChanged(Recorded, frozen=True, tag="task-changed"):
    """Listeners have corrected the task: all of it as it is now."""

    key: int
    assignee: str
    groups: tuple[str, ...]
    users: tuple[str, ...]
    due: int
    follow_up: int
    priority: int


class TaskAssigned(Recorded, frozen=True, tag="task-assigned"):
    key: int
    assignee: str
    """Empty: released."""
    by: str
    ruling: Ruling | None = None


class TaskCompleted(Recorded, frozen=True, tag="task-completed"):
    key: int
    by: str
    option: str
    comment: str
    ruling: Ruling | None = None


class TaskCanceled(Recorded, frozen=True, tag="task-canceled"):
    key: int
