"""Text in pictures: how wide it is, and where its lines break.

No font is at hand when a picture is drawn, so widths are those of a common sans-serif face, in thousandths of its size;
what is shown may differ by a few per cent.
"""

import re
import unicodedata
from collections.abc import Iterator

_WIDTHS = {
    **dict.fromkeys("ijl'", 230),
    **dict.fromkeys("ft.,:;!I|/\\ []", 280),
    **dict.fromkeys('r()-`{}"', 340),
    **dict.fromkeys("ckJsvxyz*", 500),
    **dict.fromkeys("abdeghnopqu0123456789?_L$#FTZ", 560),
    **dict.fromkeys("+<=>~^", 590),
    **dict.fromkeys("ABEKPSVXY&", 670),
    **dict.fromkeys("CDHNRUw", 720),
    **dict.fromkeys("GOQ", 780),
    **dict.fromkeys("mM", 840),
    **dict.fromkeys("W%", 920),
    "@": 1015,
}
_OTHER, _WIDE = 600, 1000
_HYPHENS = re.compile(r"[^-/]+[-/]*|[-/]+")
LETTERS_MAX = 500
"""Of a line that is cut."""
LINE = 1.2
"""The distance of lines, in sizes."""


def width_of(text: str, size: float) -> float:
    """How wide the text is, in the unit of its size."""
    return sum(_width(letter) for letter in text) * size / 1000


def _width(letter: str) -> int:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    base = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(base, _OTHER)


def wrapped(text: str, width: float, size: float, lines_max: int = 0) -> list[str]:
    """The text in lines that fit the width, breaking words only when they must; cut with … after so many lines."""
    lines = [line for paragraph in text.splitlines() or [""] for line in _paragraph(paragraph, width, size)]
    if lines_max and len(lines) > lines_max:
        return [*lines[: lines_max - 1], _cut(" ".join(lines[lines_max - 1 :]), width, size)]
    return lines


def _paragraph(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word, glue in _parts(text):
        joined = f"{line}{glue}{word}" if line else word
        if width_of(joined, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width, size)
        lines.extend(full)
    return [*lines, line] if line or not lines else lines


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Words, which may also break after hyphens, each with what stands before it on the same line."""
    for word in text.split():
        for number, part in enumerate(_HYPHENS.findall(word)):
            yield part, "" if number else " "


def breaks_a_word(text: str, width: float, size: float) -> bool:
    """Whether a word is too long for a line."""
    return any(width_of(part, size) > width for part, _ in _parts(text))


def _pieces(word: str, width: float, size: float) -> list[str]:
    """A word in pieces that fit; most words are one."""
    pieces, piece = [], ""
    for letter in word:
        if piece and width_of(piece + letter, size) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def _cut(text: str, width: float, size: float) -> str:
    if width_of(text[:LETTERS_MAX], size) <= width and len(text) <= LETTERS_MAX:
        return text
    kept = text[:LETTERS_MAX]
    while kept and width_of(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
