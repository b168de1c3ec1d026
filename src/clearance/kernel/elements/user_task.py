"""User task (10.3.4.1): a person does it, in the inbox."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared import times, turns
from clearance.kernel.shared.expressions import evaluate, optional_text, texts
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Fault, Step
from clearance.model.definition import UserTask
from clearance.model.events import TaskCreated
from clearance.model.graph import Node

_PRIORITY_DEFAULT = 50


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, UserTask)
    brief = element.variables.get("brief")
    task = TaskCreated(
        step.key(),
        element.key,
        optional_text(step, node.texts, "assignment.assignee", element.key),
        texts(step, node.texts.get("assignment.candidate_groups"), element.key, "candidate groups"),
        texts(step, node.texts.get("assignment.candidate_users"), element.key, "candidate users"),
        _date(step, element, node, "schedule.due_date"),
        _date(step, element, node, "schedule.follow_up_date"),
        _priority(step, element, node),
        node.element.form.key,
        brief.data if brief else None,
    )
    if not turns.asks(step, element, turns.CREATING, task):
        turns.created(step, element, task)
    return True


def _date(step: Step, element: ElementInstance, node: Node, name: str) -> int:
    text = optional_text(step, node.texts, name, element.key)
    if not text:
        return 0
    what = f"{name.rpartition('.')[2].replace('_', ' ')} of {node.label}"
    if text.lstrip("-").startswith("P"):
        return times.after(step.moment, text, what)
    return times.due_date(text, what)


def _priority(step: Step, element: ElementInstance, node: Node) -> int:
    compiled = node.texts.get("priority")
    if compiled is None:
        return _PRIORITY_DEFAULT
    data = evaluate(step, compiled, element.key, "priority").data
    try:
        priority = int(str(data))
    except ValueError:
        priority = -1
    if not 0 <= priority <= 100:
        raise Fault("expression", f"priority of {node.label}: must be a number from 0 to 100, but is {data!r}")
    return priority


BEHAVIOUR = Behaviour(activate=_activate)
