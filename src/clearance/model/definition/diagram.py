"""Diagram interchange (BPMN DI, clause 12): how a definition is drawn."""

from clearance.model.definition.base import Frozen


class Bounds(Frozen, frozen=True, kw_only=True):
    x: float
    y: float
    width: float
    height: float


class Shape(Frozen, frozen=True, kw_only=True):
    element: str
    bounds: Bounds
    label: Bounds | None = None
    expanded: bool | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    """Whatever else the modeller noted: colours, ``isMarkerVisible``, ``isHorizontal``."""


class Edge(Frozen, frozen=True, kw_only=True):
    element: str
    waypoints: tuple[tuple[float, float], ...]
    label: Bounds | None = None
    attributes: tuple[tuple[str, str], ...] = ()


class Diagram(Frozen, frozen=True, kw_only=True):
    plane: str = ""
    """What the diagram draws: a process, a collaboration or a collapsed sub-process; empty: the first process."""
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()
