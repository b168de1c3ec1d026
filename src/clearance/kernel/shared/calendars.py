"""Business calendars: time counts only while the business is open.

Days of a duration are working days, hours and minutes are opening time, weeks, months and years go by the calendar; the
result, like a date that is given, moves to the next opening when the business is closed then. Opening hours are local
time; what passes in them is real time, so a day on which the clocks change may be an hour longer or shorter.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clearance.model.definition import Calendar

_DAYS_MAX = 366 * 50
"""Nobody waits longer; a calendar that is never open is found out by then."""
_MIDNIGHT = timedelta(hours=24)

Hours = tuple[tuple[timedelta, timedelta], ...]
"""From and to, since local midnight, in order."""


class CalendarError(ValueError):
    """The calendar cannot be used; the message says what to mend."""


class BusinessCalendar:
    """A calendar of a process, ready to reckon with."""

    def __init__(self, calendar: Calendar) -> None:
        self.name = calendar.name
        try:
            self.zone = ZoneInfo(calendar.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise CalendarError(
                f'calendar "{calendar.name}": there is no time zone "{calendar.time_zone}": give one like Europe/Berlin'
            ) from error
        self._hours = self._weekly(calendar)
        self._holidays = {_holiday(calendar, text) for text in calendar.holidays}

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself when the business is open then, otherwise when it opens next."""
        for start, _ in self._open_from(moment):
            return start
        raise CalendarError(f'calendar "{self.name}" is never open: give it hours')

    def after_days(self, moment: datetime, days: int) -> datetime:
        """So many working days later, at the same time of day."""
        if not days:
            return moment
        local = moment.astimezone(self.zone)
        day, left = local.date(), days
        for _ in range(_DAYS_MAX):
            day += timedelta(days=1)
            left -= bool(self._open(day))
            if not left:
                return self._at(day, _since_midnight(local))
        raise CalendarError(f'calendar "{self.name}" is never open for {days} days: give it hours')

    def after_open_time(self, moment: datetime, duration: timedelta) -> datetime:
        """So much opening time later."""
        left = duration
        for start, end in self._open_from(moment):
            if left <= end - start:
                return start + left
            left -= end - start
        raise CalendarError(f'calendar "{self.name}" is not open for {duration}: give it hours')

    def _open_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When it is open from the moment on, in real time (UTC)."""
        now = moment.astimezone(UTC)
        day = moment.astimezone(self.zone).date()
        for _ in range(_DAYS_MAX):
            for hours in self._open(day):
                start, end = (self._at(day, since).astimezone(UTC) for since in hours)
                if now < end and start < end:
                    yield max(start, now), end
            day += timedelta(days=1)

    def _open(self, day: date) -> Hours:
        if day in self._holidays or (day.month, day.day) in self._holidays:
            return ()
        return self._hours.get(day.isoweekday(), ())

    def _at(self, day: date, since: timedelta) -> datetime:
        if since >= _MIDNIGHT:
            day, since = day + timedelta(days=1), since - _MIDNIGHT
        return datetime.combine(day, time(), self.zone) + since

    @staticmethod
    def _weekly(calendar: Calendar) -> dict[int, Hours]:
        if not calendar.hours:
            return dict.fromkeys(range(1, 6), ((timedelta(), _MIDNIGHT),))
        weekly: dict[int, Hours] = {}
        for hours in calendar.hours:
            span = (_clock(calendar, hours.start), _clock(calendar, hours.end))
            if not 1 <= hours.day <= 7 or span[0] >= span[1]:
                raise CalendarError(
                    f'calendar "{calendar.name}": day {hours.day} from {hours.start} to {hours.end} cannot be: days go '
                    "from 1 (Monday) to 7, and hours forward"
                )
            weekly[hours.day] = _joined((*weekly.get(hours.day, ()), span))
        return weekly


def _joined(spans: Hours) -> Hours:
    """In order, and those that overlap as one: no hour counts twice."""
    joined: list[tuple[timedelta, timedelta]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _since_midnight(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _clock(calendar: Calendar, text: str) -> timedelta:
    if text == "24:00":
        return _MIDNIGHT
    try:
        return _since_midnight(datetime.combine(date.min, time.fromisoformat(text)))
    except ValueError:
        raise CalendarError(f'calendar "{calendar.name}": "{text}" is no time of day such as 09:00') from None


def _holiday(calendar: Calendar, text: str) -> date | tuple[int, int]:
    try:
        if text.startswith("--"):
            day = date.fromisoformat(f"2000-{text[2:]}")
            return day.month, day.day
        return date.fromisoformat(text)
    except ValueError:
        raise CalendarError(f'calendar "{calendar.name}": "{text}" is no date such as 2026-12-24 or --12-25') from None
