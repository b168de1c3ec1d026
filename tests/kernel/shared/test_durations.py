"""Durations that nobody will live to see the end of are faults of the element that has them, not of what led to it."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, bpmn, event, service, timer


@pytest.mark.parametrize("long", ["P300000000Y", "P999999999D", "PT99999999999999999999S", "PT" + "9" * 400 + "H"])
def test_a_duration_beyond_the_calendar_is_an_incident_of_its_timer(long: str) -> None:
    scenario = Scenario()
    waits = event("intermediateCatchEvent", "w", timer(long))
    scenario.deploy(bpmn(START + service("work") + waits + END, "s -> work\nwork -> w\nw -> e"))
    run = scenario.start("p")
    scenario.complete_job("work")
    (incident,) = run.incidents
    assert (incident.element, incident.kind) == ("w", "timer")
    assert "beyond the calendar" in incident.message
