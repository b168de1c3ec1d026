"""What Camunda's FEEL adds and files in the wild rely on, where the standard says nothing else."""

import json
from decimal import Decimal
from typing import Any

import msgspec

from clearance.feel import numbers, patterns
from clearance.feel.builtins.lists import same
from clearance.feel.builtins.registry import builtin
from clearance.feel.data import from_data, to_data
from clearance.feel.numbers import Number
from clearance.feel.problems import Refused, Run
from clearance.feel.temporal import Date, DateTime, month_days


@builtin("is defined(value: any)")
def is_defined(value: Any) -> bool:
    """Is there a value other than null?"""
    return value is not None


@builtin("get or else(value: any, default: any)")
def get_or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


@builtin("assert(value: any, condition: any, cause?: string)")
def assert_(value: Any, condition: Any, cause: str | None = None) -> Any:
    """The value if the condition is true; otherwise null, with the cause as the problem."""
    if condition is not True:
        raise Refused(cause or "the asserted condition is not fulfilled")
    return value


@builtin("fromAi(value: any, description?: string, type?: string, schema?: any, options?: any)")
def from_ai(value: Any, description: Any = None, type: Any = None, schema: Any = None, options: Any = None) -> Any:  # noqa: A002 (Camunda's word)
    """The value; the rest tells an agent what to put there (``feel/agents.py``)."""
    return value


@builtin("is blank(string: string)")
def is_blank(text: str) -> bool:
    return not text.strip()


@builtin("is empty(list: list)")
def is_empty(items: list[Any]) -> bool:
    return not items


@builtin("trim(string: string)")
def trim(text: str) -> str:
    return text.strip()


@builtin("extract(string: string, pattern: string)", needs_run=True)
def extract(run: Run, text: str, pattern: str) -> list[str]:
    return patterns.extract(run.bounds, text, pattern)


@builtin("partition(list: list, size: number)")
def partition(items: list[Any], size: Number) -> list[list[Any]]:
    step = numbers.truncated(size)
    if step < 1:
        raise Refused("partition: the size is less than 1")
    return [items[start : start + step] for start in range(0, len(items), step)]


@builtin("duplicate values(list: list)", needs_run=True)
def duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    """The first of each set of equal elements that has more than one."""
    out: list[Any] = []
    for index, item in enumerate(items):
        run.spend(len(items) - index)
        if any(same(run, item, other) for other in items[index + 1 :]) and not any(
            same(run, item, each) for each in out
        ):
            out.append(item)
    return out


@builtin("last day of month(date: day)")
def last_day_of_month(value: Date | DateTime) -> Date:
    date = value.date if isinstance(value, DateTime) else value
    return Date(date.year, date.month, month_days(date.year, date.month))


@builtin("to json(value: any)")
def to_json(value: Any) -> str:
    """JSON text; dates, times, durations and ranges as strings."""
    return _json(to_data(value))


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return numbers.to_text(value)
    if isinstance(value, list):
        return f"[{','.join(_json(item) for item in value)}]"
    if isinstance(value, dict):
        return (
            "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_json(item)}" for key, item in value.items()) + "}"
        )
    return json.dumps(value, ensure_ascii=False)


@builtin("from json(value: string)")
def from_json(text: str) -> Any:
    """The value of JSON text; numbers stay exact."""
    try:
        return from_data(msgspec.json.Decoder(float_hook=Decimal).decode(text))
    except (ValueError, RecursionError) as error:
        raise Refused(f"from json: {error}") from None
