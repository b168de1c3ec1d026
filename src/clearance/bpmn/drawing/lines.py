"""Lines: sequence flows with their conditions and defaults, message flows, associations, data associations."""

from itertools import pairwise
from math import hypot

from clearance.bpmn.drawing.icons import envelope
from clearance.bpmn.drawing.source import Line, Point, Source
from clearance.bpmn.drawing.svg import circle, group, number, path, polyline
from clearance.bpmn.names import bpmn

_DASHES = {
    "messageFlow": "8 5",
    "association": "1.5 4",
    "dataInputAssociation": "1.5 4",
    "dataOutputAssociation": "1.5 4",
}


def draw(line: Line, source: Source, *, ink: str, paper: str, width: float = 1.5) -> str:
    """A line with what stands at its ends."""
    kind = line.kind
    way = path(_rounded(line.points), stroke=ink, width=width, stroke_dasharray=_DASHES.get(kind))
    if kind == "conversationLink":
        return path(_rounded(line.points), stroke=ink, width=4) + path(_rounded(line.points), stroke=paper, width=1.5)
    return way + _end(line, ink, paper) + _beginning(line, source, ink, paper) + _message(line, ink, paper)


def middle(points: tuple[Point, ...]) -> Point:
    """The point half way along."""
    lengths = [hypot(end[0] - start[0], end[1] - start[1]) for start, end in pairwise(points)]
    left = sum(lengths) / 2
    for (start, end), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length:
            share = left / length
            return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        left -= length
    return points[-1]


def _rounded(points: tuple[Point, ...], radius: float = 6.0) -> str:
    """Path data with softened corners."""
    data = polyline(points[:1])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        cut = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, cut), _towards(corner, after, cut)
        data += (
            f" L{number(start[0])} {number(start[1])}"
            f" Q{number(corner[0])} {number(corner[1])} {number(end[0])} {number(end[1])}"
        )
    return f"{data} L{number(points[-1][0])} {number(points[-1][1])}"


def _distance(first: Point, second: Point) -> float:
    return hypot(second[0] - first[0], second[1] - first[1])


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = _distance(start, end)
    if not length:
        return start
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _pointing(drawn: str, tip: Point, before: Point) -> str:
    """Something drawn towards the right with its tip at the origin, put at the end of a line."""
    length = _distance(before, tip) or 1
    cosine, sine = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    matrix = " ".join(number(round(value, 4)) for value in (cosine, sine, -sine, cosine, *tip))
    return group([drawn], transform=f"matrix({matrix})")


def _end(line: Line, ink: str, paper: str) -> str:
    tip = line.points[-1]
    before = next((point for point in reversed(line.points[:-1]) if _distance(point, tip) > 0.5), line.points[0])
    if line.kind == "sequenceFlow":
        return _pointing(path("M0 0 L-10 -4.5 L-10 4.5 Z", stroke=ink, fill=ink, width=1), tip, before)
    if line.kind == "messageFlow":
        return _pointing(path("M0 0 L-10 -5 L-10 5 Z", stroke=ink, fill=paper, width=1.3), tip, before)
    directed = line.kind.startswith("data") or line.element.get("associationDirection") in ("One", "Both")
    return _pointing(path("M-8 -5 L0 0 L-8 5", stroke=ink, width=1.5), tip, before) if directed else ""


def _beginning(line: Line, source: Source, ink: str, paper: str) -> str:
    first = line.points[0]
    after = next((point for point in line.points[1:] if _distance(point, first) > 0.5), line.points[-1])
    if line.kind == "messageFlow":
        return circle(first[0], first[1], 4, stroke=ink, fill=paper, width=1.3)
    if line.element.get("associationDirection") == "Both":
        return _pointing(path("M-8 -5 L0 0 L-8 5", stroke=ink, width=1.5), first, after)
    if line.kind != "sequenceFlow":
        return ""
    start = source.find(line.element.get("sourceRef"))
    if start is not None and start.get("default") == line.id:
        slash = "M-6 -5 L-12 5" if str(start.tag).endswith("Gateway") else "M-17 -5 L-22 5"
        return _pointing(path(slash, stroke=ink, width=1.5), first, after)
    conditional = line.element.find(bpmn("conditionExpression")) is not None
    if conditional and start is not None and not str(start.tag).endswith("Gateway"):
        return _pointing(path("M0 0 L-8 -5 L-16 0 L-8 5 Z", stroke=ink, fill=paper, width=1.3), first, after)
    return ""


def _message(line: Line, ink: str, paper: str) -> str:
    """The envelope on a message flow: light for the message that begins the exchange, else dark."""
    if not line.message_visible:
        return ""
    x, y = middle(line.points)
    return envelope(x - 10, y - 7, 20, 14, ink, paper, filled=line.message_visible == "non_initiating")
