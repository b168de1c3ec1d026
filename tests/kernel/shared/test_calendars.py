"""Business calendars: opening time is real time, also where the clocks change; nothing ever goes back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clearance.kernel.shared.calendars import BusinessCalendar
from clearance.model.definition import Calendar, WorkingHours

ALWAYS = BusinessCalendar(
    Calendar(
        name="always",
        time_zone="Europe/Berlin",
        hours=tuple(WorkingHours(day=day, start="00:00", end="24:00") for day in range(1, 8)),
    )
)
OFFICE = BusinessCalendar(
    Calendar(
        name="office",
        time_zone="Europe/Berlin",
        hours=tuple(
            WorkingHours(day=day, start=a, end=b)
            for day in range(1, 6)
            for a, b in (("09:00", "13:00"), ("12:00", "17:00"))
        ),
        holidays=("--12-25", "2026-04-06"),
    )
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
DURATIONS = st.integers(0, 5 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(MOMENTS, DURATIONS)
def test_where_it_is_always_open_opening_time_is_time(moment: datetime, duration: timedelta) -> None:
    assert ALWAYS.after_open_time(moment, duration) == moment + duration


@given(MOMENTS, DURATIONS, DURATIONS)
def test_waiting_twice_is_waiting_for_both(moment: datetime, first: timedelta, second: timedelta) -> None:
    once = OFFICE.after_open_time(moment, first + second)
    assert OFFICE.after_open_time(OFFICE.after_open_time(moment, first), second) in (once, OFFICE.next_opening(once))
    assert once >= OFFICE.next_opening(moment) >= moment


@given(MOMENTS, MOMENTS, DURATIONS)
def test_who_begins_later_is_not_done_earlier(one: datetime, other: datetime, duration: timedelta) -> None:
    earlier, later = sorted((one, other))
    assert OFFICE.after_open_time(earlier, duration) <= OFFICE.after_open_time(later, duration)


@given(MOMENTS)
def test_it_opens_in_its_hours_only(moment: datetime) -> None:
    local = OFFICE.next_opening(moment).astimezone(OFFICE.zone)
    assert local.isoweekday() <= 5
    assert 9 <= local.hour < 17
    assert (local.month, local.day) != (12, 25)
    assert local.date().isoformat() != "2026-04-06"


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert ALWAYS.next_opening(second) == second
    assert ALWAYS.after_open_time(second - timedelta(hours=1), timedelta(hours=2)) == second + timedelta(hours=1)


def test_hours_that_overlap_count_once() -> None:
    monday = datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert OFFICE.after_open_time(monday, timedelta(hours=8)) == monday + timedelta(hours=8)
