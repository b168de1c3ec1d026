"""What kind of task it is: small pictures for the upper left corner, each in a square of 18."""

from collections.abc import Callable
from math import cos, pi, sin

from clearance.bpmn.drawing.svg import circle, path, polyline


def _gear(x: float, y: float, radius: float, ink: str, fill: str) -> str:
    """A cogwheel with eight teeth."""
    points = []
    for tooth in range(8):
        for turn, distance in ((-0.3, 0.74), (-0.17, 1.0), (0.17, 1.0), (0.3, 0.74)):
            angle = (tooth + turn) * pi / 4
            points.append((x + radius * distance * sin(angle), y - radius * distance * cos(angle)))
    wheel = path(polyline(points) + " Z", stroke=ink, fill=fill, width=1)
    return wheel + circle(x, y, radius * 0.32, stroke=ink, fill=fill, width=1)


def _service(ink: str, fill: str) -> str:
    return _gear(7, 7, 6.5, ink, fill) + _gear(12, 12, 6, ink, fill)


def _user(ink: str, fill: str) -> str:
    body = path(
        "M1.5 17 V14.5 C1.5 11.5 4 9.8 6.4 9.4 H11.6 C14 9.8 16.5 11.5 16.5 14.5 V17 Z",
        stroke=ink,
        fill=fill,
        width=1.2,
    )
    head = circle(9, 5.2, 4, stroke=ink, fill=fill, width=1.2)
    hair = path(
        "M5 5 C5 0.5 13 0.5 13 5 C11.5 4 10.5 3.4 9.4 3.2 C8 4.2 6.5 4.7 5 5 Z", stroke=ink, fill=ink, width=0.6
    )
    return body + head + hair + path("M5.2 17 V14.2 M12.8 17 V14.2", stroke=ink, width=1)


def _manual(ink: str, fill: str) -> str:
    hand = (
        "M0.8 8.4 C1.6 7 4.6 4 6.6 2.4 C7.6 1.6 9.2 2.8 8.2 4 L6.6 5.8 H15.8 C17.4 5.8 17.4 8 15.8 8 "
        "C17.8 8 17.8 10.3 16 10.3 C17.2 10.4 17 12.6 15.2 12.6 C16 12.8 15.8 14.8 14.2 14.8 H6.4 "
        "C3.4 14.8 1 12.6 0.8 11.6 Z"
    )
    fingers = "M15.8 8 H10 M16 10.3 H10 M15.2 12.6 H10"
    return path(hand, stroke=ink, fill=fill, width=1.1) + path(fingers, stroke=ink, width=1)


def _script(ink: str, fill: str) -> str:
    page = (
        "M5.5 1 H16 C12.5 4.5 12.5 6.5 14.2 9 C15.8 11.5 15.6 14 12.5 17 H2 C5.2 14 5.3 11.5 3.7 9 C2 6.5 2 4.5 5.5 1 Z"
    )
    lines = "M5.6 4.5 H11.4 M5.4 7.5 H11.6 M6.9 10.5 H13 M6.9 13.5 H12.6"
    return path(page, stroke=ink, fill=fill, width=1.1) + path(lines, stroke=ink, width=1)


def _rules(ink: str, fill: str) -> str:
    head = path("M1 2.5 H17 V6.5 H1 Z", stroke=ink, fill=ink, width=1.1)
    return (
        path("M1 2.5 H17 V15.5 H1 Z", stroke=ink, fill=fill, width=1.1)
        + head
        + path("M1 11 H17 M6 6.5 V15.5", stroke=ink, width=1.1)
    )


def envelope(x: float, y: float, width: float, height: float, ink: str, fill: str, *, filled: bool) -> str:
    """A message: light when it is received, dark when it is sent."""
    outline = f"M{x} {y} h{width} v{height} h{-width} Z"
    flap = f"M{x} {y} l{width / 2} {height * 0.55} l{width / 2} {-height * 0.55}"
    shape = path(outline, stroke=ink, fill=ink if filled else fill, width=1.1)
    return shape + path(flap, stroke=fill if filled else ink, width=1.1)


def _send(ink: str, fill: str) -> str:
    return envelope(0.5, 3, 17, 12, ink, fill, filled=True)


def _receive(ink: str, fill: str) -> str:
    return envelope(0.5, 3, 17, 12, ink, fill, filled=False)


def starting_receive(ink: str, fill: str) -> str:
    """A receive task whose message starts the process."""
    return circle(9, 9, 9.5, stroke=ink, fill=fill, width=1.1) + envelope(3.5, 5, 11, 8, ink, fill, filled=False)


ICONS: dict[str, Callable[[str, str], str]] = {
    "serviceTask": _service,
    "userTask": _user,
    "globalUserTask": _user,
    "manualTask": _manual,
    "globalManualTask": _manual,
    "scriptTask": _script,
    "globalScriptTask": _script,
    "businessRuleTask": _rules,
    "globalBusinessRuleTask": _rules,
    "sendTask": _send,
    "receiveTask": _receive,
}
"""By the XML name of the task."""
