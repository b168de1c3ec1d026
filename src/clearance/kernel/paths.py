"""From where a token can still come to a join: computed once, when a process with such joins is compiled (13.4.3).

For each incoming flow of an inclusive or complex gateway this is the set of nodes from which sequence flows lead to it
without visiting the gateway. A token in an activity may also go on from an event on its border, so these paths count.
"""

from collections.abc import Mapping, Sequence

from clearance.model.definition import BoundaryEvent, ComplexGateway, InclusiveGateway
from clearance.model.graph import Edge, Node


def add_paths(nodes: Sequence[Node], by_id: Mapping[str, int]) -> frozenset[int]:
    """Note the paths at each join that needs them; returns the indexes of these joins."""
    joins = [
        node
        for node in nodes
        if isinstance(node.element, ComplexGateway)
        or (isinstance(node.element, InclusiveGateway) and len(node.incoming) > 1)
    ]
    if not joins:
        return frozenset()
    before = _predecessors(nodes, by_id)
    for join in joins:
        for edge in join.incoming:
            edge.joins = True
        join.paths = tuple(_reaching(edge, join.index, before) for edge in join.incoming)
    return frozenset(join.index for join in joins)


def _predecessors(nodes: Sequence[Node], by_id: Mapping[str, int]) -> list[list[int]]:
    before: list[list[int]] = [[edge.source for edge in node.incoming] for node in nodes]
    for node in nodes:
        if isinstance(node.element, BoundaryEvent) and node.element.attached_to in by_id:
            before[node.index].append(by_id[node.element.attached_to])
    return before


def _reaching(edge: Edge, join: int, before: list[list[int]]) -> int:
    """Nodes with a path to the flow, as a bit set."""
    if edge.source == join:
        return 0
    reached = 1 << edge.source
    waiting = [edge.source]
    while waiting:
        for node in before[waiting.pop()]:
            if node != join and not reached >> node & 1:
                reached |= 1 << node
                waiting.append(node)
    return reached
