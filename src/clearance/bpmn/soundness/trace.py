"""A way through a process that shows what is wrong, in the author's names."""

from collections.abc import Iterable, Sequence
from itertools import islice

from clearance.bpmn.findings import Scope, TraceStep
from clearance.bpmn.soundness.explore import Firing, Play
from clearance.bpmn.soundness.net import Did, Move, Net, Split, moves
from clearance.model.definition import Element


def told(scope: Scope, travelled: Iterable[Move]) -> list[TraceStep]:
    """Moves as steps; a choice belongs to the step of its gateway."""
    flows = {flow.id: flow for flow in scope.owner.flows}
    steps: list[TraceStep] = []
    for move in travelled:
        element = scope.elements.get(move.element)
        if element is None:
            continue
        if move.did is Did.PASSES:
            steps.append(step_at(element))
            continue
        flow = flows[move.flow]
        target = scope.elements.get(flow.target)
        way = flow.name or (named(target) if target is not None else flow.target)
        if steps and steps[-1].element == move.element and not steps[-1].flow:
            steps.pop()
        steps.append(TraceStep(element=element.id, name=element.name, kind=kind_of(element), flow=flow.id, way=way))
    return steps


def travelled(net: Net, play: Play, firings: Iterable[Firing], resting: int = 0) -> list[Move]:
    """All that happens along the edges that firings put tokens on; on those where one rests, only the first move."""
    found: list[Move] = []
    for firing in firings:
        for edge in play.bits(firing.given & play.tokens & ~resting):
            found.extend(moves(net.edges[edge].path))
        for edge in play.bits(firing.given & resting):
            found.extend(islice(moves(net.edges[edge].path), 1))
    return found


def step_at(element: Element, says: str = "") -> TraceStep:
    """A step that is nothing but being there."""
    return TraceStep(element=element.id, name=element.name, kind=kind_of(element), says=says)


def kind_of(element: Element) -> str:
    """The element's tag."""
    return str(element.__struct_config__.tag)


def named(element: Element) -> str:
    """What a person calls it."""
    return " ".join(element.name.split()) or element.id


def parted(net: Net, firings: Sequence[Firing], doubled: int) -> str:
    """Where the two tokens that meet on an edge parted: the element's id; the last firing gives the second token.

    Every token remembers the splits that it comes from; the latest that both remember is the place.
    """
    memory: dict[int, frozenset[int]] = {}
    for number, firing in enumerate(firings):
        before = frozenset[int]().union(*(memory.pop(bit, frozenset()) for bit in _bits(firing.taken)))
        given = list(_bits(firing.given))
        if len(given) > 1 and net.nodes[firing.node].split is not Split.ONE:
            before |= {number}
        if number == len(firings) - 1:
            common = before & memory.get(doubled, frozenset())
            return net.nodes[firings[max(common)].node].element if common else ""
        for bit in given:
            memory[bit] = before
    return ""


def _bits(mask: int) -> Iterable[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest
