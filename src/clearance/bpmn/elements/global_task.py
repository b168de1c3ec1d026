"""Global tasks (10.3.6): tasks beside the processes, that call activities call.

They are read and written as the task of the same kind; there is nothing that they lack or have besides, but for the
places where the schema has their parts. To run one, :func:`process_of_global_task` puts it into a process of its own.
"""

import msgspec

from clearance.model.definition import Definitions, Element, EndEvent, Flow, Process, StartEvent

LOCAL_NAMES = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""Global tasks of the standard, each with the task that it is like."""


def with_global_tasks(definitions: Definitions) -> Definitions:
    """The definitions with each global task as a process of its own: what is to be deployed."""
    if not definitions.global_tasks:
        return definitions
    made = tuple(process_of_global_task(task) for task in definitions.global_tasks)
    return msgspec.structs.replace(definitions, processes=(*definitions.processes, *made), global_tasks=())


def process_of_global_task(task: Element) -> Process:
    """The process that a call of the global task runs: the task between a start and an end, under the task's id."""
    inner = msgspec.structs.replace(task, id=f"{task.id}_task")
    start, end = StartEvent(id=f"{task.id}_start"), EndEvent(id=f"{task.id}_end")
    flows = (
        Flow(id=f"{task.id}_in", source=start.id, target=inner.id),
        Flow(id=f"{task.id}_out", source=inner.id, target=end.id),
    )
    return Process(
        id=task.id, name=task.name, documentation=task.documentation, elements=(start, inner, end), flows=flows
    )
