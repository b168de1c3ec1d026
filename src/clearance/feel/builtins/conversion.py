"""Conversion functions (10.3.4.1, Table 72), and not, is, now, today and range."""

from typing import Any

from clearance.feel import numbers
from clearance.feel import syntax as tree
from clearance.feel.builtins.registry import builtin
from clearance.feel.compiler.literals import make_range
from clearance.feel.data import text_within
from clearance.feel.parser import parse_expression
from clearance.feel.problems import FeelSyntaxError, Refused, Run
from clearance.feel.ranges import Range
from clearance.feel.temporal import (
    MIDNIGHT_UTC,
    NANOS,
    OFFSET_MAX,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    make_date,
    months_between,
)
from clearance.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time


@builtin("date(from: string)")
def date_of_text(text: str) -> Date:
    value = parse_date(text)
    if value is None:
        raise Refused(f"{text!r} is no date; write YYYY-MM-DD")
    return value


@builtin("date(from: day)")
def date_of_day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("date(year: number, month: number, day: number)")
def date_of_parts(year: numbers.Number, month: numbers.Number, day: numbers.Number) -> Date:
    parts = (numbers.whole(year), numbers.whole(month), numbers.whole(day))
    if parts[0] is not None and parts[1] is not None and parts[2] is not None:
        value = make_date(parts[0], parts[1], parts[2])
        if value is not None:
            return value
    raise Refused("there is no such date")


@builtin("date and time(from: string)")
def date_time_of_text(text: str) -> DateTime:
    value = parse_date_time(text)
    if value is None:
        raise Refused(f"{text!r} is no date and time; write YYYY-MM-DDThh:mm:ss")
    return value


@builtin("date and time(from: day)")
def date_time_of_day(value: Date | DateTime) -> DateTime:
    return value if isinstance(value, DateTime) else DateTime(value, MIDNIGHT_UTC)


@builtin("date and time(date: day, time: time)")
def date_time_of_parts(date: Date | DateTime, time: Time) -> DateTime:
    return DateTime(date_of_day(date), time)


@builtin("time(from: string)")
def time_of_text(text: str) -> Time:
    value = parse_time(text)
    if value is None:
        raise Refused(f"{text!r} is no time; write hh:mm:ss")
    return value


@builtin("time(from: moment)")
def time_of_moment(value: Date | Time | DateTime) -> Time:
    """A date's time is midnight, UTC."""
    if isinstance(value, DateTime):
        return value.time
    return value if isinstance(value, Time) else MIDNIGHT_UTC


@builtin("time(hour: number, minute: number, second: number, offset?: days and time duration)")
def time_of_parts(
    hour: numbers.Number, minute: numbers.Number, second: numbers.Number, offset: DaysTime | None = None
) -> Time:
    hours, minutes = numbers.whole(hour), numbers.whole(minute)
    if hours is None or minutes is None or not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= second < 60):
        raise Refused("there is no such time of day")
    seconds, nanos = divmod(int(numbers.multiply(second, NANOS)), NANOS)
    zone = None
    if offset is not None:
        zone = offset.nanos // NANOS
        if abs(zone) > OFFSET_MAX:
            raise Refused("an offset lies between -PT14H and PT14H")
    return Time(hours, minutes, seconds, nanos, zone)


@builtin("duration(from: string)")
def duration_of_text(text: str) -> YearsMonths | DaysTime:
    value = parse_duration(text)
    if value is None:
        raise Refused(f"{text!r} is no duration; write it like P1Y2M or P3DT4H5M6S")
    return value


@builtin("years and months duration(from: day, to: day)")
def years_months_duration(start: Date | DateTime, end: Date | DateTime) -> YearsMonths:
    return YearsMonths(
        months_between(*(DateTime(each, Time(0, 0, 0)) if isinstance(each, Date) else each for each in (start, end)))
    )


@builtin("number(from: string, grouping separator?: string, decimal separator?: string)")
def number(text: str, grouping: str | None = None, point: str | None = None) -> numbers.Number:
    """Footnote 1 of Table 72; with the text alone (Camunda), the literal as it stands."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ",") or (grouping == point is not None):
        raise Refused(
            'number: the grouping separator is " ", "," or ".", the decimal separator "." or ",", and not the same'
        )
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        plain = plain.replace(".", "?").replace(",", ".")
    digits = plain[1:] if plain.startswith("-") else plain
    whole, _, fraction = digits.partition(".")
    valid = all(part.isascii() and part.isdigit() for part in (whole, fraction) if part)
    value = numbers.from_text(plain) if valid and (whole or fraction) and not digits.endswith(".") else None
    if value is None:
        raise Refused(f"{text!r} is no number")
    return value


@builtin("number(from: number)")
def number_of_number(value: numbers.Number) -> numbers.Number:
    return value


@builtin("string(from: any)", needs_run=True)
def string(run: Run, value: Any) -> str | None:
    return None if value is None else text_within(run, value)


@builtin("not(negand: any)")
def not_(value: Any) -> bool | None:
    """Table 51: null for everything but true and false."""
    return None if type(value) is not bool else not value


@builtin("is(value1: any, value2: any)", needs_run=True)
def is_(run: Run, left: Any, right: Any) -> bool:
    """Are the two the same element of the semantic domain? Parts are compared, zones included."""
    if numbers.is_number(left) and numbers.is_number(right):
        return bool(left == right)
    if type(left) is not type(right):
        return False
    run.spend(1)
    if type(left) is list:
        return len(left) == len(right) and all(is_(run, one, other) for one, other in zip(left, right, strict=True))
    if type(left) is dict:
        return left.keys() == right.keys() and all(is_(run, left[key], right[key]) for key in left)
    return bool(left == right)


@builtin("now()", needs_run=True)
def now(run: Run) -> DateTime:
    if run.now is None:
        raise Refused("now() needs a time; none was given to this evaluation")
    value: DateTime = run.now
    return value


@builtin("today()", needs_run=True)
def today(run: Run) -> Date:
    if run.now is None:
        raise Refused("today() needs a time; none was given to this evaluation")
    day: Date = run.now.date
    return day


_ENDPOINT_FUNCTIONS = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


@builtin("range(from: string)")
def range_(text: str) -> Range:
    """A range from its literal form; its endpoints are literals, nothing is evaluated."""
    try:
        node = parse_expression(text, tuple(_ENDPOINT_FUNCTIONS))
    except FeelSyntaxError as error:
        raise Refused(f"{text!r} is no range: {error}") from None
    if isinstance(node, tree.Interval):
        low, high = _endpoint(node.start), _endpoint(node.end)
        made = make_range(low, high, node.start_included, node.end_included)
        if made is not None:
            return made
    raise Refused(f"{text!r} is no range of two literals of one kind, in order")


def _endpoint(node: tree.Node) -> Any:
    if isinstance(node, tree.Literal):
        return node.value
    if isinstance(node, tree.Invocation) and isinstance(node.function, tree.Name) and len(node.arguments) == 1:
        parse: Any = _ENDPOINT_FUNCTIONS.get(node.function.name)
        argument = node.arguments[0]
        if parse is not None and isinstance(argument, tree.Literal) and type(argument.value) is str:
            return parse(argument.value)
    return None
