"""End events: what ends with them, and what they throw."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import (
    END,
    START,
    arrows,
    boundary,
    bpmn,
    error,
    escalation,
    event,
    message,
    service,
    signal,
)

_TERMINATE = "<terminateEventDefinition/>"
_SPLIT = '<parallelGateway id="split"/>'


def test_the_instance_ends_when_its_last_path_ends() -> None:
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + _SPLIT + service("a") + END + '<endEvent id="e2"/>', "s -> split\nsplit -> a\nsplit -> e2\na -> e")
    )
    run = scenario.start("p")
    assert (run.state, run.active) == ("active", ["a"])
    scenario.complete_job("a")
    assert (run.state, run.path) == ("completed", ["s", "split", "e2", "a", "e"])


def test_terminate_ends_everything_else_in_its_scope_at_once() -> None:
    scenario = Scenario()
    flows = "s -> split\nsplit -> a\nsplit -> b\na -> e\nb -> stop"
    scenario.deploy(
        bpmn(START + _SPLIT + service("a") + service("b") + END + event("endEvent", "stop", _TERMINATE), flows)
    )
    run = scenario.start("p")
    scenario.complete_job("b")
    assert (run.state, run.path, scenario.jobs) == ("completed", ["s", "split", "b", "stop"], [])


def test_terminate_in_a_sub_process_leaves_what_is_around_it() -> None:
    inner = (
        '<subProcess id="sub"><startEvent id="is"/><parallelGateway id="ig"/>'
        + service("a")
        + event("endEvent", "stop", _TERMINATE)
        + arrows("is -> ig\nig -> a\nig -> stop")
        + "</subProcess>"
    )
    scenario = Scenario()
    scenario.deploy(
        bpmn(
            START + _SPLIT + inner + service("b") + service("after"),
            "s -> split\nsplit -> sub\nsplit -> b\nsub -> after",
        )
    )
    run = scenario.start("p")
    assert run.path == ["s", "split", "is", "ig", "stop", "sub"]
    assert sorted(run.active) == ["after", "b"]


def test_terminate_consumes_tokens_that_wait_at_joins() -> None:
    scenario = Scenario()
    flows = "s -> split\nsplit -> join\nsplit -> a\nsplit -> stop\na -> join\njoin -> e"
    elements = (
        START + _SPLIT + service("a") + '<parallelGateway id="join"/>' + END + event("endEvent", "stop", _TERMINATE)
    )
    scenario.deploy(bpmn(elements, flows))
    run = scenario.start("p")
    assert (run.state, run.incidents) == ("completed", [])


def _failing(boundary_code: str | None) -> bytes:
    inner = (
        '<subProcess id="sub"><startEvent id="is"/><parallelGateway id="ig"/>'
        + service("a")
        + event("endEvent", "bad", error("broken"))
        + arrows("is -> ig\nig -> a\nig -> bad")
        + "</subProcess>"
    )
    caught = "" if boundary_code is None else boundary("caught", "sub", error(boundary_code)) + service("mend")
    return bpmn(START + inner + END + caught, "s -> sub\nsub -> e" + ("\ncaught -> mend" if caught else ""))


def test_an_error_end_ends_the_scope_that_catches_it() -> None:
    for code in ("broken", ""):
        scenario = Scenario()
        scenario.deploy(_failing(code))
        run = scenario.start("p")
        assert (run.path, run.active, scenario.jobs) == (["s", "is", "ig", "caught"], ["mend"], ["mend"])


def test_an_error_that_nothing_catches_is_one_incident_and_can_be_tried_again() -> None:
    for code in (None, "other"):
        scenario = Scenario()
        scenario.deploy(_failing(code))
        run = scenario.start("p")
        (incident,) = run.incidents
        assert (incident.kind, incident.element) == ("uncaught-error", "bad")
        scenario.resolve(incident)
        assert [one.element for one in run.incidents] == ["bad"]
        scenario.cancel(run)
        assert run.state == "terminated"


def test_a_message_end_starts_another_process() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + event("endEvent", "e", message("go")), "s -> e"))
    scenario.deploy(bpmn(event("startEvent", "m", message("go")) + END, "m -> e", identifier="q"))
    scenario.start("p", {"x": 1})
    assert [(run.process, run.path, run.variables) for run in scenario.runs][1] == ("q", ["m", "e"], {"x": 1})


def test_a_signal_end_reaches_everybody_who_waits() -> None:
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + event("intermediateCatchEvent", "w", signal("go")) + END, "s -> w\nw -> e", identifier="q")
    )
    waiting = [scenario.start("q"), scenario.start("q")]
    scenario.deploy(bpmn(START + event("endEvent", "e", signal("go")), "s -> e"))
    scenario.start("p")
    assert [run.state for run in waiting] == ["completed", "completed"]


def test_an_escalation_end_that_nothing_catches_just_ends() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + event("endEvent", "e", escalation("late")), "s -> e"))
    run = scenario.start("p")
    assert (run.state, run.incidents) == ("completed", [])


@pytest.mark.parametrize(("trigger", "catches"), [(error(), error("named")), (escalation(), escalation("named"))])
def test_what_is_thrown_without_a_code_is_caught_by_what_catches_all(trigger: str, catches: str) -> None:
    inner = (
        '<subProcess id="sub"><startEvent id="is"/>'
        + event("endEvent", "thrown", trigger)
        + arrows("is -> thrown")
        + "</subProcess>"
    )
    borders = boundary("some", "sub", catches) + boundary("all", "sub", trigger)
    ends = "".join(event("endEvent", name) for name in ("e", "e2", "e3"))
    scenario = Scenario()
    scenario.deploy(bpmn(START + inner + borders + ends, "s -> sub\nsub -> e\nsome -> e2\nall -> e3"))
    run = scenario.start("p")
    assert (run.state, run.path[-2:]) == ("completed", ["all", "e3"])
