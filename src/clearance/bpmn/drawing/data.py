"""Data objects, data inputs and outputs, and data stores."""

from clearance.bpmn.drawing.source import Node, Source
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import group, number, path
from clearance.bpmn.names import bpmn

OBJECTS = ("dataObject", "dataObjectReference", "dataInput", "dataOutput")
STORES = ("dataStore", "dataStoreReference")


def draw(node: Node, ink: Ink, source: Source) -> str:
    """A page with a folded corner, or a drum."""
    bounds = node.bounds
    place = f"translate({number(bounds.x)} {number(bounds.y)})"
    if node.kind in STORES:
        return group([_drum(bounds.width, bounds.height, ink)], transform=place)
    return group([_page(bounds.width, bounds.height, ink), _marks(node, ink, source)], transform=place)


def state_of(node: Node) -> str:
    """The state that the data is in, as it stands below the name."""
    state = node.element.find(bpmn("dataState"))
    name = "" if state is None else str(state.get("name", ""))
    return f"[{name.strip('[]')}]" if name else ""


def _page(width: float, height: float, ink: Ink) -> str:
    fold = min(width, height) * 0.28
    outline = f"M0 0 H{number(width - fold)} L{number(width)} {number(fold)} V{number(height)} H0 Z"
    corner = f"M{number(width - fold)} 0 V{number(fold)} H{number(width)}"
    return path(outline, stroke=ink.stroke, fill=ink.fill, width=1.5) + path(corner, stroke=ink.stroke, width=1.5)


def _marks(node: Node, ink: Ink, source: Source) -> str:
    marks = ""
    if node.kind in ("dataInput", "dataOutput"):
        fill = ink.stroke if node.kind == "dataOutput" else "none"
        marks += path("M5 7 H11 V4 L17 9 L11 14 V11 H5 Z", stroke=ink.stroke, fill=fill, width=1.1)
    referred = source.find(node.element.get("dataObjectRef"))
    if node.flag("isCollection") or (referred is not None and referred.get("isCollection") in ("true", "1")):
        x, y = node.bounds.width / 2, node.bounds.height
        bars = " ".join(f"M{number(x + shift)} {number(y - 12)} V{number(y - 3)}" for shift in (-4, 0, 4))
        marks += path(bars, stroke=ink.stroke, width=2, stroke_linecap="butt")
    return marks


def _drum(width: float, height: float, ink: Ink) -> str:
    rise = height * 0.13
    across, down = number(width), number(height - rise)
    round_ = f"{number(width / 2)} {number(rise)}"
    body = f"M0 {number(rise)} A{round_} 0 0 1 {across} {number(rise)} V{down} A{round_} 0 0 1 0 {down} Z"
    rings = " ".join(f"M0 {number(rise + gap)} A{round_} 0 0 0 {across} {number(rise + gap)}" for gap in (0, 5, 10))
    return path(body, stroke=ink.stroke, fill=ink.fill, width=1.5) + path(rings, stroke=ink.stroke, width=1.3)
