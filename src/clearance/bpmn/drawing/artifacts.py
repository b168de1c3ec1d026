"""What only explains: text annotations, groups, messages, conversations."""

from clearance.bpmn.drawing.icons import envelope
from clearance.bpmn.drawing.source import Node, Source
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import box, number, path, words
from clearance.bpmn.drawing.text import LINE, wrapped
from clearance.bpmn.names import bpmn

KINDS = ("textAnnotation", "group", "message")
CONVERSATIONS = ("conversation", "subConversation", "callConversation")
_SIZE = 12.0


def draw(node: Node, ink: Ink) -> str:
    """One of them, without a label that stands outside."""
    bounds = node.bounds
    if node.kind == "textAnnotation":
        return _annotation(node, ink)
    if node.kind == "message":
        return envelope(bounds.x, bounds.y, bounds.width, bounds.height, ink.stroke, ink.fill, filled=False)
    if node.kind in CONVERSATIONS:
        return _conversation(node, ink)
    return box(
        bounds.x,
        bounds.y,
        bounds.width,
        bounds.height,
        stroke=ink.stroke,
        fill="none",
        line=1.5,
        radius=10,
        dash="10 5 1.5 5",
    )


def category_of(node: Node, source: Source) -> str:
    """The name of a group: its category's value."""
    value = source.find(node.element.get("categoryValueRef"))
    return "" if value is None else str(value.get("value", ""))


def annotation_of(node: Node) -> str:
    """What an annotation says."""
    return (node.element.findtext(bpmn("text")) or "").strip()


def _annotation(node: Node, ink: Ink) -> str:
    bounds = node.bounds
    bracket = f"M{number(bounds.x + 9)} {number(bounds.y)} h-9 v{number(bounds.height)} h9"
    lines = wrapped(annotation_of(node), max(bounds.width - 12, 20), _SIZE)
    top = bounds.y + _SIZE * LINE / 2 + 4
    written = words(lines, bounds.x + 7, top, size=_SIZE, fill=ink.text, anchor="start")
    return path(bracket, stroke=ink.stroke, width=1.5) + written


def _conversation(node: Node, ink: Ink) -> str:
    bounds, cut = node.bounds, node.bounds.width / 4
    left, right, bottom = bounds.x, bounds.x + bounds.width, bounds.y + bounds.height
    data = (
        f"M{number(left + cut)} {number(bounds.y)} H{number(right - cut)} L{number(right)} {number(node.centre[1])} "
        f"L{number(right - cut)} {number(bottom)} H{number(left + cut)} L{number(left)} {number(node.centre[1])} Z"
    )
    return path(data, stroke=ink.stroke, fill=ink.fill, width=4 if node.kind == "callConversation" else 1.5)
