"""What a person writes into a cell, as FEEL.

Business people write ``gold``, not ``"gold"``, and their spreadsheet program makes curly quotes and long dashes of what
they type. A text that can only be meant as words becomes a string; everything else is left as FEEL, so that a mistake
is reported and not guessed away. docs/dmn.md tells authors the rules.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from clearance.dmn.sheets.grid import CellValue

_TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "≤": "<=", "≥": ">=", "≠": "!=", "−": "-"}
)
_DASHES = frozenset("-–—")
_WORDS = re.compile(r"[^\W_][\w .,:;!?'’&/%+–—-]*")
_LITERALS = frozenset({"null", "true", "false"})
_KEYWORD_FORMS = re.compile(r"(if\b.*\bthen\b.*\belse\b|for\b.*\breturn\b|(some|every)\b.*\bsatisfies\b)", re.S)
_STARTS_A_TEST = re.compile(r'[<>=!\[\](?"@{]|not\s*\(')
_NOT = re.compile(r"not\s*\((?P<inner>.*)\)", re.S)
_YES_NO = {"yes": "true", "no": "false", "true": "true", "false": "false"}
_TYPES = {
    "text": "string",
    "string": "string",
    "word": "string",
    "number": "number",
    "integer": "number",
    "decimal": "number",
    "money": "number",
    "amount": "number",
    "boolean": "boolean",
    "bool": "boolean",
    "yes/no": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "datetime": "date and time",
    "days and time duration": "days and time duration",
    "years and months duration": "years and months duration",
    "any": "Any",
}
TYPE_NAMES = tuple(_TYPES)


def type_of(words: str) -> str | None:
    """FEEL's name of a type, however its author calls it; None when it is not known."""
    return _TYPES.get(" ".join(words.lower().split()))


def mentioned(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Those of the names that occur in a FEEL text outside its strings, longest first."""
    bare = re.sub(r'"(\\.|[^"\\])*"', '""', text)
    found = []
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<![\w.]){re.escape(name)}(?!\w)"
        if re.search(pattern, bare):
            found.append(name)
            bare = re.sub(pattern, " ", bare)
    return tuple(found)


def quote(words: str) -> str:
    """A FEEL string literal."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def input_text(value: CellValue | None, type_name: str, names: Collection[str]) -> str:
    """The unary tests that an input cell means; an empty cell or a dash is ``-``, which any value satisfies."""
    if value is None:
        return "-"
    if not isinstance(value, str):
        return _plain_value(value, type_name)
    text = value.strip().translate(_TYPOGRAPHY)
    if not text or text in _DASHES:
        return "-"
    truth = _truth(text, type_name)
    if truth:
        return truth
    negation = _NOT.fullmatch(text)
    if negation and not _STARTS_A_TEST.match(negation["inner"].strip()):
        return f"not({_alternatives(negation['inner'], type_name, names)})"
    return text if _STARTS_A_TEST.match(text) else _alternatives(text, type_name, names)


def _truth(text: str, type_name: str) -> str:
    """``TRUE`` as spreadsheet programs export it, and ``yes`` in a column of truth values; empty for anything else."""
    if type_name == "boolean":
        return _YES_NO.get(text.lower(), "")
    return text.lower() if type_name in ("", "Any") and text in ("TRUE", "FALSE") else ""


def _alternatives(text: str, type_name: str, names: Collection[str]) -> str:
    """``gold, silver`` as two string literals, unless the text is FEEL."""
    if '"' in text or "(" in text or _is_expression(text, names):
        return text
    parts = [part.strip() for part in text.split(",")]
    if all(_is_words(part, type_name) for part in parts):
        return ", ".join(part if part in _LITERALS else quote(part) for part in parts)
    return text


def _is_expression(text: str, names: Collection[str]) -> bool:
    """Whether names and operators make it FEEL: ``Amount`` and ``Amount * 2``, but not ``Amount too high``."""
    found = mentioned(text, names)
    if not found:
        return False
    alone = any(re.fullmatch(rf"{re.escape(name)}(\.\w[\w ]*)*", text) for name in found)
    return alone or bool(re.search(r"[+*/()<>=\[\]{}]| - ", text))


def _is_words(text: str, type_name: str) -> bool:
    if text in _LITERALS:
        return True
    if type_name == "string":
        return bool(text)
    return type_name in ("", "Any") and bool(_WORDS.fullmatch(text)) and not _looks_numeric(text)


def _looks_numeric(text: str) -> bool:
    return bool(re.match(r"[\d.,+-]+(\s|$|[*/%]|\.\.)", text))


def output_text(value: CellValue | None, type_name: str, names: Collection[str]) -> str:
    """The FEEL expression that an output cell means; an empty cell is null."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return _plain_value(value, type_name)
    text = value.strip().translate(_TYPOGRAPHY)
    if not text or text in _DASHES:
        return "null"
    truth = _truth(text, type_name)
    if truth:
        return truth
    if '"' in text or _KEYWORD_FORMS.match(text) or _is_expression(text, names):
        return text
    if text not in _LITERALS and _is_words(text, type_name) and not re.match(r"[\w ]+\(", text):
        return quote(text)
    return text


def _plain_value(value: CellValue, type_name: str) -> str:
    """A number, date or truth value that the spreadsheet program itself understood."""
    text = _feel_value(value, type_name)
    return quote(text) if type_name == "string" and not text.startswith(("date", "time", "duration")) else text


def _feel_value(value: CellValue, type_name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return format(number.normalize(), "f")
    if isinstance(value, datetime):
        midnight = value.time() == time()
        if midnight and type_name != "date and time":
            return f'date("{value.date().isoformat()}")'
        return f'date and time("{value.isoformat()}")'
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, time):
        return f'time("{value.isoformat()}")'
    if isinstance(value, timedelta):
        seconds = Decimal(str(value.total_seconds())).normalize()
        return f'duration("{"-" if seconds < 0 else ""}PT{format(abs(seconds), "f")}S")'
    return str(value)
