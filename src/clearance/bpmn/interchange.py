"""Diagram interchange (clause 12): where each element is drawn."""

from collections.abc import Iterable

from lxml import etree

from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.names import BPMNDI, DC, DI
from clearance.bpmn.node import File, line_of
from clearance.model.definition import Bounds, Diagram, Edge, Shape


def read_diagrams(root: etree._Element, file: File) -> tuple[Diagram | None, tuple[Diagram, ...]]:
    """The first diagram of the file, and further ones."""
    planes = root.iterfind(f"{{{BPMNDI}}}BPMNDiagram/{{{BPMNDI}}}BPMNPlane")
    diagrams = [_read_plane(plane, file) for plane in planes]
    return (diagrams[0], tuple(diagrams[1:])) if diagrams else (None, ())


def _read_plane(plane: etree._Element, file: File) -> Diagram:
    return Diagram(
        plane=_reference(plane),
        shapes=tuple(_read_shape(child, file) for child in plane.iterfind(f"{{{BPMNDI}}}BPMNShape")),
        edges=tuple(_read_edge(child, file) for child in plane.iterfind(f"{{{BPMNDI}}}BPMNEdge")),
    )


def _read_shape(shape: etree._Element, file: File) -> Shape:
    bounds = shape.find(f"{{{DC}}}Bounds")
    if bounds is None:
        raise BpmnFileError(
            f"the shape of {_reference(shape)} has no bounds",
            remedy="Export the file again from the modeller.",
            file=file.name,
            line=line_of(shape),
        )
    expanded = shape.get("isExpanded")
    return Shape(
        element=_reference(shape),
        bounds=_read_bounds(bounds, file),
        label=_read_label(shape, file),
        expanded=None if expanded is None else str(expanded) in ("true", "1"),
        attributes=_other(shape, "id", "bpmnElement", "isExpanded"),
    )


def _read_edge(edge: etree._Element, file: File) -> Edge:
    points = edge.iterfind(f"{{{DI}}}waypoint")
    return Edge(
        element=_reference(edge),
        waypoints=tuple((_number(point, "x", file), _number(point, "y", file)) for point in points),
        label=_read_label(edge, file),
        attributes=_other(edge, "id", "bpmnElement", "sourceElement", "targetElement"),
    )


def _read_label(owner: etree._Element, file: File) -> Bounds | None:
    bounds = owner.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
    return None if bounds is None else _read_bounds(bounds, file)


def _read_bounds(bounds: etree._Element, file: File) -> Bounds:
    x, y, width, height = (_number(bounds, name, file) for name in ("x", "y", "width", "height"))
    return Bounds(x=x, y=y, width=width, height=height)


def _number(element: etree._Element, name: str, file: File) -> float:
    text = str(element.get(name, "0"))
    try:
        return float(text)
    except ValueError:
        raise BpmnFileError(
            f'{name}="{text}" in the diagram is not a number',
            remedy="Export the file again from the modeller.",
            file=file.name,
            line=line_of(element),
        ) from None


def _reference(element: etree._Element) -> str:
    return str(element.get("bpmnElement", "")).rpartition(":")[2]


def _other(element: etree._Element, *known: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(key), str(value)) for key, value in element.attrib.items() if key not in known))


def write_diagram(root: etree._Element, diagram: Diagram, number: int, default_plane: str) -> None:
    """Append one diagram to the definitions."""
    suffix = f"_{number}" if number > 1 else ""
    holder = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": f"diagram{suffix}"})
    plane = etree.SubElement(holder, f"{{{BPMNDI}}}BPMNPlane", {"id": f"plane{suffix}"})
    plane.set("bpmnElement", diagram.plane or default_plane)
    for shape in diagram.shapes:
        element = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{shape.element}_shape{suffix}"})
        element.set("bpmnElement", shape.element)
        if shape.expanded is not None:
            element.set("isExpanded", "true" if shape.expanded else "false")
        _set_all(element, shape.attributes)
        _write_bounds(element, shape.bounds)
        _write_label(element, shape.label)
    for edge in diagram.edges:
        element = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{edge.element}_edge{suffix}"})
        element.set("bpmnElement", edge.element)
        _set_all(element, edge.attributes)
        for x, y in edge.waypoints:
            etree.SubElement(element, f"{{{DI}}}waypoint", {"x": _text(x), "y": _text(y)})
        _write_label(element, edge.label)


def _set_all(element: etree._Element, attributes: Iterable[tuple[str, str]]) -> None:
    for key, value in attributes:
        element.set(key, value)


def _write_label(owner: etree._Element, label: Bounds | None) -> None:
    if label is not None:
        _write_bounds(etree.SubElement(owner, f"{{{BPMNDI}}}BPMNLabel"), label)


def _write_bounds(owner: etree._Element, bounds: Bounds) -> None:
    pairs = (("x", bounds.x), ("y", bounds.y), ("width", bounds.width), ("height", bounds.height))
    etree.SubElement(owner, f"{{{DC}}}Bounds", {name: _text(value) for name, value in pairs})


def _text(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)
