"""Approvals: asked for by a policy before a job may leave."""

from clearance.model.clearance import Ruling
from clearance.model.events.base import Recorded
from clearance.model.values import Data


class ApprovalRequested(Recorded, frozen=True, tag="approval"):
    key: int
    job: int
    ruling: Ruling
    parameters: dict[str, Data]


class ApprovalGiven(Recorded, frozen=True, tag="approval-given"):
    """One person's answer; ``approved`` false closes the request and denies the job."""

    key: int
    person: str
    roles: tuple[str, ...]
    approved: bool
    comment: str
    ruling: Ruling


class ApprovalClosed(Recorded, frozen=True, tag="approval-closed"):
    key: int
    outcome: str
    """granted, rejected, or canceled (the action changed or its element ended)."""
