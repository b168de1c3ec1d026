"""Rulings on jobs, their outcomes and their next attempts."""

from typing import Any

from clearance.kernel.shared import ad_hoc, listeners, turns
from clearance.kernel.shared.evidence import note_given
from clearance.kernel.shared.throwing import ends_its_activity, throw
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance, JobState
from clearance.kernel.working import COMPLETE, Fault, Refused, Step
from clearance.model.commands import Clear, FinishJob, RetryJob
from clearance.model.effects import NeedClearance, RunJob
from clearance.model.events import (
    ApprovalRequested,
    IncidentRaised,
    JobCleared,
    JobCompleted,
    JobDenied,
    JobFailed,
    JobRaised,
    JobRetried,
)
from clearance.model.work import Completed, Escalated, Failed, Raised, TaskResult, Waiting


def job_of(step: Step, key: int) -> JobState:
    """The job, or a refusal."""
    job = step.instance.jobs.get(key)
    if job is None:
        raise Refused("not-found", f"job {key} is not waiting for anything: it is done, or its element has ended")
    return job


def _clear(step: Step, command: Clear) -> None:
    job = job_of(step, command.job)
    if job.phase != "created":
        raise Refused("conflict", f"job {command.job} does not await clearance")
    ruling = command.ruling
    note_given(step, step.instance.elements[job.element], tuple(command.parameters))
    if ruling.permits:
        step.record(JobCleared(command.job, ruling))
        step.effects.append(RunJob(command.job))
    elif ruling.decision == "approval":
        step.record(ApprovalRequested(step.key(), command.job, ruling, dict(command.parameters)))
    else:
        step.record(JobDenied(command.job, ruling))
        why = "; ".join(ruling.reasons) or "no policy permits it"
        policies = f" ({', '.join(ruling.policies)})" if ruling.policies else ""
        message = f"clearance denied for {job.type}: {why}{policies}"
        step.record(IncidentRaised(step.key(), job.element, "denied", message, command.job))


def _finish(step: Step, command: FinishJob) -> None:
    job = job_of(step, command.job)
    if job.attempt != command.attempt or job.phase != "at-work":
        raise Refused("conflict", f"the outcome of attempt {command.attempt} of job {command.job} is stale")
    element = step.instance.elements[job.element]
    outcome = command.outcome
    if job.listener:
        _hear(step, command, job)
        return
    if isinstance(outcome, Completed):
        step.record(JobCompleted(command.job, outcome.evidence))
        if step.node_of(element).kind == ad_hoc.KIND:
            _decide(step, element, outcome, command.label)
            return
        receive(step, element, step.node_of(element), outcome.variables, command.label)
        step.follow(COMPLETE, element.key)
    elif isinstance(outcome, Failed):
        _fail(step, command, job, outcome)
    elif isinstance(outcome, Raised):
        step.record(JobRaised(command.job, outcome.code, outcome.message))
        throw(step, element, "error", outcome.code, outcome.message, outcome.variables, command.label)
    elif isinstance(outcome, Escalated):
        step.record(JobRaised(command.job, "escalation", outcome.reason))
        caught = throw(step, element, "escalation", "", outcome.reason)
        if caught is None or not ends_its_activity(caught):
            message = f"{job.type} hands over to a person: {outcome.reason}"
            step.record(IncidentRaised(step.key(), element.key, "escalated", message))
    elif isinstance(outcome, Waiting):
        return


def _hear(step: Step, command: FinishJob, job: JobState) -> None:
    """What a listener answers: it may fail like any job, but not throw."""
    element, outcome = step.instance.elements[job.element], command.outcome
    if isinstance(outcome, Completed) and element.turn is not None:
        _hear_of_task(step, command, job, outcome)
    elif isinstance(outcome, Completed):
        step.record(JobCompleted(command.job, outcome.evidence))
        listeners.heard(step, element, step.node_of(element), job.listener, outcome.variables, command.label)
    elif isinstance(outcome, Raised | Escalated):
        why = outcome.code if isinstance(outcome, Raised) else outcome.reason
        _fail(step, command, job, Failed(f"a listener can throw nothing ({why}); let it fail, or complete it", False))
    elif isinstance(outcome, Failed):
        _fail(step, command, job, outcome)


def _hear_of_task(step: Step, command: FinishJob, job: JobState, outcome: Completed) -> None:
    """Corrections that cannot be are a failure of the listener, before anything of them is recorded."""
    element = step.instance.elements[job.element]
    result = outcome.task or TaskResult()
    problem = turns.problem_of(step, element, result)
    if outcome.variables:
        problem = "a listener of a user task sets no variables; let it correct the task or deny what happens"
    if problem:
        _fail(step, command, job, Failed(problem, retryable=False))
        return
    step.record(JobCompleted(command.job, outcome.evidence))
    turns.hear(step, element, result)


def _decide(step: Step, element: ElementInstance, outcome: Completed, label: str) -> None:
    try:
        ad_hoc.decided(step, element, step.node_of(element), outcome, label)
    except Fault as fault:
        step.record(IncidentRaised(step.key(), element.key, fault.kind, fault.message))


def _fail(step: Step, command: FinishJob, job: JobState, outcome: Failed) -> None:
    attempts = job.attempts or command.attempts
    left = max(attempts - job.attempt, 0) if outcome.retryable else 0
    retry_at = step.now + command.retry_in if left else 0
    step.record(JobFailed(command.job, outcome.error, left, retry_at, outcome.evidence))
    if not left:
        tried = f"after {job.attempt} attempts" if job.attempt > 1 else "at the first attempt"
        message = f"{job.type} failed {tried}: {outcome.error}"
        step.record(IncidentRaised(step.key(), job.element, "job", message, command.job))


def _retry(step: Step, command: RetryJob) -> None:
    job = job_of(step, command.job)
    if job.phase != "pause":
        raise Refused("conflict", f"job {command.job} does not pause")
    retry(step, command.job, job.attempts - job.attempt)


def retry(step: Step, key: int, attempts: int) -> None:
    """Another attempt, with so many in all from now on; it awaits clearance anew."""
    step.record(JobRetried(key, attempts))
    step.effects.append(NeedClearance(key))


HANDLERS: dict[Any, Any] = {Clear: _clear, FinishJob: _finish, RetryJob: _retry}
