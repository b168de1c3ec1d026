"""People's answers to what a policy wants approved before a job may leave."""

from typing import Any

from clearance.kernel.handlers.tasks import denied
from clearance.kernel.state import ApprovalState
from clearance.kernel.working import Refused, Step
from clearance.model.commands import GiveApproval
from clearance.model.effects import NeedClearance
from clearance.model.events import ApprovalClosed, ApprovalGiven, IncidentRaised, JobDenied


def _give(step: Step, command: GiveApproval) -> None:
    approval = step.instance.approvals.get(command.approval)
    if approval is None:
        raise Refused("not-found", f"approval {command.approval} is not open any longer")
    if denied(step, command.ruling, "the approval"):
        return
    _check(approval, command)
    assert command.ruling is not None
    job = approval.job
    step.record(
        ApprovalGiven(
            command.approval, command.by.name, command.by.roles, command.approved, command.comment, command.ruling
        )
    )
    if not command.approved:
        step.record(ApprovalClosed(command.approval, "rejected"))
        step.record(JobDenied(job, command.ruling))
        said = f": {command.comment}" if command.comment else ""
        state = step.instance.jobs[job]
        step.record(
            IncidentRaised(step.key(), state.element, "denied", f"{command.by.name} rejected {state.type}{said}", job)
        )
        return
    rule = approval.ruling.approval
    assert rule is not None
    if len({given.person for given in approval.given}) >= rule.count:
        step.record(ApprovalClosed(command.approval, "granted"))
        step.effects.append(NeedClearance(job))


def _check(approval: ApprovalState, command: GiveApproval) -> None:
    if command.action_sha256 != approval.ruling.action_sha256:
        raise Refused("conflict", "the action is not the one that was shown: look at it again before you approve")
    if any(given.person == command.by.name for given in approval.given):
        raise Refused("conflict", f"{command.by.name} has approved already; another person is needed")


HANDLERS: dict[Any, Any] = {GiveApproval: _give}
