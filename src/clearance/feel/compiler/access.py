"""Paths and filters (10.3.2.5, Tables 64 to 68): entries of contexts, properties of values, elements of lists."""

from collections.abc import Callable
from typing import Any

from clearance.feel import numbers, types
from clearance.feel import syntax as tree
from clearance.feel.compiler.core import RUN, Compiler
from clearance.feel.compiler.literals import shared_name
from clearance.feel.problems import Environment, Evaluator, Where, fail
from clearance.feel.ranges import Range
from clearance.feel.temporal import (
    DAY_NANOS,
    NANOS,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    date_time_offset,
    time_offset,
    weekday,
)
from clearance.feel.temporal_text import seconds_number

_MISSING = object()


def path(compiler: Compiler, node: tree.Path) -> Evaluator:
    """``base.name``: of a context the entry, of a list the list of entries, of other values a property."""
    base, name, where = _shared(compiler, node.base), node.name, compiler.where(node)

    def evaluate(environment: Environment) -> Any:
        value = base(environment)
        if type(value) is dict:
            entry = value.get(name, _MISSING)
            return entry if entry is not _MISSING else fail(environment, where, f"the context has no entry {name!r}")
        return select(environment, value, name, where)

    return evaluate


def select(environment: Environment, value: Any, name: str, where: Where) -> Any:
    """``value.name`` for a value that is no context; null stays null without a problem."""
    if value is None:
        return None
    if type(value) is list:
        if environment[RUN] is not None:
            environment[RUN].spend(len(value) >> 2)
        return [item.get(name) if type(item) is dict else select(environment, item, name, where) for item in value]
    reader = _PROPERTIES.get((type(value), name))
    if reader is None:
        return fail(environment, where, f"{types.describe(value)} has no property {name!r}")
    return reader(value)


def _offset_duration(seconds: int | None) -> DaysTime | None:
    return None if seconds is None else DaysTime(seconds * NANOS)


def _zone_name(zone: Any) -> str | None:
    return zone if isinstance(zone, str) else None


def _parts(value: DaysTime, unit: int, modulus: int) -> int:
    """A normalised component; all components of a negative duration are negative."""
    count = abs(value.nanos) // unit % modulus if modulus else abs(value.nanos) // unit
    return -count if value.nanos < 0 else count


def _seconds(value: DaysTime) -> numbers.Number:
    rest = abs(value.nanos) % (60 * NANOS)
    return seconds_number(-rest if value.nanos < 0 else rest)


def _months(value: YearsMonths) -> int:
    months = abs(value.months) % 12
    return -months if value.months < 0 else months


_PROPERTIES: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Date, "year"): lambda value: value.year,
    (Date, "month"): lambda value: value.month,
    (Date, "day"): lambda value: value.day,
    (Date, "weekday"): weekday,
    (DateTime, "year"): lambda value: value.date.year,
    (DateTime, "month"): lambda value: value.date.month,
    (DateTime, "day"): lambda value: value.date.day,
    (DateTime, "weekday"): lambda value: weekday(value.date),
    (DateTime, "hour"): lambda value: value.time.hour,
    (DateTime, "minute"): lambda value: value.time.minute,
    (DateTime, "second"): lambda value: seconds_number(value.time.second * NANOS + value.time.nanos),
    (DateTime, "time offset"): lambda value: _offset_duration(date_time_offset(value)),
    (DateTime, "timezone"): lambda value: _zone_name(value.time.zone),
    (Time, "hour"): lambda value: value.hour,
    (Time, "minute"): lambda value: value.minute,
    (Time, "second"): lambda value: seconds_number(value.second * NANOS + value.nanos),
    (Time, "time offset"): lambda value: _offset_duration(time_offset(value)),
    (Time, "timezone"): lambda value: _zone_name(value.zone),
    (YearsMonths, "years"): lambda value: abs(value.months) // 12 * (-1 if value.months < 0 else 1),
    (YearsMonths, "months"): _months,
    (DaysTime, "days"): lambda value: _parts(value, DAY_NANOS, 0),
    (DaysTime, "hours"): lambda value: _parts(value, 3600 * NANOS, 24),
    (DaysTime, "minutes"): lambda value: _parts(value, 60 * NANOS, 60),
    (DaysTime, "seconds"): _seconds,
    (Range, "start"): lambda value: value.start,
    (Range, "end"): lambda value: value.end,
    (Range, "start included"): lambda value: value.start_included,
    (Range, "end included"): lambda value: value.end_included,
    **{
        (kind, name): lambda value: None
        for kind, names in ((YearsMonths, ("days", "hours", "minutes", "seconds")), (DaysTime, ("years", "months")))
        for name in names
    },
}
"""Tables 65 and 66."""

_BOOLEAN_NODES = (tree.Comparison, tree.Junction, tree.Between, tree.In, tree.Quantified, tree.InstanceOf)


def filter_(compiler: Compiler, node: tree.Filter) -> Evaluator:
    """``base[condition]``: by position for a number, otherwise the elements for which the condition is true."""
    base, where = _shared(compiler, node.base), compiler.where(node)
    if isinstance(node.condition, tree.Literal) and numbers.is_number(node.condition.value):
        position = node.condition.value
        return lambda environment: element(environment, base(environment), position, where)
    compiler.needs_run = True
    slot = compiler.slot()
    scope = compiler.enter(item=slot)
    condition = compiler.compile(node.condition)
    compiler.leave(scope)
    maybe_position = not isinstance(node.condition, _BOOLEAN_NODES)

    def evaluate(environment: Environment) -> Any:
        value = base(environment)
        if value is None:
            return None
        if maybe_position:
            position = _position(environment, condition, slot)
            if position is not None:
                return element(environment, value, position, where)
        items = value if type(value) is list else [value]
        environment[1].spend(len(items))
        chosen = []
        for item in items:
            environment[slot] = item
            if condition(environment) is True:
                chosen.append(item)
        return chosen

    return evaluate


def _position(environment: Environment, condition: Evaluator, slot: int) -> Any:
    """The number that the condition is without an element in scope, or None."""
    run = environment[1]
    problems, run.problems = run.problems, None
    environment[slot] = None
    position = condition(environment)
    run.problems = problems
    return position if numbers.is_number(position) else None


def element(environment: Environment, value: Any, position: numbers.Number, where: Where) -> Any:
    """The element at a position from 1, or from the end for a negative one; null when there is none."""
    if value is None:
        return None
    items = value if type(value) is list else [value]
    index = numbers.whole(position)
    if index is None or index == 0 or abs(index) > len(items):
        count = f"a list of {len(items)} elements"
        return fail(environment, where, f"{count} has none at position {numbers.to_text(position)}")
    return items[index - 1 if index > 0 else index]


def _shared(compiler: Compiler, node: tree.Node) -> Evaluator:
    """The base of a path or filter is not kept, so that it may be a loop's own ``partial``."""
    return shared_name(compiler, node) if isinstance(node, tree.Name) else compiler.compile(node)
