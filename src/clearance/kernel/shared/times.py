"""ISO 8601 dates, durations and repeating intervals, as timers have them (10.5.5; ISO 8601-1:2019, 5.5 and 5.6)."""

import calendar
import re
from datetime import UTC, datetime, timedelta

from clearance.kernel.working import Fault

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_ZONE_NAME = re.compile(r"\[[^\]]+\]$")


def due_date(text: str, what: str) -> int:
    """Milliseconds since 1970 of a date-time; a date alone is its midnight, no zone is UTC."""
    try:
        moment = datetime.fromisoformat(_ZONE_NAME.sub("", text.strip()))
    except ValueError:
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 date-time such as 2026-03-01T09:00:00Z') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def after(moment: datetime, text: str, what: str) -> int:
    """Milliseconds since 1970 of a moment plus an ISO 8601 duration; years and months go by the calendar."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or text.strip().endswith(("P", "T")):
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 duration such as P2D or PT15M')
    part = {name: float(value) for name, value in match.groupdict(default="0").items() if name != "sign"}
    sign = -1 if match["sign"] else 1
    try:
        moved = _add_months(moment, sign * int(part["years"] * 12 + part["months"]))
        moved += sign * timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except (OverflowError, ValueError):
        raise Fault("timer", f'{what}: "{text}" from now is beyond the calendar') from None
    return round(moved.timestamp() * 1000)


def cycle(moment: datetime, text: str, what: str) -> tuple[int, int, str]:
    """First due time, repetitions (-1 without end) and interval of ``R5/PT10M``, ``R/P1D`` or ``R3/<start>/PT1H``."""
    parts = text.strip().split("/")
    count = parts[0][1:]
    if not parts[0].startswith("R") or len(parts) not in (2, 3) or (count and not count.isdigit()):
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 repeating interval such as R3/PT10M')
    interval = parts[-1]
    if after(moment, interval, what) <= round(moment.timestamp() * 1000):
        raise Fault("timer", f'{what}: the interval of "{text}" must be longer than nothing')
    due = due_date(parts[1], what) if len(parts) == 3 else after(moment, interval, what)
    return due, int(count) if count else -1, interval


def _add_months(moment: datetime, months: int) -> datetime:
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
