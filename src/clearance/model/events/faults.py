"""Errors, compensation, incidents and what was refused."""

from clearance.model.clearance import Ruling
from clearance.model.events.base import Recorded
from clearance.model.values import Value


class ErrorThrown(Recorded, frozen=True, tag="error"):
    """A BPMN error or escalation leaves an element; ``caught_by`` is a node's index, -1 when nothing catches it."""

    element: int
    kind: str
    code: str
    message: str
    caught_by: int


class CompensationNoted(Recorded, frozen=True, tag="compensable"):
    """An activity with a compensation handler completed; its local data is kept as it was."""

    element: int
    node: int
    scope: int
    handler: int
    values: dict[str, Value]


class CompensationStarted(Recorded, frozen=True, tag="compensating"):
    """A handler runs for one completed activity."""

    key: int
    """The handler's element instance."""
    element: int
    """The completed activity's element instance."""
    thrower: int
    following: tuple[int, ...] = ()
    """When the thrower does not wait: what is to be undone next, latest first."""


class IncidentRaised(Recorded, frozen=True, tag="incident"):
    key: int
    element: int
    kind: str
    """expression, job, decision, uncaught-error, denied, loop, timer, condition, ..."""
    message: str
    job: int = 0


class IncidentResolved(Recorded, frozen=True, tag="incident-resolved"):
    key: int
    by: str = ""


class CommandRefused(Recorded, frozen=True, tag="refused"):
    """Somebody asked for what may not be: recorded with the ruling, and nothing else changes."""

    reason: str
    ruling: Ruling | None = None


class InstanceCanceled(Recorded, frozen=True, tag="canceled"):
    by: str
    reason: str
