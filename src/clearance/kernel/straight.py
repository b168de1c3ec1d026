"""The straight path: one plain task is done and the next one begins, or the process ends, worked out in one go.

Most steps of most processes are of this kind, and the general way (``step.py``, ``life.py``) asks some hundred
questions whose answers are known beforehand: whether there are mappings, listeners, border events, joins, conditions.
What can be known when a process is compiled is answered there (:func:`mark`); what depends on the instance is asked
here, before
anything is changed. Whoever gets None goes the general way.

The events and the state are those of the general way, to the last key: the tests go both ways with every command of
all tests of the kernel, and with random processes (``tests/kernel/both_ways.py``).
"""

from collections.abc import Iterable, Sequence

import msgspec

from clearance.kernel.appliers import create
from clearance.kernel.shared import ad_hoc
from clearance.kernel.shared.jobs import headers_of
from clearance.kernel.state import ElementInstance, Instance, JobState
from clearance.model.commands import Create, FinishJob, InstanceCommand
from clearance.model.definition import ServiceTask
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    ElementCompleted,
    ElementCompleting,
    Event,
    FlowTaken,
    InstanceCreated,
    JobCompleted,
    JobCreated,
    VariablesSet,
)
from clearance.model.graph import PROCESS, Edge, Graph, Literal, Node, Path
from clearance.model.values import Value
from clearance.model.work import Completed

_PASSES = frozenset({"startEvent", "endEvent", "task", "manualTask", "intermediateThrowEvent"})
"""What does nothing but to let tokens through, unless it has triggers."""


class Passage(msgspec.Struct, gc=False):
    """How far it went straight."""

    instance: Instance
    events: list[Event]
    next_key: int
    job: int
    """The job that awaits the gate; 0: the instance has ended."""


# ---- when a process is compiled --------------------------------------------------------------------------------------


def mark(graph: Graph) -> None:
    """Note of each start event and plain task the straight path that leads on from there, if there is one."""
    if graph.watches or graph.path_joins:
        return
    for node in graph.nodes:
        begins = node.kind == "startEvent" and node.scope == PROCESS and not graph.conversations and not node.parallel
        if (begins or _is_task(node)) and _ends_plainly(graph, node):
            node.straight = _path(graph, node)


def _path(graph: Graph, node: Node) -> Path | None:
    """Along the flows, through whatever only passes tokens on, to a task or the end of the process."""
    process = graph.nodes[PROCESS]
    compiled = process.texts.get("subject")
    subject = compiled.reads if compiled is not None else frozenset()
    passes: list[tuple[int, int]] = []
    while edge := _only(node.outgoing):
        node = graph.nodes[edge.target]
        if edge.joins or any(node.index == index for _, index in passes) or not _begins_plainly(node):
            return None
        element = node.element
        if isinstance(element, ServiceTask):
            kind = node.texts.get("job.type")
            if not _is_task(node) or type(kind) is not Literal or "job.retries" in node.texts:
                return None
            return Path(tuple(passes), subject, edge.index, node.index, kind.text, headers_of(element.job))
        if node.kind not in _PASSES or node.triggers or node.new_evidence or not _ends_plainly(graph, node):
            return None
        passes.append((edge.index, node.index))
    if node.outgoing or node.scope != PROCESS or process.listeners or process.data_out:
        return None
    return Path(tuple(passes), subject)


def _only(edges: Sequence[Edge]) -> Edge | None:
    return edges[0] if len(edges) == 1 else None


def _is_task(node: Node) -> bool:
    element = node.element
    if not isinstance(element, ServiceTask) or element.loop is not None or element.multi_instance is not None:
        return False
    return not node.new_evidence


def _begins_plainly(node: Node) -> bool:
    """Whether nothing is to be done when it begins but what its kind does."""
    if getattr(node.element, "loop", None) is not None or getattr(node.element, "multi_instance", None) is not None:
        return False
    return not (node.inputs or node.data_in or node.data_objects or node.listeners or node.boundaries)


def _ends_plainly(graph: Graph, node: Node) -> bool:
    """Whether completing it is nothing but moving the token on."""
    if node.outputs or node.data_out or node.listeners or node.handler >= 0 or not node.unconditional:
        return False
    return graph.nodes[node.scope].kind != ad_hoc.KIND


# ---- when a command is worked out ------------------------------------------------------------------------------------


def work_out(graph: Graph, instance: Instance | None, command: InstanceCommand, key: int) -> Passage | None:
    """The events that follow from the command, already applied; None: nothing has changed, go the general way.

    ``key`` is the next new key. The job still awaits the gate, which stands in the same working.
    """
    kind = type(command)
    if kind is FinishJob:
        return _finish(graph, instance, command, key) if instance is not None else None  # type: ignore[arg-type]
    if kind is Create and instance is None:
        return _begin(graph, command, key)  # type: ignore[arg-type]
    return None


def _begin(graph: Graph, command: Create, key: int) -> Passage | None:
    """A new instance."""
    start = graph.nodes[command.node]
    path, process = start.straight, graph.nodes[PROCESS]
    if path is None or command.parent or process.event_starts or process.listeners:
        return None
    if not path.subject.isdisjoint(command.variables):
        return None
    root = command.key
    created = InstanceCreated(root, graph.process.id, graph.definition, command.tenant, 0, 0, command.depth)
    instance = create(created)
    scope = instance.elements[root] = ElementInstance(root, PROCESS, 0, "activated", children=1)
    events: list[Event] = [created, ElementActivating(root, PROCESS, 0)]
    if command.variables:
        labels, label = command.labels, command.label
        values = {name: Value(data, labels.get(name, label), "", root) for name, data in command.variables.items()}
        events.append(VariablesSet(root, values))
        scope.variables = dict(values)
    events += (ElementActivated(root), *_through(key, start.index, root))
    return _move_on(instance, path, scope, events, key + 1)


def _finish(graph: Graph, instance: Instance, command: FinishJob, key: int) -> Passage | None:
    """A task is done."""
    job, outcome = instance.jobs.get(command.job), command.outcome
    if job is None or type(outcome) is not Completed or job.attempt != command.attempt or job.phase != "at-work":
        return None
    done = instance.elements[job.element]
    path = graph.nodes[done.node].straight
    if path is None or job.listener or job.approval or not _is_undisturbed(instance) or not _is_plain(done):
        return None
    scope = instance.elements[done.scope]
    if not path.target and not _is_alone(instance, scope):
        return None
    variables = outcome.variables
    home = _home(instance, done, variables)
    if home is None or not path.subject.isdisjoint(variables):
        return None
    events: list[Event] = [JobCompleted(command.job, outcome.evidence)]
    if variables:
        values, label, source = {}, command.label, done.key
        for name, data in variables.items():
            values[name] = home.variables[name] = Value(data, label, "", source)
        events.append(VariablesSet(home.key, values))
    events += (ElementCompleting(done.key), ElementCompleted(done.key))
    del instance.jobs[command.job], instance.elements[done.key]
    return _move_on(instance, path, scope, events, key)


def _move_on(instance: Instance, path: Path, scope: ElementInstance, events: list[Event], key: int) -> Passage:
    """The token of the scope's one child that is gone moves along the path."""
    within = scope.key
    for flow, node in path.passes:
        events += (FlowTaken(flow, within), *_through(key, node, within))
        key += 1
    if not path.target:
        events += (ElementCompleting(within), ElementCompleted(within))
        del instance.elements[within]
        instance.status = "completed"
        instance.notes = []
        return Passage(instance, events, key, 0)
    job = key + 1
    events += (
        FlowTaken(path.flow, within),
        ElementActivating(key, path.target, within),
        JobCreated(job, key, path.type, 0, path.headers),
        ElementActivated(key),
    )
    instance.elements[key] = ElementInstance(key, path.target, within, "activated", job=job)
    instance.jobs[job] = JobState(key, path.type, 0, headers=path.headers)
    return Passage(instance, events, job + 1, job)


def _through(key: int, node: int, scope: int) -> tuple[Event, ...]:
    """A whole life."""
    return ElementActivating(key, node, scope), ElementActivated(key), ElementCompleting(key), ElementCompleted(key)


def _is_undisturbed(instance: Instance) -> bool:
    """Nothing in the instance looks at what happens elsewhere in it."""
    return instance.status == "active" and not (
        instance.suspended or instance.incidents or instance.conditions or instance.finished
    )


def _is_plain(element: ElementInstance) -> bool:
    """Nothing but its job is about the element."""
    return element.state == "activated" and not (
        element.waits
        or element.loop_counter
        or element.renews
        or element.thrower
        or element.undo_next
        or element.listened
    )


def _is_alone(instance: Instance, scope: ElementInstance) -> bool:
    """When its one child is gone, the process has ended, and nobody has called it."""
    return (
        scope.children == 1
        and scope.state == "activated"
        and not (scope.scope or scope.tokens or scope.waits or scope.phases or instance.parent)
    )


def _home(instance: Instance, done: ElementInstance, names: Iterable[str]) -> ElementInstance | None:
    """The one scope that all these variables go to; None when they go to several."""
    elements = instance.elements
    home: ElementInstance | None = None
    for name in names:
        element = done
        while element.scope and name not in element.variables:
            element = elements[element.scope]
        if home is not None and home is not element:
            return None
        home = element
    return home or done
