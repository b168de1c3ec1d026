"""Playing what is left of a net, marking by marking, within a bound.

A marking is a set of edges that hold a token, as the bits of a number. Nothing is lost by that: where a second token
would come to an edge, that is the finding, and the play does not go beyond it.

No two nodes compete for a token, so the order in which concurrent tokens move matters little. As long as no token can
come round again, moving the token that is furthest upstream is enough: everything that can ever get to an edge is there
before the edge is left, and each inclusive join is asked last. With circles, or where an inclusive join might go ahead
while a token is still able to join in, all orders are played.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from clearance.bpmn.soundness.net import ABORT, END_ALL, ENDS, MAY_STOP, NEVER, SINK, START, Join, Net, Split

MARKINGS_MAX = 10_000
"""How many markings of one scope are played."""
WAYS_MAX = 10
"""Of an inclusive split that cannot be reduced: beyond, its subsets are too many to be played."""
_STOPS = MAY_STOP[END_ALL] | MAY_STOP[ABORT]
_BEFORE = -1
"""The marking before the start."""


@dataclass(slots=True, frozen=True)
class Firing:
    """A node moved tokens: which it took, and which it gave."""

    node: int
    taken: int
    given: int


@dataclass(slots=True)
class Play:
    """What was seen."""

    edges: tuple[int, ...] = ()
    """The net's edges in the order of the bits of markings."""
    came: dict[int, tuple[int, Firing]] = field(default_factory=dict)
    """Each marking with the one before it and the firing between them."""
    stuck: list[int] = field(default_factory=list)
    """Markings in which tokens are left and none can move."""
    doubled: list[tuple[int, Firing, int]] = field(default_factory=list)
    """Firings that put a second token on edges: the marking before, the firing, and these edges' bits."""
    endless: list[int] = field(default_factory=list)
    """Markings from which the scope can neither end nor get stuck."""
    marked: int = 0
    """Bits of all edges that ever held a token."""
    fired: set[int] = field(default_factory=set)
    completes: bool = False
    """Whether all tokens may end, or a terminate event ends them."""
    ends: bool = False
    """Whether the scope may end at all, be it by an error."""
    reason: str = ""
    """Why the play broke off; empty when it did not."""

    @property
    def tokens(self) -> int:
        """The bits that stand for edges; complex gateways have some of their own."""
        return (1 << len(self.edges)) - 1

    def bits(self, mask: int) -> list[int]:
        """The edges of a marking."""
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.edges[lowest.bit_length() - 1])
            mask ^= lowest
        return found

    def way_to(self, marking: int) -> list[Firing]:
        """The firings that lead to a marking."""
        found: list[Firing] = []
        while marking != _BEFORE:
            marking, firing = self.came[marking]
            found.append(firing)
        return found[::-1]


def play(net: Net, markings_max: int = MARKINGS_MAX) -> Play:
    """Play a net from its start."""
    return _Player(net, markings_max).play()


class _Player:
    def __init__(self, net: Net, markings_max: int) -> None:
        self.net = net
        self.most = markings_max
        self.result = Play(edges=tuple(net.edges))
        self.bit = {edge: 1 << number for number, edge in enumerate(net.edges)}
        self.ins = {index: [self.bit[edge] for edge in node.ins] for index, node in net.nodes.items()}
        self.masks = {index: sum(bits) for index, bits in self.ins.items()}
        self.stops = self.masks[END_ALL] | self.masks[ABORT]
        self.vanishing = sum(self.bit[edge] for edge in net.nodes[SINK].ins if self._comes_from_a_split(edge))
        self.alike = self.stops | sum(self.bit[edge] for edge in net.edges if self._only_ends(edge))
        self.may_stop = sum(self.bit[index] for index, edge in net.edges.items() if edge.covers & _STOPS)
        self.reset_bits: dict[int, int] = {}
        for index, node in net.nodes.items():
            if node.join is Join.COUNT and len(node.ins) > 1:
                self.reset_bits[index] = 1 << (len(net.edges) + len(self.reset_bits))
        self.own = sum(self.reset_bits.values())
        self.target = {bit: net.edges[edge].target for edge, bit in self.bit.items()}
        order, self.circles = _order(net)
        self.rank = {index: rank for rank, index in enumerate(order)}
        self.upstream = {
            index: _avoiding(net, self.bit, index)
            for index, node in net.nodes.items()
            if node.join in (Join.SOME, Join.COUNT) and len(node.ins) > 1
        }
        self.everywhere = self.circles or self._may_go_ahead()

    def _comes_from_a_split(self, edge: int) -> bool:
        return len(self.net.nodes[self.net.edges[edge].source].ins) < 2

    def _only_ends(self, edge: int) -> bool:
        """Whether a token there can do nothing but end, in one way or another: then a second one changes nothing."""
        target = self.net.nodes[self.net.edges[edge].target]
        ends = all(self.net.edges[way].target in ENDS for way in target.outs)
        return len(target.ins) == 1 and ends and self._comes_from_a_split(edge)

    def play(self) -> Play:
        result = self.result
        after: dict[int, list[int]] = {}
        stopped: list[int] = []
        waiting: deque[int] = deque()
        for given in self._given(START):
            first = given & ~self.vanishing
            result.marked |= given
            if first not in result.came:
                result.came[first] = (_BEFORE, Firing(START, 0, given))
                waiting.append(first)
        while waiting and not result.reason:
            marking = waiting.popleft()
            following = after[marking] = []
            moved = False
            for firing in self._moves(marking):
                moved = True
                result.fired.add(firing.node)
                result.marked |= firing.given
                if self._may_stop(firing):
                    self._settle(firing.given, moved)
                    stopped.append(marking)
                    continue
                left = marking & ~firing.taken
                kept = firing.given & ~self.vanishing
                double = left & kept & ~self.alike
                if double:
                    result.doubled.append((marking, firing, double))
                    continue
                following.append(left | kept)
                if left | kept not in result.came:
                    result.came[left | kept] = (marking, firing)
                    waiting.append(left | kept)
            self._settle(marking, moved)
            if len(result.came) > self.most:
                result.reason = f"more than {self.most:,} states were looked at"
        if self.circles and not result.reason:
            self._find_endless(after, stopped)
        for edge in result.bits(result.marked & self.may_stop):
            result.ends = True
            result.completes = result.completes or bool(self.net.edges[edge].covers & MAY_STOP[END_ALL])
        return result

    def _may_stop(self, firing: Firing) -> bool:
        """Whether a choice ends all of the scope; what the others do meanwhile they also do when it is not made."""
        node = self.net.nodes[firing.node]
        return bool(firing.given & self.stops) and node.split is Split.ONE and len(node.outs) > 1

    def _settle(self, marking: int, moved: bool) -> None:
        """What a marking says of how the scope ends."""
        result = self.result
        if marking & self.stops:
            result.ends = True
            result.completes = result.completes or bool(marking & self.masks[END_ALL])
        elif not marking & ~self.own:
            result.ends = result.completes = True
        elif not moved:
            result.stuck.append(marking)

    def _moves(self, marking: int) -> Iterator[Firing]:
        for node in self._with_tokens(marking):
            found = False
            for taken, given in self._fire(node, marking):
                found = True
                yield Firing(node, taken, given)
            if found and not self.everywhere:
                return

    def _with_tokens(self, marking: int) -> list[int]:
        """The nodes that a token waits at, upstream first."""
        found = set()
        rest = marking & ~self.own
        while rest:
            lowest = rest & -rest
            found.add(self.target[lowest])
            rest ^= lowest
        found.update(index for index, bit in self.reset_bits.items() if marking & bit)
        return sorted(found & self.rank.keys(), key=self.rank.__getitem__)

    def _fire(self, index: int, marking: int) -> Iterator[tuple[int, int]]:
        """What the node can take now, and what it gives for it."""
        mask = self.masks[index]
        here = marking & mask
        node = self.net.nodes[index]
        if index == SINK or node.join is Join.ANY or (len(node.ins) == 1 and node.needs <= 1):
            takes = [bit for bit in self.ins[index] if bit & here]
            takes = takes if self.everywhere else takes[:1]
        elif node.join is Join.ALL:
            takes = [mask] if here == mask else []
        elif node.join is Join.SOME:
            takes = [here] if self._is_complete(index, marking, here) else []
        else:
            yield from self._count(index, marking, here)
            return
        for taken in takes:
            for given in self._given(index):
                yield taken, given

    def _count(self, index: int, marking: int, here: int) -> Iterator[tuple[int, int]]:
        """A complex gateway: goes ahead with enough tokens, then waits for the rest and absorbs it."""
        reset = self.reset_bits.get(index, 0)
        node = self.net.nodes[index]
        if marking & reset:
            if self._is_complete(index, marking, here):
                yield here | reset, 0
        elif here.bit_count() >= max(node.needs, 1):
            more = 0 if here == self.masks[index] else reset
            for given in self._given(index):
                yield here, given | more

    def _is_complete(self, index: int, marking: int, here: int) -> bool:
        """13.4.3: no token may still come to an empty way in, unless it may as well come to one that has its token."""
        may_come = may_join = 0
        for bit in self.ins[index]:
            if bit & here:
                may_join |= self.upstream[index][bit]
            else:
                may_come |= self.upstream[index][bit]
        return not (marking & ~self.masks[index]) & may_come & ~may_join

    def _given(self, index: int) -> list[int]:
        if index == SINK:
            return [0]
        bits = [self.bit[edge] for edge in self.net.nodes[index].outs]
        split = self.net.nodes[index].split
        if len(bits) < 2 or split is Split.ALL:
            return [sum(bits)]
        if split is Split.ONE:
            return bits
        if len(bits) > WAYS_MAX:
            element = self.net.nodes[index].element
            self.result.reason = f"{element} splits into more than {WAYS_MAX} ways whose joins do not match"
            return [sum(bits)]
        return [sum(chosen) for size in range(1, len(bits) + 1) for chosen in combinations(bits, size)]

    def _may_go_ahead(self) -> bool:
        """Whether an inclusive join may have a token while another could still come to the same way in or the next."""
        splits = [
            [_reached(self.net, self.bit, edge) for edge in node.outs]
            for node in self.net.nodes.values()
            if len(node.outs) > 1 and node.split is not Split.ONE
        ]
        for index, reaching in self.upstream.items():
            for bit in self.ins[index]:
                others = 0
                for other in self.ins[index]:
                    others |= reaching[other] if other != bit else 0
                open_edges = reaching[bit] & others & ~self.masks[index]
                if any(
                    one & bit and other & open_edges
                    for ways in splits
                    for one in ways
                    for other in ways
                    if one is not other
                ):
                    return True
        return False

    def _find_endless(self, after: dict[int, list[int]], stopped: list[int]) -> None:
        """Markings from which no end is reached, and nothing goes wrong that is told already."""
        before: dict[int, list[int]] = {}
        for marking, following in after.items():
            for each in following:
                before.setdefault(each, []).append(marking)
        result = self.result
        ends = self.stops | self.may_stop
        good = [marking for marking in after if marking & ends or not marking & ~self.own]
        waiting = [*good, *stopped, *result.stuck, *(marking for marking, _, _ in result.doubled)]
        seen = set(waiting)
        while waiting:
            for each in before.get(waiting.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        result.endless = [marking for marking in after if marking not in seen]


def has_circles(net: Net) -> bool:
    """Whether a token may come to a place again."""
    return _order(net)[1]


def _order(net: Net) -> tuple[list[int], bool]:
    """The nodes that can fire, upstream first; and whether there are circles. Ends of tokens come last."""
    order: list[int] = []
    open_, done = set[int](), set[int]()
    circles = False
    stack: list[tuple[int, Iterator[int]]] = [(START, iter(net.nodes[START].outs))]
    open_.add(START)
    while stack:
        index, outs = stack[-1]
        for edge in outs:
            target = net.edges[edge].target
            if target in open_:
                circles = True
            elif target not in done:
                open_.add(target)
                stack.append((target, iter(net.nodes[target].outs)))
                break
        else:
            stack.pop()
            open_.discard(index)
            done.add(index)
            order.append(index)
    inner = [index for index in reversed(order) if index not in (START, NEVER, *ENDS)]
    return [*inner, SINK], circles


def _avoiding(net: Net, bit: dict[int, int], join: int) -> dict[int, int]:
    """For each way into a join, the edges from which a path leads to it that does not visit the join."""
    found: dict[int, int] = {}
    for way in net.nodes[join].ins:
        mask, stack = bit[way], [way]
        while stack:
            source = net.edges[stack.pop()].source
            if source == join:
                continue
            for edge in net.nodes[source].ins:
                if not mask & bit[edge]:
                    mask |= bit[edge]
                    stack.append(edge)
        found[bit[way]] = mask
    return found


def _reached(net: Net, bit: dict[int, int], edge: int) -> int:
    """The edges that a token on an edge may come to."""
    mask, stack = bit[edge], [edge]
    while stack:
        for following in net.nodes[net.edges[stack.pop()].target].outs:
            if not mask & bit[following]:
                mask |= bit[following]
                stack.append(following)
    return mask
