"""A drawing for pools that nobody has drawn: one below the other, with message flows between them.

Each process is laid out by itself (``layout.py``); files without a collaboration get one diagram for each process.
"""

from collections.abc import Iterator, Mapping
from math import ceil

from clearance.bpmn.layout import GATEWAY, NAME_WIDTH, layout
from clearance.bpmn.layout_data import LETTER
from clearance.bpmn.node import Node
from clearance.model.definition import Bounds, Definitions, Diagram, Edge, Shape, walk

_BAND, _PADDING, _EMPTY = 30.0, 30.0, 60.0
"""The strip with a pool's name, the room around its process, the height of a pool that shows nothing."""
_GAP, _TRACK = 50.0, 14.0
"""Between pools, and beyond it for each message flow that runs there."""
_LEFT, _TOP = 160.0, 80.0
_BELOW_NAME = 24.0
"""A message flow leaves an event below its name."""


def layout_all(definitions: Definitions) -> tuple[Diagram, ...]:
    """The diagrams of all processes, or the one of their collaboration."""
    collaboration = next(
        (node for text in definitions.carried if (node := Node.alone(text)).kind == "collaboration"), None
    )
    single = {process.id: layout(process) for process in definitions.processes}
    if collaboration is None or not any(child.kind == "participant" for child in collaboration.elements()):
        return tuple(single.values())
    pools, flows = _parts(collaboration)
    names = {element.id: element.name for process in definitions.processes for element, _ in walk(process)}
    left_out = tuple(diagram for name, diagram in single.items() if name not in pools.values())
    return (_Collaboration(collaboration.id, pools, flows, single, names).diagram(), *left_out)


def _parts(collaboration: Node) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Process by pool, and message flows as id, source and target."""
    pools: dict[str, str] = {}
    flows: list[tuple[str, str, str]] = []
    for child in collaboration.elements():
        if child.kind == "participant":
            pools[child.id] = _local(child, "processRef")
        elif child.kind == "messageFlow":
            flows.append((child.id, _local(child, "sourceRef"), _local(child, "targetRef")))
    return pools, flows


def _local(node: Node, attribute: str) -> str:
    return str(node.element.get(attribute, "")).rpartition(":")[2]


class _Collaboration:
    """Pools being put below one another."""

    def __init__(
        self,
        identifier: str,
        pools: dict[str, str],
        flows: list[tuple[str, str, str]],
        processes: Mapping[str, Diagram],
        names: Mapping[str, str],
    ) -> None:
        self.identifier = identifier
        self.pools = pools
        self.flows = flows
        self.processes = processes
        self.names = names
        self.order = list(pools)
        self.shapes: list[Shape] = []
        self.edges: list[Edge] = []
        self.places: dict[str, Bounds] = {}
        self.owner: dict[str, str] = {}
        """The pool of each element."""

    def diagram(self) -> Diagram:
        for pool, process in self.pools.items():
            self.owner[pool] = pool
            for shape in self._content(process).shapes:
                self.owner[shape.element] = pool
        tracks = self._tracks()
        width = max((self._extent(process)[2] for process in self.pools.values()), default=0.0)
        width = max(width + _BAND + 2 * _PADDING, 300.0)
        below = _TOP
        gaps: dict[int, float] = {}
        for number, (pool, process) in enumerate(self.pools.items()):
            below = self._pool(pool, process, below, width)
            gaps[number] = below + _GAP / 2
            below += _GAP + _TRACK * max(len(tracks.get(number, ())) - 1, 0)
        self.edges += self._message_flows(tracks, gaps)
        return Diagram(plane=self.identifier, shapes=tuple(self.shapes), edges=tuple(self.edges))

    def _content(self, process: str) -> Diagram:
        return self.processes.get(process, Diagram())

    def _extent(self, process: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of what a process draws."""
        found = list(_extents(self._content(process)))
        if not found:
            return 0.0, 0.0, 0.0, _EMPTY - 2 * _PADDING
        left, top = min(box.x for box in found), min(box.y for box in found)
        right = max(box.x + box.width for box in found)
        return left, top, right - left, max(box.y + box.height for box in found) - top

    def _pool(self, pool: str, process: str, top: float, width: float) -> float:
        """Draw a pool with what is in it; returns its lower edge."""
        left, above, _, high = self._extent(process)
        bounds = Bounds(x=_LEFT, y=top, width=width, height=high + 2 * _PADDING)
        self.shapes.append(Shape(element=pool, bounds=bounds, attributes=(("isHorizontal", "true"),)))
        self.places[pool] = bounds
        x, y = _LEFT + _BAND + _PADDING - left, top + _PADDING - above
        content = self._content(process)
        for shape in content.shapes:
            place = _moved(shape.bounds, x, y)
            self.places[shape.element] = place
            label = _moved(shape.label, x, y) if shape.label else self._name_above(shape.element, place)
            self.shapes.append(
                Shape(
                    element=shape.element,
                    bounds=place,
                    label=label,
                    expanded=shape.expanded,
                    attributes=shape.attributes,
                )
            )
        for edge in content.edges:
            label = _moved(edge.label, x, y) if edge.label else None
            points = tuple((across + x, down + y) for across, down in edge.waypoints)
            self.edges.append(Edge(element=edge.element, waypoints=points, label=label, attributes=edge.attributes))
        return top + bounds.height

    def _name_above(self, element: str, place: Bounds) -> Bounds | None:
        """Where a message flow begins or ends below an event, its name gives way."""
        name = self.names.get(element, "")
        below = any(
            element in (source, target) and self._rank(element) <= self._rank(target if element == source else source)
            for _, source, target in self.flows
            if source in self.owner and target in self.owner
        )
        if not below or not name or place.height > GATEWAY:
            return None
        high = 14.0 * ceil(len(name) * LETTER / NAME_WIDTH)
        return Bounds(x=_middle(place) - NAME_WIDTH / 2, y=place.y - high - 3, width=NAME_WIDTH, height=high)

    # ---- message flows -------------------------------------------------------------------------------------------

    def _tracks(self) -> dict[int, list[str]]:
        """Which message flows run in the gap below each pool."""
        tracks: dict[int, list[str]] = {}
        for flow, source, target in self.flows:
            if source in self.owner and target in self.owner:
                first, last = self._rank(source), self._rank(target)
                tracks.setdefault(min(first, last) if first != last else first, []).append(flow)
        return tracks

    def _rank(self, element: str) -> int:
        return self.order.index(self.owner[element])

    def _message_flows(self, tracks: Mapping[int, list[str]], gaps: Mapping[int, float]) -> Iterator[Edge]:
        for flow, source, target in self.flows:
            if source not in self.owner or target not in self.owner:
                continue
            first, last = self._rank(source), self._rank(target)
            gap = min(first, last)
            lane = gaps[gap] + _TRACK * tracks[gap].index(flow)
            start, end = self.places[source], self.places[target]
            there, back = _middle(start), _middle(end)
            if source in self.pools:
                there = back
            if target in self.pools:
                back = there
            leaves = start.y + start.height if first <= last else start.y
            arrives = end.y if first < last else end.y + end.height
            points = [(there, leaves), (there, lane), (back, lane), (back, arrives)]
            yield Edge(element=flow, waypoints=tuple(points if there != back else [points[0], points[-1]]))


def _middle(bounds: Bounds) -> float:
    return bounds.x + bounds.width / 2


def _moved(bounds: Bounds, x: float, y: float) -> Bounds:
    return Bounds(x=bounds.x + x, y=bounds.y + y, width=bounds.width, height=bounds.height)


def _extents(diagram: Diagram) -> Iterator[Bounds]:
    for shape in diagram.shapes:
        yield shape.bounds
        yield shape.label or Bounds(
            x=shape.bounds.x, y=shape.bounds.y, width=shape.bounds.width, height=shape.bounds.height + _BELOW_NAME
        )
    for edge in diagram.edges:
        for x, y in edge.waypoints:
            yield Bounds(x=x, y=y, width=0, height=0)
