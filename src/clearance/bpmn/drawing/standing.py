"""Where instances stand: counts on elements and flows, drawn over a diagram."""

from collections.abc import Mapping

import msgspec

from clearance.bpmn.drawing.lines import middle
from clearance.bpmn.drawing.source import Line, Node
from clearance.bpmn.drawing.style import Theme
from clearance.bpmn.drawing.svg import box, group, words
from clearance.bpmn.drawing.text import width_of

_HEIGHT, _SIZE = 17.0, 10.5


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What happens, and has happened, on one element."""

    active: int = 0
    incidents: int = 0
    completed: int = 0


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Where one instance stands, or many together."""

    elements: Mapping[str, Standing] = {}
    """By the element's id."""
    flows: Mapping[str, int] = {}
    """How often each sequence flow was taken, by its id."""


def colours_of(standing: Standing | None, theme: Theme) -> tuple[str, str] | None:
    """Line and fill of an element on which something is or was; None: as it is."""
    if standing is None:
        return None
    if standing.incidents:
        return theme.incident, theme.incident_fill
    if standing.active:
        return theme.active, theme.active_fill
    return (theme.done, "") if standing.completed else None


def badges(node: Node, standing: Standing, theme: Theme) -> str:
    """Counts: incidents and active ones at the upper right corner, completed ones at the lower right one."""
    right, top = node.bounds.x + node.bounds.width, node.bounds.y
    bottom = top + node.bounds.height
    parts: list[str] = []
    left = right + 6
    for count, colour, sign in (
        (standing.active, theme.active, ""),
        (standing.incidents, theme.incident, "! "),
    ):
        if count:
            text = f"{sign}{count:,}" if sign == "" or count > 1 else "!"
            parts.append(_badge(text, left, top, colour, theme.paper))
            left -= _width(text) + 3
    if standing.completed:
        parts.append(_badge(f"{standing.completed:,}", right + 6, bottom, theme.paper, theme.done, theme.done))
    return group(parts)


def on_line(line: Line, count: int, theme: Theme) -> str:
    """How often a flow was taken, when that is more than once."""
    if count < 2:
        return ""
    x, y = middle(line.points)
    text = f"{count:,}"
    return _badge(text, x + _width(text) / 2, y, theme.paper, theme.done, theme.done)


def _width(text: str) -> float:
    return max(width_of(text, _SIZE) + 9, _HEIGHT)


def _badge(text: str, right: float, y: float, fill: str, ink: str, border: str = "") -> str:
    width = _width(text)
    shape = box(
        right - width, y - _HEIGHT / 2, width, _HEIGHT, stroke=border or ink, fill=fill, line=1.2, radius=_HEIGHT / 2
    )
    return shape + words([text], right - width / 2, y, size=_SIZE, fill=ink, weight="600")
