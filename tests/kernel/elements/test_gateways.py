"""Gateways: exclusive, parallel, inclusive split, event-based."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, bpmn, event, message, service, timer


def deployed(content: bytes) -> Scenario:
    scenario = Scenario()
    scenario.deploy(content)
    return scenario


@pytest.mark.parametrize(("amount", "way"), [(5, "low"), (50, "middle"), (500, "high")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds_else_the_default(amount: int, way: str) -> None:
    gateway = '<exclusiveGateway id="x" default="x_high"/>'
    tasks = "".join(f'<task id="{name}"/>' for name in ("low", "middle", "high"))
    flows = "s -> x\nx -> low when n < 10\nx -> middle when n < 100\nx -> high\nlow -> e\nmiddle -> e\nhigh -> e"
    run = deployed(bpmn(START + gateway + tasks + END, flows)).start("p", {"n": amount})
    assert run.path == ["s", "x", way, "e"]


def test_without_a_flow_that_holds_an_incident_waits_and_goes_on_when_mended() -> None:
    flows = "s -> x\nx -> a when n < 10\nx -> b when n > 100\na -> e\nb -> e"
    scenario = deployed(bpmn(START + '<exclusiveGateway id="x"/><task id="a"/><task id="b"/>' + END, flows))
    run = scenario.start("p", {"n": 50})
    (incident,) = run.incidents
    assert (incident.element, incident.kind) == ("x", "condition")
    scenario.set_variables(run, {"n": 5})
    scenario.resolve(incident)
    assert (run.path, run.incidents) == (["s", "x", "a", "e"], [])


def test_an_unknown_variable_in_a_condition_is_one_clear_incident() -> None:
    flows = "s -> x\nx -> a when missing > 10\nx -> b when true\na -> e\nb -> e"
    run = deployed(bpmn(START + '<exclusiveGateway id="x"/><task id="a"/><task id="b"/>' + END, flows)).start("p")
    (incident,) = run.incidents
    assert "missing" in incident.message
    assert "x_a" in incident.message


def test_a_parallel_join_waits_for_every_flow() -> None:
    gateways = '<parallelGateway id="split"/><parallelGateway id="join"/>'
    flows = "s -> split\nsplit -> a\nsplit -> b\na -> join\nb -> join\njoin -> e"
    scenario = deployed(bpmn(START + gateways + service("a") + service("b") + END, flows))
    run = scenario.start("p")
    scenario.complete_job("b")
    assert (run.state, run.path) == ("active", ["s", "split", "b"])
    scenario.complete_job("a")
    assert (run.state, run.path) == ("completed", ["s", "split", "b", "a", "join", "e"])


def test_a_join_that_can_never_be_satisfied_says_so() -> None:
    gateways = '<exclusiveGateway id="x" default="x_b"/><parallelGateway id="join"/>'
    flows = "s -> x\nx -> a when n = 1\nx -> b\na -> join\nb -> join\njoin -> e"
    run = deployed(bpmn(START + gateways + '<task id="a"/><task id="b"/>' + END, flows)).start("p", {"n": 1})
    (incident,) = run.incidents
    assert incident.kind == "deadlock"
    assert "join" in incident.message


def test_an_inclusive_gateway_takes_every_flow_that_holds() -> None:
    flows = "s -> o\no -> a when n > 1\no -> b when n > 5\no -> c\na -> ea\nb -> eb\nc -> ec"
    tasks = "".join(f'<task id="{name}"/><endEvent id="e{name}"/>' for name in "abc")
    scenario = deployed(bpmn(START + '<inclusiveGateway id="o" default="o_c"/>' + tasks, flows))
    assert set(scenario.start("p", {"n": 7}).path) == {"s", "o", "a", "ea", "b", "eb"}
    assert set(scenario.start("p", {"n": 0}).path) == {"s", "o", "c", "ec"}


def race() -> Scenario:
    events = event("intermediateCatchEvent", "paid", message("payment")) + event(
        "intermediateCatchEvent", "late", timer("P3D")
    )
    flows = "s -> g\ng -> paid\ng -> late\npaid -> e\nlate -> reminder\nreminder -> e"
    return deployed(
        bpmn(
            START + '<eventBasedGateway id="g"/>' + events + '<task id="reminder"/>' + END,
            flows,
            keys={"payment": "order"},
        )
    )


def test_after_an_event_based_gateway_the_message_wins_and_the_timer_is_off() -> None:
    scenario = race()
    run = scenario.start("p", {"order": "A1"})
    scenario.publish("payment", "B2")
    assert run.path == ["s"]
    scenario.publish("payment", "A1", {"amount": 5})
    assert (run.path, run.variables["amount"]) == (["s", "g", "paid", "e"], 5)
    scenario.advance("P10D")
    assert run.state == "completed"


def test_after_an_event_based_gateway_time_may_win() -> None:
    scenario = race()
    run = scenario.start("p", {"order": "A1"})
    scenario.advance("P3D")
    assert run.path == ["s", "g", "late", "reminder", "e"]


def test_a_loop_without_a_wait_is_an_incident_and_no_hang() -> None:
    flows = "s -> x\nx -> a\na -> x2\nx2 -> x when go\nx2 -> e"
    gateways = '<exclusiveGateway id="x"/><exclusiveGateway id="x2" default="x2_e"/>'
    run = deployed(bpmn(START + gateways + '<task id="a"/>' + END, flows)).start("p", {"go": True})
    (incident,) = run.incidents
    assert incident.kind == "loop"
    assert "repeats_max" in incident.message
