"""An independent, slow player of tokens, written straight from clause 13: what the fast analysis is compared with.

It knows gateways, tasks, none events, terminate and error ends, and boundary events; it plays every order in which
tokens may move, on the author's elements, without a net, without reductions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from clearance.model import definition as model
from clearance.model.definition import Element, Process

Marking = tuple[tuple[str, int], ...]
STATES_MAX = 4_000


class TooMany(Exception):
    """The process has more states than are worth looking at."""


@dataclass
class Seen:
    """What the player saw of a process."""

    doubled: bool = False
    stuck: bool = False
    endless: bool = False
    completes: bool = False
    reached: set[str] = field(default_factory=set)


class Reference:
    """Plays one process without sub-processes."""

    def __init__(self, process: Process) -> None:
        self.elements = {element.id: element for element in process.elements}
        self.flows = {flow.id: flow for flow in process.flows}
        self.leaving = {each: [f.id for f in process.flows if f.source == each] for each in self.elements}
        self.entering = {each: [f.id for f in process.flows if f.target == each] for each in self.elements}
        self.boundaries: dict[str, list[model.BoundaryEvent]] = {}
        for element in process.elements:
            if isinstance(element, model.BoundaryEvent):
                self.boundaries.setdefault(element.attached_to, []).append(element)
        self.reaching: dict[tuple[str, str], set[str]] = {}
        self.apart: frozenset[str] = frozenset()

    def play(self) -> Seen:
        """Every marking that can be reached; branches that never come back are played by themselves."""
        (start,) = [each for each in self.elements.values() if isinstance(each, model.StartEvent)]
        seen = Seen(reached={start.id})
        apart = self._branches_apart()
        self.apart = frozenset(flow for branch in apart for flow in branch)
        self._play(dict.fromkeys([flow for flow in self.leaving[start.id] if flow not in self.apart], 1), seen)
        completes = seen.completes
        waiting = list(apart)
        while begun := [branch for branch in waiting if self.flows[branch[0]].source in seen.reached]:
            waiting = [branch for branch in waiting if branch not in begun]
            for branch in begun:
                self.apart = frozenset(flow for each in apart if each != branch for flow in each)
                self._play(dict.fromkeys(branch, 1), seen)
        seen.completes = completes
        return seen

    def _branches_apart(self) -> list[list[str]]:
        """Flows straight to an end; and those of a split that nothing comes back from, or comes to from aside."""
        apart: list[list[str]] = []
        for flow in self.flows.values():
            source = self.elements[flow.source]
            if isinstance(self.elements[flow.target], model.EndEvent) and not self._stops(flow.id):
                apart.append([flow.id])
                continue
            beside = isinstance(source, model.BoundaryEvent) and not source.interrupting
            several = len(self.leaving[source.id]) > 1 and not isinstance(source, model.ExclusiveGateway)
            if not (beside or several):
                continue
            inside = {self.flows[each].target for each in self._reached("", flow.id)}
            events = {event.id for each in inside for event in self.boundaries.get(each, [])}
            ends = [each for each in inside if isinstance(self.elements[each], model.EndEvent)]
            together = [flow.id]
            if not isinstance(source, model.InclusiveGateway):
                together = [each for each in self.leaving[source.id] if self.flows[each].target in inside]
            entering = {each for element in inside.difference(ends) for each in self.entering[element]}.difference(
                together
            )
            if (
                all(self.flows[each].source in inside | events for each in entering)
                and source.id not in inside
                and not any(self.elements[each].definition is not None for each in ends)
                and together not in apart
            ):
                apart.append(together)
        return apart

    def _play(self, tokens: dict[str, int], seen: Seen) -> None:
        first: Marking = tuple(tokens.items())
        if self._doubled(first):
            seen.doubled = True
            return
        after: dict[Marking, list[Marking]] = {}
        good: set[Marking] = set()
        waiting = [first]
        known = {first}
        while waiting:
            marking = waiting.pop()
            after[marking] = []
            tokens = dict(marking)
            if not tokens:
                seen.completes = True
                good.add(marking)
                continue
            moved = False
            for element, change in self._moves(tokens):
                moved = True
                seen.reached.add(element)
                if change is None:
                    good.add(marking)  # the scope ends here
                    following: Marking = ()
                else:
                    following = self._marking(change)
                    if self._doubled(following):
                        seen.doubled = True
                        good.add(marking)
                        continue
                after[marking].append(following)
                if following not in known:
                    known.add(following)
                    waiting.append(following)
                    if len(known) > STATES_MAX:
                        raise TooMany
            if not moved:
                seen.stuck = True
                good.add(marking)
        seen.endless = seen.endless or self._endless(after, good)

    def _endless(self, after: dict[Marking, list[Marking]], good: set[Marking]) -> bool:
        before: dict[Marking, list[Marking]] = {}
        for marking, following in after.items():
            for each in following:
                before.setdefault(each, []).append(marking)
        waiting, fine = list(good), set(good)
        while waiting:
            for each in before.get(waiting.pop(), ()):
                if each not in fine:
                    fine.add(each)
                    waiting.append(each)
        return bool(after.keys() - fine)

    def _doubled(self, marking: Marking) -> bool:
        """Two tokens on a flow, or at an element that each of them passes by itself."""
        at: dict[str, int] = {}
        for place, count in marking:
            if self._stops(place):
                continue
            if count > 1:
                return True
            target = self.elements[self.flows[place].target if place in self.flows else place.split(" ")[1]]
            if not isinstance(target, model.EndEvent | model.ParallelGateway | model.InclusiveGateway):
                at[target.id] = at.get(target.id, 0) + 1
        return max(at.values(), default=0) > 1

    def _stops(self, place: str) -> bool:
        """Whether a token there is about to end the whole scope, so that a second one makes no difference."""
        return place in self.flows and getattr(self.elements[self.flows[place].target], "definition", None) is not None

    def _marking(self, tokens: dict[str, int]) -> Marking:
        return tuple(sorted((place, count) for place, count in tokens.items() if count and place not in self.apart))

    def _moves(self, tokens: dict[str, int]) -> Iterator[tuple[str, dict[str, int] | None]]:
        """Each move with what is left and added; None: the whole scope ends."""
        for element in self.elements.values():
            for taken in self._takes(element, tokens):
                left = dict(tokens)
                for flow in taken:
                    left[flow] -= 1
                if isinstance(element, model.EndEvent):
                    yield element.id, None if element.definition is not None else left
                    continue
                if element.id in self.boundaries:
                    yield element.id, _plus(left, [f"at {element.id}"])
                    continue
                for given in self._gives(element):
                    yield element.id, _plus(left, given)
            yield from self._at(element, tokens)

    def _at(self, element: Element, tokens: dict[str, int]) -> Iterator[tuple[str, dict[str, int] | None]]:
        """What may happen while a task with boundary events is active; an event beside it happens once at most."""
        for place in [place for place in tokens if place.split(" ")[:2] == ["at", element.id]]:
            left = dict(tokens)
            left[place] -= 1
            happened = place.split(" ")[2:]
            for given in self._gives(element):
                yield element.id, _plus(left, given)
            for event in self.boundaries[element.id]:
                if event.interrupting:
                    yield event.id, _plus(left, self.leaving[event.id])
                elif event.id not in happened:
                    still = " ".join(["at", element.id, *sorted([*happened, event.id])])
                    yield event.id, _plus(left, [still, *self.leaving[event.id]])

    def _takes(self, element: Element, tokens: dict[str, int]) -> Iterator[list[str]]:
        ways = self.entering[element.id]
        here = [flow for flow in ways if tokens.get(flow)]
        if not here:
            return
        if isinstance(element, model.ParallelGateway):
            if len(here) == len(ways):
                yield here
        elif isinstance(element, model.InclusiveGateway):
            if all(self._harmless(element.id, place, here, ways) for place in tokens if place not in ways):
                yield here
        else:
            yield from ([flow] for flow in here)

    def _harmless(self, gateway: str, place: str, here: list[str], ways: list[str]) -> bool:
        """13.4.3, for one token elsewhere."""
        reached = self._reached(gateway, place)
        return not any(flow in reached for flow in ways if flow not in here) or any(flow in reached for flow in here)

    def _reached(self, gateway: str, place: str) -> set[str]:
        """The flows that a token may come to without visiting the gateway."""
        if (gateway, place) not in self.reaching:
            found: set[str] = set()
            stack = [place]
            while stack:
                current = stack.pop()
                if current in found:
                    continue
                found.add(current)
                element = current.split(" ")[1] if current.startswith("at ") else self.flows[current].target
                if element != gateway:
                    stack += self.leaving[element]
                    stack += [flow for event in self.boundaries.get(element, []) for flow in self.leaving[event.id]]
            self.reaching[gateway, place] = found
        return self.reaching[gateway, place]

    def _gives(self, element: Element) -> Iterator[list[str]]:
        ways = self.leaving[element.id]
        if isinstance(element, model.ExclusiveGateway):
            yield from ([flow] for flow in ways)
        elif isinstance(element, model.InclusiveGateway):
            for size in range(1, len(ways) + 1):
                yield from (list(some) for some in combinations(ways, size))
        else:
            yield ways


def _plus(tokens: dict[str, int], places: list[str]) -> dict[str, int]:
    found = dict(tokens)
    for place in places:
        found[place] = found.get(place, 0) + 1
    return found
