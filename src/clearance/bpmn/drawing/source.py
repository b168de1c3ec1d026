"""What is drawn: the elements of a BPMN file by their ids, and where its diagrams put them.

Drawing works on the XML and not on the model, because a picture shows more than executes: pools, lanes, annotations,
data, conversations, and files that cannot run here at all. Definitions without a file are written first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

from lxml import etree

from clearance.bpmn.names import BPMNDI, DC, DI, bpmn
from clearance.model.definition import Bounds

_BIOC = "http://bpmn.io/schema/bpmn/biocolor/1.0"
_COLOR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"

COORDINATE_MAX = 1e6
"""Farther out, nothing is drawn."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Colours:
    """What the modeller chose; empty: nothing."""

    stroke: str = ""
    fill: str = ""
    text: str = ""


@dataclass(frozen=True)
class Node:
    """A shape on a diagram, with the element that it shows."""

    element: etree._Element
    bounds: Bounds
    label: Bounds | None
    colours: Colours
    expanded: bool | None
    horizontal: bool
    marker_visible: bool
    message_visible: str = ""

    @property
    def id(self) -> str:
        return str(self.element.get("id", ""))

    @property
    def kind(self) -> str:
        """The element's XML name."""
        return str(etree.QName(self.element).localname)

    @property
    def name(self) -> str:
        return str(self.element.get("name", "")).strip()

    def flag(self, attribute: str, *, default: bool = False) -> bool:
        value = self.element.get(attribute)
        return default if value is None else str(value) in ("true", "1")

    def has(self, local: str) -> bool:
        """Whether the element has a child of that XML name."""
        return self.element.find(bpmn(local)) is not None

    @property
    def centre(self) -> Point:
        return self.bounds.x + self.bounds.width / 2, self.bounds.y + self.bounds.height / 2


@dataclass(frozen=True)
class Line:
    """An edge on a diagram, with the element that it shows."""

    element: etree._Element
    points: tuple[Point, ...]
    label: Bounds | None
    colours: Colours
    message_visible: str = ""

    @property
    def id(self) -> str:
        return str(self.element.get("id", ""))

    @property
    def kind(self) -> str:
        return str(etree.QName(self.element).localname)

    @property
    def name(self) -> str:
        return str(self.element.get("name", "")).strip()


@dataclass(frozen=True)
class Page:
    """One diagram of a file."""

    plane: etree._Element | None
    name: str
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Source:
    """A file, ready to be drawn."""

    root: etree._Element
    by_id: dict[str, etree._Element] = field(default_factory=dict)

    def find(self, reference: str | None) -> etree._Element | None:
        """The element that a reference (a QName) means."""
        return self.by_id.get(str(reference or "").strip().rpartition(":")[2])

    def pages(self) -> Iterator[Page]:
        """The diagrams in the order of the file."""
        for diagram in self.root.iterfind(f"{{{BPMNDI}}}BPMNDiagram"):
            plane = diagram.find(f"{{{BPMNDI}}}BPMNPlane")
            if plane is None:
                continue
            element = self.find(plane.get("bpmnElement"))
            name = str((None if element is None else element.get("name")) or diagram.get("name", "") or "")
            nodes = [self._node(shape) for shape in plane.iterfind(f"{{{BPMNDI}}}BPMNShape")]
            lines = [self._line(edge) for edge in plane.iterfind(f"{{{BPMNDI}}}BPMNEdge")]
            yield Page(
                element,
                name,
                tuple(node for node in nodes if node is not None),
                tuple(line for line in lines if line is not None),
            )

    def _node(self, shape: etree._Element) -> Node | None:
        element = self.find(shape.get("bpmnElement"))
        bounds = _bounds(shape.find(f"{{{DC}}}Bounds"))
        if element is None or bounds is None:
            return None
        expanded = shape.get("isExpanded")
        horizontal = shape.get("isHorizontal")
        return Node(
            element,
            bounds,
            _label(shape),
            _colours(shape),
            None if expanded is None else str(expanded) in ("true", "1"),
            bounds.width >= bounds.height if horizontal is None else str(horizontal) in ("true", "1"),
            str(shape.get("isMarkerVisible", "true")) in ("true", "1"),
        )

    def _line(self, edge: etree._Element) -> Line | None:
        element = self.find(edge.get("bpmnElement"))
        points = tuple((_number(point, "x"), _number(point, "y")) for point in edge.iterfind(f"{{{DI}}}waypoint"))
        if element is None or len(points) < 2:
            return None
        visible = str(edge.get("messageVisibleKind", ""))
        return Line(element, points, _label(edge), _colours(edge), visible)


def source_of(content: bytes) -> Source:
    """The source in a file's content, which has been found safe."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(content, parser)
    return Source(root, {str(part.get("id")): part for part in root.iter("*") if part.get("id") and not _is_di(part)})


def _is_di(part: etree._Element) -> bool:
    return etree.QName(part).namespace in (BPMNDI, DI, DC)


def _label(owner: etree._Element) -> Bounds | None:
    return _bounds(owner.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds"))


def _bounds(element: etree._Element | None) -> Bounds | None:
    if element is None:
        return None
    x, y, width, height = (_number(element, name) for name in ("x", "y", "width", "height"))
    return Bounds(x=x, y=y, width=width, height=height)


def _number(element: etree._Element, name: str) -> float:
    """A coordinate; what is none, or lies beyond any paper, is 0."""
    try:
        value = float(str(element.get(name, "0")))
    except ValueError:
        return 0.0
    return value if isfinite(value) and abs(value) < COORDINATE_MAX else 0.0


def _colours(owner: etree._Element) -> Colours:
    label = owner.find(f"{{{BPMNDI}}}BPMNLabel")
    return Colours(
        stroke=str(owner.get(f"{{{_COLOR}}}border-color") or owner.get(f"{{{_BIOC}}}stroke") or ""),
        fill=str(owner.get(f"{{{_COLOR}}}background-color") or owner.get(f"{{{_BIOC}}}fill") or ""),
        text=str((label is not None and label.get(f"{{{_COLOR}}}color")) or ""),
    )
