"""Jobs: work for actors, from the gate's ruling to the outcome."""

from clearance.model.clearance import Ruling
from clearance.model.events.base import Recorded
from clearance.model.work import Evidence


class JobCreated(Recorded, frozen=True, tag="job"):
    key: int
    element: int
    type: str
    attempts: int
    """How many attempts it has in all; 0: what the actor declares."""
    headers: dict[str, str]
    listener: str = ""
    """The event of the element's life that it listens to: the element waits for it, but does something else itself."""


class JobCleared(Recorded, frozen=True, tag="job-cleared"):
    """The gate permits this attempt; it may leave once this is committed."""

    key: int
    ruling: Ruling


class JobDenied(Recorded, frozen=True, tag="job-denied"):
    key: int
    ruling: Ruling


class JobCompleted(Recorded, frozen=True, tag="job-completed"):
    key: int
    evidence: Evidence | None = None


class JobFailed(Recorded, frozen=True, tag="job-failed"):
    """An attempt failed; the next one is due at ``retry_at``, or there is none (0)."""

    key: int
    error: str
    attempts_left: int
    retry_at: int
    evidence: Evidence | None = None


class JobRetried(Recorded, frozen=True, tag="job-retried"):
    """The pause is over, or a person gave it new attempts: it awaits clearance again."""

    key: int
    attempts: int


class JobRaised(Recorded, frozen=True, tag="job-raised"):
    key: int
    code: str
    message: str


class JobCanceled(Recorded, frozen=True, tag="job-canceled"):
    key: int
