"""From a scope of a definition to its net: what each element does with tokens, as the kernel runs it.

Data is left open: a condition may hold or not. A boundary event may happen or not; that it happens at the very start of
its activity loses nothing, because a token may take as long as it likes to travel on. What an escalation ends is looked
up in the scopes around it (10.5.7).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clearance.bpmn.findings import Scope
from clearance.bpmn.soundness.net import (
    ABORT,
    ELEMENTS_FROM,
    END_ALL,
    NEVER,
    SINK,
    START,
    Did,
    Join,
    Move,
    Net,
    Path,
    Split,
)
from clearance.bpmn.soundness.places import Places, activation_count, definitions_of
from clearance.model import definition as model
from clearance.model.definition import Element, Flow


@dataclass(slots=True, frozen=True)
class Leaf:
    """A way out: to an element, or to one of the net's ends."""

    target: str | int
    flow: str = ""
    chosen: bool = False


@dataclass(slots=True, frozen=True)
class Branch:
    """Ways out that are taken one, all or some at a time."""

    split: Split
    ways: "Sequence[Branch | Leaf]"


Ways = Branch | Leaf

Completes = Callable[[model.SubProcess], bool]
"""Whether a sub-process can complete, rather than always end in an error."""


def net_of(scope: Scope, places: Places, completes: Completes) -> tuple[Net, tuple[Element, ...]]:
    """The net of a scope, and the elements that the bits of ``Edge.covers`` stand for."""
    translation = _Translation(scope, places, completes)
    return translation.net, tuple(translation.elements)


class _Translation:
    def __init__(self, scope: Scope, places: Places, completes: Completes) -> None:
        self.scope = scope
        self.places = places
        self.completes = completes
        self.net = Net()
        self.elements = [element for element in scope.owner.elements if _is_on_a_path(element)]
        self.bits = {element.id: 1 << number for number, element in enumerate(self.elements, ELEMENTS_FROM)}
        self.joins: dict[str, int] = {}
        self.links: dict[str, str] = {}
        for element in self.elements:
            if isinstance(element, model.IntermediateCatchEvent):
                for definition in definitions_of(element.definition):
                    if isinstance(definition, model.LinkDefinition):
                        self.links[definition.name] = element.id
        splits = {element.id: self._add(element) for element in self.elements}
        for element in self.elements:
            self._grow(splits[element.id], element, self.ways(element))
        self._start()

    def _add(self, element: Element) -> int:
        """The element's join and split with the edge between them; returns the split."""
        join, needs = Join.ANY, 0
        match element:
            case model.ParallelGateway():
                join = Join.ALL
            case model.InclusiveGateway():
                join = Join.SOME
            case model.ComplexGateway():
                join, needs = Join.COUNT, activation_count(element.activation_condition)
        if needs <= 1 and len(self.scope.entering(element)) == 1:
            join = Join.ANY
        first, second = self.net.add(element.id, join, needs=needs), self.net.add(element.id)
        self.net.connect(first, second, (Move(Did.PASSES, element.id),), self.bits[element.id])
        self.joins[element.id] = first
        return second

    def _grow(self, node: int, element: Element, ways: Ways) -> None:
        """Draw the ways out of a node, nested ones through nodes of their own."""
        if isinstance(ways, Leaf):
            self._draw(node, element, ways)
            return
        self.net.nodes[node].split = ways.split
        for way in ways.ways:
            if isinstance(way, Leaf):
                self._draw(node, element, way)
            else:
                inner = self.net.add(element.id)
                self.net.connect(node, inner)
                self._grow(inner, element, way)

    def _draw(self, node: int, element: Element, leaf: Leaf) -> None:
        path: Path = (Move(Did.CHOOSES, element.id, leaf.flow),) if leaf.chosen else ()
        if isinstance(leaf.target, int):
            self.net.connect(node, leaf.target, path)
            return
        target = self.scope.elements[leaf.target]
        if isinstance(target, model.EndEvent) and len(self.scope.entering(target)) > 1:
            self._end(node, target, path)  # each token that gets there ends by itself
        elif leaf.target in self.joins:
            self.net.connect(node, self.joins[leaf.target], path, flows=(leaf.flow,) if leaf.flow else ())

    def _end(self, node: int, target: model.EndEvent, path: Path) -> None:
        ways = self.ways(target)
        end = ways.target if isinstance(ways, Leaf) and isinstance(ways.target, int) else None
        if end is None:
            self.net.connect(node, self.joins[target.id], path)
        else:
            self.net.connect(node, end, (path, Move(Did.PASSES, target.id)), self.bits[target.id])

    def _start(self) -> None:
        """A token on one of the start events; without any, one on each element that nothing leads to (10.2)."""
        starts = [element for element in self.elements if _starts(element)]
        first = self.net.nodes[START]
        if not starts:
            first.split = Split.ALL
            starts = [element for element in self.elements if not self._is_led_to(element)]
        for element in starts:
            self.net.connect(START, self.joins[element.id])

    def _is_led_to(self, element: Element) -> bool:
        return (
            bool(self.scope.entering(element))
            or isinstance(element, model.BoundaryEvent)
            or element.id in self.links.values()
        )

    def ways(self, element: Element) -> Ways:
        """How tokens leave the element."""
        match element:
            case model.EndEvent() | model.IntermediateThrowEvent():
                return self._thrown(element)
            case model.ExclusiveGateway():
                return self._choice(Split.ONE, self.scope.leaving(element))
            case model.EventBasedGateway():
                split = Split.ALL if element.instantiate and element.parallel else Split.ONE
                return self._choice(split, self.scope.leaving(element))
            case model.InclusiveGateway():
                return self._inclusive(element)
            case model.ParallelGateway():
                return _all([self._leaf(flow) for flow in self.scope.leaving(element)])
            case _:
                return self._with_boundaries(element, self._conditional(element))

    def _leaf(self, flow: Flow, chosen: bool = False) -> Leaf:
        return Leaf(flow.target if flow.target in self.scope.elements else SINK, flow.id, chosen)

    def _choice(self, split: Split, flows: Sequence[Flow]) -> Ways:
        if len(flows) == 1:
            return self._leaf(flows[0])
        return Branch(split, [self._leaf(flow, True) for flow in flows]) if flows else Leaf(SINK)

    def _inclusive(self, element: model.InclusiveGateway) -> Ways:
        flows = self.scope.leaving(element)
        default = [flow for flow in flows if flow.id == element.default and len(flows) > 1]
        some = self._choice(Split.SOME, [flow for flow in flows if flow not in default])
        return Branch(Split.ONE, [some, self._leaf(default[0], True)]) if default else some

    def _conditional(self, element: Element) -> Ways:
        """All flows without condition and those whose condition holds, otherwise the default (13.3.1)."""
        flows = self.scope.leaving(element)
        default = getattr(element, "default", "")
        always = [self._leaf(flow) for flow in flows if not flow.condition and flow.id != default]
        maybe = [flow for flow in flows if flow.condition and flow.id != default]
        otherwise = [flow for flow in flows if flow.id == default]
        if not maybe:
            return _all([*always, *([self._leaf(flow) for flow in otherwise] if not always else [])])
        some: Ways = Branch(Split.SOME, [self._leaf(flow, True) for flow in maybe])
        if len(maybe) == 1:
            some = self._leaf(maybe[0], True)
        if always:
            return _all([*always, Branch(Split.ONE, [some, Leaf(SINK)])])
        return Branch(Split.ONE, [some, self._leaf(otherwise[0], True)]) if otherwise else some

    def _thrown(self, element: model.EndEvent | model.IntermediateThrowEvent) -> Ways:
        """An end event ends a token or more; a throw event goes on, unless what it throws ends the scope."""
        on = Leaf(SINK) if isinstance(element, model.EndEvent) else self._conditional(element)
        for definition in definitions_of(element.definition):
            match definition:
                case model.TerminateDefinition():
                    return Leaf(END_ALL)
                case model.ErrorDefinition() | model.CancelDefinition():
                    return Leaf(ABORT)
                case model.LinkDefinition() if definition.name in self.links:
                    return Leaf(self.links[definition.name])
                case model.EscalationDefinition():
                    caught = self.places.escalation(self.scope.owner, definition.code)
                    if caught is True:
                        return Leaf(ABORT)
                    if caught is None:
                        on = Branch(Split.ONE, [on, Leaf(ABORT)])
        return on

    def _with_boundaries(self, element: Element, on: Ways) -> Ways:
        if isinstance(element, model.SubProcess) and not self.completes(element):
            self._cut_off(on)
            on = Leaf(NEVER)
        events = [
            event
            for event in self.scope.boundaries.get(element.id, [])
            if not isinstance(event.definition, model.CompensateDefinition) and self._may_happen(element, event)
        ]
        interrupting = [Leaf(event.id) for event in events if event.interrupting]
        beside = [Leaf(event.id) for event in events if not event.interrupting]
        ways = [way for way in (on, *interrupting) if way != Leaf(NEVER)]
        one: Ways = ways[0] if len(ways) == 1 else Branch(Split.ONE, ways) if ways else Leaf(ABORT)
        if not beside:
            return one
        some: Ways = Branch(Split.SOME, beside) if len(beside) > 1 else beside[0]
        return _all([one, Branch(Split.ONE, [some, Leaf(SINK)])])

    def _may_happen(self, element: Element, event: model.BoundaryEvent) -> bool:
        """A cancel happens only where a transaction can be cancelled."""
        if not any(isinstance(part, model.CancelDefinition) for part in definitions_of(event.definition)):
            return True
        return isinstance(element, model.SubProcess) and self.places.cancels(element)

    def _cut_off(self, ways: Ways) -> None:
        """What only an end that never comes leads to: joins that wait for it must be seen to wait in vain."""
        for way in [ways] if isinstance(ways, Leaf) else ways.ways:
            if isinstance(way, Branch):
                self._cut_off(way)
            elif isinstance(way.target, str) and way.target in self.joins:
                self.net.connect(NEVER, self.joins[way.target], flows=(way.flow,))


def _all(ways: Sequence[Ways]) -> Ways:
    if len(ways) == 1:
        return ways[0]
    return Branch(Split.ALL, ways) if ways else Leaf(SINK)


def _is_on_a_path(element: Element) -> bool:
    """Event sub-processes and handlers of compensation are on none, nor are the events that lead to handlers."""
    if isinstance(element, model.SubProcess) and element.triggered_by_event:
        return False
    if isinstance(element, model.BoundaryEvent) and isinstance(element.definition, model.CompensateDefinition):
        return False
    return not getattr(element, "for_compensation", False)


def _starts(element: Element) -> bool:
    match element:
        case model.StartEvent():
            return True
        case model.EventBasedGateway() | model.ReceiveTask():
            return element.instantiate
    return False
