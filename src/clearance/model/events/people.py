"""User tasks: what people are asked and what they answer."""

from clearance.model.clearance import Ruling
from clearance.model.events.base import Recorded
from clearance.model.values import Data


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
