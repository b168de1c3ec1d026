"""Activities: tasks, calls and sub-processes, with their borders and the markers at their lower edge."""

from collections.abc import Callable

from lxml import etree

from clearance.bpmn.drawing.events import symbol_of
from clearance.bpmn.drawing.icons import ICONS, starting_receive
from clearance.bpmn.drawing.source import Node, Source
from clearance.bpmn.drawing.style import Ink
from clearance.bpmn.drawing.svg import box, circle, group, number, path
from clearance.bpmn.drawing.symbols import SYMBOLS
from clearance.bpmn.names import bpmn

TASKS = (
    "task",
    "serviceTask",
    "userTask",
    "manualTask",
    "scriptTask",
    "businessRuleTask",
    "sendTask",
    "receiveTask",
    "callActivity",
)
SUB_PROCESSES = ("subProcess", "transaction", "adHocSubProcess")
RADIUS = 10.0
_MARKER, _GAP = 14.0, 5.0


def is_expanded(node: Node) -> bool:
    """Whether the diagram shows what is inside of a sub-process; unsaid, by its size."""
    if node.kind not in SUB_PROCESSES:
        return False
    return node.bounds.height > 120 and node.bounds.width > 160 if node.expanded is None else node.expanded


def draw(node: Node, ink: Ink, source: Source) -> str:
    """An activity without its name."""
    return "".join([_border(node, ink), _corner(node, ink, source), _markers(node, ink, source)])


def _border(node: Node, ink: Ink) -> str:
    bounds = node.bounds
    by_event = node.flag("triggeredByEvent")
    called = node.kind == "callActivity"
    frame = box(
        bounds.x,
        bounds.y,
        bounds.width,
        bounds.height,
        stroke=ink.stroke,
        fill=ink.fill,
        line=4 if called else 1.5,
        radius=RADIUS,
        dash="1.5 4" if by_event else None,
    )
    if node.kind != "transaction":
        return frame
    inner = box(
        bounds.x + 3.5,
        bounds.y + 3.5,
        bounds.width - 7,
        bounds.height - 7,
        stroke=ink.stroke,
        fill="none",
        line=1.5,
        radius=RADIUS - 3,
    )
    return frame + inner


def _corner(node: Node, ink: Ink, source: Source) -> str:
    """The icon of a task, or of what starts a collapsed event sub-process."""
    x, y = node.bounds.x + 6, node.bounds.y + 6
    if node.kind == "receiveTask" and node.flag("instantiate"):
        return group([starting_receive(ink.stroke, ink.fill)], transform=f"translate({number(x)} {number(y)})")
    kind = node.kind
    if kind == "callActivity":
        called = source.find(node.element.get("calledElement"))
        kind = "" if called is None else str(etree.QName(called).localname)
    if kind in ICONS:
        return group([ICONS[kind](ink.stroke, ink.fill)], transform=f"translate({number(x)} {number(y)})")
    start = node.element.find(bpmn("startEvent"))
    if node.flag("triggeredByEvent") and not is_expanded(node) and start is not None:
        return _started_by(start, ink, x, y)
    return ""


def has_icon(node: Node, source: Source) -> bool:
    """Whether something stands in the upper left corner."""
    return bool(_corner(node, Ink("", "", ""), source))


def _started_by(start: etree._Element, ink: Ink, x: float, y: float) -> str:
    dash = None if start.get("isInterrupting", "true") in ("true", "1") else "3 2"
    parts = [circle(9, 9, 9, stroke=ink.stroke, fill=ink.fill, width=1.2, dash=dash)]
    symbol = symbol_of(start)
    if symbol:
        drawn = SYMBOLS[symbol](ink.stroke, ink.fill, filled=False)
        parts.append(group([drawn], transform="translate(9 9) scale(0.5)"))
    return group(parts, transform=f"translate({number(x)} {number(y)})")


# ---- markers ---------------------------------------------------------------------------------------------------------


def _collapsed(ink: str) -> str:
    return path("M0 0 H14 V14 H0 Z M7 3 V11 M3 7 H11", stroke=ink, width=1.3)


def _loop(ink: str) -> str:
    return path("M4.2 13 A6 6 0 1 1 10.2 12.6 M4.8 8.6 L4.2 13 L0 12.4", stroke=ink, width=1.5)


def _parallel(ink: str) -> str:
    return path("M2.5 1 V13 M7 1 V13 M11.5 1 V13", stroke=ink, width=2.4, stroke_linecap="butt")


def _sequential(ink: str) -> str:
    return path("M1 2.5 H13 M1 7 H13 M1 11.5 H13", stroke=ink, width=2.4, stroke_linecap="butt")


def _ad_hoc(ink: str) -> str:
    return path("M0.5 9.5 C2.5 3.5 5.2 4.2 7 7 C8.8 9.8 11.5 10.5 13.5 4.5", stroke=ink, width=2.2)


def _compensation(ink: str) -> str:
    return path("M0.5 7 L6.5 2.5 V11.5 Z M6.5 7 L12.5 2.5 V11.5 Z", stroke=ink, width=1.2)


def markers_of(node: Node, source: Source) -> list[Callable[[str], str]]:
    """The markers of an activity from left to right (10.3)."""
    found: list[Callable[[str], str]] = []
    several = node.element.find(bpmn("multiInstanceLoopCharacteristics"))
    if node.has("standardLoopCharacteristics"):
        found.append(_loop)
    if several is not None:
        found.append(_sequential if several.get("isSequential") in ("true", "1") else _parallel)
    if node.flag("isForCompensation"):
        found.append(_compensation)
    if node.kind == "adHocSubProcess":
        found.append(_ad_hoc)
    if (node.kind in SUB_PROCESSES and not is_expanded(node)) or _calls_process(node, source):
        found.append(_collapsed)
    return found


def _calls_process(node: Node, source: Source) -> bool:
    """Whether a call activity runs a process; then it looks collapsed, while called tasks show their icon."""
    if node.kind != "callActivity" or node.expanded:
        return False
    called = source.find(node.element.get("calledElement"))
    return called is None or not str(etree.QName(called).localname).startswith("global")


def _markers(node: Node, ink: Ink, source: Source) -> str:
    found = markers_of(node, source)
    width = len(found) * _MARKER + max(len(found) - 1, 0) * _GAP
    x, y = node.centre[0] - width / 2, node.bounds.y + node.bounds.height - _MARKER - 4
    return "".join(
        group([marker(ink.stroke)], transform=f"translate({number(x + index * (_MARKER + _GAP))} {number(y)})")
        for index, marker in enumerate(found)
    )
