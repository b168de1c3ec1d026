"""Between FEEL's values and the world: Python and JSON data in, JSON data and text out.

In: floats become decimals by their shortest text, Python's own dates, times and durations become FEEL's, tuples lists.
Out: :func:`to_data` gives plain JSON data (temporal values as ISO 8601 text), :func:`to_text` what ``string()`` gives.
"""

import datetime
from collections.abc import Callable, Mapping, Set
from decimal import Decimal
from typing import Any, TypeVar

from clearance.feel import numbers
from clearance.feel.lexer import KEYWORDS, Kind, escape, tokens_of
from clearance.feel.problems import FeelSyntaxError, LimitReached, Run
from clearance.feel.ranges import Range
from clearance.feel.temporal import NANOS, Date, DateTime, DaysTime, Time, YearsMonths, Zone
from clearance.feel.temporal_text import TEMPORAL_TYPES
from clearance.feel.temporal_text import to_text as temporal_text

T = TypeVar("T")
SCALARS: frozenset[type] = frozenset({int, str, bool, type(None), Date, Time, DateTime, YearsMonths, DaysTime, Range})
"""Types whose values need no conversion on the way in (a Decimal may be no number)."""
_PARTS_MAX = 500_000
"""Parts that one conversion may visit: lists may share parts, and then have more than memory holds."""


def from_data(value: Any) -> Any:
    """A FEEL value of Python data; the same object where nothing needs to change. What is nested beyond Python's
    recursion limit is null."""
    try:
        return _from_data(value)
    except RecursionError:
        return None


def _from_data(value: Any) -> Any:
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is Decimal:
        return value if value.is_finite() else None
    if kind is dict:
        return _from_dict(value)
    if kind is list:
        for index, item in enumerate(value):
            if _from_data(item) is not item:
                return [*value[:index], *(_from_data(each) for each in value[index:])]
        return value
    return _from_other(value)


def _from_dict(value: dict[Any, Any]) -> dict[str, Any]:
    for key, item in value.items():
        if type(key) is not str or _from_data(item) is not item:
            return {str(each): _from_data(part) for each, part in value.items()}
    return value


def _from_other(value: Any) -> Any:
    if isinstance(value, float):
        return numbers.from_float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime.datetime):
        return DateTime(Date(value.year, value.month, value.day), _time(value))
    if isinstance(value, datetime.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, datetime.time):
        return _time(value)
    if isinstance(value, datetime.timedelta):
        return DaysTime((value // datetime.timedelta(microseconds=1)) * 1000)
    if isinstance(value, Mapping):
        return {str(key): _from_data(item) for key, item in value.items()}
    if isinstance(value, tuple | Set):
        return [_from_data(item) for item in value]
    fields = getattr(value, "__struct_fields__", None)
    if fields is not None:
        return {name: _from_data(getattr(value, name)) for name in fields}
    return value


def _time(value: datetime.datetime | datetime.time) -> Time:
    zone: Zone = None
    if value.tzinfo is not None:
        offset = value.utcoffset()
        key = getattr(value.tzinfo, "key", None)
        zone = key if isinstance(key, str) else (int(offset.total_seconds()) if offset is not None else None)
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, zone)


def to_data(value: Any) -> Any:
    """Plain JSON data of a FEEL value: ranges, functions and temporal values become text.

    Raises :class:`LimitReached` for a value of very many parts or levels (a small list may share parts with itself).
    """
    return _bounded(_to_data, value, [_PARTS_MAX])


def _to_data(value: Any, budget: list[int]) -> Any:
    _spend(budget)
    if type(value) is list:
        return [_to_data(item, budget) for item in value]
    if type(value) is dict:
        return {key: _to_data(item, budget) for key, item in value.items()}
    if value is None or isinstance(value, bool | int | str | Decimal):
        return value
    return to_text(value)


def to_text(value: Any) -> str:
    """FEEL's ``string()`` of any value but null, whose text here is ``null``; strings within others are quoted."""
    return value if type(value) is str else _bounded(_literal, value, [_PARTS_MAX])


def text_within(run: Run, value: Any) -> str:
    """As :func:`to_text`, counting as steps the parts that are written."""
    budget = [_PARTS_MAX]
    text = value if type(value) is str else _literal(value, budget)
    run.spend(_PARTS_MAX - budget[0])
    return text


def to_literal(value: Any) -> str:
    """FEEL text that denotes the value: as :func:`to_text`, but a string is quoted."""
    return _bounded(_literal, value, [_PARTS_MAX])


def _bounded(convert: Callable[[Any, list[int]], T], value: Any, budget: list[int]) -> T:
    try:
        return convert(value, budget)
    except RecursionError:
        raise LimitReached("a value that is nested too deeply") from None


def _literal(value: Any, budget: list[int]) -> str:
    _spend(budget)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if numbers.is_number(value):
        return numbers.to_text(value)
    if type(value) is str:
        return f'"{escape(value)}"'
    if isinstance(value, TEMPORAL_TYPES):
        return temporal_text(value)
    if type(value) is list:
        return f"[{', '.join(_literal(item, budget) for item in value)}]"
    if type(value) is dict:
        return "{" + ", ".join(f"{key_text(key)}: {_literal(item, budget)}" for key, item in value.items()) + "}"
    if type(value) is Range:
        return _range_text(value, budget)
    parameters = getattr(value, "parameters", None)
    return f"function({', '.join(parameters)})" if parameters is not None else str(value)


def key_text(key: str) -> str:
    """A context's key: a name as it is, anything else as a string."""
    try:
        tokens = tokens_of(key)[:-1]
    except FeelSyntaxError:
        tokens = []
    plain = len(tokens) == 1 and tokens[0].kind is Kind.NAME and tokens[0].text == key and key not in KEYWORDS
    several = len(tokens) > 1 and all(token.kind is Kind.NAME for token in tokens)
    return key if plain or (several and " ".join(token.text for token in tokens) == key) else f'"{escape(key)}"'


def _range_text(value: Range, budget: list[int]) -> str:
    if value.single:
        if value.start is not None and value.end is not None:
            return f"= {_literal(value.start, budget)}"
        symbol = (">" if value.start is not None else "<") + ("=" if value.start_included or value.end_included else "")
        return f"{symbol} {_literal(value.start if value.start is not None else value.end, budget)}"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{_literal(value.start, budget)}..{_literal(value.end, budget)}{closing}"


def _spend(budget: list[int]) -> None:
    budget[0] -= 1
    if budget[0] < 0:
        raise LimitReached(f"a value of more than {_PARTS_MAX:,} parts")


def moment(value: datetime.datetime) -> DateTime:
    """A Python date and time as FEEL's, for ``now()``."""
    return DateTime(Date(value.year, value.month, value.day), _time(value))


def seconds(value: DaysTime) -> numbers.Number:
    """A duration in seconds, for timers."""
    whole, rest = divmod(value.nanos, NANOS)
    return whole if not rest else numbers.CONTEXT.divide(Decimal(value.nanos), Decimal(NANOS))
