"""Pools and lanes: bands with a name at their left, or at their top when they stand upright."""

from clearance.bpmn.drawing.source import Node
from clearance.bpmn.drawing.style import Ink, Theme
from clearance.bpmn.drawing.svg import box, group, number, path, words
from clearance.bpmn.drawing.text import LINE, wrapped

KINDS = ("participant", "lane")
BAND = 30.0
_SIZE = 12.0


def draw(node: Node, ink: Ink, theme: Theme, *, empty: bool) -> str:
    """A pool or lane with its name; a pool that shows nothing inside has its name in the middle."""
    bounds = node.bounds
    frame = box(bounds.x, bounds.y, bounds.width, bounds.height, stroke=ink.stroke, fill=ink.fill, line=1.5)
    if node.kind == "participant" and empty:
        return frame + _centred(node, ink) + _several(node, ink)
    band = ""
    if node.kind == "participant":
        wide, high = (BAND, bounds.height) if node.horizontal else (bounds.width, BAND)
        fill = ink.fill if ink.fill not in (theme.fill, theme.quiet) else theme.band
        band = box(bounds.x, bounds.y, wide, high, stroke=ink.stroke, fill=fill, line=1.5)
    return frame + band + _name(node, ink) + _several(node, ink)


def _name(node: Node, ink: Ink) -> str:
    bounds = node.bounds
    length = bounds.height if node.horizontal else bounds.width
    lines = wrapped(node.name, length - 10, _SIZE, 2)
    weight = "600" if node.kind == "participant" else None
    if node.horizontal:
        x, y = bounds.x + BAND / 2, bounds.y + bounds.height / 2
    else:
        x, y = bounds.x + bounds.width / 2, bounds.y + BAND / 2
    top = y - (len(lines) - 1) * _SIZE * LINE / 2
    return words(lines, x, top, size=_SIZE, fill=ink.text, weight=weight, turned=node.horizontal)


def _centred(node: Node, ink: Ink) -> str:
    lines = wrapped(node.name, node.bounds.width - 20, _SIZE)
    x, y = node.centre
    return words(lines, x, y - (len(lines) - 1) * _SIZE * LINE / 2, size=_SIZE, fill=ink.text, weight="600")


def _several(node: Node, ink: Ink) -> str:
    """Three bars: several participants of the kind."""
    if not node.has("participantMultiplicity"):
        return ""
    x, y = node.centre[0] - 7, node.bounds.y + node.bounds.height - 18
    bars = path("M2.5 1 V13 M7 1 V13 M11.5 1 V13", stroke=ink.stroke, width=2.4, stroke_linecap="butt")
    return group([bars], transform=f"translate({number(x)} {number(y)})")
