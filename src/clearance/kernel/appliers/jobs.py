"""What job and approval events do to the state."""

from clearance.kernel.appliers.elements import remember_person
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import ApprovalState, Instance, JobState
from clearance.model import events
from clearance.model.clearance import Approval
from clearance.model.graph import Graph


def _created(instance: Instance, event: events.JobCreated, graph: Graph) -> None:
    instance.jobs[event.key] = JobState(
        event.element, event.type, event.attempts, headers=event.headers, listener=event.listener
    )
    instance.elements[event.element].job = event.key


def _cleared(instance: Instance, event: events.JobCleared, graph: Graph) -> None:
    instance.jobs[event.key].phase = "at-work"


def _denied(instance: Instance, event: events.JobDenied, graph: Graph) -> None:
    instance.jobs[event.key].phase = "failed"


def _gone(instance: Instance, event: events.JobCompleted | events.JobRaised | events.JobCanceled, graph: Graph) -> None:
    job = instance.jobs.pop(event.key)
    element = instance.elements[job.element]
    element.job = 0
    if job.listener and element.turn is None and type(event) is events.JobCompleted:
        element.listened += 1
    if job.approval:
        instance.approvals.pop(job.approval, None)


def _failed(instance: Instance, event: events.JobFailed, graph: Graph) -> None:
    job = instance.jobs[event.key]
    job.phase = "pause" if event.retry_at else "failed"
    job.retry_at = event.retry_at
    job.attempts = job.attempt + event.attempts_left


def _retried(instance: Instance, event: events.JobRetried, graph: Graph) -> None:
    job = instance.jobs[event.key]
    job.phase = "created"
    job.attempt += 1
    job.attempts = job.attempt - 1 + event.attempts
    job.retry_at = 0


def _requested(instance: Instance, event: events.ApprovalRequested, graph: Graph) -> None:
    instance.approvals[event.key] = ApprovalState(event.job, event.ruling)
    job = instance.jobs[event.job]
    job.phase = "approval"
    job.approval = event.key


def _given(instance: Instance, event: events.ApprovalGiven, graph: Graph) -> None:
    approval = instance.approvals[event.key]
    remember_person(instance, event.person)
    if event.approved:
        given = Approval(event.person, event.roles, approval.ruling.action_sha256)
        approval.given.append(given)
        instance.granted.append(given)


def _closed(instance: Instance, event: events.ApprovalClosed, graph: Graph) -> None:
    approval = instance.approvals.pop(event.key)
    job = instance.jobs[approval.job]
    job.approval = 0
    job.phase = "created"


APPLIERS: Table = {
    events.JobCreated: _created,
    events.JobCleared: _cleared,
    events.JobDenied: _denied,
    events.JobCompleted: _gone,
    events.JobRaised: _gone,
    events.JobCanceled: _gone,
    events.JobFailed: _failed,
    events.JobRetried: _retried,
    events.ApprovalRequested: _requested,
    events.ApprovalGiven: _given,
    events.ApprovalClosed: _closed,
}
