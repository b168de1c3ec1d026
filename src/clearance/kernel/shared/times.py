"""When timers are due: ISO 8601 dates, durations and repeating intervals, and cron (10.5.5; ISO 8601-1:2019, 5.5, 5.6).

A cycle may be a cron expression with six fields, seconds first, as Camunda 8 has it, with five, or one of the macros
``@yearly``, ``@annually``, ``@monthly``, ``@weekly``, ``@daily``, ``@midnight`` and ``@hourly``. Both days of the month
and days of the week must fit. A timer that names a business calendar is reckoned by it (``calendars.py``), in its time
zone; all others are in UTC unless they say otherwise.

A cycle keeps its rhythm. What it has missed, because its start lies in the past, the engine was down or the instance
suspended, happens once, as soon as that is noticed, and counts as one of its repetitions; the next time is the first of
its rhythm that is not over. The standard says nothing about it; Camunda 8 catches up once, too, but then moves the
rhythm.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from clearance.kernel.shared.calendars import BusinessCalendar, CalendarError
from clearance.kernel.working import Fault

Calendars = Mapping[str, BusinessCalendar]
Schedule = tuple[int, int, str]
"""First due time (milliseconds since 1970), repetitions (-1 without end, 0 none) and what repeats it."""

_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_TICK = timedelta(milliseconds=1)
_STEPS_MAX = 10_000
"""Steps of a cycle by the calendar that are caught up with: more than 800 years of months."""
_ZONE_NAME = re.compile(r"\[([^\]]+)\]$")


def schedule(moment: datetime, written: Mapping[str, str], calendars: Calendars, what: str) -> Schedule:
    """What a timer says with ``timer.date``, ``timer.duration`` or ``timer.cycle`` and perhaps ``timer.calendar``."""
    business = _business(written.get("timer.calendar", ""), calendars, what)
    if "timer.date" in written:
        return _opening(due_date(written["timer.date"], what), business, what), 1, ""
    if "timer.duration" in written:
        return after(moment, written["timer.duration"], what, business), 1, ""
    if "timer.cycle" in written:
        return cycle(moment, written["timer.cycle"], what, business)
    raise Fault("timer", f"{what} has no date, duration or cycle")


def next_time(
    due: datetime, moment: datetime, interval: str, business: BusinessCalendar | None, what: str
) -> int | None:
    """When a cycle that was due, and has happened by ``moment``, is due again; None when never."""
    if not interval.startswith("P"):
        return _cron(max(due, moment - _TICK), interval, business, what)
    interval, _, end = interval.partition("/")
    following = _in_rhythm(due, moment, interval, business, what)
    return None if end and following > int(end) else following


def _in_rhythm(due: datetime, moment: datetime, interval: str, business: BusinessCalendar | None, what: str) -> int:
    """The first time that is not over; by a calendar that takes steps, and after too many it begins anew."""
    now = round(moment.timestamp() * 1000)
    following = after(due, interval, what, business)
    if following >= now:
        return following
    if business is None and not _by_calendar(interval):
        length = following - round(due.timestamp() * 1000)
        return following + -((following - now) // length) * length
    for _ in range(_STEPS_MAX):
        following = after(datetime.fromtimestamp(following / 1000, UTC), interval, what, business)
        if following >= now:
            return following
    return after(moment, interval, what, business)


def _by_calendar(interval: str) -> bool:
    """Whether the duration has years or months, whose lengths differ."""
    match = _DURATION.fullmatch(interval.strip())
    return match is not None and bool(match["years"] or match["months"])


def due_date(text: str, what: str) -> int:
    """Milliseconds since 1970 of a date-time; a date alone is its midnight, no zone is UTC.

    A zone name in brackets counts where the text has no offset, as in ``2026-03-01T09:00:00[Europe/Berlin]``.
    """
    named = _ZONE_NAME.search(text.strip())
    try:
        moment = datetime.fromisoformat(_ZONE_NAME.sub("", text.strip()))
        zone = ZoneInfo(named[1]) if named else UTC
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 date-time such as 2026-03-01T09:00:00Z') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return round(moment.timestamp() * 1000)


def after(moment: datetime, text: str, what: str, business: BusinessCalendar | None = None) -> int:
    """Milliseconds since 1970 of a moment plus an ISO 8601 duration; years and months go by the calendar."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or text.strip().endswith(("P", "T")):
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 duration such as P2D or PT15M')
    part = {name: float(value) for name, value in match.groupdict(default="0").items() if name != "sign"}
    sign = -1 if match["sign"] else 1
    try:
        clock = timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
        moved = _add_months(moment, sign * int(part["years"] * 12 + part["months"]))
        moved += sign * timedelta(weeks=part["weeks"])
        if business is None:
            moved += sign * (timedelta(days=part["days"]) + clock)
        elif sign < 0:
            raise Fault("timer", f'{what}: "{text}" goes back, which a business calendar cannot')
        else:
            moved = business.after_open_time(business.after_days(moved, int(part["days"])), clock)
            moved = business.next_opening(moved)
    except (OverflowError, ValueError) as error:
        why = str(error) if isinstance(error, CalendarError) else f'"{text}" from now is beyond the calendar'
        raise Fault("timer", f"{what}: {why}") from None
    return round(moved.timestamp() * 1000)


def cycle(moment: datetime, text: str, what: str, business: BusinessCalendar | None = None) -> Schedule:
    """``R5/PT10M``, ``R/P1D``, ``R3/<start>/PT1H``, ``R/PT1H/<end>`` or a cron expression."""
    text = text.strip()
    if not text.startswith("R"):
        return _cron(moment, text, business, what), -1, text
    parts = text.split("/")
    count = parts[0][1:]
    if len(parts) not in (2, 3) or (count and not count.isdigit()):
        raise Fault("timer", f'{what}: "{text}" is not an ISO 8601 repeating interval such as R3/PT10M')
    starts = len(parts) == 3 and not parts[1].startswith("P")
    interval = parts[-1] if starts else parts[1]
    if after(moment, interval, what) <= round(moment.timestamp() * 1000):
        raise Fault("timer", f'{what}: the interval of "{text}" must be longer than nothing')
    due = due_date(parts[1], what) if starts else after(moment, interval, what, business)
    repetitions = int(count) if count else -1
    if len(parts) == 3 and not starts:
        end = due_date(parts[2], what)
        return due, repetitions if due <= end else 0, f"{interval}/{end}"
    return _opening(due, business, what), repetitions, interval


def _cron(moment: datetime, text: str, business: BusinessCalendar | None, what: str) -> int:
    written = _MACROS.get(text, text).replace("?", "*")
    zone = business.zone if business is not None else UTC
    try:
        times = CronSim(written, moment.astimezone(zone))
        times.day_and = True
        due = round(next(times).timestamp() * 1000)
    except (CronSimError, StopIteration):
        raise Fault(
            "timer",
            f'{what}: "{text}" is neither an ISO 8601 repeating interval such as R3/PT10M nor a cron expression '
            "such as 0 0 9 * * MON-FRI",
        ) from None
    return _opening(due, business, what)


def _opening(due: int, business: BusinessCalendar | None, what: str) -> int:
    if business is None:
        return due
    try:
        return round(business.next_opening(datetime.fromtimestamp(due / 1000, UTC)).timestamp() * 1000)
    except CalendarError as error:
        raise Fault("timer", f"{what}: {error}") from None


def _business(name: str, calendars: Calendars, what: str) -> BusinessCalendar | None:
    if not name:
        return None
    if name not in calendars:
        known = ", ".join(sorted(calendars)) or "none"
        raise Fault("timer", f'{what}: the process has no calendar "{name}" (it has: {known})')
    return calendars[name]


def _add_months(moment: datetime, months: int) -> datetime:
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
