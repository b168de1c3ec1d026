"""Jobs: work for an actor, cleared by the gate before it leaves."""

from clearance.kernel.shared.expressions import evaluate, text
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.definition import JobDefinition
from clearance.model.effects import NeedClearance
from clearance.model.events import ApprovalClosed, JobCanceled, JobCreated
from clearance.model.graph import Node


def create_job(step: Step, element: ElementInstance, node: Node, definition: JobDefinition) -> None:
    """The element waits for an actor."""
    job_type = text(step, node.texts["job.type"], element.key, f"job type of {node.label}")
    key = step.key()
    step.record(JobCreated(key, element.key, job_type, _attempts(step, element, node), dict(definition.headers)))
    step.effects.append(NeedClearance(key))


def cancel_job(step: Step, element: ElementInstance) -> None:
    """The element's job is no longer wanted; its late outcome will be stale."""
    approval = step.instance.jobs[element.job].approval
    if approval:
        step.record(ApprovalClosed(approval, "canceled"))
    step.record(JobCanceled(element.job))


def _attempts(step: Step, element: ElementInstance, node: Node) -> int:
    compiled = node.texts.get("job.retries")
    if compiled is None:
        return 0
    what = f"retries of {node.label}"
    data = evaluate(step, compiled, element.key, what).data
    try:
        attempts = int(str(data))
    except ValueError:
        attempts = -1
    if attempts < 0:
        raise Fault("expression", f"{what} = {compiled.text}: must be a whole number from 0, but is {data!r}")
    return max(attempts, 1)
