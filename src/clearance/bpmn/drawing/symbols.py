"""The symbols inside events (Table 10.93): each around the origin, for a circle of radius 18.

A catching event shows its symbol as an outline, a throwing one filled.
"""

from collections.abc import Callable
from math import cos, pi, sin

from clearance.bpmn.drawing.svg import circle, path, polyline

_WIDTH = 1.4


def _message(ink: str, paper: str, *, filled: bool) -> str:
    shape = path("M-9.5 -6.5 H9.5 V6.5 H-9.5 Z", stroke=ink, fill=ink if filled else "none", width=_WIDTH)
    flap = path("M-9.5 -6.5 L0 1.5 L9.5 -6.5", stroke=paper if filled else ink, width=_WIDTH)
    return shape + flap


def _timer(ink: str, paper: str, *, filled: bool) -> str:
    ticks = " ".join(
        f"M{9 * sin(hour * pi / 6):.2f} {-9 * cos(hour * pi / 6):.2f} "
        f"L{11 * sin(hour * pi / 6):.2f} {-11 * cos(hour * pi / 6):.2f}"
        for hour in range(12)
    )
    face = circle(0, 0, 11, stroke=ink, fill="none", width=_WIDTH)
    return face + path(ticks, stroke=ink, width=1) + path("M1.8 -8 L0 0 L5.5 1.5", stroke=ink, width=_WIDTH)


def _solid(data: str) -> Callable[..., str]:
    def draw(ink: str, paper: str, *, filled: bool) -> str:
        return path(data, stroke=ink, fill=ink if filled else "none", width=_WIDTH)

    return draw


def _conditional(ink: str, paper: str, *, filled: bool) -> str:
    lines = " ".join(f"M-4.5 {y} H4.5" for y in (-6, -2, 2, 6))
    page = path("M-7 -9.5 H7 V9.5 H-7 Z", stroke=ink, width=_WIDTH)
    return page + path(lines, stroke=ink, width=1.2)


def _terminate(ink: str, paper: str, *, filled: bool) -> str:
    return circle(0, 0, 10, stroke=ink, fill=ink, width=_WIDTH)


def polygon(corners: int, radius: float) -> str:
    """The path data of a regular polygon that stands on its side."""
    turns = [2 * pi * corner / corners for corner in range(corners)]
    return polyline([(radius * sin(turn), -radius * cos(turn)) for turn in turns]) + " Z"


def plus(arm: float, half: float) -> str:
    """The path data of a thick plus."""
    return (
        f"M{-half} {-arm} H{half} V{-half} H{arm} V{half} H{half} V{arm} H{-half} V{half} H{-arm} V{-half} H{-half} Z"
    )


def _diagonal(arm: float, half: float) -> str:
    """The same turned by an eighth."""
    corners = [(-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half)]
    corners += [(-x, -y) for x, y in corners]
    root = 2**-0.5
    return polyline([((x - y) * root, (x + y) * root) for x, y in corners]) + " Z"


SYMBOLS: dict[str, Callable[..., str]] = {
    "messageEventDefinition": _message,
    "timerEventDefinition": _timer,
    "errorEventDefinition": _solid("M-9.5 9 L-4.5 -8.5 L3.5 2 L9.5 -9.5 L4.5 8 L-3 -2 Z"),
    "escalationEventDefinition": _solid("M0 -10 L8 9 L0 1.5 L-8 9 Z"),
    "signalEventDefinition": _solid("M0 -10.5 L10 7 L-10 7 Z"),
    "compensateEventDefinition": _solid("M-10.5 0 L-1.5 -7 V7 Z M-1.5 0 L7.5 -7 V7 Z"),
    "conditionalEventDefinition": _conditional,
    "linkEventDefinition": _solid("M-10 -4 H2 V-8.5 L11 0 L2 8.5 V4 H-10 Z"),
    "cancelEventDefinition": _solid(_diagonal(10.5, 2.5)),
    "terminateEventDefinition": _terminate,
    "multiple": _solid(polygon(5, 11)),
    "parallelMultiple": _solid(plus(10.5, 3)),
}
"""By the XML name of the event definition."""
