"""String functions (10.3.4.3, Table 74). Positions count code points. Patterns are in ``patterns.py``."""

from typing import Any

from clearance.feel import numbers, patterns
from clearance.feel.builtins.registry import builtin
from clearance.feel.numbers import Number
from clearance.feel.problems import LimitReached, Refused, Run


@builtin("substring(string: string, start position: number, length?: number)")
def substring(text: str, start: Number, length: Number | None = None) -> str:
    """Footnote 1: the start is not 0 and within the string; the length is at least 1."""
    position = numbers.truncated(start)
    if not 1 <= abs(position) <= len(text):
        raise Refused(f"substring: there is no position {position} in a string of {len(text)} characters")
    first = position - 1 if position > 0 else len(text) + position
    if length is None:
        return text[first:]
    count = numbers.truncated(length)
    if count < 1:
        raise Refused("substring: the length is less than 1")
    return text[first : first + count]


@builtin("string length(string: string)")
def string_length(text: str) -> int:
    return len(text)


@builtin("upper case(string: string)")
def upper_case(text: str) -> str:
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(text: str) -> str:
    return text.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(text: str, match: str) -> str:
    index = text.find(match)
    return text[:index] if index > 0 else ""


@builtin("substring after(string: string, match: string)")
def substring_after(text: str, match: str) -> str:
    index = text.find(match)
    return text[index + len(match) :] if index >= 0 else ""


@builtin("contains(string: string, match: string)")
def contains(text: str, match: str) -> bool:
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string)", needs_run=True)
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    return patterns.matches(run.bounds, text, pattern, flags or "")


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string)", needs_run=True)
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    return patterns.replace(run.bounds, text, pattern, replacement, flags or "")


@builtin("split(string: string, delimiter: string)", needs_run=True)
def split(run: Run, text: str, delimiter: str) -> list[str]:
    parts = patterns.split(run.bounds, text, delimiter)
    run.allow_length(len(parts))
    return parts


@builtin("string join(list: list, delimiter?: string)", needs_run=True)
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str:
    """Nulls are left out."""
    parts = [item for item in items if item is not None]
    if not all(type(part) is str for part in parts):
        raise Refused("string join: the list holds something that is no string")
    glue = delimiter or ""
    if sum(map(len, parts)) + len(glue) * len(parts) > run.bounds.string_length_max:
        raise LimitReached(f"a string of more than {run.bounds.string_length_max:,} characters (string_length_max)")
    return glue.join(parts)
