"""Colours: light, dark, or what the modeller chose."""

import re
from dataclasses import dataclass

from clearance.bpmn.drawing.source import Colours

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,20}|rgba?\([\d\s.,%]+\)")
"""What may be written into a picture as a colour; anything else is the file's mistake and is left out."""


@dataclass(frozen=True)
class Theme:
    """What stands for ink and paper."""

    paper: str
    ink: str
    """Lines and symbols."""
    text: str
    fill: str
    """Inside of shapes."""
    quiet: str
    """Inside of pools and sub-processes."""
    band: str
    """Where the names of pools stand."""
    done: str
    """What an instance has passed."""
    active: str
    active_fill: str
    incident: str
    incident_fill: str


LIGHT = Theme(
    paper="#ffffff",
    ink="#22303c",
    text="#17212b",
    fill="#ffffff",
    quiet="#fbfcfd",
    band="#f0f3f6",
    done="#2f7d4f",
    active="#1864ab",
    active_fill="#e3f0fc",
    incident="#c92a2a",
    incident_fill="#fde8e8",
)
DARK = Theme(
    paper="#14181d",
    ink="#c8d1da",
    text="#e9eef3",
    fill="#1e252d",
    quiet="#191f25",
    band="#232b34",
    done="#69c38b",
    active="#74b4f0",
    active_fill="#18324c",
    incident="#ff8787",
    incident_fill="#4a1d20",
)


@dataclass(frozen=True)
class Ink:
    """With what one element is drawn."""

    stroke: str
    fill: str
    text: str


def ink_of(theme: Theme, colours: Colours, *, fill: str = "") -> Ink:
    """The modeller's colours where there are some, and the theme's.

    On a fill that the modeller chose for light paper, dark text stays readable in both themes.
    """
    stroke = _checked(colours.stroke) or theme.ink
    background = _checked(colours.fill)
    plain = LIGHT.text if background and theme is DARK else theme.text
    return Ink(stroke, background or fill or theme.fill, _checked(colours.text) or plain)


def _checked(colour: str) -> str:
    return colour if _COLOUR.fullmatch(colour) else ""
