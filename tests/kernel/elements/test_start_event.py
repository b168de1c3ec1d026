"""Start events: none, message, signal, timer; several of them; and what only the latest version waits for."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, bpmn, event, mapping, message, service, signal, timer

_THREE = bpmn(
    START
    + event("startEvent", "by_message", message("order"))
    + event("startEvent", "by_signal", signal("alarm"))
    + service("a")
    + END,
    "s -> a\nby_message -> a\nby_signal -> a\na -> e",
)


def test_each_of_several_start_events_starts_an_instance_of_its_own() -> None:
    scenario = Scenario()
    scenario.deploy(_THREE)
    scenario.worker("a", lambda job: {})
    scenario.start("p")
    scenario.publish("order", variables={"number": 7})
    scenario.broadcast("alarm", {"level": 3})
    assert [run.path for run in scenario.runs] == [
        ["s", "a", "e"],
        ["by_message", "a", "e"],
        ["by_signal", "a", "e"],
    ]
    assert [run.variables for run in scenario.runs] == [{}, {"number": 7}, {"level": 3}]


def test_a_process_that_starts_on_a_message_cannot_be_started_by_hand() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "m", message("order")) + END, "m -> e"))
    with pytest.raises(ValueError, match="no none start event"):
        scenario.start("p")


def test_output_mappings_of_a_message_start_keep_what_they_name_and_nothing_else() -> None:
    extra = f"<extensionElements>{mapping(outputs={'total': 'order.total'})}</extensionElements>"
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "m", extra + message("order")) + END, "m -> e"))
    scenario.publish("order", variables={"order": {"total": 5}, "secret": 1})
    assert scenario.runs[0].variables == {"total": 5}


def test_a_start_timer_with_a_duration_fires_once() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "t", timer("PT1H")) + END, "t -> e"))
    scenario.advance("PT59M")
    assert scenario.runs == []
    scenario.advance("P10D")
    assert [run.path for run in scenario.runs] == [["t", "e"]]


def test_a_start_cycle_fires_as_often_as_it_says_at_its_own_rhythm() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "t", timer("R3/PT1H", "timeCycle")) + END, "t -> e"))
    scenario.advance("PT2H")
    assert len(scenario.runs) == 2
    scenario.advance("P1D")
    assert len(scenario.runs) == 3


def test_a_new_version_takes_over_the_timer_the_message_and_the_signal() -> None:
    scenario = Scenario()
    starts = event("startEvent", "t", timer("R/PT1H", "timeCycle")) + event("startEvent", "m", message("order"))
    scenario.deploy(bpmn(starts + END, "t -> e\nm -> e"))
    scenario.advance("PT90M")
    scenario.deploy(bpmn(starts + '<endEvent id="other"/>', "t -> other\nm -> other"))
    scenario.advance("PT3H")
    scenario.publish("order")
    assert [run.path for run in scenario.runs] == [["t", "e"], *[["t", "other"]] * 3, ["m", "other"]]


def test_a_cycle_without_length_is_refused_when_deployed() -> None:
    with pytest.raises(ValueError, match="must be longer than nothing"):
        Scenario().deploy(bpmn(event("startEvent", "t", timer("R/PT0S", "timeCycle")) + END, "t -> e"))


def test_a_signal_that_starts_its_own_thrower_does_not_go_on_for_ever() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(event("startEvent", "s", signal("alarm")) + event("endEvent", "e", signal("alarm")), "s -> e"))
    scenario.broadcast("alarm")
    assert len(scenario.runs) == 101, "the first one and as many as hops_max allows"
    assert all(run.state == "completed" for run in scenario.runs)


def test_a_start_event_of_an_embedded_sub_process_may_not_have_a_trigger() -> None:
    inner = f'<subProcess id="sub">{event("startEvent", "i", timer("PT1H"))}</subProcess>'
    with pytest.raises(ValueError, match="none start event"):
        Scenario().deploy(bpmn(START + inner, "s -> sub"))
