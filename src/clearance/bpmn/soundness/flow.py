"""Soundness of one scope: it can always end, nothing happens twice by mistake, and every element can be reached.

What certainly cannot go on is an error, because no run of the process can end well; what goes wrong only when the data
so chooses is a warning. Both come with a way that leads there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from clearance.bpmn.findings import Finding, Scope, Severity, TraceStep, error, warning
from clearance.bpmn.soundness.explore import MARKINGS_MAX, Play, has_circles, play
from clearance.bpmn.soundness.net import ELEMENTS_FROM, Did, Join, Move, Net, Split
from clearance.bpmn.soundness.places import Places
from clearance.bpmn.soundness.reduce import reduce
from clearance.bpmn.soundness.trace import named, parted, step_at, told, travelled
from clearance.bpmn.soundness.translate import net_of
from clearance.model import definition as model
from clearance.model.definition import Element, Process, SubProcess

DOUBLED = "lack-of-synchronisation"
FINDINGS_MAX = 10
"""Of one kind in one scope: more would be the same mistake once more."""


@dataclass(frozen=True)
class Verdict:
    """What is known of a scope."""

    findings: tuple[Finding, ...]
    completes: bool
    """Whether it may complete; taken for granted where that is not known."""


def check_scope(
    scope: Scope, places: Places, completes: Callable[[SubProcess], bool], markings_max: int = MARKINGS_MAX
) -> Verdict:
    """Soundness of a scope, given which of its sub-processes can complete."""
    net, elements = net_of(scope, places, completes)
    bits = {element.id: 1 << number for number, element in enumerate(elements, ELEMENTS_FROM)}
    reduce(net)
    beside = _beside(net)
    whole = play(net, markings_max)
    played = [(net, whole)]
    live = _live(net, whole)
    for source, part in beside:
        if not source or live & bits[source]:
            played.append((part, play(part, markings_max)))
            live |= _live(*played[-1])
    findings = [finding for part, seen in played for finding in _Report(scope, part, seen).findings()]
    if isinstance(scope.owner, model.AdHocSubProcess):  # there activities are done as often as somebody likes
        findings = [finding for finding in findings if finding.rule != DOUBLED]
    broken = any(seen.reason or seen.doubled for _, seen in played)
    if not broken:
        dead = [element for element in elements if not live & bits[element.id]]
        findings.extend(_never_reached(scope, dead, {finding.element for finding in findings}, completes))
    certain = any(finding.severity == Severity.ERROR for finding in findings)
    return Verdict(tuple(findings), whole.completes or broken or certain)


def _beside(net: Net) -> list[tuple[str, Net]]:
    """What splits off and never comes back, taken out of the net, with where it does: nobody waits for it."""
    found: list[tuple[str, Net]] = []
    if not has_circles(net):  # then the order of play sees to it that nothing comes round again
        return found
    for edge in list(net.edges):
        known = net.edges.get(edge)
        if known is None or net.nodes[known.source].split is Split.ONE or len(net.nodes[known.source].outs) < 2:
            continue
        source = net.nodes[known.source].element
        part = net.detach(edge)
        if part is not None:
            found.append((source, part))
    if found:
        reduce(net)
    return found


def _live(net: Net, seen: Play) -> int:
    """The bits of the elements that were reached."""
    live = 0
    for edge in seen.bits(seen.marked & seen.tokens):
        live |= net.edges[edge].covers
    return live


class _Report:
    """What a play says, in words."""

    def __init__(self, scope: Scope, net: Net, played: Play) -> None:
        self.scope = scope
        self.net = net
        self.played = played
        self.certain = not (played.ends or played.doubled or played.reason)
        self.interruptible = _may_be_interrupted(scope)

    def findings(self) -> Iterator[Finding]:
        yield from self._stuck()
        yield from self._doubled()
        yield from self._endless()
        if self.played.reason:
            yield self._unknown()

    def _stuck(self) -> Iterator[Finding]:
        reported: set[int] = set()
        for marking in self.played.stuck:
            waiting: dict[int, list[int]] = {}
            for edge in self.played.bits(marking & self.played.tokens):
                waiting.setdefault(self.net.edges[edge].target, []).append(edge)
            for node in self._causes(waiting):
                if node not in reported and len(reported) < FINDINGS_MAX:
                    reported.add(node)
                    yield self._waits(node, waiting[node], marking)

    def _causes(self, waiting: dict[int, list[int]]) -> list[int]:
        """The joins that wait for nobody who waits himself; all when each waits for another."""
        behind: set[int] = set()
        for node in waiting:
            stack, seen = [node], {node}
            while stack:
                for edge in self.net.nodes[stack.pop()].outs:
                    target = self.net.edges[edge].target
                    if target not in seen:
                        seen.add(target)
                        stack.append(target)
            behind |= (seen - {node}) & waiting.keys()
        return [node for node in waiting if node not in behind] or list(waiting)

    def _waits(self, node: int, has: list[int], marking: int) -> Finding:
        gateway = self.net.nodes[node]
        element = self.scope.elements[gateway.element]
        held = [flow for edge in has for flow in self.net.edges[edge].flows]
        missing = [flow for edge in gateway.ins if edge not in has for flow in self.net.edges[edge].flows]
        never = self.certain or (
            gateway.join is Join.ALL
            and node not in self.played.fired
            and not (self.played.doubled or self.played.reason)
        )
        has_from, needs_from = self._sources(held), self._sources(missing)
        if never:
            message = f"it waits for ever: when {has_from} comes, {needs_from} never does"
        else:
            message = f"it may wait for ever: once {has_from} has come, {needs_from} may never come"
        trace = self._trace(marking)
        trace.append(step_at(element, f"waits for ever; has {has_from}; needs {needs_from}"))
        return _finding(error if never else warning, "deadlock", element, message, _REMEDY[gateway.join], trace)

    def _sources(self, flows: list[str]) -> str:
        """Flows as a person sees them: where they come from."""
        by_id = {flow.id: flow for flow in self.scope.owner.flows}
        shown = []
        for identifier in flows:
            source = self.scope.elements.get(by_id[identifier].source) if identifier in by_id else None
            shown.append(f'flow {identifier} from "{named(source)}"' if source is not None else f"flow {identifier}")
        return " and ".join(shown) or "a further token"

    def _doubled(self) -> Iterator[Finding]:
        reported: set[str] = set()
        for marking, firing, bits in self.played.doubled:
            firings = [*self.played.way_to(marking), firing]
            identifier = self.net.nodes[firing.node].element
            if identifier in reported or len(reported) >= FINDINGS_MAX:
                continue
            reported.add(identifier)
            element = self.scope.elements[identifier]
            fork = self.scope.elements.get(parted(self.net, firings, bits & -bits))
            apart = f' after "{named(fork)}"' if fork is not None and fork is not element else ""
            message = (
                f"ways that run at the same time{apart} come together here unjoined, so what follows happens twice"
            )
            trace = told(self.scope, travelled(self.net, self.played, firings[:-1], bits))
            last = travelled(self.net, self.played, firings[-1:])[:1] or [Move(Did.PASSES, identifier)]
            trace += told(self.scope, last)[:1]
            trace[-1] = msgspec.structs.replace(trace[-1], says="is reached again while the first token is under way")
            remedy = "Join the ways with a parallel gateway, or let only one of them be taken"
            yield _finding(warning, DOUBLED, element, message, remedy, trace)

    def _endless(self) -> Iterator[Finding]:
        if not self.played.endless or self.interruptible:
            return
        marking = self.played.endless[0]
        edge = self.played.bits(marking & self.played.tokens)[0]
        element = self.scope.elements[self.net.nodes[self.net.edges[edge].target].element]
        trace = [*self._trace(marking), step_at(element, "goes round for ever")]
        message = "from here on no end is ever reached: it goes round for ever"
        kind = error if self.certain and not self.played.stuck else warning
        yield _finding(kind, "endless", element, message, "Draw a way out of the circle", trace)

    def _unknown(self) -> Finding:
        names = dict.fromkeys(node.element for node in self.net.nodes.values() if node.element)
        shown = [f'"{named(self.scope.elements[name])}"' for name in names if name in self.scope.elements]
        more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
        message = (
            f"whether it can get stuck is unknown, because {self.played.reason}; "
            f"what is entangled: {', '.join(shown[:8])}{more}"
        )
        return _finding(
            warning, "soundness-unknown", self.scope.owner, message, "Let splits and joins match each other", []
        )

    def _trace(self, marking: int) -> list[TraceStep]:
        return told(self.scope, travelled(self.net, self.played, self.played.way_to(marking)))


_REMEDY = {
    Join.ALL: "Join with an exclusive gateway if only one of the ways is taken, or split with a parallel one",
    Join.SOME: "Let only ways meet here that come from one split, and lead loops around it",
    Join.COUNT: "Ask for no more tokens than can come",
    Join.ANY: "Draw a way out",
}


def _finding(
    kind: Callable[[Element | Process, str, str], Finding],
    rule: str,
    element: Element | Process,
    message: str,
    remedy: str,
    trace: list[TraceStep],
) -> Finding:
    return msgspec.structs.replace(kind(element, message, remedy), rule=rule, trace=tuple(trace))


def _never_reached(
    scope: Scope, dead: list[Element], reported: set[str], completes: Callable[[SubProcess], bool]
) -> Iterator[Finding]:
    """The first elements that nothing ever reaches; what follows them goes without saying."""
    lost = {element.id for element in dead}
    for element in dead:
        before = [scope.elements[flow.source] for flow in scope.entering(element) if flow.source in scope.elements]
        if isinstance(element, model.BoundaryEvent) and element.attached_to not in lost:
            before = [scope.elements[element.attached_to]]
        live = [each for each in before if each.id not in lost]
        if not live or element.id in reported:
            continue
        why = "no way through the process gets there"
        first = live[0]
        if isinstance(element, model.BoundaryEvent):
            why = f'nothing in "{named(first)}" makes it happen'
        elif isinstance(first, SubProcess) and not completes(first):
            why = f'"{named(first)}" never completes, it always ends in another way'
        yield _finding(warning, "dead-element", element, f"it is never reached: {why}", "Mend that, or remove it", [])


def _may_be_interrupted(scope: Scope) -> bool:
    """Whether an event may end the scope from outside of its flow."""
    owner = scope.owner
    for element in owner.elements:
        if isinstance(element, SubProcess) and element.triggered_by_event:
            starts = [inner for inner in element.elements if isinstance(inner, model.StartEvent)]
            if any(start.interrupting for start in starts):
                return True
    return isinstance(owner, SubProcess)
