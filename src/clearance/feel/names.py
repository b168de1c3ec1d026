"""Names in scope: FEEL's names may hold spaces and operators, and the longest that is in scope wins (10.3.1.5).

A name is a sequence of tokens: ``Monthly  Income`` is ``Monthly Income``, and ``a - b`` is ``a-b`` where that is the
name of a variable. The normal form joins two tokens by a space where both are words or numbers, and by nothing
otherwise.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clearance.feel.lexer import Kind, Token, tokens_of
from clearance.feel.problems import FeelSyntaxError

NAME_SYMBOLS = frozenset({".", "/", "-", "'", "+", "*", "**"})
WORDS = (Kind.NAME, Kind.KEYWORD, Kind.NUMBER)


@functools.lru_cache(maxsize=8192)
def tokens_of_name(name: str) -> tuple[str, ...]:
    """The tokens of a name; the name itself when it holds what no name may (it is then only reachable as a key)."""
    try:
        tokens = tokens_of(name)[:-1]
    except FeelSyntaxError:
        return (name,)
    return tuple(token.text for token in tokens) or (name,)


def joined(tokens: Sequence[str]) -> str:
    """The normal form of a name."""
    out = ""
    for token in tokens:
        glue = " " if out and out[-1] not in ".-/'+*" and token not in NAME_SYMBOLS else ""
        out += glue + token
    return out


@functools.lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """A name in its normal form, as variables are looked up."""
    return joined(tokens_of_name(name)) if " " in name or "\t" in name or "\n" in name else name


class NameTable:
    """The names of more than one token, for the longest match; names of one token need no table."""

    def __init__(self, names: Iterable[str] = (), parent: "NameTable | None" = None) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._spelling: dict[tuple[str, ...], str] = {}
        self._parent = parent
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Bring a name into scope."""
        tokens = tokens_of_name(name)
        if len(tokens) > 1 and tokens not in self._spelling:
            self._by_first.setdefault(tokens[0], []).append(tokens)
            self._spelling[tokens] = name

    def longest(self, tokens: Sequence[Token], start: int) -> tuple[str, int] | None:
        """The longest name that begins at a token, with the number of its tokens; None when none has several."""
        found = self._parent.longest(tokens, start) if self._parent is not None else None
        best = found[1] if found else 0
        for candidate in self._by_first.get(tokens[start].text, ()):
            size = len(candidate)
            ahead = tokens[start : start + size]
            if size > best and len(ahead) == size and all(map(_is_word, ahead, candidate)):
                found, best = (self._spelling[candidate], size), size
        return found


def _is_word(token: Token, text: str) -> bool:
    return token.text == text and token.kind is not Kind.STRING


def names_in(value: Mapping[str, Any], depth: int = 6) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a context brings into scope, and the keys that may follow a dot anywhere below it."""
    members: set[str] = set()
    _collect(value, members, depth)
    return frozenset(key for key in value if isinstance(key, str)), frozenset(members)


def _collect(value: Any, members: set[str], depth: int) -> None:
    if not depth:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str):
                members.add(key)
            _collect(item, members, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value[:10]:
            _collect(item, members, depth - 1)
