"""A second interpreter of BPMN, written straight from the standard's text (OMG formal/2013-12-09, clause 13) and slow.

It knows nothing of the kernel: tokens lie on sequence flows, one rule after the other is tried until none applies, and
a path is looked for by walking. It covers what control flow is made of: none start and end events, terminate and error
ends, error boundary events, service and script tasks, all gateways that route by tokens, sub-processes, standard loops
and multi-instance activities. What both do with the same process must be the same (``test_reference.py``).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clearance import feel
from clearance.model import definition as d

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
Container = d.Process | d.SubProcess
GATEWAYS = d.ExclusiveGateway | d.ParallelGateway | d.InclusiveGateway


@dataclass(eq=False)
class Scope:
    """A process or sub-process that is active (13.3.4)."""

    container: Container
    holder: "Work | None" = None
    tokens: Counter[str] = field(default_factory=Counter)
    """On sequence flows, by the flow's id."""
    works: list["Work"] = field(default_factory=list)


@dataclass(eq=False)
class Work:
    """An activity that is active; with ``rounds`` it is the whole of a repeated one."""

    element: d.Element
    scope: Scope
    inner: Scope | None = None
    body: "Work | None" = None
    rounds: int = 0
    total: int = 0
    open: int = 0
    is_body: bool = False


class Reference:
    """One instance."""

    def __init__(self, process: d.Process, variables: Mapping[str, object]) -> None:
        self.variables = dict(variables)
        self.completed: Counter[str] = Counter()
        self.root: Scope | None = Scope(process)
        self.jobs: list[Work] = []
        self._begin(self.root)
        self._run()

    @property
    def state(self) -> str:
        """completed, waiting, or stuck: tokens that no rule will ever move."""
        if self.root is None:
            return "completed"
        return "waiting" if self.jobs else "stuck"

    @property
    def open_jobs(self) -> Counter[str]:
        return Counter(work.element.id for work in self.jobs)

    def complete(self, element: str, error: str = "") -> None:
        """The oldest job of an element is done, or raises an error."""
        work = next(work for work in self.jobs if work.element.id == element)
        self.jobs.remove(work)
        if error:
            self._throw(work, error)
        else:
            self._ended(work)
        self._run()

    # ---- tokens move until none can ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while self.root is not None and (self._move() or self._join_inclusively() or self._finish()):
            pass

    def _move(self) -> bool:
        """One token that needs to wait for no other enters what its flow leads to; one parallel join starts."""
        for scope in self._scopes():
            for flow in _flows(scope.container):
                if not scope.tokens[flow.id]:
                    continue
                target = _element(scope.container, flow.target)
                incoming = [one.id for one in _flows(scope.container) if one.target == target.id]
                if isinstance(target, d.InclusiveGateway) and len(incoming) > 1:
                    continue
                if isinstance(target, d.ParallelGateway):
                    if not all(scope.tokens[one] for one in incoming):
                        continue
                    for one in incoming:
                        scope.tokens[one] -= 1
                else:
                    scope.tokens[flow.id] -= 1
                self._enter(scope, target)
                return True
        return False

    def _join_inclusively(self) -> bool:
        """13.4.3: enabled when no token elsewhere can come to an empty flow only."""
        for scope in self._scopes():
            for gateway in scope.container.elements:
                incoming = [flow for flow in _flows(scope.container) if flow.target == gateway.id]
                if not isinstance(gateway, d.InclusiveGateway) or len(incoming) < 2:
                    continue
                full = [flow for flow in incoming if scope.tokens[flow.id]]
                empty = [flow for flow in incoming if not scope.tokens[flow.id]]
                if not full or any(
                    self._must_wait(scope, gateway, place, full, empty) for place in _places(scope, gateway)
                ):
                    continue
                for flow in full:
                    scope.tokens[flow.id] -= 1
                self._enter(scope, gateway)
                return True
        return False

    def _must_wait(self, scope: Scope, gateway: d.Element, place: str, full: list[d.Flow], empty: list[d.Flow]) -> bool:
        """Whether a token at the place has a path to an empty flow, and none to a full one."""
        to_empty = any(_path(scope.container, place, flow, gateway.id) for flow in empty)
        return to_empty and not any(_path(scope.container, place, flow, gateway.id) for flow in full)

    def _finish(self) -> bool:
        """A scope in which nothing is left is complete."""
        for scope in self._scopes():
            if not scope.works and not scope.tokens.total():
                self.completed[scope.container.id] += scope.holder is not None
                if scope.holder is None:
                    self.root = None
                else:
                    self._ended(scope.holder, counted=True)
                return True
        return False

    # ---- elements ----------------------------------------------------------------------------------------------------

    def _begin(self, scope: Scope) -> None:
        (start,) = (element for element in scope.container.elements if isinstance(element, d.StartEvent))
        self._enter(scope, start)

    def _enter(self, scope: Scope, element: d.Element) -> None:
        if isinstance(element, d.Activity):
            self._activate(scope, element)
            return
        self.completed[element.id] += 1
        if isinstance(element, d.EndEvent) and isinstance(element.definition, d.TerminateDefinition):
            self._clear(scope)
        elif isinstance(element, d.EndEvent) and isinstance(element.definition, d.ErrorDefinition):
            self.completed[element.id] -= 1
            marker = Work(element, scope)
            scope.works.append(marker)
            self._throw(marker, element.definition.code)
        else:
            self._leave(scope, element)

    def _activate(self, scope: Scope, element: d.Element) -> None:
        many, loop = getattr(element, "multi_instance", None), getattr(element, "loop", None)
        work = Work(element, scope)
        scope.works.append(work)
        if many is None and loop is None:
            self._do(work)
            return
        work.is_body = True
        if many is not None:
            work.total = int(str(self._value(many.cardinality)))
            first = min(work.total, 1) if many.sequential else work.total
        else:
            first = 0 if loop.test_before and not self._goes_on(work) else 1
        for _ in range(first):
            self._round(work)
        if not first:
            self._pass(work)

    def _round(self, body: Work) -> None:
        body.rounds += 1
        body.open += 1
        inner = Work(body.element, body.scope, body=body)
        body.scope.works.append(inner)
        self._do(inner)

    def _do(self, work: Work) -> None:
        element = work.element
        if isinstance(element, d.SubProcess):
            work.inner = Scope(element, work)
            self._begin(work.inner)
        elif isinstance(element, d.ServiceTask):
            self.jobs.append(work)
        else:
            assert isinstance(element, d.ScriptTask)
            self.variables[element.result] = self._value(element.expression)
            self._ended(work)

    def _ended(self, work: Work, *, counted: bool = False) -> None:
        """An activity, or one round of it, is done."""
        if work not in work.scope.works:
            return
        self.completed[work.element.id] += not counted
        work.scope.works.remove(work)
        body = work.body
        if body is None:
            self._leave(work.scope, work.element)
            return
        body.open -= 1
        many = getattr(work.element, "multi_instance", None)
        more = body.rounds < body.total if many is not None else self._goes_on(body)
        if more:
            self._round(body)
        elif not body.open:
            self._pass(body)

    def _pass(self, body: Work) -> None:
        body.scope.works.remove(body)
        self._leave(body.scope, body.element)

    def _goes_on(self, body: Work) -> bool:
        loop = getattr(body.element, "loop", None)
        assert isinstance(loop, d.StandardLoop)
        if loop.maximum and body.rounds >= int(loop.maximum):
            return False
        return not loop.condition or self._value(loop.condition, loopCounter=body.rounds) is True

    def _leave(self, scope: Scope, element: d.Element) -> None:
        """Tokens on the outgoing flows (13.2.1, 13.4)."""
        outgoing = [flow for flow in _flows(scope.container) if flow.source == element.id]
        default = getattr(element, "default", "")
        if not isinstance(element, d.ExclusiveGateway | d.InclusiveGateway):
            chosen = outgoing
        else:
            chosen = [flow for flow in outgoing if flow.id != default and self._holds(flow)]
            if isinstance(element, d.ExclusiveGateway):
                chosen = chosen[:1]
            chosen = chosen or [flow for flow in outgoing if flow.id == default]
        for flow in chosen:
            scope.tokens[flow.id] += 1

    # ---- ends that end more than themselves --------------------------------------------------------------------------

    def _clear(self, scope: Scope) -> None:
        """All that runs in a scope ends."""
        scope.tokens.clear()
        for work in list(scope.works):
            self._stop(work)

    def _stop(self, work: Work) -> None:
        if work.inner is not None:
            self._clear(work.inner)
        if work in self.jobs:
            self.jobs.remove(work)
        if work in work.scope.works:
            work.scope.works.remove(work)
        for other in [one for one in work.scope.works if one.body is work]:
            self._stop(other)

    def _throw(self, work: Work, code: str) -> None:
        """The nearest error boundary event around it catches; the processes of these tests always have one."""
        current: Work | None = work
        while current is not None:
            whole = current.body or current
            for event in whole.scope.container.elements:
                if isinstance(event, d.BoundaryEvent) and event.attached_to == whole.element.id:
                    assert isinstance(event.definition, d.ErrorDefinition)
                    if event.definition.code in ("", code):
                        self._stop(whole)
                        self.completed[event.id] += 1
                        self._leave(whole.scope, event)
                        return
            current = whole.scope.holder
        raise AssertionError(f"nothing catches {code}")

    # ---- what is there -----------------------------------------------------------------------------------------------

    def _scopes(self) -> Iterator[Scope]:
        waiting = [self.root] if self.root is not None else []
        while waiting:
            scope = waiting.pop(0)
            yield scope
            waiting += [work.inner for work in scope.works if work.inner is not None]

    def _holds(self, flow: d.Flow) -> bool:
        return not flow.condition or self._value(flow.condition) is True

    def _value(self, text: str, **more: object) -> object:
        return feel.to_data(feel.compile(text.removeprefix("=")).evaluate({**self.variables, **more}, _NOW))


def _flows(container: Container) -> tuple[d.Flow, ...]:
    return container.flows


def _element(container: Container, identifier: str) -> d.Element:
    return next(element for element in container.elements if element.id == identifier)


def _places(scope: Scope, gateway: d.Element) -> list[str]:
    """Elements at which tokens are, those in front of the gateway left out."""
    targets = {flow.id: flow.target for flow in scope.container.flows}
    waiting = [targets[flow] for flow, count in scope.tokens.items() if count and targets[flow] != gateway.id]
    return [*waiting, *(work.element.id for work in scope.works)]


def _path(container: Container, place: str, flow: d.Flow, avoided: str) -> bool:
    """Whether sequence flows (and events on borders) lead from the place to the flow without visiting the gateway."""
    seen, waiting = set(), [place]
    while waiting:
        here = waiting.pop()
        if here in seen or here == avoided:
            continue
        if here == flow.source:
            return True
        seen.add(here)
        waiting += [one.target for one in container.flows if one.source == here]
        waiting += [e.id for e in container.elements if isinstance(e, d.BoundaryEvent) and e.attached_to == here]
    return False
