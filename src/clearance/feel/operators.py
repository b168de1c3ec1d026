"""What operators mean on values (Tables 52 to 62): equality, order and arithmetic, with null for what is undefined.

The compiler inlines the common cases on numbers and strings; everything else comes here.
"""

import decimal
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clearance.feel import numbers
from clearance.feel.problems import LimitReached, Run
from clearance.feel.ranges import Range
from clearance.feel.temporal import (
    DAY_NANOS,
    MIDNIGHT_UTC,
    NANOS,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    add_months,
    date_of,
    date_time_offset,
    day_number,
    local_nanos,
    shift,
    time_nanos,
    time_of,
    time_offset,
)

_PLAIN = frozenset({str, int, bool, Decimal, type(None), Date, DaysTime, YearsMonths})
"""Types whose values FEEL compares for equality as Python does."""
_COMPARED_MAX = 500_000
"""Elements that one comparison may visit: lists may share parts, and then have more elements than memory holds."""


def equal(left: Any, right: Any) -> bool | None:
    """Table 53; null for values of different kinds."""
    kind = type(left)
    if kind is type(right) and kind in _PLAIN:
        return bool(left == right)
    return _equal(left, right, [_COMPARED_MAX])


def equal_within(run: Run | None, left: Any, right: Any) -> bool | None:
    """As :func:`equal`, counting as steps the elements that are compared."""
    if run is None or type(left) not in (list, dict):
        return equal(left, right)
    budget = [_COMPARED_MAX]
    result = _equal(left, right, budget)
    run.spend(_COMPARED_MAX - budget[0])
    return result


def _equal(left: Any, right: Any, budget: list[int]) -> bool | None:
    if left is None or right is None:
        return left is right
    kind = type(left)
    if numbers.is_number(left) and numbers.is_number(right):
        return left == right
    if kind is not type(right):
        return None if not (callable(getattr(left, "call", None)) and callable(getattr(right, "call", None))) else False
    if kind in _PLAIN:
        return bool(left == right)
    if kind is list:
        return len(left) == len(right) and _all_equal(zip(left, right, strict=True), budget)
    if kind is dict:
        return left.keys() == right.keys() and _all_equal(((left[key], right[key]) for key in left), budget)
    if kind is Range:
        flags = (left.start_included, left.end_included) == (right.start_included, right.end_included)
        return flags and _all_equal(((left.start, right.start), (left.end, right.end)), budget)
    if kind is Time:
        return _same_moment(left, right, time_nanos, time_offset)
    if kind is DateTime:
        return _same_moment(left, right, local_nanos, date_time_offset)
    return left is right


def _all_equal(pairs: Any, budget: list[int]) -> bool | None:
    """Ternary conjunction over the pairs."""
    result: bool | None = True
    for left, right in pairs:
        budget[0] -= 1
        if budget[0] < 0:
            raise LimitReached(f"a comparison of more than {_COMPARED_MAX:,} elements")
        same = _equal(left, right, budget)
        if same is False:
            return False
        result = result and same
    return result


def _same_moment(left: Any, right: Any, nanos: Callable[[Any], int], offset: Callable[[Any], int | None]) -> bool:
    """Local times equal local times, times with an offset one another; a local time equals none with an offset."""
    one, other = offset(left), offset(right)
    if one is None or other is None:
        return one is other and nanos(left) == nanos(right)
    return nanos(left) - one * NANOS == nanos(right) - other * NANOS


def order(left: Any, right: Any) -> int | None:
    """Negative, 0 or positive as Table 54 orders the values; None where it does not."""
    kind = type(left)
    if numbers.is_number(left):
        return _sign(left, right) if numbers.is_number(right) else None
    if kind is not type(right):
        return None
    if kind is str:
        return _sign(left, right)
    if kind is Date:
        return _sign((left.year, left.month, left.day), (right.year, right.month, right.day))
    if kind is DaysTime:
        return _sign(left.nanos, right.nanos)
    if kind is YearsMonths:
        return _sign(left.months, right.months)
    if kind is DateTime:
        return _moments(left, right, local_nanos, date_time_offset)
    if kind is Time:
        return _moments(left, right, time_nanos, time_offset)
    return None


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _moments(left: Any, right: Any, nanos: Callable[[Any], int], offset: Callable[[Any], int | None]) -> int:
    """A value without an offset takes that of the other."""
    one, other = offset(left), offset(right)
    if one is None or other is None:
        return _sign(nanos(left), nanos(right))
    return _sign(nanos(left) - one * NANOS, nanos(right) - other * NANOS)


def less(left: Any, right: Any) -> bool | None:
    """``left < right``."""
    sign = order(left, right)
    return None if sign is None else sign < 0


def less_or_equal(left: Any, right: Any) -> bool | None:
    """``left < right or left = right``."""
    sign = order(left, right)
    return None if sign is None else sign < 0 or equal(left, right)


COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": lambda left, right: None if (same := equal(left, right)) is None else not same,
    "<": less,
    "<=": less_or_equal,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: less_or_equal(right, left),
}
PLAIN_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""The same for two numbers or two strings."""


def both(left: bool | None, right: bool | None) -> bool | None:
    """Ternary conjunction (Table 50)."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def contains(range_: Range, value: Any) -> bool | None:
    """``value in range`` (Table 55)."""
    result: bool | None = True
    if range_.start is not None or not range_.single:
        result = COMPARE[">=" if range_.start_included else ">"](value, range_.start)
    if result is not False and (range_.end is not None or not range_.single):
        result = both(result, COMPARE["<=" if range_.end_included else "<"](value, range_.end))
    return result


def calculate(symbol: str, left: Any, right: Any) -> Any:
    """The value of an arithmetic operation (Tables 56 to 60), null where it is undefined."""
    try:
        if numbers.is_number(left) and numbers.is_number(right):
            return _ON_NUMBERS[symbol](left, right)
        operation = _OPERATIONS.get((symbol, type(left), type(right)))
        return None if operation is None else operation(left, right)
    except decimal.DecimalException:
        return None


def negate(value: Any) -> Any:
    """``-value``."""
    if numbers.is_number(value):
        return numbers.subtract(0, value)
    if type(value) is DaysTime:
        return DaysTime(-value.nanos)
    return YearsMonths(-value.months) if type(value) is YearsMonths else None


_ON_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "**": numbers.power,
}


def _date_months(date: Date, duration: YearsMonths, sign: int = 1) -> Date | None:
    return add_months(date, sign * duration.months)


def _date_days(date: Date, duration: DaysTime, sign: int = 1) -> Date | None:
    return date_of((day_number(date) * DAY_NANOS + sign * duration.nanos) // DAY_NANOS)


def _date_time_months(value: DateTime, duration: YearsMonths, sign: int = 1) -> DateTime | None:
    date = add_months(value.date, sign * duration.months)
    return None if date is None else DateTime(date, value.time)


def _date_time_days(value: DateTime, duration: DaysTime, sign: int = 1) -> DateTime | None:
    return shift(value, sign * duration.nanos)


def _time_days(value: Time, duration: DaysTime, sign: int = 1) -> Time:
    return time_of(time_nanos(value) + sign * duration.nanos, value.zone)


def _between_moments(left: DateTime, right: DateTime) -> DaysTime | None:
    one, other = date_time_offset(left), date_time_offset(right)
    if (one is None) != (other is None):
        return None
    return DaysTime(local_nanos(left) - local_nanos(right) - ((one or 0) - (other or 0)) * NANOS)


def _between_times(left: Time, right: Time) -> DaysTime | None:
    one, other = time_offset(left), time_offset(right)
    if (one is None) != (other is None):
        return None
    return DaysTime(time_nanos(left) - time_nanos(right) - ((one or 0) - (other or 0)) * NANOS)


def _midnight(date: Date) -> DateTime:
    return DateTime(date, MIDNIGHT_UTC)


def _times_months(duration: YearsMonths, number: numbers.Number) -> YearsMonths:
    """A fraction of a month is dropped."""
    return YearsMonths(int(numbers.multiply(duration.months, number)))


def _times_days(duration: DaysTime, number: numbers.Number) -> DaysTime:
    """A fraction of a nanosecond is dropped."""
    return DaysTime(int(numbers.multiply(duration.nanos, number)))


_OPERATIONS: dict[tuple[str, type, type], Callable[[Any, Any], Any]] = {
    ("+", str, str): operator.add,
    ("+", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months + right.months),
    ("-", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months - right.months),
    ("+", DaysTime, DaysTime): lambda left, right: DaysTime(left.nanos + right.nanos),
    ("-", DaysTime, DaysTime): lambda left, right: DaysTime(left.nanos - right.nanos),
    ("-", DateTime, DateTime): _between_moments,
    ("-", Date, Date): lambda left, right: DaysTime((day_number(left) - day_number(right)) * DAY_NANOS),
    ("-", Date, DateTime): lambda left, right: _between_moments(_midnight(left), right),
    ("-", DateTime, Date): lambda left, right: _between_moments(left, _midnight(right)),
    ("-", Time, Time): _between_times,
    ("/", YearsMonths, YearsMonths): lambda left, right: numbers.divide(left.months, right.months),
    ("/", DaysTime, DaysTime): lambda left, right: numbers.divide(Decimal(left.nanos), Decimal(right.nanos)),
}


def _moves(move: Callable[..., Any]) -> dict[str, Callable[[Any, Any], Any]]:
    """Forward by addition, in either order, and back by subtraction."""
    return {
        "+": move,
        "+ reversed": lambda left, right: move(right, left),
        "-": lambda left, right: move(left, right, -1),
    }


def _register() -> None:
    moments: list[tuple[type, type, Callable[..., Any]]] = [
        (Date, YearsMonths, _date_months),
        (Date, DaysTime, _date_days),
        (DateTime, YearsMonths, _date_time_months),
        (DateTime, DaysTime, _date_time_days),
        (Time, DaysTime, _time_days),
    ]
    for moment, duration, move in moments:
        moves = _moves(move)
        _OPERATIONS["+", moment, duration] = moves["+"]
        _OPERATIONS["+", duration, moment] = moves["+ reversed"]
        _OPERATIONS["-", moment, duration] = moves["-"]
    for number in (int, Decimal):
        _OPERATIONS["*", YearsMonths, number] = _times_months
        _OPERATIONS["*", number, YearsMonths] = lambda left, right: _times_months(right, left)
        _OPERATIONS["/", YearsMonths, number] = lambda left, right: YearsMonths(int(numbers.divide(left.months, right)))
        _OPERATIONS["*", DaysTime, number] = _times_days
        _OPERATIONS["*", number, DaysTime] = lambda left, right: _times_days(right, left)
        _OPERATIONS["/", DaysTime, number] = lambda left, right: DaysTime(int(numbers.divide(left.nanos, right)))


_register()
