"""What would happen to a running instance if it went on by another definition: planned first, then done or refused.

Every active element needs a counterpart of the same kind at the same place; it keeps its job, task, timer and
variables. Events on its border that have a counterpart go on waiting as they are, the others are withdrawn, and those
that are new begin to wait. Whatever has no counterpart is a problem, and with one problem nothing is changed.
"""

from collections.abc import Mapping

import msgspec

from clearance.kernel.state import ConditionState, ElementInstance, Instance, SubscriptionState, TimerState
from clearance.model.definition import BoundaryEvent, EventBasedGateway
from clearance.model.graph import PROCESS, Graph, Node
from clearance.model.values import Data


class Fate(msgspec.Struct, frozen=True):
    """What would become of one thing."""

    what: str
    """element, token, job, task, timer, subscription or compensation."""
    key: int
    element: str
    """Id of the element that it belongs to at present."""
    target: str
    """Id in the target; empty when there is none."""
    then: str
    """A sentence for a person."""


class Plan(msgspec.Struct):
    """All that a migration does; it may be carried out when there are no problems."""

    problems: list[str] = []
    fates: list[Fate] = []
    nodes: dict[int, int] = {}
    flows: dict[int, int] = {}
    closes: list[int] = []
    """Keys of timers and subscriptions that are withdrawn."""
    opens: list[tuple[int, int]] = []
    """Element instance, and the event (index in the target) that it begins to wait for."""

    def report(self) -> Data:
        """For a person, as plain data."""
        return {"problems": list(self.problems), "fates": [msgspec.to_builtins(fate) for fate in self.fates]}


def plan(source: Graph, target: Graph, instance: Instance, elements: Mapping[str, str]) -> Plan:
    """The plan for an instance that stands in ``source``; ``elements`` maps ids of the source to ids of the target."""
    return _Planner(source, target, instance, elements).plan()


class _Planner:
    def __init__(self, source: Graph, target: Graph, instance: Instance, elements: Mapping[str, str]) -> None:
        self.source = source
        self.target = target
        self.instance = instance
        self.elements = elements
        self.made = Plan(nodes={PROCESS: PROCESS})
        self.kept: set[tuple[int, int]] = set()
        """Element instance, and event in the target, that go on waiting."""

    def plan(self) -> Plan:
        for name in self.elements:
            if name not in self.source.by_id:
                self.problem(f"the plan maps {name}, which is no element of the present version")
        for element in self.instance.elements.values():
            if element.node != PROCESS:
                self._element(element)
        if not self.made.problems:
            self._tokens()
            self._resets()
            self._waits()
            self._new_waits()
            self._notes()
            self._finished()
        return self.made

    def problem(self, text: str) -> None:
        if text not in self.made.problems:
            self.made.problems.append(text)

    def tell(self, what: str, key: int, node: Node, target: Node | None, then: str) -> None:
        self.made.fates.append(Fate(what, key, node.id, target.id if target else "", then))

    def _counterpart(self, node: Node) -> Node | None:
        if node.index == PROCESS:
            return self.target.nodes[PROCESS]
        index = self.target.by_id.get(self.elements.get(node.id, node.id))
        return self.target.nodes[index] if index is not None else None

    def _element(self, element: ElementInstance) -> None:
        node = self.source.nodes[element.node]
        target = self._counterpart(node)
        if target is None:
            self.problem(f"{node.label} is active and has no counterpart: say which element goes on for it")
            return
        scope = self._counterpart(self.source.nodes[node.scope])
        if target.kind != node.kind:
            self.problem(f"{node.label} is a {node.kind}, {target.label} a {target.kind}: choose one of the same kind")
        elif scope is None or target.scope != scope.index:
            self.problem(f"{target.label} does not stand in the same sub-process as {node.label}: choose one that does")
        elif _triggers(node) != _triggers(target):
            self.problem(f"{node.label} and {target.label} do not wait for the same: choose one that does")
        elif _loop(node) != _loop(target):
            self.problem(f"{node.label} and {target.label} are not repeated in the same way: choose one that is")
        self.made.nodes[node.index] = target.index
        if element.turn or element.listened or (element.job and self.instance.jobs[element.job].listener):
            self.problem(f"{node.label} waits for its listeners: let them finish first")
        self._queue(element)
        job, task = self.instance.jobs.get(element.job), self.instance.tasks.get(element.task)
        self.tell("element", element.key, node, target, f"stands at {target.label}")
        if job is not None:
            self.tell("job", element.job, node, target, f"goes on as it is, as a job of type {job.type}")
        if task is not None:
            who = f"with {task.assignee}" if task.assignee else "unassigned"
            self.tell("task", element.task, node, target, f"stays open, {who}")

    def _queue(self, element: ElementInstance) -> None:
        """What was chosen in a sequential ad-hoc sub-process and has not begun."""
        for index, _ in element.queue:
            node = self.source.nodes[index]
            target = self._counterpart(node)
            if target is None or target.kind != node.kind:
                self.problem(f"{node.label} was chosen and has no counterpart: say which element goes on for it")
            else:
                self.made.nodes[index] = target.index

    def _tokens(self) -> None:
        for scope, waiting in self.instance.arrivals.items():
            for index, count in waiting.items():
                edge = self.source.edges[index]
                join = self.source.nodes[edge.target]
                target = self._counterpart(join)
                origin = self._counterpart(self.source.nodes[edge.source])
                same = [one for one in target.incoming if one.id == edge.id] if target else []
                between = [one for one in target.incoming if origin and one.source == origin.index] if target else []
                found = same or between
                if target is None or not found or not found[0].joins:
                    self.problem(f"a token waits at {join.label} on flow {edge.id}, which has no counterpart: map it")
                    continue
                self.made.flows[index] = found[0].index
                said = f"{count} waiting at {target.label} on flow {found[0].id}"
                self.tell("token", scope, join, target, said)

    def _resets(self) -> None:
        """A complex gateway that has begun goes on waiting for the flows that have not brought a token."""
        for scope in self.instance.elements.values():
            for index, consumed in scope.phases.items():
                node = self.source.nodes[index]
                target = self._counterpart(node)
                there = {edge.id: edge.index for edge in target.incoming} if target else {}
                missing = [flow for flow in consumed if self.source.edges[flow].id not in there]
                if target is None or target.kind != node.kind or missing:
                    self.problem(f"{node.label} waits for its reset and has no counterpart with the same flows: map it")
                    continue
                self.made.nodes[index] = target.index
                self.made.flows.update((flow, there[self.source.edges[flow].id]) for flow in consumed)

    def _waits(self) -> None:
        kinds: tuple[tuple[str, Mapping[int, TimerState | SubscriptionState | ConditionState]], ...] = (
            ("timer", self.instance.timers),
            ("subscription", self.instance.subscriptions),
            ("condition", self.instance.conditions),
        )
        for what, waits in kinds:
            for key, wait in waits.items():
                element = self.instance.elements[wait.element]
                node = self.source.nodes[wait.node]
                target = self._counterpart(node)
                if wait.node != element.node and (target is None or not self._same_place(node, target, element)):
                    self.made.closes.append(key)
                    self.tell(what, key, node, None, "is withdrawn: it has no counterpart")
                    continue
                assert target is not None
                self.made.nodes[node.index] = target.index
                self.kept.add((element.key, target.index))
                self.tell(what, key, node, target, "goes on as it is")

    def _same_place(self, node: Node, target: Node, element: ElementInstance) -> bool:
        """Whether the counterpart of an event waits for the same kind of thing, on behalf of the same element."""
        if node.kind != target.kind or _triggers(node) != _triggers(target):
            return False
        return self.made.nodes[element.node] in _waiters(self.target, target)

    def _new_waits(self) -> None:
        for element in self.instance.elements.values():
            if element.state != "activated":
                continue
            host = self.target.nodes[self.made.nodes[element.node]]
            events = () if element.loop_counter else host.boundaries
            if isinstance(host.element, EventBasedGateway):
                events = tuple(edge.target for edge in host.outgoing)
            elif element.loop is None and not element.interrupted:
                events = (*events, *host.event_starts)
            for index in events:
                if (element.key, index) not in self.kept:
                    node = self.target.nodes[index]
                    self.made.opens.append((element.key, index))
                    self.made.fates.append(Fate("event", element.key, "", node.id, f"{node.label} begins to wait"))

    def _notes(self) -> None:
        for note in self.instance.notes:
            for index in (note.node, note.handler, *note.within):
                node = self.source.nodes[index]
                target = self._counterpart(node)
                if target is None or target.kind != node.kind:
                    self.problem(f"{node.label} may have to be undone and has no counterpart: map it")
                    continue
                self.made.nodes[index] = target.index
            done = self.source.nodes[note.node]
            self.tell("compensation", note.element, done, self._counterpart(done), "can be undone as before")

    def _finished(self) -> None:
        """What was done can still be found out of date where it has a counterpart; elsewhere it stays as it is."""
        flows = {edge.id: edge.index for edge in self.target.edges}
        for step in self.instance.finished:
            node = self.source.nodes[step.node]
            target = self._counterpart(node)
            if target is not None and target.kind == node.kind:
                self.made.nodes[step.node] = target.index
                taken = ((flow, flows.get(self.source.edges[flow].id)) for flow in step.flows)
                self.made.flows.update((flow, there) for flow, there in taken if there is not None)


def _triggers(node: Node) -> tuple[bool, list[type]]:
    """What an event waits for, as far as its waits can go on as they are."""
    return node.parallel, [type(trigger.definition) for trigger in node.triggers]


def _loop(node: Node) -> tuple[bool, bool, bool]:
    loop = getattr(node.element, "multi_instance", None)
    return loop is not None, bool(loop and loop.sequential), getattr(node.element, "loop", None) is not None


def _waiters(graph: Graph, event: Node) -> set[int]:
    """Nodes on whose behalf an event may be waited for."""
    if isinstance(event.element, BoundaryEvent):
        return {graph.by_id[event.element.attached_to]}
    before = {edge.source for edge in event.incoming}
    outside = graph.nodes[event.scope].scope
    return {*before, outside} if outside >= 0 else before
