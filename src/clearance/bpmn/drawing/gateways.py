"""Gateways: diamonds with a symbol that says how paths divide and meet."""

from clearance.bpmn.drawing.source import Node
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import circle, group, number, path
from clearance.bpmn.drawing.symbols import plus, polygon

KINDS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway", "gateway")
_HALF = 25.0


def draw(node: Node, ink: Ink) -> str:
    """A gateway."""
    bounds = node.bounds
    (x, y), half, rise = node.centre, bounds.width / 2, bounds.height / 2
    data = (
        f"M{number(x)} {number(y - rise)} L{number(x + half)} {number(y)} "
        f"L{number(x)} {number(y + rise)} L{number(x - half)} {number(y)} Z"
    )
    diamond = path(data, stroke=ink.stroke, fill=ink.fill, width=1.5)
    scale = min(half, rise) / _HALF
    place = f"translate({number(x)} {number(y)}) scale({number(scale)})"
    return diamond + group([_symbol(node, ink.stroke)], transform=place)


def _symbol(node: Node, ink: str) -> str:
    match node.kind:
        case "exclusiveGateway" if node.marker_visible:
            return path("M-7 -8.5 L7 8.5 M7 -8.5 L-7 8.5", stroke=ink, width=3.2, stroke_linecap="butt")
        case "parallelGateway":
            return path("M0 -11.5 V11.5 M-11.5 0 H11.5", stroke=ink, width=3.2, stroke_linecap="butt")
        case "inclusiveGateway":
            return circle(0, 0, 10.5, stroke=ink, fill="none", width=2.8)
        case "complexGateway":
            star = "M0 -12 V12 M-12 0 H12 M-8 -8 L8 8 M8 -8 L-8 8"
            return path(star, stroke=ink, width=2.8, stroke_linecap="butt")
        case "eventBasedGateway":
            return _event_based(node, ink)
        case _:
            return ""


def _event_based(node: Node, ink: str) -> str:
    rings = circle(0, 0, 13.5, stroke=ink, fill="none", width=1.2)
    if not node.flag("instantiate"):
        rings += circle(0, 0, 11, stroke=ink, fill="none", width=1.2)
    parallel = node.element.get("eventGatewayType") == "Parallel"
    return rings + path(plus(8, 2.4) if parallel else polygon(5, 7.5), stroke=ink, width=1.3)
