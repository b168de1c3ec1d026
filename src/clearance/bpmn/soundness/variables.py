"""Variables that are read before anything has set them, and names that look like slips of the pen.

Whoever starts a process may give it any variable, and jobs, people and messages may set any, unless output mappings say
what is kept. So a name that nothing sets is no finding by itself. Two things are: a name that is nowhere set and nearly
one that is; and a name that a step of the process sets, read on a way on which neither that step nor anything else that
may set it has been. A process can declare what it is given with ``<clearance:given name="..."/>`` among its extension
elements; these names are set from the start, and if there are any, the start gives no others.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping

import msgspec

from clearance.bpmn.findings import Finding, Scope, scopes_of, warning
from clearance.bpmn.soundness.data import Use, reads_of_flow, use_of
from clearance.bpmn.soundness.places import definitions_of
from clearance.bpmn.soundness.trace import named, step_at
from clearance.model import definition as model
from clearance.model.definition import Element, Process, SubProcess

_GIVEN = re.compile(r"<(?:\w+:)?given\b[^>]*?\bname=\"([^\"]+)\"")
_OURS = "urn:clearance:bpmn:1"
_LENGTH_MIN = 5
"""Shorter names are often alike without being meant to be."""


def given(process: Process) -> frozenset[str]:
    """The variables that the process declares to be there from its start."""
    return frozenset(name for text in process.extensions if _OURS in text for name in _GIVEN.findall(text))


def check_variables(process: Process, declared: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """What is read and not set; ``declared`` are names that the start gives besides those that the process says."""
    scopes = list(scopes_of(process))
    uses = {element.id: use_of(element) for scope in scopes for element in scope.owner.elements}
    for scope in scopes:
        for flow in scope.owner.flows:
            if flow.source in uses:
                reads_of_flow(flow, uses[flow.source])
    known = given(process) | declared
    yield from _misspelt(scopes, uses, known)
    yield from _too_early(scopes, uses, known)
    if known:
        yield from _nowhere(scopes, uses, known)


def _misspelt(scopes: list[Scope], uses: Mapping[str, Use], known: frozenset[str]) -> Iterator[Finding]:
    there = known.union(*(use.sets | use.local for use in uses.values()), *_data(scopes))
    told: set[str] = set()
    for element in _elements(scopes):
        for name, text in uses[element.id].reads.items():
            if name in there or name in told:
                continue
            near = sorted(other for other in there if _nearly(name, other))
            if near:
                told.add(name)
                message = f'nothing sets "{name}", which it reads ({_short(text)}); did you mean "{near[0]}"'
                yield _told(warning(element, message, f'Write "{near[0]}", or declare "{name}"'), "misspelt")


def _nowhere(scopes: list[Scope], uses: Mapping[str, Use], known: frozenset[str]) -> Iterator[Finding]:
    """Where the start says what it gives and nobody may set just anything, a name that nothing sets is missing."""
    if any(
        use.open and not isinstance(element, model.StartEvent)
        for element in _elements(scopes)
        for use in [uses[element.id]]
    ):
        return
    there = known.union(*(use.sets | use.local for use in uses.values()), *_data(scopes))
    for element in _elements(scopes):
        for name, text in uses[element.id].reads.items():
            if name not in there and not any(_nearly(name, other) for other in there):
                message = f'it reads "{name}" ({_short(text)}), which neither the start nor any step sets'
                yield _told(
                    warning(element, message, f'Set "{name}" before, or declare that the start gives it'), "unset"
                )


def _data(scopes: list[Scope]) -> Iterator[set[str]]:
    for scope in scopes:
        yield {each.name or each.id for each in scope.owner.data}


def _elements(scopes: list[Scope]) -> Iterator[Element]:
    for scope in scopes:
        yield from scope.owner.elements


def _too_early(scopes: list[Scope], uses: Mapping[str, Use], known: frozenset[str]) -> Iterator[Finding]:
    """Names that a step sets, read where no such step need have been."""
    names = sorted(set().union(*(use.sets for use in uses.values())) - known - set().union(*_data(scopes)))
    for use in uses.values():  # what counts itself up was there before; what is asked for null may be missing
        names = [name for name in names if not (name in use.sets and name in use.reads) and name not in use.tolerant]
    if not names:
        return
    bits = {name: 1 << number for number, name in enumerate(names)}
    ways = _Ways(scopes, uses, bits)
    missing = ways.missing()
    visible = _visible(scopes, uses)
    for element in _elements(scopes):
        lacking = missing.get(element.id, 0)
        for name, text in uses[element.id].reads.items():
            if not bits.get(name, 0) & lacking or name in visible[element.id]:
                continue
            setters = [f'"{named(each)}"' for each in _elements(scopes) if name in uses[each.id].sets]
            message = (
                f'it reads "{name}" ({_short(text)}), which on some way nothing has set before; '
                f"set by {', '.join(setters[:3])}"
            )
            remedy = f'Set "{name}" before, or declare that the start gives it'
            trace = [step_at(ways.elements[each]) for each in ways.way_to(element.id, bits[name])]
            trace[-1] = msgspec.structs.replace(trace[-1], says=f"reads {name}, which nothing has set")
            yield msgspec.structs.replace(_told(warning(element, message, remedy), "too-early"), trace=tuple(trace))


def _visible(scopes: list[Scope], uses: Mapping[str, Use]) -> dict[str, set[str]]:
    """Names that the sub-processes around an element make local to themselves."""
    found: dict[str, set[str]] = {}
    for scope in scopes:
        owner = scope.owner
        around: set[str] = set()
        if isinstance(owner, SubProcess):
            around = found.get(owner.id, set()) | uses[owner.id].local
        for element in scope.owner.elements:
            found[element.id] = around
    return found


class _Ways:
    """Where a token may come from, through all scopes; and which names may be missing when it comes.

    A sub-process is entered by its id and left by its id with a slash.
    """

    def __init__(self, scopes: list[Scope], uses: Mapping[str, Use], bits: Mapping[str, int]) -> None:
        self.elements = {element.id: element for element in _elements(scopes)}
        self.uses = uses
        self.bits = bits
        self.before: dict[str, list[str]] = {}
        self.after: dict[str, list[str]] = {}
        self.starts: list[str] = []
        self.at: dict[str, int] = {}
        for scope in scopes:
            self._connect(scope)

    def _connect(self, scope: Scope) -> None:
        owner = scope.owner
        inner = isinstance(owner, SubProcess)
        apart = [each for each in owner.elements if isinstance(each, SubProcess) and each.triggered_by_event]
        firsts = [each.id for each in owner.elements if isinstance(each, model.StartEvent)]
        if not firsts:
            firsts = [each.id for each in owner.elements if not scope.entering(each) and each not in apart]
        for first in [*firsts, *(each.id for each in apart)]:
            if inner:
                self._add(owner.id, first)
            else:
                self.starts.append(first)
        links = {
            definition.name: each.id
            for each in owner.elements
            if isinstance(each, model.IntermediateCatchEvent)
            for definition in definitions_of(each.definition)
            if isinstance(definition, model.LinkDefinition)
        }
        for element in owner.elements:
            leaves = f"{element.id}/" if isinstance(element, SubProcess) else element.id
            for flow in scope.leaving(element):
                self._add(leaves, flow.target)
            for event in scope.boundaries.get(element.id, []):
                self._add(element.id, event.id)
            for definition in definitions_of(getattr(element, "definition", None)):
                if isinstance(element, model.IntermediateThrowEvent) and isinstance(definition, model.LinkDefinition):
                    self._add(element.id, links.get(definition.name, element.id))
            if inner and not scope.leaving(element) and not isinstance(element, model.BoundaryEvent):
                self._add(leaves, f"{owner.id}/")

    def _add(self, source: str, target: str) -> None:
        self.after.setdefault(source, []).append(target)
        self.before.setdefault(target, []).append(source)

    def missing(self) -> dict[str, int]:
        """For each place, the names that no step need have set when a token is there."""
        everything = sum(self.bits.values())
        self.at = dict.fromkeys(self.starts, everything)
        waiting = deque(self.starts)
        while waiting:
            place = waiting.popleft()
            for target in self.after.get(place, ()):
                comes = self.at[place] & ~self._set_on(place, target)
                if isinstance(self.elements.get(target), model.ParallelGateway):
                    comes = everything
                    for source in self.before[target]:
                        comes &= self.at.get(source, 0) & ~self._set_on(source, target)
                if comes & ~self.at.get(target, 0):
                    self.at[target] = self.at.get(target, 0) | comes
                    waiting.append(target)
        return self.at

    def _set_on(self, place: str, target: str) -> int:
        """The names that may be set on the way to the next place, by an element that completes (not one broken off)."""
        element = self.elements.get(place.rstrip("/"))
        following = self.elements.get(target)
        if element is None or (isinstance(following, model.BoundaryEvent) and following.attached_to == element.id):
            return 0
        if isinstance(element, SubProcess) and not place.endswith("/"):
            return 0
        use = self.uses[element.id]
        if use.open and not isinstance(element, model.StartEvent):
            return -1
        return sum(self.bits.get(name, 0) for name in use.sets)

    def way_to(self, place: str, bit: int) -> list[str]:
        """The shortest way from a start on which the name stays missing, as ids of elements."""
        came: dict[str, str] = dict.fromkeys(self.starts, "")
        waiting = deque(self.starts)
        while waiting and place not in came:
            current = waiting.popleft()
            for target in self.after.get(current, ()):
                if target not in came and self.at.get(target, 0) & bit and not self._set_on(current, target) & bit:
                    came[target] = current
                    waiting.append(target)
        way = [place]
        while came.get(way[-1]):
            way.append(came[way[-1]])
        return [each for each in reversed(way) if not each.endswith("/")]


def _nearly(name: str, other: str) -> bool:
    """Whether one is likely meant to be the other: letters swapped, lost or added inside, or written otherwise."""
    if min(len(name), len(other)) < _LENGTH_MIN or name == other:
        return False
    plain, plain_other = (re.sub(r"[^a-z0-9]", "", each.lower()) for each in (name, other))
    if plain == plain_other:
        return True
    if re.sub(r"\d", "", plain) == re.sub(r"\d", "", plain_other) or plain[0] != plain_other[0]:
        return False
    alike = 0
    while alike < min(len(plain), len(plain_other)) and plain[alike] == plain_other[alike]:
        alike += 1
    if max(len(plain), len(plain_other)) - alike <= 2:
        return False  # order and orders, approved and approver: words of their own
    return _distance(plain, plain_other) <= (1 if min(len(plain), len(plain_other)) < 9 else 2)


def _distance(one: str, other: str) -> int:
    """Letters to change, add, drop or swap with their neighbour."""
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = above, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _told(finding: Finding, rule: str) -> Finding:
    return msgspec.structs.replace(finding, rule=f"variable-{rule}")
