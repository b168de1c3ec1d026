"""Names: inside activities, beside events, gateways, data and lines."""

from dataclasses import dataclass

from clearance.bpmn.drawing import activities, artifacts, data, gateways, lines
from clearance.bpmn.drawing.source import Line, Node, Source
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import words
from clearance.bpmn.drawing.text import LINE, breaks_a_word, width_of, wrapped
from clearance.model.definition import Bounds

INSIDE, OUTSIDE = 12.0, 11.0
"""Sizes of text inside and outside of shapes."""
_WIDTH_MIN, _WIDTH, _GAP = 60.0, 96.0, 5.0
_ICON = 24.0
"""What an icon in the corner takes of an activity."""
_SLACK = 1.15
"""A modeller's label may have been measured with a narrower font."""


@dataclass(frozen=True)
class Label:
    """Lines of text and where they are."""

    lines: list[str]
    x: float
    """The middle of the lines, or their left when they are left-aligned."""
    top: float
    size: float
    anchor: str = "middle"

    @property
    def bounds(self) -> Bounds:
        width = max((width_of(line, self.size) for line in self.lines), default=0.0)
        left = self.x - width / 2 if self.anchor == "middle" else self.x
        return Bounds(x=left, y=self.top, width=width, height=len(self.lines) * self.size * LINE)

    def draw(self, ink: Ink, halo: str | None = None) -> str:
        if not self.lines:
            return ""
        middle = self.top + self.size * LINE / 2
        return words(self.lines, self.x, middle, size=self.size, fill=ink.text, anchor=self.anchor, halo=halo)


def of_node(node: Node, source: Source) -> Label | None:
    """The label of a shape; pools, lanes and annotations write their own."""
    if node.kind in (*activities.TASKS, *activities.SUB_PROCESSES):
        return _inside(node, source)
    if node.kind in artifacts.CONVERSATIONS or node.kind not in ("participant", "lane", "textAnnotation"):
        return _beside(node, source)
    return None


def _inside(node: Node, source: Source) -> Label | None:
    bounds = node.bounds
    if not node.name:
        return None
    room = bounds.width - 14
    if activities.is_expanded(node) or (node.kind == "callActivity" and node.expanded):
        shown = wrapped(node.name, max(room - 20, 40), INSIDE, 2)
        return Label(shown, node.centre[0], bounds.y + 7, INSIDE)
    high = bounds.height - (22 if activities.markers_of(node, source) else 4)
    size, shown = _fitting(node.name, room, high)
    used = len(shown) * size * LINE
    top = max((bounds.height - used) / 2, 3.0) if used < high - 16 else max((high - used) / 2, 2.0)
    widest = max(width_of(line, size) for line in shown)
    if activities.has_icon(node, source) and top < _ICON and widest > bounds.width - 2 * _ICON:
        top = min(_ICON, max(high - used, top))
    return Label(shown, node.centre[0], bounds.y + top, size)


def _fitting(name: str, room: float, high: float) -> tuple[float, list[str]]:
    """The largest size at which no word breaks and all lines fit; the smallest cuts what does not."""
    for size in (INSIDE, 11.0, 10.0):
        shown = wrapped(name, room, size)
        if len(shown) * size * LINE <= high and not breaks_a_word(name, room, size):
            return size, shown
    return 10.0, wrapped(name, room, 10.0, max(int(high / (10.0 * LINE)), 1))


def _beside(node: Node, source: Source) -> Label | None:
    name = node.name or _other_name(node, source)
    if not name:
        return None
    if node.label is not None and node.label.width > 1:
        return _within(name, node.label)
    shown = wrapped(name, _WIDTH, OUTSIDE)
    if node.kind == "group":
        return Label(shown, node.centre[0], node.bounds.y - len(shown) * OUTSIDE * LINE - 3, OUTSIDE)
    gap = 1.0 if node.kind in gateways.KINDS else _GAP
    return Label(shown, node.centre[0], node.bounds.y + node.bounds.height + gap, OUTSIDE)


def _other_name(node: Node, source: Source) -> str:
    if node.kind == "group":
        return artifacts.category_of(node, source)
    referred = source.find(node.element.get("dataObjectRef") or node.element.get("dataStoreRef"))
    named = "" if referred is None else str(referred.get("name", ""))
    return f"{named} {data.state_of(node)}".strip() if node.kind in (*data.OBJECTS, *data.STORES) else ""


def _within(name: str, bounds: Bounds) -> Label:
    """A label where the modeller put it, no narrower than a word or two."""
    shown = wrapped(name, max(bounds.width * _SLACK, _WIDTH_MIN), OUTSIDE)
    return Label(shown, bounds.x + bounds.width / 2, bounds.y, OUTSIDE)


def of_line(line: Line) -> Label | None:
    """The label of a line: where the modeller put it, or at its middle."""
    if not line.name:
        return None
    if line.label is not None and line.label.width > 1:
        return _within(line.name, line.label)
    x, y = lines.middle(line.points)
    shown = wrapped(line.name, _WIDTH, OUTSIDE)
    return Label(shown, x, y - len(shown) * OUTSIDE * LINE - 3, OUTSIDE)
