"""Cron cycles: on events and on start events, with seconds, names and macros."""

from datetime import UTC, datetime

import pytest

from clearance.kernel.shared import times
from clearance.kernel.shared.calendars import BusinessCalendar
from clearance.kernel.working import Fault
from clearance.model import definition as d
from clearance.testing import Scenario

START = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
"""A Friday."""


def following(text: str, count: int = 3, calendar: BusinessCalendar | None = None) -> list[str]:
    """The next times, to the minute."""
    due, repetitions, interval = times.cycle(START, text, "timer", calendar)
    assert repetitions == -1
    found = []
    for _ in range(count):
        moment = datetime.fromtimestamp(due / 1000, UTC)
        found.append(moment.strftime("%m-%d %H:%M:%S"))
        again = times.next_time(moment, moment, interval, calendar, "timer")
        assert again is not None
        due = again
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 9 * * MON-FRI", ["02-02 09:00:00", "02-03 09:00:00", "02-04 09:00:00"]),
        ("*/20 * * * * *", ["01-30 12:00:20", "01-30 12:00:40", "01-30 12:01:00"]),
        ("0 0/30 12 * * ?", ["01-30 12:30:00", "01-31 12:00:00", "01-31 12:30:00"]),
        ("0 0 0 L * *", ["01-31 00:00:00", "02-28 00:00:00", "03-31 00:00:00"]),
        ("0 0 0 13 * FRI", ["02-13 00:00:00", "03-13 00:00:00", "11-13 00:00:00"]),
        ("0 8 * * *", ["01-31 08:00:00", "02-01 08:00:00", "02-02 08:00:00"]),
        ("@daily", ["01-31 00:00:00", "02-01 00:00:00", "02-02 00:00:00"]),
        ("@hourly", ["01-30 13:00:00", "01-30 14:00:00", "01-30 15:00:00"]),
        ("@monthly", ["02-01 00:00:00", "03-01 00:00:00", "04-01 00:00:00"]),
    ],
)
def test_it_is_due_when_it_says(text: str, expected: list[str]) -> None:
    assert following(text) == expected


def test_in_the_time_zone_of_its_calendar_and_when_that_is_open() -> None:
    calendar = BusinessCalendar(d.Calendar(name="office", time_zone="Europe/Berlin", holidays=("2026-02-02",)))
    assert following("0 0 9 * * *", 2, calendar) == ["02-02 23:00:00", "02-03 08:00:00"]


@pytest.mark.parametrize("text", ["", "every day", "0 0 25 * * *", "* * *", "R5/", "@sometimes"])
def test_what_is_neither_is_one_message(text: str) -> None:
    with pytest.raises(Fault, match="timer"):
        times.cycle(START, text, "timer")


def test_a_process_starts_by_it_again_and_again() -> None:
    scenario = Scenario(start=START)
    start = d.StartEvent(id="s", definition=d.TimerDefinition(cycle="0 0 9 * * MON-FRI"))
    end = d.EndEvent(id="e")
    scenario.deploy(d.Process(id="p", elements=(start, end), flows=(d.Flow(id="f", source="s", target="e"),)))
    scenario.advance("P7D")
    assert len(scenario.runs) == 5


def test_an_event_on_the_border_repeats_by_it_until_its_activity_ends() -> None:
    scenario = Scenario(start=START)
    event = d.BoundaryEvent(
        id="b", attached_to="a", interrupting=False, definition=d.TimerDefinition(cycle="0 0 * * * *")
    )
    task = d.ServiceTask(id="a", job=d.JobDefinition(type="a"))
    flows = (d.Flow(id="f1", source="s", target="a"), d.Flow(id="f2", source="b", target="e"))
    elements = (d.StartEvent(id="s"), task, event, d.EndEvent(id="e"))
    scenario.deploy(d.Process(id="p", elements=elements, flows=flows))
    run = scenario.start("p")
    scenario.advance("PT3H30M")
    scenario.complete_job("a")
    scenario.advance("PT3H")
    assert run.path.count("b") == 3
