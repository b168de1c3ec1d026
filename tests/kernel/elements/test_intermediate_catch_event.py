"""Intermediate catch events: time, messages with their keys and lifetimes, signals."""

import pytest

from clearance.testing import Scenario
from clearance.testing.scenario import ScenarioError
from tests.kernel.files import (
    END,
    START,
    bpmn,
    condition,
    error,
    event,
    link,
    mapping,
    message,
    service,
    signal,
    timer,
)


def _catching(trigger: str, keys: dict[str, str] | None = None, extra: str = "") -> Scenario:
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + event("intermediateCatchEvent", "w", extra + trigger) + END, "s -> w\nw -> e", keys=keys)
    )
    return scenario


@pytest.mark.parametrize(
    "trigger",
    [timer("PT90M"), timer("2026-01-01T01:30:00Z", "timeDate"), timer("2026-01-01T02:30:00+01:00", "timeDate")],
)
def test_time_passes_and_then_it_goes_on(trigger: str) -> None:
    scenario = _catching(trigger)
    run = scenario.start("p")
    scenario.advance("PT89M")
    assert run.active == ["w"]
    scenario.advance("PT1M")
    assert run.state == "completed"


def test_a_date_in_the_past_is_due_at_once() -> None:
    assert _catching(timer("2020-01-01T00:00:00Z", "timeDate")).start("p").state == "completed"


def test_a_timer_expression_that_is_no_duration_is_an_incident_and_the_corrected_one_counts() -> None:
    scenario = _catching(timer("=pause"))
    run = scenario.start("p", {"pause": "two days"})
    (incident,) = run.incidents
    assert (incident.kind, "two days" in incident.message) == ("timer", True)
    scenario.set_variables(run, {"pause": "P2D"})
    scenario.resolve(incident)
    scenario.advance("P2D")
    assert run.state == "completed"


def test_a_message_reaches_the_instance_with_its_key_once_and_brings_its_variables() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    runs = [scenario.start("p", {"number": number}) for number in ("a", "b")]
    scenario.publish("paid", "b", {"amount": 3})
    assert [run.state for run in runs] == ["active", "completed"]
    assert runs[1].variables == {"number": "b", "amount": 3}


def test_a_message_with_the_same_key_reaches_one_instance_of_a_process_the_oldest() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    runs = [scenario.start("p", {"number": "a"}) for _ in range(2)]
    scenario.publish("paid", "a")
    assert [run.state for run in runs] == ["completed", "active"]
    scenario.publish("paid", "a")
    assert [run.state for run in runs] == ["completed", "completed"]


def test_a_message_that_comes_early_is_kept_for_its_time_to_live_and_no_longer() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    scenario.publish("paid", "a", {"early": True}, time_to_live="PT1H")
    scenario.publish("paid", "b", time_to_live="PT1H")
    scenario.publish("paid", "c")
    scenario.advance("PT59M")
    in_time = scenario.start("p", {"number": "a"})
    lost = scenario.start("p", {"number": "c"})
    scenario.advance("PT1M")
    late = scenario.start("p", {"number": "b"})
    assert (in_time.state, in_time.variables["early"]) == ("completed", True)
    assert (late.state, lost.state) == ("active", "active")


def test_a_kept_message_is_used_up_by_the_process_that_it_reached() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    scenario.publish("paid", "a", time_to_live="P1D")
    assert [scenario.start("p", {"number": "a"}).state for _ in range(2)] == ["completed", "active"]


def test_a_message_id_is_taken_once_and_a_second_publication_reaches_nobody() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    first = scenario.start("p", {"number": "a"})
    scenario.publish("paid", "a", message_id="m1")
    second = scenario.start("p", {"number": "a"})
    with pytest.raises(ScenarioError, match="published already"):
        scenario.publish("paid", "a", message_id="m1")
    assert (first.state, second.state) == ("completed", "active")


def test_a_key_that_is_null_is_an_incident_and_not_a_wait_for_anybody() -> None:
    scenario = _catching(message("paid"), {"paid": "number"})
    run = scenario.start("p", {"number": None})
    (incident,) = run.incidents
    assert "correlation key" in incident.message
    scenario.publish("paid")
    assert run.state == "active"


def test_hundreds_of_kept_messages_are_taken_one_after_the_other() -> None:
    scenario = Scenario()
    elements = START + '<exclusiveGateway id="m"/>' + event("intermediateCatchEvent", "w", message("tick")) + END
    elements += '<exclusiveGateway id="g" default="g_m"/>'
    counting = '<zeebe:script expression="=n + 1" resultVariable="n"/>'
    elements += f'<scriptTask id="c"><extensionElements>{counting}</extensionElements></scriptTask>'
    scenario.deploy(bpmn(elements, "s -> m\nm -> w\nw -> c\nc -> g\ng -> e when n = 600\ng -> m", keys={"tick": "k"}))
    for _ in range(600):
        scenario.publish("tick", "k", time_to_live="P1D")
    assert scenario.start("p", {"n": 0, "k": "k"}).state == "completed"


def test_output_mappings_keep_what_they_name_of_a_message() -> None:
    extra = f"<extensionElements>{mapping(outputs={'total': 'amount + 1'})}</extensionElements>"
    scenario = _catching(message("paid"), extra=extra)
    run = scenario.start("p")
    scenario.publish("paid", variables={"amount": 2, "other": 1})
    assert run.variables == {"total": 3}


def test_a_signal_reaches_all_who_wait_and_nobody_who_comes_later() -> None:
    scenario = _catching(signal("go"))
    runs = [scenario.start("p") for _ in range(3)]
    scenario.broadcast("go", {"x": 1})
    assert [(run.state, run.variables) for run in runs] == [("completed", {"x": 1})] * 3
    assert scenario.start("p").state == "active"


def test_an_event_that_cannot_be_executed_is_refused_when_deployed() -> None:
    for trigger in ("", "<cancelEventDefinition/>", error("e")):
        with pytest.raises(ValueError, match="w is a intermediateCatchEvent with"):
            Scenario().deploy(bpmn(START + event("intermediateCatchEvent", "w", trigger) + END, "s -> w\nw -> e"))
    with pytest.raises(ValueError, match="nothing catches the link"):
        Scenario().deploy(bpmn(START + event("intermediateThrowEvent", "w", link("l")), "s -> w"))


def test_a_condition_is_waited_for_until_it_becomes_true() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + event("intermediateCatchEvent", "w", condition("x > 5")) + END, "s -> w\nw -> e"))
    run = scenario.start("p")
    assert run.active == ["w"], "x does not exist yet"
    scenario.set_variables(run, {"x": 5})
    assert run.active == ["w"]
    scenario.set_variables(run, {"x": 6})
    assert run.state == "completed"


def test_a_condition_that_holds_already_is_not_waited_for() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + event("intermediateCatchEvent", "w", condition("x > 5")) + END, "s -> w\nw -> e"))
    assert scenario.start("p", {"x": 7}).state == "completed"


def test_a_condition_after_an_event_based_gateway_wins_when_it_becomes_true() -> None:
    scenario = Scenario()
    catches = event("intermediateCatchEvent", "w", condition("x")) + event("intermediateCatchEvent", "m", message("go"))
    elements = START + '<eventBasedGateway id="g"/>' + catches + service("a") + service("b")
    scenario.deploy(bpmn(elements, "s -> g\ng -> w\ng -> m\nw -> a\nm -> b"))
    run = scenario.start("p")
    scenario.set_variables(run, {"x": True})
    assert run.active == ["a"]
    scenario.publish("go")
    assert run.active == ["a"]


def test_a_link_goes_on_where_it_is_caught_as_often_as_it_is_thrown() -> None:
    scenario = Scenario()
    throws = "".join(event("intermediateThrowEvent", name, link("over")) for name in ("t1", "t2"))
    elements = START + '<parallelGateway id="g"/>' + throws + event("intermediateCatchEvent", "c", link("over"))
    scenario.deploy(bpmn(elements + service("a") + END, "s -> g\ng -> t1\ng -> t2\nc -> a\na -> e"))
    run = scenario.start("p")
    assert run.path == ["s", "g", "t1", "t2", "c", "c"]
    assert run.active == ["a", "a"]


def test_a_link_does_not_lead_out_of_its_sub_process() -> None:
    inner = event("intermediateThrowEvent", "t", link("over")) + '<startEvent id="i"/>'
    sub = f'<subProcess id="sub">{inner}<sequenceFlow id="f" sourceRef="i" targetRef="t"/></subProcess>'
    with pytest.raises(ValueError, match='nothing catches the link "over" there'):
        Scenario().deploy(
            bpmn(START + sub + event("intermediateCatchEvent", "c", link("over")) + END, "s -> sub\nsub -> e\nc -> e")
        )


def test_an_event_based_gateway_that_leads_to_work_is_refused_when_deployed() -> None:
    with pytest.raises(ValueError, match="waits for no event"):
        Scenario().deploy(
            bpmn(START + '<eventBasedGateway id="g"/>' + service("a") + service("b"), "s -> g\ng -> a\ng -> b")
        )


def test_two_kept_messages_start_one_instance_after_the_other_when_the_key_is_taken() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "m", message("order")) + service("a") + END, "m -> a\na -> e"))
    for number in (1, 2, 3):
        scenario.publish("order", "k", {"number": number}, time_to_live="P1D")
    assert len(scenario.runs) == 1
    for count in (2, 3, 3):
        scenario.complete_job("a")
        assert len(scenario.runs) == count
    assert [run.variables["number"] for run in scenario.runs] == [1, 2, 3]


def test_kept_messages_all_start_something_when_the_instances_end_at_once() -> None:
    scenario = Scenario()
    elements = (
        event("startEvent", "m", message("order")) + '<exclusiveGateway id="g" default="g_e"/>' + service("a") + END
    )
    scenario.deploy(bpmn(elements, "m -> g\ng -> a when slow = true\ng -> e\na -> e"))
    scenario.publish("order", "k", {"slow": True}, time_to_live="P1D")
    for _ in range(3):
        scenario.publish("order", "k", {"slow": False}, time_to_live="P1D")
    assert len(scenario.runs) == 1
    scenario.complete_job("a")
    assert [run.state for run in scenario.runs] == ["completed"] * 4
