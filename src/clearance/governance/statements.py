"""Cuts a Cedar file into its policies, so that a mistake can be told with the line of the policy that has it.

Cedar's own messages name no place, and one mistake hides all others in the file. A policy ends at a semicolon outside
strings and comments; nothing else of Cedar's grammar is known here.
"""

import re
from collections.abc import Iterator

import msgspec

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|;|\n|[^"/;\n]+|.', re.DOTALL)


class Statement(msgspec.Struct, frozen=True):
    """The text of one policy, up to and with its semicolon."""

    text: str
    line: int
    """Of its first word, from 1."""


def statements(source: str) -> Iterator[Statement]:
    """The policies of a file, in order; what follows the last semicolon counts too, unless it is only comments."""
    line, begins = 1, 0
    pieces: list[str] = []
    for match in _PIECE.finditer(source):
        piece = match.group()
        meaningful = bool(piece.strip()) and not piece.startswith("//")
        if meaningful and not begins:
            begins = line
        if begins:
            pieces.append(piece)
        line += piece.count("\n")
        if piece == ";":
            yield Statement("".join(pieces).strip(), begins)
            pieces, begins = [], 0
    if begins:
        yield Statement("".join(pieces).strip(), begins)
