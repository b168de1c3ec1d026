"""Temporal functions (10.3.4.7, Table 79)."""

from clearance.feel import temporal
from clearance.feel.builtins.registry import builtin
from clearance.feel.temporal import Date, DateTime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _date(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year(date: day)")
def day_of_year(value: Date | DateTime) -> int:
    return temporal.day_of_year(_date(value))


@builtin("day of week(date: day)")
def day_of_week(value: Date | DateTime) -> str:
    return _DAYS[temporal.weekday(_date(value)) - 1]


@builtin("month of year(date: day)")
def month_of_year(value: Date | DateTime) -> str:
    return _MONTHS[_date(value).month - 1]


@builtin("week of year(date: day)")
def week_of_year(value: Date | DateTime) -> int:
    return temporal.week_of_year(_date(value))
