"""One scope as a net: nodes that join and split tokens, edges that hold them.

Every question of soundness is about how tokens come together and part. An element becomes a node that joins, an edge
that holds the token while the element is active, and nodes that split; tasks, events and gateways differ in nothing
else. Each edge has one target, so no two nodes ever compete for a token: the only choices are inside a node. All the
algorithms here rest on that.

``translate.py`` makes a net of a scope, ``reduce.py`` shrinks it, ``explore.py`` plays what is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Join(StrEnum):
    """How tokens come together."""

    ANY = "any"
    """Each passes by itself."""
    ALL = "all"
    """One of each way in."""
    SOME = "some"
    """Those that come: waits while another still may (13.4.3)."""
    COUNT = "count"
    """A number of ways in; later tokens are absorbed until all have come (13.4.5)."""


class Split(StrEnum):
    """How tokens part."""

    ONE = "one"
    ALL = "all"
    SOME = "some"
    """Any of the ways out, at least one."""


class Did(StrEnum):
    """What a token does at an element."""

    PASSES = "passes"
    CHOOSES = "chooses"


@dataclass(slots=True, frozen=True)
class Move:
    """One thing that happens while a token travels an edge."""

    did: Did
    element: str
    flow: str = ""
    """The way that was chosen."""


Path = tuple["Path | Move", ...]
"""What happens along an edge, nested: joining two paths costs nothing, and :func:`moves` reads it flat."""


def moves(path: Path) -> Iterator[Move]:
    """A path's moves in order."""
    stack: list[Path | Move] = [path]
    while stack:
        part = stack.pop()
        if isinstance(part, Move):
            yield part
        else:
            stack.extend(reversed(part))


START, SINK, END_ALL, ABORT, NEVER = range(5)
"""Nodes that every net has: where the scope starts; where a token ends; where all of the scope ends (terminate); where
the scope is left at once (an error, a cancel); and where nothing ever comes from.
"""
ENDS = (SINK, END_ALL, ABORT)
MAY_STOP = {END_ALL: 1, ABORT: 2}
"""Bits of ``Edge.covers`` for the ends of all the scope that a token on its way may choose."""
ELEMENTS_FROM = 2
"""The bit of the first element."""


@dataclass(slots=True)
class Edge:
    """Holds a token; ``covers`` has a bit for each element that is reached when the edge is."""

    source: int
    target: int
    path: Path = ()
    covers: int = 0
    flows: tuple[str, ...] = ()
    """The sequence flows that it enters its target by."""


@dataclass(slots=True)
class Node:
    """Joins its ways in, then splits to its ways out; with several ways in it has one way out, and the other way round.

    Ways are kept as keys of a dictionary: in order, and quickly removed.
    """

    element: str
    join: Join = Join.ANY
    split: Split = Split.ONE
    needs: int = 0
    """Of a join that counts: how many ways."""
    ins: dict[int, None] = field(default_factory=dict)
    outs: dict[int, None] = field(default_factory=dict)


class Net:
    """Nodes and edges by number."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {index: Node("") for index in (START, *ENDS, NEVER)}
        self.edges: dict[int, Edge] = {}
        self._next_node = len(self.nodes)
        self._next_edge = 0

    def add(self, element: str, join: Join = Join.ANY, split: Split = Split.ONE, needs: int = 0) -> int:
        """A new node."""
        index = self._next_node
        self._next_node += 1
        self.nodes[index] = Node(element, join, split, needs)
        return index

    def connect(self, source: int, target: int, path: Path = (), covers: int = 0, flows: tuple[str, ...] = ()) -> int:
        """A new edge."""
        index = self._next_edge
        self._next_edge += 1
        self.edges[index] = Edge(source, target, path, covers, flows)
        self.nodes[source].outs[index] = None
        self.nodes[target].ins[index] = None
        return index

    def lead(self, edge: int, target: int) -> None:
        """Let an edge end elsewhere."""
        del self.nodes[self.edges[edge].target].ins[edge]
        self.edges[edge].target = target
        self.nodes[target].ins[edge] = None

    def begin(self, edge: int, source: int) -> None:
        """Let an edge begin elsewhere."""
        del self.nodes[self.edges[edge].source].outs[edge]
        self.edges[edge].source = source
        self.nodes[source].outs[edge] = None

    def drop(self, edge: int) -> Edge:
        """Take an edge out."""
        gone = self.edges.pop(edge)
        del self.nodes[gone.source].outs[edge]
        del self.nodes[gone.target].ins[edge]
        return gone

    def detach(self, edge: int) -> "Net | None":
        """Make what follows an edge a net of its own, if no token from aside ever gets there and none comes back; the
        edge then leads to how that may end. Parallel ways that meet there go along.
        """
        first = self.edges[edge]
        inside = self._behind(edge)
        ends = inside.intersection(ENDS)
        inside -= ends
        if first.source in inside or not inside:
            return None
        split = self.nodes[first.source]
        together = [edge]
        if split.split is Split.ALL:
            together = [way for way in split.outs if self.edges[way].target in inside]
        entering = {way for index in inside for way in self.nodes[index].ins}.difference(together)
        if any(self.edges[way].source not in inside for way in entering):
            return None
        return self._take_out(inside, together, sorted(ends))

    def _behind(self, edge: int) -> set[int]:
        """The nodes that a token on the edge may come to."""
        found = {self.edges[edge].target}
        waiting = list(found)
        while waiting:
            for way in self.nodes[waiting.pop()].outs:
                target = self.edges[way].target
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def _take_out(self, inside: set[int], together: list[int], ends: list[int]) -> "Net":
        """A net of the nodes inside, which the edges lead to and which may end so."""
        own = Net()
        own._next_edge, own._next_node = self._next_edge, self._next_node
        source = self.nodes[self.edges[together[0]].source].element
        fork = own.add(source, split=Split.ALL)
        own.connect(START, fork, (Move(Did.PASSES, source),))
        entries = [(self.edges[way].target, self.edges[way]) for way in together]
        instead = self.add(source)
        for end in ends or [SINK]:
            self.connect(instead, end)
        for way in together:
            self.lead(way, instead if way == together[0] else SINK)
        for index in inside:
            own.nodes[index] = self.nodes.pop(index)
        for way in [way for way, each in self.edges.items() if each.source in inside]:
            own.edges[way] = self.edges.pop(way)
            end = own.edges[way].target
            if end in ENDS:
                del self.nodes[end].ins[way]
                own.nodes[end].ins[way] = None
        for target, edge in entries:
            own.connect(fork, target, edge.path, edge.covers, edge.flows)
        return own
