"""Jobs: work for an actor, cleared by the gate before it leaves."""

from clearance.kernel.shared.expressions import NOTHING, Values, evaluate, text
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.definition import JobDefinition
from clearance.model.effects import NeedClearance
from clearance.model.events import ApprovalClosed, JobCanceled, JobCreated
from clearance.model.graph import Compiled, Node
from clearance.model.values import to_json


def create_job(step: Step, element: ElementInstance, node: Node, definition: JobDefinition) -> None:
    """The element waits for an actor."""
    job_type = text(step, node.texts["job.type"], element.key, f"job type of {node.label}")
    key = step.key()
    count = attempts(step, element, node.texts.get("job.retries"), f"retries of {node.label}")
    step.record(JobCreated(key, element.key, job_type, count, headers_of(definition)))
    step.effects.append(NeedClearance(key))


def headers_of(definition: JobDefinition) -> dict[str, str]:
    """What is told to the actor besides its input."""
    headers = dict(definition.headers)
    if definition.linked:
        told = [
            {
                "resourceId": resource.id,
                "resourceType": resource.type,
                "linkName": resource.link,
                "bindingType": resource.binding or "latest",
                "versionTag": resource.version_tag,
            }
            for resource in definition.linked
        ]
        headers["linkedResources"] = to_json(told).decode()
    return headers


def cancel_job(step: Step, element: ElementInstance) -> None:
    """The element's job is no longer wanted; its late outcome will be stale."""
    approval = step.instance.jobs[element.job].approval
    if approval:
        step.record(ApprovalClosed(approval, "canceled"))
    step.record(JobCanceled(element.job))


def attempts(step: Step, element: ElementInstance, compiled: Compiled | None, what: str, seen: Values = NOTHING) -> int:
    """How many attempts a job has; 0: what the actor declares."""
    if compiled is None:
        return 0
    data = evaluate(step, compiled, element.key, what, seen).data
    try:
        count = int(str(data))
    except ValueError:
        count = -1
    if count < 0:
        raise Fault("expression", f"{what} = {compiled.text}: must be a whole number from 0, but is {data!r}")
    return max(count, 1)
