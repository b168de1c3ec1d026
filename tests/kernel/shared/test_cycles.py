"""Cycles that have missed some of their times: they catch up once and keep their rhythm."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clearance.kernel.shared import times
from clearance.kernel.shared.calendars import BusinessCalendar
from clearance.model import commands
from clearance.model import definition as d
from clearance.model.events import TimerFired
from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, event, service, timer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""


def following(due: datetime, moment: datetime, interval: str, **more: Any) -> datetime | None:
    found = times.next_time(due, moment, interval, more.get("business"), "timer")
    return None if found is None else datetime.fromtimestamp(found / 1000, UTC)


def past_due(**ago: float) -> datetime:
    return NOON - timedelta(**ago)


def test_the_next_time_is_the_first_of_the_rhythm_that_is_not_over() -> None:
    assert following(NOON, NOON, "PT1H") == NOON + timedelta(hours=1)
    assert following(past_due(minutes=150), NOON, "PT1H") == NOON + timedelta(minutes=30)
    assert following(past_due(hours=3), NOON, "PT1H") == NOON, "what is due just now is not missed"
    assert following(past_due(days=365 * 300), NOON, "PT1S") == NOON


def test_months_are_taken_by_the_calendar_while_catching_up() -> None:
    assert following(datetime(2025, 11, 30, 9, tzinfo=UTC), NOON, "P1M") == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert following(datetime(1776, 7, 4, tzinfo=UTC), NOON, "P1Y") == datetime(2026, 7, 4, tzinfo=UTC)


def test_cron_skips_what_it_missed() -> None:
    assert following(past_due(days=3, hours=3), NOON, "0 0 9 * * *") == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert following(past_due(days=1), NOON, "0 0 12 * * *") == NOON, "what is due just now is not missed"


def test_a_cycle_that_ended_while_nobody_looked_is_over() -> None:
    end = round((NOON - timedelta(hours=1)).timestamp() * 1000)
    assert following(past_due(hours=5), NOON, f"PT1H/{end}") is None


def test_a_business_calendar_keeps_its_rhythm_and_begins_anew_after_a_very_long_time() -> None:
    office = BusinessCalendar(d.Calendar(name="office", hours=(d.WorkingHours(day=1, start="09:00", end="17:00"),)))
    assert following(past_due(days=21), NOON, "PT8H", business=office) == NOON
    assert following(past_due(days=365 * 40), NOON, "PT1M", business=office) == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["boundary", "start"])
def test_a_start_in_the_past_happens_at_once_and_then_in_its_rhythm(kind: str) -> None:
    scenario = Scenario(start=NOON + timedelta(minutes=7))
    cycle = timer("R4/2022-03-02T12:00:00Z/PT10M", "timeCycle")
    if kind == "start":
        scenario.deploy(bpmn(event("startEvent", "t", cycle) + END, "t -> e"))
    else:
        tick = boundary("tick", "work", cycle, interrupting=False)
        scenario.deploy(bpmn(START + service("work") + tick + END, "s -> work\nwork -> e\ntick -> e"))
        scenario.start("p")
        scenario.advance("PT0S")

    def happened() -> int:
        if kind == "start":
            return len(scenario.runs)
        return sum(isinstance(one, TimerFired) for one in scenario.runs[0].events)

    scenario.advance("PT1S")
    assert happened() == 1, "once, not for each of the times that are over"
    scenario.advance("PT3M")
    assert happened() == 2, "ten minutes after noon, not after it was deployed"
    scenario.advance("P1D")
    assert happened() == 4


def test_a_cycle_of_a_suspended_instance_happens_once_when_it_is_resumed() -> None:
    scenario = Scenario(start=NOON)
    tick = boundary("tick", "work", timer("R/PT1H", "timeCycle"), interrupting=False)
    scenario.deploy(bpmn(START + service("work") + tick + END, "s -> work\nwork -> e\ntick -> e"))
    run = scenario.start("p")
    scenario.submit(commands.SuspendInstance(instance=run.key, reason="an audit"))
    scenario.advance("PT90H30M")
    scenario.submit(commands.ResumeInstance(instance=run.key))
    assert sum(isinstance(one, TimerFired) for one in run.events) == 1
    scenario.advance("PT30M")
    assert sum(isinstance(one, TimerFired) for one in run.events) == 2
