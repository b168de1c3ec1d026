"""SVG to PNG, with resvg: no browser and no library of the system.

It is an extra (``pip install "clearance[pictures]"``), with a font of its own, so that pictures look the same on every
machine and have text on one without fonts; other scripts than Latin, Greek and Cyrillic need a font of the system.
"""

import importlib
from typing import Any

PIXELS_MAX = 40_000_000
"""A larger picture is made smaller."""


class PictureError(ValueError):
    """The picture cannot be made; the message says what is missing."""


def png(svg: str, *, scale: float = 2.0) -> bytes:
    """The picture as PNG, so many pixels for each unit of the diagram."""
    renderer = _needed("resvg_py")
    fonts = _needed("font_roboto")
    width, height = _size(svg)
    scale = min(scale, (PIXELS_MAX / max(width * height, 1)) ** 0.5)
    return bytes(
        renderer.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            font_files=[fonts.Roboto, fonts.RobotoMedium, fonts.RobotoBold],
            font_family="Roboto",
            sans_serif_family="Roboto",
        )
    )


def _needed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PictureError(
            'PNG needs a renderer that is not installed: pip install "clearance[pictures]", or write .svg'
        ) from error


def _size(svg: str) -> tuple[float, float]:
    head = svg.partition(">")[0]
    return _length(head, "width"), _length(head, "height")


def _length(head: str, name: str) -> float:
    return float(head.partition(f' {name}="')[2].partition('"')[0])
