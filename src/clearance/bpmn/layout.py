"""A drawing for a process that has none: left to right, sub-processes expanded, loops led around below.

Each scope is arranged by itself (``layering.py``) and then put into its sub-process. Edges run horizontally through the
columns and vertically only in the gaps between them, so no edge runs over a shape.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from clearance.bpmn.layering import Cell, Layers, Link, layer
from clearance.bpmn.layout_data import LETTER, data_row
from clearance.model.definition import (
    Association,
    BoundaryEvent,
    Bounds,
    ComplexGateway,
    Diagram,
    Edge,
    Element,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ParallelGateway,
    Process,
    Shape,
    StartEvent,
    SubProcess,
)

EVENT, GATEWAY, TASK_WIDTH, TASK_HEIGHT = 36.0, 50.0, 100.0, 80.0
MARGIN = 20.0
"""Free room above and below a shape."""
LABEL = 30.0
"""Room for a name below an event or gateway."""
PASSING = 12.0
GAP = 44.0
"""Between columns, beside the tracks of edges."""
TRACK = 12.0
PADDING = 40.0
"""Inside the border of a sub-process."""
BOUNDARY_STEP = 90.0
"""Between boundary events on one border, so that their names fit."""
NAME_WIDTH, NAME_MARGIN = 90.0, 6.0
"""Of the names of flows: where lines break, the space before."""
ORIGIN = 160.0, 100.0


@dataclass
class _Picture:
    """Shapes and edges of one scope, from its upper left corner."""

    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def put(self, other: "_Picture", x: float, y: float) -> None:
        """Take over another picture, moved."""
        self.shapes += [
            Shape(
                element=shape.element,
                bounds=_moved(shape.bounds, x, y),
                label=_moved(shape.label, x, y) if shape.label else None,
                expanded=shape.expanded,
            )
            for shape in other.shapes
        ]
        for edge in other.edges:
            label = _moved(edge.label, x, y) if edge.label else None
            waypoints = tuple((left + x, top + y) for left, top in edge.waypoints)
            self.edges.append(Edge(element=edge.element, waypoints=waypoints, label=label))


def layout(process: Process) -> Diagram:
    """The diagram of a process."""
    picture = _Picture()
    picture.put(_Drawing(process, process.associations).draw(), *ORIGIN)
    shapes, edges = data_row(process, tuple(picture.shapes))
    return Diagram(plane=process.id, shapes=(*picture.shapes, *shapes), edges=(*picture.edges, *edges))


def _stands_apart(element: Element) -> bool:
    """Event sub-processes are on no path."""
    return isinstance(element, SubProcess) and element.triggered_by_event


def _moved(bounds: Bounds, x: float, y: float) -> Bounds:
    return Bounds(x=bounds.x + x, y=bounds.y + y, width=bounds.width, height=bounds.height)


@dataclass(frozen=True)
class _Box:
    """The place of a shape."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


class _Drawing:
    """One scope being drawn."""

    def __init__(self, scope: Process | SubProcess, associations: tuple[Association, ...]) -> None:
        self.scope = scope
        self.associations = associations
        self.inner: dict[str, _Picture] = {}
        self.boundary: dict[str, list[BoundaryEvent]] = {}
        self.hosts: dict[str, str] = {}
        self.boxes: dict[str, _Box] = {}
        self.lanes: dict[str, float] = {}
        """For a boundary event: the height at which its flow runs to the right, below its activity."""
        for element in scope.elements:
            if isinstance(element, BoundaryEvent):
                self.boundary.setdefault(element.attached_to, []).append(element)
                self.hosts[element.id] = element.attached_to

    def draw(self) -> _Picture:
        nodes = [element for element in self.scope.elements if not isinstance(element, BoundaryEvent)]
        apart = [element for element in nodes if _stands_apart(element)]
        inline = [element for element in nodes if not _stands_apart(element)]
        sizes = {element.id: self._size(element) for element in nodes}
        links = self._links({element.id: sizes[element.id] for element in inline})
        rooms = [(element.id, *self._room(element, sizes[element.id][1])) for element in inline]
        layers = layer(rooms, links, PASSING)
        tracks = _Tracks(layers, links)
        self._place_columns(layers, tracks, sizes)
        bottom = max((cell.y + cell.below for column in layers.columns for cell in column), default=0.0)
        below = bottom + TRACK * sum(link.key not in layers.chains for link in links) + MARGIN
        for element in apart:
            width, height = sizes[element.id]
            self.boxes[element.id] = _Box(GAP, below, width, height)
            below += height + MARGIN
        picture = _Picture()
        for element in nodes:
            self._draw_shape(picture, element)
        self._draw_edges(picture, layers, tracks, links, bottom)
        picture.width = max([tracks.width, *(box.right + GAP for box in self.boxes.values())])
        picture.height = below
        return picture

    def _links(self, sizes: dict[str, tuple[float, float]]) -> list[Link]:
        pairs = [(flow.id, flow.source, flow.target, flow.name) for flow in self.scope.flows]
        here = {element.id for element in self.scope.elements}
        pairs += [(link.id, link.source, link.target, "") for link in self.associations if link.source in here]
        links: list[Link] = []
        for key, source, target, name in pairs:
            host = self.hosts.get(source, source)
            drop = sizes[host][1] / 2 + 2 * MARGIN if source in self.hosts and host in sizes else 0.0
            if host in sizes and target in sizes:
                links.append(Link(key, host, target, drop, name))
        return links

    def _size(self, element: Element) -> tuple[float, float]:
        match element:
            case StartEvent() | EndEvent() | IntermediateCatchEvent() | IntermediateThrowEvent():
                return EVENT, EVENT
            case ExclusiveGateway() | InclusiveGateway() | ParallelGateway() | EventBasedGateway() | ComplexGateway():
                return GATEWAY, GATEWAY
            case SubProcess():
                inner = self.inner[element.id] = _Drawing(element, self.associations).draw()
                width, height = inner.width, inner.height + 2 * PADDING
            case _:
                width, height = TASK_WIDTH, TASK_HEIGHT
        return max(width, BOUNDARY_STEP * len(self.boundary.get(element.id, ())) + 10, TASK_WIDTH), max(
            height, TASK_HEIGHT
        )

    def _room(self, element: Element, height: float) -> tuple[float, float]:
        """Above and below the centre line: the shape, its name, and the flows that leave at the bottom."""
        below = height / 2 + MARGIN
        if height <= GATEWAY and element.name:
            below += LABEL
        events = len(self.boundary.get(element.id, ()))
        return height / 2 + MARGIN, below + (EVENT / 2 + LABEL + TRACK * events if events else 0.0)

    def _place_columns(self, layers: Layers, tracks: "_Tracks", sizes: dict[str, tuple[float, float]]) -> None:
        top = min((cell.y - cell.above for column in layers.columns for cell in column), default=0.0)
        left = 0.0
        for number, column in enumerate(layers.columns):
            left = tracks.open_gap(number, left)
            width = max((sizes[cell.node][0] for cell in column if cell.node), default=0.0)
            for cell in column:
                cell.y -= top
                if cell.node:
                    own, height = sizes[cell.node]
                    self.boxes[cell.node] = _Box(left + (width - own) / 2, cell.y - height / 2, own, height)
            left += width
        tracks.width = tracks.open_gap(len(layers.columns), left)

    def _draw_shape(self, picture: _Picture, element: Element) -> None:
        box = self.boxes[element.id]
        bounds = Bounds(x=box.left, y=box.top, width=box.width, height=box.height)
        expanded = True if isinstance(element, SubProcess) else None
        picture.shapes.append(Shape(element=element.id, bounds=bounds, expanded=expanded))
        if isinstance(element, SubProcess):
            inner = self.inner[element.id]
            picture.put(inner, box.left + (box.width - inner.width) / 2, box.top + PADDING)
        for number, event in enumerate(self.boundary.get(element.id, ())):
            x = box.right - 2 * MARGIN - BOUNDARY_STEP * number
            place = _Box(x, box.bottom - EVENT / 2, EVENT, EVENT)
            self.boxes[event.id] = place
            self.lanes[event.id] = place.bottom + LABEL + TRACK * number
            label = Bounds(x=x - 52, y=place.bottom - 12, width=50, height=27) if event.name else None
            bounds = Bounds(x=place.left, y=place.top, width=EVENT, height=EVENT)
            picture.shapes.append(Shape(element=event.id, bounds=bounds, label=label))

    def _draw_edges(
        self, picture: _Picture, layers: Layers, tracks: "_Tracks", links: list[Link], bottom: float
    ) -> None:
        """Draw all edges, loops one below the other."""
        sources = {flow.id: flow.source for flow in self.scope.flows}
        sources.update({link.id: link.source for link in self.associations})
        for link in links:
            points = self._leave(sources[link.key])
            start = len(points)
            chain = layers.chains.get(link.key)
            if chain is None:
                points += self._around(link, layers, tracks, bottom, points[-1][1])
                bottom += TRACK
            else:
                points += self._through(chain, link, tracks, points[-1][1])
            points.append((self.boxes[link.target].left, self.boxes[link.target].middle))
            x = tracks.label_x(layers.cells[link.source].layer + 1)
            label = _flow_label(link.name, points[start], points[start + 1], None if chain is None else x)
            picture.edges.append(Edge(element=link.key, waypoints=_simplified(points), label=label))

    def _leave(self, source: str) -> list[tuple[float, float]]:
        box = self.boxes[source]
        if source in self.hosts:
            centre = box.left + box.width / 2
            return [(centre, box.bottom), (centre, self.lanes[source])]
        return [(box.right, box.middle)]

    def _through(self, chain: list[Cell], link: Link, tracks: "_Tracks", y: float) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for left, right in pairwise(chain):
            x = tracks.x(left.layer + 1, link.key)
            points += [(x, y), (x, right.y)]
            y = right.y
        return points

    def _around(
        self, link: Link, layers: Layers, tracks: "_Tracks", lane: float, y: float
    ) -> list[tuple[float, float]]:
        out = tracks.x(layers.cells[link.source].layer + 1, link.key)
        back = tracks.x(layers.cells[link.target].layer, link.key)
        middle = self.boxes[link.target].middle
        return [(out, y), (out, lane), (back, lane), (back, middle)]


class _Tracks:
    """The vertical lines in the gaps between columns: each edge has its own, edges from one place share theirs."""

    def __init__(self, layers: Layers, links: list[Link]) -> None:
        self.width = 0.0
        self._numbers: dict[tuple[int, str], int] = {}
        self._left: dict[int, float] = {}
        self._names: dict[int, float] = {}
        for link in links:
            gap = layers.cells[link.source].layer + 1
            self._names[gap] = max(self._names.get(gap, 0.0), _name_size(link.name)[0])
        users: dict[int, list[tuple[tuple[int, float, int], tuple[object, ...], str]]] = {}
        for link in links:
            for gap, start, end, shared in _crossed(layers, link):
                downwards = end >= start
                order = (0, -start, 0) if downwards else (1, start, 0)
                users.setdefault(gap, []).append((order, shared, link.key))
        self._counts = {gap: self._number(gap, found) for gap, found in users.items()}

    def _number(self, gap: int, users: list[tuple[tuple[int, float, int], tuple[object, ...], str]]) -> int:
        """Downward edges left of upward ones, each from the inside out, so that they do not cross each other."""
        numbers: dict[tuple[object, ...], int] = {}
        for _, shared, key in sorted(users, key=lambda user: user[0]):
            self._numbers[gap, key] = numbers.setdefault(shared, len(numbers))
        return len(numbers)

    def open_gap(self, gap: int, left: float) -> float:
        """State where a gap begins; returns where it ends."""
        self._left[gap] = left + GAP / 2
        return left + GAP + TRACK * max(self._counts.get(gap, 1) - 1, 0) + self._names.get(gap, 0.0)

    def label_x(self, gap: int) -> float:
        """Where the names of edges begin in the gap, right of its tracks."""
        return self._left[gap] + TRACK * max(self._counts.get(gap, 1) - 1, 0) + NAME_MARGIN

    def x(self, gap: int, key: str) -> float:
        """Where the edge runs vertically in the gap."""
        return self._left[gap] + TRACK * self._numbers[gap, key]


def _crossed(layers: Layers, link: Link) -> list[tuple[int, float, float, tuple[object, ...]]]:
    """The gaps in which an edge runs vertically: gap, height before and after, and what shares its track."""
    chain = layers.chains.get(link.key)
    if chain is None:
        source, target = layers.cells[link.source], layers.cells[link.target]
        far = max(cell.y for column in layers.columns for cell in column) + TASK_HEIGHT
        return [(source.layer + 1, source.y, far, (link.key,)), (target.layer, far, target.y, (link.key, "back"))]
    found: list[tuple[int, float, float, tuple[object, ...]]] = []
    drop = link.drop
    for left, right in pairwise(chain):
        shared: tuple[object, ...] = (link.key,) if drop or not left.node else (left.node, right.y >= left.y)
        found.append((left.layer + 1, left.y + drop, right.y, shared))
        drop = 0.0
    return found


def _name_size(name: str) -> tuple[float, float]:
    """Width and height of a flow's name."""
    if not name:
        return 0.0, 0.0
    lines = ceil(len(name) * LETTER / NAME_WIDTH)
    return min(len(name) * LETTER, NAME_WIDTH) + NAME_MARGIN, 14.0 * lines


def _flow_label(name: str, start: tuple[float, float], corner: tuple[float, float], x: float | None) -> Bounds | None:
    """Beside the line on which the edge runs on after its first corner: below it when the edge came from below.

    Edges that meet come from both sides, so their names do not cover each other. Loops (no ``x``) run on to the left.
    """
    if not name:
        return None
    width, height = _name_size(name)
    if x is None:
        return Bounds(x=corner[0] - width - NAME_MARGIN, y=corner[1] - height - 2, width=width, height=height)
    y = corner[1] + 2 if start[1] > corner[1] else corner[1] - height - 2
    return Bounds(x=x, y=y, width=width, height=height)


def _simplified(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The points without those that lie on the way between their neighbours."""
    kept = [points[0]]
    for index, point in enumerate(points[1:], start=1):
        following = points[index + 1] if index + 1 < len(points) else None
        x, y = kept[-1]
        straight = following is not None and (
            (x == point[0] == following[0]) or (y == point[1] == following[1]) or point == kept[-1]
        )
        if not straight:
            kept.append(point)
    return tuple(kept)
