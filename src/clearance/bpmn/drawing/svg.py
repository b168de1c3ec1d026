"""Writing SVG: elements as text, everything that comes from a file escaped."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from clearance.bpmn.drawing.text import LINE

FONT = "Roboto, Arial, 'Helvetica Neue', 'Liberation Sans', 'DejaVu Sans', sans-serif"

Attribute = str | float | None


def tag(name: str, content: str = "", /, **attributes: Attribute) -> str:
    """One element; underscores in attributes' names are hyphens, None is left out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def group(parts: Iterable[str], **attributes: Attribute) -> str:
    """Several elements as one."""
    return tag("g", "".join(parts), **attributes)


def path(data: str, *, stroke: str, fill: str = "none", width: float = 1.5, **more: Attribute) -> str:
    """A path; its ends and corners are round unless said otherwise."""
    attributes = {"stroke_linecap": "round", "stroke_linejoin": "round", **more}
    return tag("path", "", d=data, stroke=stroke, fill=fill, stroke_width=width, **attributes)


def circle(x: float, y: float, radius: float, *, stroke: str, fill: str, width: float, dash: str | None = None) -> str:
    """A circle."""
    return tag("circle", cx=x, cy=y, r=radius, stroke=stroke, fill=fill, stroke_width=width, stroke_dasharray=dash)


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    stroke: str,
    fill: str,
    line: float,
    radius: float = 0,
    dash: str | None = None,
) -> str:
    """A rectangle, perhaps with round corners."""
    return tag(
        "rect",
        x=x,
        y=y,
        width=max(width, 0),
        height=max(height, 0),
        rx=radius or None,
        stroke=stroke,
        fill=fill,
        stroke_width=line,
        stroke_dasharray=dash,
    )


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """The path data of straight lines."""
    return " ".join(f"{'M' if index == 0 else 'L'}{number(x)} {number(y)}" for index, (x, y) in enumerate(points))


def words(
    lines: Sequence[str],
    x: float,
    y: float,
    *,
    size: float,
    fill: str,
    anchor: str = "middle",
    weight: str | None = None,
    turned: bool = False,
    halo: str | None = None,
) -> str:
    """Lines of text, the middle of the first line's height at ``y``; turned, they read from bottom to top."""
    spans = [
        tag("tspan", escape(line), x=x, y=y + index * size * LINE + size * 0.36)
        for index, line in enumerate(lines)
        if line
    ]
    turn = f"rotate(-90 {number(x)} {number(y + (len(lines) - 1) * size * LINE / 2)})" if turned else None
    around: dict[str, Attribute] = (
        {"stroke": halo, "stroke_width": 3.0, "paint_order": "stroke", "stroke_linejoin": "round"} if halo else {}
    )
    return tag(
        "text",
        "".join(spans),
        font_size=size,
        fill=fill,
        text_anchor=anchor,
        font_weight=weight,
        transform=turn,
        **around,
    )
