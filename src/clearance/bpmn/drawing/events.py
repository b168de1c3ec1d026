"""Events: thin, double or thick circles with a symbol; dashed when they do not interrupt."""

from lxml import etree

from clearance.bpmn.drawing.source import Node
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import circle, group, number
from clearance.bpmn.drawing.symbols import SYMBOLS

KINDS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
_RADIUS = 18.0


def draw(node: Node, ink: Ink) -> str:
    """An event."""
    x, y = node.centre
    radius = max(min(node.bounds.width, node.bounds.height) / 2, 1.0)
    dash = "4 3" if _lets_go_on(node) else None
    parts = [
        circle(x, y, radius, stroke=ink.stroke, fill=ink.fill, width=4 if node.kind == "endEvent" else 1.5, dash=dash)
    ]
    if node.kind not in ("startEvent", "endEvent"):
        parts.append(circle(x, y, max(radius - 3.5, 1), stroke=ink.stroke, fill="none", width=1.5, dash=dash))
    symbol = symbol_of(node.element)
    if symbol:
        throws = node.kind in ("endEvent", "intermediateThrowEvent")
        scale = radius / _RADIUS
        drawn = SYMBOLS[symbol](ink.stroke, ink.fill, filled=throws)
        parts.append(group([drawn], transform=f"translate({number(x)} {number(y)}) scale({number(scale)})"))
    return "".join(parts)


def symbol_of(event: etree._Element) -> str:
    """Which symbol an event has; empty: none."""
    definitions = [
        str(etree.QName(part).localname).removesuffix("Ref")
        for part in event.iterchildren("*")
        if str(etree.QName(part).localname).endswith(("EventDefinition", "eventDefinitionRef"))
    ]
    known = [name for name in definitions if name in SYMBOLS]
    if len(definitions) > 1:
        return "parallelMultiple" if event.get("parallelMultiple") in ("true", "1") else "multiple"
    return known[0] if known else ""


def _lets_go_on(node: Node) -> bool:
    if node.kind == "startEvent":
        return not node.flag("isInterrupting", default=True)
    return node.kind == "boundaryEvent" and not node.flag("cancelActivity", default=True)
