"""Shrinking a net without changing whether it is sound: well-structured parts vanish in linear time.

Each rule takes away one thing that cannot go wrong by itself: a node that a token just passes, ways that part and come
together again in the matching gateway, a loop of one way back, a branch that ends. What was taken away lives on in the
paths of the edges that are left, so that whatever goes wrong elsewhere can be told in the words of the author's file.
A well-structured scope shrinks to one edge from start to end. A rule looks only at a node and its neighbours, and when
it has changed something these are looked at again.
"""

from collections import deque

from clearance.bpmn.soundness.net import ENDS, MAY_STOP, NEVER, SINK, START, Edge, Join, Net, Node, Path, Split

_MATCHING = {
    (Split.ONE, Join.ANY),
    (Split.ALL, Join.ALL),
    (Split.SOME, Join.SOME),
    (Split.ALL, Join.SOME),
    (Split.ONE, Join.SOME),
}
"""Ways that part so and come together so at once are one way."""


def reduce(net: Net) -> None:
    """Apply the rules until none applies any longer."""
    _Reduction(net).run()


class _Reduction:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.nodes = net.nodes
        self.edges = net.edges
        self.waiting: deque[int] = deque(net.nodes)
        self.listed = set(net.nodes)

    def run(self) -> None:
        while self.waiting:
            index = self.waiting.popleft()
            self.listed.discard(index)
            node = self.nodes.get(index)
            if node is None or index in ENDS or index == NEVER:
                continue
            if index == START:
                self._merge_ways(index, node)
            elif not node.ins:
                self._never(index, node)
            else:
                self._look(index, node)

    def _look(self, index: int, node: Node) -> None:
        """The rules in order; the first that applies has everything around it looked at again."""
        trivial = len(node.ins) == 1 and node.needs <= 1
        if self._without_never(index, node):
            self._again(index)
        elif trivial and len(node.outs) == 1:
            self._pass(index, node)
        elif trivial:
            if not (self._end(index, node) or self._merge_ways(index, node) or self._stop(index, node)):
                self._merge_splits(index, node)
        elif not self._loop(index, node):
            self._merge_joins(index, node)

    def _again(self, *indexes: int) -> None:
        for index in indexes:
            if index not in self.listed:
                self.listed.add(index)
                self.waiting.append(index)

    def _never(self, index: int, node: Node) -> None:
        """Nothing ever gets here, nor to what follows."""
        for edge in list(node.outs):
            self.net.begin(edge, NEVER)
            self._again(self.edges[edge].target)
        del self.nodes[index]

    def _without_never(self, index: int, node: Node) -> bool:
        """A join that takes what comes does not miss what never comes."""
        if node.join is Join.ALL and len(node.ins) > 1:
            return False
        gone = [edge for edge in node.ins if self.edges[edge].source == NEVER]
        for edge in gone:
            self.net.drop(edge)
        return bool(gone)

    def _pass(self, index: int, node: Node) -> None:
        """A token just passes: its two edges are one."""
        (first,), (second,) = node.ins, node.outs
        if first == second:
            return
        after = self.net.drop(second)
        before = self.edges[first]
        before.path = (before.path, after.path)
        before.covers |= after.covers
        before.flows = after.flows
        self.net.lead(first, after.target)
        del self.nodes[index]
        self._again(before.source, after.target)

    def _end(self, index: int, node: Node) -> bool:
        """A split whose every way ends alike is such an end itself."""
        ends = {self.edges[edge].target for edge in node.outs}
        if len(ends) != 1 or not ends <= set(ENDS):
            return False
        (first,) = node.ins
        before = self.edges[first]
        before.path = (before.path, self.edges[next(iter(node.outs))].path)
        for edge in list(node.outs):
            before.covers |= self.net.drop(edge).covers
        self.net.lead(first, ends.pop())
        del self.nodes[index]
        self._again(before.source)
        return True

    def _stop(self, index: int, node: Node) -> bool:
        """Choosing to end all of the scope is never wrong; that one may is noted on the way there."""
        stops = [edge for edge in node.outs if self.edges[edge].target in MAY_STOP]
        if node.split is not Split.ONE or not stops or len(stops) == len(node.outs):
            return False
        (first,) = node.ins
        for edge in stops:
            gone = self.net.drop(edge)
            self.edges[first].covers |= gone.covers | MAY_STOP[gone.target]
        self._again(index)
        return True

    def _merge_ways(self, index: int, node: Node) -> bool:
        """Ways that come together at once, in the gateway that fits, are one way; those that end are not missed."""
        by_target: dict[int, list[int]] = {}
        for edge in node.outs:
            by_target.setdefault(self.edges[edge].target, []).append(edge)
        changed = False
        for target, edges in by_target.items():
            if target == SINK and node.split is Split.ALL and len(by_target) > 1:
                changed = self._let_go(node, edges)
            elif len(edges) > 1 and self._match(node, target):
                self._merge(edges, node.split)
                changed = True
                self._again(target)
        if changed:
            self._again(index)
        return changed

    def _match(self, node: Node, target: int) -> bool:
        return target in ENDS or (node.split, self.nodes[target].join) in _MATCHING

    def _merge(self, edges: list[int], split: Split) -> None:
        kept = self.edges[edges[0]]
        for edge in edges[1:]:
            gone = self.net.drop(edge)
            if split is Split.ALL:
                kept.path = (kept.path, gone.path)
            kept.covers |= gone.covers
            kept.flows += gone.flows

    def _let_go(self, node: Node, edges: list[int]) -> bool:
        """A parallel way that just ends is over by itself; the others have its elements on their account."""
        kept = next(edge for edge in node.outs if edge not in edges)
        for edge in edges:
            self.edges[kept].covers |= self.net.drop(edge).covers
        return True

    def _merge_splits(self, index: int, node: Node) -> None:
        """A split that follows one of its own kind is part of it."""
        (entry,) = node.ins
        source = self.edges[entry].source
        before = self.nodes[source]
        splits = source == START or (len(before.ins) == 1 and before.needs <= 1)
        if source in (index, NEVER) or not splits or before.split is not node.split or len(before.outs) < 2:
            return
        edges = list(node.outs)
        gone = self.net.drop(entry)
        for edge in edges:
            self._prefix(self.edges[edge], gone.path, gone.covers)
            self.net.begin(edge, source)
        del self.nodes[index]
        self._again(source)

    def _prefix(self, edge: Edge, path: Path, covers: int) -> None:
        edge.path = (path, edge.path)
        edge.covers |= covers

    def _loop(self, index: int, node: Node) -> bool:
        """A choice that leads straight back to the join before it: a loop with a way out."""
        if node.join not in (Join.ANY, Join.SOME) or len(node.outs) != 1:
            return False
        (entry,) = node.outs
        split = self.edges[entry].target
        choice = self.nodes[split]
        if split == index or split in ENDS or len(choice.ins) != 1 or choice.needs > 1:
            return False
        back = [edge for edge in choice.outs if self.edges[edge].target == index]
        if not back or choice.split is not Split.ONE or len(back) == len(choice.outs):
            return False
        for edge in back:
            self.edges[entry].covers |= self.net.drop(edge).covers
        self._again(index, split)
        return True

    def _merge_joins(self, index: int, node: Node) -> None:
        """Tokens that pass one by one, and then again one by one, pass once."""
        if node.join is not Join.ANY or len(node.outs) != 1:
            return
        (exit_,) = node.outs
        target = self.edges[exit_].target
        after = self.nodes[target]
        if target in (index, *ENDS) or after.join is not Join.ANY or len(after.ins) < 2:
            return
        gone = self.net.drop(exit_)
        for edge in list(node.ins):
            moved = self.edges[edge]
            moved.path = (moved.path, gone.path)
            moved.covers |= gone.covers
            moved.flows = gone.flows
            self.net.lead(edge, target)
            self._again(moved.source)
        del self.nodes[index]
        self._again(target)
