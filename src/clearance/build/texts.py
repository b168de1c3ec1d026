"""Small conversions: names to ids, Python values to FEEL text."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

from clearance.build.errors import AuthorError
from clearance.model.definition import Listener, Text
from clearance.model.definition import Mapping as VariableMapping

_VARIABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def slug(name: str, otherwise: str = "step") -> str:
    """A stable, readable id: lower case, ASCII, hyphens; never starts with a digit (an XML id may not)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not text:
        return otherwise
    return text if text[0].isalpha() else f"{otherwise}-{text}"


def feel(expression: str) -> Text:
    """A FEEL expression with its leading ``=``; written with or without it."""
    text = expression.strip()
    if not text.removeprefix("=").strip():
        raise AuthorError("an expression is empty", "Write FEEL, e.g. amount > 100")
    return text if text.startswith("=") else f"= {text}"


def bare(expression: str) -> str:
    """A FEEL expression without its leading ``=``, to stand inside another."""
    return feel(expression).removeprefix("=").strip()


def string(text: str) -> str:
    """A FEEL string literal."""
    return json.dumps(text, ensure_ascii=False)


def text_or_feel(text: Text) -> str:
    """Text as a FEEL literal, or the expression after a leading ``=``."""
    return bare(text) if text.startswith("=") else string(text)


def variable(name: str) -> str:
    """The name of a variable, checked."""
    if not _VARIABLE.fullmatch(name):
        raise AuthorError(f'"{name}" is not the name of a variable', "Use letters, digits and underscores, no spaces")
    return name


def mappings(sources: Mapping[str, str]) -> tuple[VariableMapping, ...]:
    """Variable mappings of ``{target: FEEL}``."""
    return tuple(VariableMapping(source=feel(source), target=variable(target)) for target, source in sources.items())


def listed(names: str | list[str] | tuple[str, ...]) -> Text:
    """Comma-separated names, or one expression that yields them."""
    return names if isinstance(names, str) else ", ".join(names)


def listeners(first: Sequence[str] | str, last: Sequence[str] | str) -> tuple[Listener, ...]:
    """Who is asked before something begins, and before it is left."""
    asked = (("start", first), ("end", last))
    return tuple(
        Listener(event=event, type=job_type)
        for event, types in asked
        for job_type in ([types] if isinstance(types, str) else types)
    )


def stale(choice: str) -> str:
    """What to do when what was read has changed, checked."""
    if choice not in ("", "redo", "ask", "leave"):
        raise AuthorError(f'when_stale="{choice}" is not understood', "Say redo, ask or leave")
    return choice
