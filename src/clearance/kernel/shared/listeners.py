"""Execution listeners: actors that an element waits for before it begins and before it is left, one after the other.

Those for the start are asked once inputs are there, before anything is waited for; what they bring is local to the
element. Those for the end are asked once outputs have been handed on; what they bring travels like outputs. Of a
repeated activity each round asks them, and the body asks those for ``beforeAll``. An incident of one of them is mended
there: those that have been heard are not asked again.
"""

from collections.abc import Mapping

from clearance.kernel.shared.expressions import NOTHING, Values, text
from clearance.kernel.shared.jobs import attempts
from clearance.kernel.shared.outputs import hand_on
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import ACTIVATE, COMPLETE, Step
from clearance.model.effects import NeedClearance
from clearance.model.events import JobCreated, VariablesSet
from clearance.model.graph import Node
from clearance.model.values import Data, Value

START, END, BEFORE_ALL = "start", "end", "beforeAll"


def waits_for(step: Step, element: ElementInstance, node: Node, event: str) -> bool:
    """Ask the next listener; False when there is none that has not been heard."""
    job = next_of(step, element, node, event)
    if job is not None:
        ask(step, job)
    return job is not None


def next_of(
    step: Step, element: ElementInstance, node: Node, event: str, outputs: Values = NOTHING
) -> JobCreated | None:
    """The job of the next listener: decided, not recorded; its texts see the outputs that are about to be set."""
    listeners = node.listeners.get(event, ())
    if element.listened >= len(listeners):
        return None
    listener = listeners[element.listened]
    what = f"{event} listener {element.listened + 1} of {node.label}"
    job_type = text(step, listener.type, element.key, f"job type of {what}", outputs)
    count = attempts(step, element, listener.retries, f"retries of {what}", outputs)
    return JobCreated(step.key(), element.key, job_type, count, dict(listener.headers), event)


def ask(step: Step, job: JobCreated) -> None:
    """The element waits for this listener."""
    step.record(job)
    step.effects.append(NeedClearance(job.key))


def heard(
    step: Step, element: ElementInstance, node: Node, event: str, variables: Mapping[str, Data], label: str
) -> None:
    """A listener has answered: its variables count, and the element goes on with the next one or with itself."""
    values = {name: Value(data, label, "", element.key) for name, data in variables.items()}
    if event == END:
        hand_on(step, element, node, values)
        step.follow(COMPLETE, element.key)
        return
    if values:
        step.record(VariablesSet(element.key, values))
    step.follow(ACTIVATE, element.key)
