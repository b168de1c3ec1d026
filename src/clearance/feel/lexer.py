"""Tokens: names, numbers, strings and symbols, with their offsets (10.3.1.2, rules 26 to 37 and 60 to 65).

A FEEL name may hold spaces and operators, so that only the names in scope can tell where it ends. The lexer therefore
yields the smallest tokens and leaves names of several tokens to ``names.py``.
"""

import re
from enum import Enum
from typing import NamedTuple

from clearance.feel.problems import FeelSyntaxError


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    KEYWORD = "keyword"
    NUMBER = "number"
    STRING = "string"
    AT = "at literal"
    SYMBOL = "symbol"
    END = "end of the text"


class Token(NamedTuple):
    """A token: ``text`` as written, but for strings and at literals what they denote."""

    kind: Kind
    text: str
    start: int
    end: int


KEYWORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "instance"}
    | {"of", "function", "external", "true", "false", "null"}
)

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = "\\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
# White space wins over the letters' ranges, some of which (U+1680, U+180E) contain it.
_TOKEN = re.compile(
    rf"""(?P<space>(?:[{_SPACE}]|//[^\n]*|/\*.*?\*/)+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))
    |(?P<name>[{_START}][{_PART}]*)
    |(?P<at>@\s*)?"(?P<string>(?:[^"\\\n\r]|\\.)*)"
    |(?P<symbol>\.\.|\*\*|->|<=|>=|!=|[-+*/=<>()\[\]{{}},:.'’])""",
    flags=re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", flags=re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("([\ud800-\udbff])([\udc00-\udfff])")


def tokens_of(text: str) -> list[Token]:
    """All tokens of the text, ended by one of kind END; raises FeelSyntaxError for what is no token."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or text.startswith("/*", match.end() - 1):
            raise _error(text, position)
        start, position = position, match.end()
        kind = match.lastgroup
        if kind == "name":
            word = match["name"]
            tokens.append(Token(Kind.KEYWORD if word in KEYWORDS else Kind.NAME, word, start, position))
        elif kind == "number":
            tokens.append(Token(Kind.NUMBER, match["number"], start, position))
        elif kind == "string":
            at = match["at"] is not None
            tokens.append(Token(Kind.AT if at else Kind.STRING, unescape(match["string"]), start, position))
        elif kind == "symbol":
            symbol = match["symbol"]
            tokens.append(Token(Kind.SYMBOL, "'" if symbol == "’" else symbol, start, position))
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens


def unescape(body: str) -> str:
    """What a string literal's body denotes; a backslash before any other character stays (as in ``"\\d+"``)."""
    if "\\" not in body:
        return body
    text = _ESCAPE.sub(_character, body)
    return _SURROGATES.sub(lambda pair: _joined(pair[1], pair[2]), text)


def escape(text: str) -> str:
    """A string as a literal's body: the inverse of :func:`unescape`."""
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character < " " or "\ud800" <= character <= "\udfff" or character in "\x85\u2028\u2029":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\u{ord(character):04X}"))
        else:
            out.append(character)
    return "".join(out)


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code is None:
        return _SIMPLE_ESCAPES.get(match[3], match[0])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else match[0]


def _joined(high: str, low: str) -> str:
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + (ord(low) - 0xDC00))


def _error(text: str, position: int) -> FeelSyntaxError:
    character = text[position]
    line, column = place(text, position)
    if character in '"@':
        return FeelSyntaxError("a string is not closed", line, column, 'end it with " on the same line')
    if text.startswith("/*", position):
        return FeelSyntaxError("a comment is not closed", line, column, "end it with */")
    hint = 'strings are written with "' if character in "`“”„‘" else ""
    hint = "not equal is written !=" if character == "!" else hint
    hint = 'write "and" or "or" as a word' if character in "&|" else hint
    return FeelSyntaxError(f"unexpected character {character!r}", line, column, hint)
