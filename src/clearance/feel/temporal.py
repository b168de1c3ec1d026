"""FEEL's dates, times and durations, over the whole range of the standard (10.3.2.3.4 to 10.3.2.3.8).

Python's own ``datetime`` stops at year 9999 and at microseconds, and knows no time of day with a zone name, so these
are ours: the proleptic Gregorian calendar for the years -999,999,999 to 999,999,999, nanoseconds, and a zone that is
nothing (local), an offset in seconds, or an IANA name. The values are plain frozen data: ``==`` compares the parts,
as FEEL's ``is()`` does; FEEL's ``=`` and ``<`` are in ``operators.py``. Text in and out is in ``temporal_text.py``.
"""

import functools
import zoneinfo
from datetime import datetime, timedelta

import msgspec

YEAR_MAX = 999_999_999
NANOS = 1_000_000_000
"""Nanoseconds in a second."""
DAY_SECONDS = 86_400
DAY_NANOS = DAY_SECONDS * NANOS
OFFSET_MAX = 14 * 3600
"""Seconds: an offset lies within 14 hours of UTC (Table 66)."""

Zone = str | int | None
"""An IANA name, an offset from UTC in seconds, or None for a local time."""


class Date(msgspec.Struct, frozen=True):
    """A day of the Gregorian calendar."""

    year: int
    month: int
    day: int


class Time(msgspec.Struct, frozen=True):
    """A time of day."""

    hour: int
    minute: int
    second: int
    nanos: int = 0
    zone: Zone = None


class DateTime(msgspec.Struct, frozen=True):
    """A date with a time of day; the zone is the time's."""

    date: Date
    time: Time


class YearsMonths(msgspec.Struct, frozen=True):
    """A years and months duration."""

    months: int


class DaysTime(msgspec.Struct, frozen=True):
    """A days and time duration."""

    nanos: int


MIDNIGHT_UTC = Time(0, 0, 0, 0, 0)


def month_days(year: int, month: int) -> int:
    """How many days the month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> Date | None:
    """The date, or None when there is no such day."""
    if -YEAR_MAX <= year <= YEAR_MAX and 1 <= month <= 12 and 1 <= day <= month_days(year, month):
        return Date(year, month, day)
    return None


def day_number(date: Date) -> int:
    """Days since 1970-01-01, counted in eras of 400 years that begin in March (so that leap days come last)."""
    year = date.year - (date.month <= 2)
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((date.month + 9) % 12) + 2) // 5 + date.day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def date_of(number: int) -> Date | None:
    """The inverse of :func:`day_number`; None outside the range of years."""
    era, day_of_era = divmod(number + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    month = month_index + 3 if month_index < 10 else month_index - 9
    year = year_of_era + era * 400 + (month <= 2)
    if not -YEAR_MAX <= year <= YEAR_MAX:
        return None
    return Date(year, month, day_of_year - (153 * month_index + 2) // 5 + 1)


def weekday(date: Date) -> int:
    """1 is Monday, 7 is Sunday."""
    return (day_number(date) + 3) % 7 + 1


def day_of_year(date: Date) -> int:
    """1 to 366."""
    return day_number(date) - day_number(Date(date.year, 1, 1)) + 1


def week_of_year(date: Date) -> int:
    """The week's number by ISO 8601: the week belongs to the year that holds its Thursday."""
    thursday = day_number(date) - weekday(date) + 4
    first = date_of(thursday)
    return 1 if first is None else (day_of_year(first) - 1) // 7 + 1


def add_months(date: Date, months: int) -> Date | None:
    """The date so many months later; its day is kept within the month's length, as in XML Schema's addition."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not -YEAR_MAX <= year <= YEAR_MAX:
        return None
    return Date(year, month + 1, min(date.day, month_days(year, month + 1)))


def time_nanos(time: Time) -> int:
    """Nanoseconds since midnight, by the time's own clock."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * NANOS + time.nanos


def time_of(nanos: int, zone: Zone) -> Time:
    """The inverse of :func:`time_nanos`; whole days are dropped."""
    seconds, rest = divmod(nanos % DAY_NANOS, NANOS)
    minutes, second = divmod(seconds, 60)
    return Time(*divmod(minutes, 60), second, rest, zone)


@functools.lru_cache(maxsize=1024)
def zone_info(name: str) -> zoneinfo.ZoneInfo | None:
    """The IANA zone, or None when there is none of that name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_at(zone: Zone, day: int, nanos: int) -> int | None:
    """The zone's offset in seconds at a local day number and time; None for a local time."""
    if zone is None or isinstance(zone, int):
        return zone
    info, local = zone_info(zone), _python_time(day, nanos)
    return None if info is None or local is None else _seconds(local.replace(tzinfo=info).utcoffset())


def _offset_at_instant(info: zoneinfo.ZoneInfo, nanos: int) -> int | None:
    """The zone's offset in seconds at nanoseconds since 1970 in UTC."""
    universal = _python_time(*divmod(nanos, DAY_NANOS))
    return None if universal is None else _seconds(info.fromutc(universal.replace(tzinfo=info)).utcoffset())


def _python_time(day: int, nanos: int) -> datetime | None:
    """A day and time for Python's zone rules; years that these do not reach stand for a like one, 400 years or a
    multiple away."""
    date = date_of(day)
    if date is None:
        return None
    year = date.year
    if not 2 <= year <= 9997:
        year = year % 400 + (9200 if year > 9997 else 400)
    return datetime(year, date.month, date.day) + timedelta(microseconds=nanos // 1000)


def _seconds(offset: timedelta | None) -> int | None:
    return None if offset is None else int(offset.total_seconds())


def date_time_offset(value: DateTime) -> int | None:
    """The offset from UTC in seconds; None for a local date and time."""
    return offset_at(value.time.zone, day_number(value.date), time_nanos(value.time))


def time_offset(value: Time) -> int | None:
    """The offset from UTC in seconds; a zone name without a date takes its offset of 1970-01-01."""
    return offset_at(value.zone, 0, time_nanos(value))


def local_nanos(value: DateTime) -> int:
    """Nanoseconds since 1970-01-01T00:00:00, both by the value's own clock."""
    return day_number(value.date) * DAY_NANOS + time_nanos(value.time)


def date_time_of(nanos: int, zone: Zone) -> DateTime | None:
    """The inverse of :func:`local_nanos`; None outside the range of years."""
    day, rest = divmod(nanos, DAY_NANOS)
    date = date_of(day)
    return None if date is None else DateTime(date, time_of(rest, zone))


def shift(value: DateTime, nanos: int) -> DateTime | None:
    """The instant so much later, told by the same zone's clock (a day of daylight saving has 23 or 25 hours)."""
    zone = value.time.zone
    moved = local_nanos(value) + nanos
    offset = date_time_offset(value)
    info = zone_info(zone) if isinstance(zone, str) else None
    if info is None or offset is None:
        return date_time_of(moved, zone)
    instant = moved - offset * NANOS
    there = _offset_at_instant(info, instant)
    return None if there is None else date_time_of(instant + there * NANOS, zone)


def months_between(start: DateTime, end: DateTime) -> int:
    """Whole months from one to the other, towards zero."""
    if local_nanos(end) < local_nanos(start):
        return -months_between(end, start)
    months = (end.date.year - start.date.year) * 12 + end.date.month - start.date.month
    after = (end.date.day, time_nanos(end.time)) < (start.date.day, time_nanos(start.time))
    return months - after
