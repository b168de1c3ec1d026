"""Dates, times and durations as text: XML Schema's lexical forms, with ``@`` and an IANA name for a zone (10.3.4.1).

The parsers return None for text that does not denote a value; the printers give the canonical form, so that parsing
what was printed gives an equal value.
"""

import re
from decimal import Decimal

from clearance.feel import numbers
from clearance.feel.temporal import (
    DAY_NANOS,
    NANOS,
    OFFSET_MAX,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    Zone,
    date_of,
    day_number,
    make_date,
    zone_info,
)

Temporal = Date | Time | DateTime | YearsMonths | DaysTime
TEMPORAL_TYPES = (Date, Time, DateTime, YearsMonths, DaysTime)

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@(\S+))?"
)
_DAYS_TIME = re.compile(
    r"(-?)P(?:([0-9]+)D)?(T)?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?", flags=re.ASCII
)
_YEARS_MONTHS = re.compile(r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?", flags=re.ASCII)


def parse_date(text: str) -> Date | None:
    """A date string."""
    match = _DATE.fullmatch(text)
    return make_date(int(match[1]), int(match[2]), int(match[3])) if match else None


def parse_time(text: str) -> Time | None:
    """A time string; ``24:00:00`` is midnight."""
    parsed = _parse_time(text)
    return parsed[0] if parsed else None


def parse_date_time(text: str) -> DateTime | None:
    """A date and time string; a date string alone is its midnight, local."""
    day, separator, clock = text.partition("T")
    date = parse_date(day)
    if date is None or not separator:
        return None if date is None else DateTime(date, Time(0, 0, 0))
    parsed = _parse_time(clock)
    if parsed is None:
        return None
    time, next_day = parsed
    if next_day:
        following = date_of(day_number(date) + 1)
        return None if following is None else DateTime(following, time)
    return DateTime(date, time)


def _parse_time(text: str) -> tuple[Time, bool] | None:
    """The time and whether it was 24:00:00, the end of the day."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = int((match[4] or "0")[:9].ljust(9, "0"))
    end_of_day = (hour, minute, second, nanos) == (24, 0, 0, 0)
    if (hour > 23 and not end_of_day) or minute > 59 or second > 59:
        return None
    zone: Zone = None
    if match[5]:
        zone = 0
    elif match[6]:
        zone = (int(match[7]) * 60 + int(match[8])) * 60 + int(match[9] or 0)
        if zone > OFFSET_MAX or int(match[8]) > 59 or int(match[9] or 0) > 59:
            return None
        zone = -zone if match[6] == "-" else zone
    elif match[10]:
        if zone_info(match[10]) is None:
            return None
        zone = match[10]
    return Time(0 if end_of_day else hour, minute, second, nanos, zone), end_of_day


def parse_duration(text: str) -> YearsMonths | DaysTime | None:
    """A duration string of either kind."""
    if len(text) > 100:
        return None
    match = _YEARS_MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME.fullmatch(text)
    if not match:
        return None
    has_clock = bool(match[4] or match[5] or match[6])
    if bool(match[3]) != has_clock or not (match[2] or has_clock):
        return None
    seconds = ((int(match[2] or 0) * 24 + int(match[4] or 0)) * 60 + int(match[5] or 0)) * 60 + int(match[6] or 0)
    nanos = seconds * NANOS + int((match[7] or "")[:9].ljust(9, "0"))
    return DaysTime(-nanos if match[1] else nanos)


def parse_literal(text: str) -> Temporal | None:
    """What an at literal (``@"..."``) denotes."""
    return (
        parse_date(text) or parse_time(text) or (parse_date_time(text) if "T" in text else None) or parse_duration(text)
    )


def to_text(value: Temporal) -> str:
    """The canonical text, as FEEL's ``string()`` gives it."""
    if isinstance(value, Date):
        return date_text(value)
    if isinstance(value, Time):
        return time_text(value)
    if isinstance(value, DateTime):
        return f"{date_text(value.date)}T{time_text(value.time)}"
    if isinstance(value, YearsMonths):
        return _years_months_text(value)
    return _days_time_text(value)


def date_text(value: Date) -> str:
    """``2024-02-29``; years have at least four digits."""
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def time_text(value: Time) -> str:
    """``10:30:00``, ``10:30:00.5Z``, ``10:30:00+02:00``, ``10:30:00@Europe/Paris``."""
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_fraction(value.nanos)}"
    if value.zone is None:
        return text
    return f"{text}@{value.zone}" if isinstance(value.zone, str) else text + offset_text(value.zone)


def offset_text(seconds: int) -> str:
    """``Z``, ``+02:00`` or, with seconds, ``-02:45:55``."""
    if not seconds:
        return "Z"
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def seconds_number(nanos: int) -> numbers.Number:
    """Nanoseconds as a FEEL number of seconds."""
    whole, rest = divmod(nanos, NANOS)
    return numbers.rounded(whole) if not rest else numbers.CONTEXT.divide(Decimal(nanos), Decimal(NANOS))


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _years_months_text(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-P" if value.months < 0 else "P") + (text or "0M")


def _days_time_text(value: DaysTime) -> str:
    days, rest = divmod(abs(value.nanos), DAY_NANOS)
    seconds, nanos = divmod(rest, NANOS)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    clock = (f"{hours}H" if hours else "") + (f"{minute}M" if minute else "")
    if second or nanos:
        clock += f"{second}{_fraction(nanos)}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-P" if value.nanos < 0 else "P") + (text or "T0S")
