"""Regular expressions as XPath has them (XQuery and XPath Functions and Operators 7.6), which FEEL's functions take.

The pattern is checked and rewritten for the ``regex`` package, which knows class subtraction and Unicode properties and
can be given a time to stop: XPath allows back-references, so that no engine without backtracking would do.
"""

import functools
import re
from typing import Any

from clearance.feel.bounds import Bounds
from clearance.feel.pattern_syntax import PatternError, Translation, translate
from clearance.feel.problems import LimitReached, Refused

_REPLACEMENT = re.compile(r"\\(.?)|\$([0-9]*)", flags=re.DOTALL)


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> tuple[Any, Translation]:
    import regex  # Imported when first needed: most expressions have no pattern, and it is slow to import.

    try:
        translation = translate(pattern, flags)
        options = regex.VERSION1 | (regex.IGNORECASE if "i" in flags else 0)
        options |= regex.DOTALL if "s" in flags else 0
        return regex.compile(translation.pattern, options), translation
    except (PatternError, regex.error) as error:
        raise Refused(f"the pattern {pattern!r} is no XPath regular expression: {error}") from None


def _within_time(bounds: Bounds, call: Any, *arguments: Any, **options: Any) -> Any:
    try:
        return call(*arguments, timeout=bounds.regex_seconds_max, **options)
    except TimeoutError:
        raise LimitReached(f"a pattern takes more than {bounds.regex_seconds_max} s (regex_seconds_max)") from None


def matches(bounds: Bounds, text: str, pattern: str, flags: str) -> bool:
    """Does the pattern match anywhere in the text?"""
    return _within_time(bounds, _compiled(pattern, flags)[0].search, text) is not None


def replace(bounds: Bounds, text: str, pattern: str, replacement: str, flags: str) -> str:
    """Each match replaced; ``$1`` is a group, ``$0`` the match. A pattern that matches nothing-at-all is refused."""
    compiled, translation = _compiled(pattern, flags)
    if _within_time(bounds, compiled.fullmatch, "") is not None:
        raise Refused(f"replace: the pattern {pattern!r} matches the empty string")
    parts = [replacement] if "q" in flags else _template(replacement, translation.groups)

    def expand(match: Any) -> str:
        return "".join(part if isinstance(part, str) else match.group(part) or "" for part in parts)

    result: str = _within_time(bounds, compiled.sub, expand, text)
    if len(result) > bounds.string_length_max:
        raise LimitReached(f"a string of more than {bounds.string_length_max:,} characters (string_length_max)")
    return result


def split(bounds: Bounds, text: str, pattern: str) -> list[str]:
    """The parts of the text between the matches."""
    compiled, _ = _compiled(pattern, "")
    if _within_time(bounds, compiled.fullmatch, "") is not None:
        raise Refused(f"split: the pattern {pattern!r} matches the empty string")
    parts, start = [], 0
    for match in _within_time(bounds, lambda value, timeout: list(compiled.finditer(value, timeout=timeout)), text):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def extract(bounds: Bounds, text: str, pattern: str) -> list[str]:
    """All matches."""
    compiled, _ = _compiled(pattern, "")
    found = _within_time(bounds, lambda value, timeout: list(compiled.finditer(value, timeout=timeout)), text)
    return [match.group(0) for match in found]


def _template(replacement: str, groups: int) -> list[str | int]:
    """Literal parts and group numbers; of ``$12`` only as many digits as there are groups for belong to the number."""
    parts: list[str | int] = []
    end = 0
    for match in _REPLACEMENT.finditer(replacement):
        parts.append(replacement[end : match.start()])
        end = match.end()
        if match[2] is None:
            if match[1] not in ("\\", "$") or not match[1]:
                raise Refused(r"replace: in the replacement, \ stands only before \ or $")
            parts.append(match[1])
            continue
        digits = match[2]
        if not digits:
            raise Refused(r"replace: in the replacement, $ stands before a digit; write \$ for the sign itself")
        size = len(digits)
        while size > 1 and int(digits[:size]) > groups:
            size -= 1
        number = int(digits[:size])
        parts.append(number if number <= groups else "")
        parts.append(digits[size:])
    return [*parts, replacement[end:]]
