"""A drawing for processes that talk to each other: pools one below the other, message flows between them.

Each process is drawn by itself (``layout.py``) and put into its pool; a participant without a process is an empty one.
A message flow leaves its element towards the other pool, runs along the gap between the pools on a track of its own,
and goes up or down to the element at its other end.
"""

from math import ceil

import msgspec

from clearance.bpmn.layout import GATEWAY, NAME_WIDTH, layout
from clearance.bpmn.layout_data import LETTER
from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.order import local_name
from clearance.model.definition import Bounds, Definitions, Diagram, Edge, Shape, walk

HEAD = 30.0
"""The strip with the pool's name, on its left."""
PADDING, GAP, TRACK = 30.0, 60.0, 12.0
EMPTY_HEIGHT = 60.0
LINE = 14.0
"""Of a name."""
LEFT, TOP = 130.0, 80.0

Point = tuple[float, float]


def laid_out(definitions: Definitions) -> tuple[Diagram, ...]:
    """One drawing of the file's collaboration, or when it has none, one of each process."""
    for text in definitions.carried:
        if local_name(text) == "collaboration":
            collaboration = Node.alone(text)
            if collaboration.element.find(bpmn("participant")) is not None:
                return _Pools(definitions, collaboration).diagrams()
    return tuple(layout(process) for process in definitions.processes)


class _Pools:
    def __init__(self, definitions: Definitions, collaboration: Node) -> None:
        self.processes = {process.id: process for process in definitions.processes}
        self.names = {element.id: element.name for process in definitions.processes for element, _ in walk(process)}
        self.collaboration = collaboration
        self.flows = collaboration.children("messageFlow")
        self.shapes: list[Shape] = []
        self.edges: list[Edge] = []
        self.pool_of: dict[str, Bounds] = {}
        """For each pool and each shape in it: the pool's bounds."""

    def diagrams(self) -> tuple[Diagram, ...]:
        top = TOP
        gap = GAP + TRACK * len(self.flows)
        drawings: list[tuple[str, Diagram | None]] = []
        for participant in self.collaboration.children("participant"):
            process = self.processes.pop(participant.attribute("processRef").rpartition(":")[2], None)
            drawings.append((participant.id, layout(process) if process else None))
        width = max(_extent(drawing)[0] for _, drawing in drawings) + HEAD + 2 * PADDING
        for identifier, drawing in drawings:
            height = _extent(drawing)[1] + 2 * PADDING if drawing else EMPTY_HEIGHT
            self._add_pool(identifier, Bounds(x=LEFT, y=top, width=width, height=height), drawing)
            top += height + gap
        inside = len(self.edges)
        self._add_message_flows()
        self._lift_names(self.edges[inside:])
        whole = Diagram(plane=self.collaboration.id, shapes=tuple(self.shapes), edges=tuple(self.edges))
        return (whole, *(layout(process) for process in self.processes.values()))

    def _add_pool(self, identifier: str, pool: Bounds, drawing: Diagram | None) -> None:
        self.shapes.append(Shape(element=identifier, bounds=pool, attributes=(("isHorizontal", "true"),)))
        self.pool_of[identifier] = pool
        if drawing is None:
            return
        left, top = _corner(drawing)
        x, y = pool.x + HEAD + PADDING - left, pool.y + PADDING - top
        for shape in drawing.shapes:
            label = _moved(shape.label, x, y) if shape.label else None
            bounds = _moved(shape.bounds, x, y)
            self.shapes.append(Shape(element=shape.element, bounds=bounds, label=label, expanded=shape.expanded))
            self.pool_of[shape.element] = pool
        for edge in drawing.edges:
            label = _moved(edge.label, x, y) if edge.label else None
            points = tuple((left + x, upper + y) for left, upper in edge.waypoints)
            self.edges.append(Edge(element=edge.element, waypoints=points, label=label))

    def _add_message_flows(self) -> None:
        bounds = {shape.element: shape.bounds for shape in self.shapes}
        for number, flow in enumerate(self.flows, start=1):
            source, target = (flow.attribute(name).rpartition(":")[2] for name in ("sourceRef", "targetRef"))
            if source in bounds and target in bounds:
                points = self._way(source, target, bounds, TRACK * number)
                self.edges.append(Edge(element=flow.id, waypoints=points))

    def _lift_names(self, message_flows: list[Edge]) -> None:
        """Names of events below which a message flow begins or ends stand above them."""
        ends = {point for edge in message_flows for point in (edge.waypoints[0], edge.waypoints[-1])}
        for number, shape in enumerate(self.shapes):
            bounds, name = shape.bounds, self.names.get(shape.element, "")
            below = (bounds.x + bounds.width / 2, bounds.y + bounds.height)
            if name and shape.label is None and bounds.height <= GATEWAY and below in ends:
                high = LINE * ceil(len(name) * LETTER / NAME_WIDTH)
                label = Bounds(x=below[0] - NAME_WIDTH / 2, y=bounds.y - high - 3, width=NAME_WIDTH, height=high)
                self.shapes[number] = msgspec.structs.replace(shape, label=label)

    def _way(
        self, source: str, target: str, bounds: dict[str, Bounds], track: float
    ) -> tuple[tuple[float, float], ...]:
        start, end = bounds[source], bounds[target]
        down = self.pool_of[source].y < self.pool_of[target].y
        upper = self.pool_of[source] if down else self.pool_of[target]
        lane = upper.y + upper.height + GAP / 2 + track
        x, goal = start.x + start.width / 2, end.x + end.width / 2
        if start is self.pool_of[source]:
            x = goal
        elif end is self.pool_of[target]:
            goal = x
        leave, arrive = (start.y + start.height, end.y) if down else (start.y, end.y + end.height)
        if x == goal:
            return (x, leave), (goal, arrive)
        return (x, leave), (x, lane), (goal, lane), (goal, arrive)


def _corner(drawing: Diagram) -> tuple[float, float]:
    """The upper left corner of all that is drawn."""
    points = list(_points(drawing))
    return min((x for x, _ in points), default=0.0), min((y for _, y in points), default=0.0)


def _extent(drawing: Diagram | None) -> tuple[float, float]:
    """Width and height of all that is drawn."""
    if drawing is None:
        return 0.0, 0.0
    points = list(_points(drawing))
    left, top = _corner(drawing)
    return max((x for x, _ in points), default=0.0) - left, max((y for _, y in points), default=0.0) - top


def _points(drawing: Diagram) -> list[tuple[float, float]]:
    points = [point for edge in drawing.edges for point in edge.waypoints]
    for bounds in (*(shape.bounds for shape in drawing.shapes), *(shape.label for shape in drawing.shapes)):
        if bounds is not None:
            points += [(bounds.x, bounds.y), (bounds.x + bounds.width, bounds.y + bounds.height)]
    return points


def _moved(bounds: Bounds, x: float, y: float) -> Bounds:
    return Bounds(x=bounds.x + x, y=bounds.y + y, width=bounds.width, height=bounds.height)
