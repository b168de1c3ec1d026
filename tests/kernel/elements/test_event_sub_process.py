"""Event sub-processes (10.3.5, 13.5.4): on processes and sub-processes, interrupting and not, for every trigger."""

import pytest

from clearance.model.work import BpmnError, Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import (
    END,
    START,
    boundary,
    bpmn,
    compensation,
    condition,
    each,
    error,
    escalation,
    event,
    mapping,
    message,
    scope,
    service,
    signal,
    timer,
    undone,
    whenever,
)

HANDLE = service("handle") + '<endEvent id="handled"/>'


def handling(trigger: str, *, interrupting: bool = True, name: str = "esp") -> str:
    """An event sub-process with one job."""
    return whenever(name, trigger, HANDLE, f"{name}_start -> handle\nhandle -> handled", interrupting=interrupting)


def started(*extra: str, keys: dict[str, str] | None = None, variables: dict[str, object] | None = None) -> Run:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + END + "".join(extra), "s -> a\na -> e", keys=keys))
    return scenario.start("p", variables or {})


def test_a_message_interrupts_what_runs_and_the_process_ends_with_the_event_sub_process() -> None:
    run = started(handling(message("stop")), keys={"stop": "k"}, variables={"k": "1"})
    scenario = run._scenario
    scenario.publish("stop", "1", {"why": "late"})
    assert run.active == ["esp", "handle"]
    assert "why" not in run.variables, "what the message brings is local to the event sub-process"
    scenario.complete_job("handle")
    assert run.state == "completed"
    assert run.path == ["s", "esp_start", "handle", "handled", "esp"]


def test_what_the_message_brings_is_seen_inside() -> None:
    run = started(handling(message("stop")), keys={"stop": "k"}, variables={"k": "1"})
    seen: list[object] = []
    run._scenario.worker("handle", lambda job: seen.append(job.input["why"]))
    run._scenario.publish("stop", "1", {"why": "late"})
    assert seen == ["late"]


def test_one_that_does_not_interrupt_runs_beside_as_often_as_it_happens() -> None:
    run = started(handling(message("note"), interrupting=False), keys={"note": "k"}, variables={"k": "1"})
    scenario = run._scenario
    scenario.publish("note", "1")
    scenario.publish("note", "1")
    assert sorted(run.active) == ["a", "esp", "esp", "handle", "handle"]
    scenario.complete_job("a")
    assert run.state == "active", "the scope waits for its event sub-processes"
    scenario.complete_job("handle")
    scenario.complete_job("handle")
    assert run.state == "completed"


def test_after_an_interruption_no_other_event_sub_process_starts() -> None:
    stop = handling(message("stop"))
    note = whenever("esp2", message("note"), '<endEvent id="x"/>', "esp2_start -> x", interrupting=False)
    run = started(stop, note, keys={"stop": "k", "note": "k"}, variables={"k": "1"})
    run._scenario.publish("stop", "1")
    run._scenario.publish("note", "1")
    assert run.active == ["esp", "handle"]


def test_a_timer_counts_from_when_the_scope_was_entered_and_a_cycle_repeats() -> None:
    run = started(handling(timer("R3/PT1H", "timeCycle"), interrupting=False))
    run._scenario.advance("PT10H")
    assert run.active.count("handle") == 3
    run = started(handling(timer("PT1H")))
    run._scenario.advance("PT1H")
    assert run.active == ["esp", "handle"]


def test_a_signal_starts_it_in_every_instance() -> None:
    run = started(handling(signal("alarm")))
    other = run._scenario.start("p")
    run._scenario.broadcast("alarm")
    assert run.active == other.active == ["esp", "handle"]


def test_an_error_of_an_actor_is_caught_by_code_before_catch_all() -> None:
    named = handling(error("refused"))
    rest = whenever("rest", error(), '<endEvent id="x"/>', "rest_start -> x")
    run = started(named, rest)
    run._scenario.finish_job("a", Raised("refused", "no money"))
    assert run.active == ["esp", "handle"]
    run = started(named, rest)
    run._scenario.finish_job("a", Raised("other", ""))
    assert run.state == "completed"
    assert "rest" in run.path


def test_the_event_on_the_border_comes_before_the_event_sub_process_of_the_scope() -> None:
    scenario = Scenario()
    elements = START + service("a") + boundary("b", "a", error("refused")) + service("c") + END
    scenario.deploy(bpmn(elements + handling(error("refused")), "s -> a\na -> e\nb -> c"))
    run = scenario.start("p")
    scenario.finish_job("a", Raised("refused", ""))
    assert run.active == ["c"]


def test_an_error_inside_an_event_sub_process_is_not_caught_by_itself_but_by_what_is_around() -> None:
    fails = whenever("esp", error("x"), event("endEvent", "again", error("x")), "esp_start -> again")
    inner = '<startEvent id="i"/>' + service("a") + fails
    sub = scope("subProcess", "sub", inner, "i -> a")
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + sub + boundary("b", "sub", error("x")) + service("c") + END, "s -> sub\nsub -> e\nb -> c")
    )
    run = scenario.start("p")
    scenario.finish_job("a", Raised("x", ""))
    assert run.active == ["c"]


def test_an_escalation_is_handled_beside_and_the_thrower_goes_on() -> None:
    scenario = Scenario()
    throw = event("intermediateThrowEvent", "t", escalation("late"))
    elements = START + throw + service("a") + END + handling(escalation("late"), interrupting=False)
    scenario.deploy(bpmn(elements, "s -> t\nt -> a\na -> e"))
    run = scenario.start("p")
    assert sorted(run.active) == ["a", "esp", "handle"]


def test_an_interrupting_escalation_ends_the_thrower() -> None:
    scenario = Scenario()
    throw = event("intermediateThrowEvent", "t", escalation("late"))
    elements = START + throw + service("a") + END + handling(escalation())
    scenario.deploy(bpmn(elements, "s -> t\nt -> a\na -> e"))
    run = scenario.start("p")
    assert run.active == ["esp", "handle"]
    assert "t" not in run.path


def test_a_condition_happens_once_for_each_time_that_it_becomes_true() -> None:
    run = started(handling(condition("n > 5"), interrupting=False), variables={"n": 1})
    scenario = run._scenario
    for number in (3, 6, 7, 2, 8):
        scenario.set_variables(run, {"n": number})
    assert run.active.count("handle") == 2


def test_two_conditions_that_make_each_other_true_are_stopped() -> None:
    def flips(name: str, when: str, then: str) -> str:
        script = f'<zeebe:script expression="={then}" resultVariable="n"/>'
        task = f'<scriptTask id="{name}_t"><extensionElements>{script}</extensionElements></scriptTask>'
        inner = task + f'<endEvent id="{name}_e"/>'
        return whenever(
            name, condition(when), inner, f"{name}_start -> {name}_t\n{name}_t -> {name}_e", interrupting=False
        )

    run = started(flips("up", "n = 0", "1"), flips("down", "n = 1", "0"), variables={"n": 5})
    run._scenario.set_variables(run, {"n": 0})
    assert [incident.kind for incident in run.incidents] == ["loop"]


def test_on_a_sub_process_it_is_waited_for_as_long_as_that_is_active() -> None:
    inner = '<startEvent id="i"/>' + service("a") + '<endEvent id="j"/>' + handling(message("stop"))
    sub = scope("subProcess", "sub", inner, "i -> a\na -> j")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + service("b") + END, "s -> sub\nsub -> b\nb -> e", keys={"stop": "k"}))
    run = scenario.start("p", {"k": "1"})
    scenario.complete_job("a")
    assert run.active == ["b"]
    scenario.publish("stop", "1")
    assert run.active == ["b"]
    run = scenario.start("p", {"k": "2"})
    scenario.publish("stop", "2")
    assert run.active == ["sub", "esp", "handle"]
    scenario.complete_job("handle")
    assert run.active == ["b"]


def test_each_round_of_a_repeated_sub_process_has_its_own() -> None:
    inner = each("[1, 2]") + '<startEvent id="i"/>' + service("a") + '<endEvent id="j"/>' + handling(error("x"))
    sub = scope("subProcess", "sub", inner, "i -> a\na -> j")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END, "s -> sub\nsub -> e"))
    run = scenario.start("p")
    scenario.finish_job("a", Raised("x", ""))
    assert run.active.count("handle") == 1
    assert run.active.count("a") == 1
    scenario.complete_job("handle")
    scenario.complete_job("a")
    assert run.state == "completed"


def test_an_interruption_takes_tokens_at_joins_with_it() -> None:
    gateways = '<parallelGateway id="g"/><parallelGateway id="j"/>'
    elements = START + gateways + service("a") + service("b") + END + handling(message("stop"))
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> g\ng -> a\ng -> b\na -> j\nb -> j\nj -> e", keys={"stop": "k"}))
    run = scenario.start("p", {"k": "1"})
    scenario.complete_job("a")
    scenario.publish("stop", "1")
    scenario.complete_job("handle")
    assert run.state == "completed"


def test_output_mappings_of_its_start_event_make_variables_of_the_event_sub_process() -> None:
    trigger = f"<extensionElements>{mapping(outputs={'reason': 'why'})}</extensionElements>" + message("stop")
    run = started(handling(trigger), keys={"stop": "k"}, variables={"k": "1"})
    seen: list[object] = []
    run._scenario.worker("handle", lambda job: seen.append(job.input["reason"]))
    run._scenario.publish("stop", "1", {"why": "late"})
    assert seen == ["late"]
    assert "reason" not in run.variables


def test_what_cannot_be_waited_for_yet_is_an_incident_that_can_be_resolved() -> None:
    run = started(handling(message("stop")), keys={"stop": "k"})
    (incident,) = run.incidents
    assert "there is no variable k" in incident.message
    run._scenario.set_variables(run, {"k": "1"})
    run._scenario.resolve(incident)
    run._scenario.publish("stop", "1")
    assert run.active == ["esp", "handle"]


def test_a_message_that_came_early_starts_it_at_once() -> None:
    scenario = Scenario()
    process = bpmn(START + service("a") + END + handling(message("stop")), "s -> a\na -> e", keys={"stop": "k"})
    scenario.deploy(process)
    scenario.publish("stop", "1", time_to_live="PT1H")
    assert scenario.start("p", {"k": "1"}).active == ["esp", "handle"]


def test_the_border_and_the_event_sub_process_that_wait_for_one_message_do_not_both_get_it() -> None:
    inner = '<startEvent id="i"/>' + service("a") + handling(message("stop"))
    elements = (
        START + scope("subProcess", "sub", inner, "i -> a") + boundary("b", "sub", message("stop")) + service("c")
    )
    scenario = Scenario()
    scenario.deploy(bpmn(elements + END, "s -> sub\nsub -> e\nb -> c", keys={"stop": "k"}))
    run = scenario.start("p", {"k": "1"})
    scenario.publish("stop", "1")
    assert ("c" in run.active) != ("handle" in run.active)


def test_an_actor_that_raises_while_an_event_sub_process_runs_beside_interrupts_that_too() -> None:
    note = handling(message("note"), interrupting=False)
    fatal = whenever("fatal", error("x"), service("f") + '<endEvent id="fe"/>', "fatal_start -> f\nf -> fe")
    run = started(note, fatal, keys={"note": "k"}, variables={"k": "1"})
    run._scenario.publish("note", "1")
    run._scenario.finish_job("handle", Raised("x", ""))
    assert run.active == ["fatal", "f"]


def test_a_compensation_event_sub_process_undoes_its_scope_with_the_data_as_it_was() -> None:
    inner = (
        '<startEvent id="i"/>'
        + service("a", extra=mapping(outputs={"booked": "n"}))
        + '<endEvent id="j"/>'
        + undone("a", "unbook")
        + whenever(
            "esp",
            "<compensateEventDefinition/>",
            event("intermediateThrowEvent", "inside", compensation("a")) + service("tell") + '<endEvent id="ee"/>',
            "esp_start -> inside\ninside -> tell\ntell -> ee",
        )
    )
    local = "<extensionElements>" + mapping(inputs={"n": "n", "booked": "0"}) + "</extensionElements>"
    elements = START + scope("subProcess", "sub", local + inner, "i -> a\na -> j") + service("b")
    elements += event("endEvent", "e", compensation())
    scenario = Scenario()
    seen: list[tuple[str, object]] = []
    scenario.worker("a", lambda job: {"n": 7})
    scenario.worker("unbook", lambda job: seen.append(("unbook", job.input["n"])))
    scenario.worker("tell", lambda job: seen.append(("tell", job.input["n"])))
    scenario.deploy(bpmn(elements, "s -> sub\nsub -> b\nb -> e"))
    run = scenario.start("p", {"n": 1})
    scenario.set_variables(run, {"n": 99})
    scenario.complete_job("b")
    assert run.state == "completed"
    assert [name for name, _ in seen] == ["unbook", "tell"]
    assert seen[1] == ("tell", 1), "the sub-process had its own n"


@pytest.mark.parametrize("trigger", ["", '<linkEventDefinition name="x"/>', "<cancelEventDefinition/>"])
def test_a_start_that_cannot_be_is_refused(trigger: str) -> None:
    with pytest.raises(ValueError, match="esp"):
        started(handling(trigger))


def test_of_a_repeated_sub_process_each_round_is_undone_by_its_own_event_sub_process() -> None:
    inner = each("[1, 2]") + '<startEvent id="i"/>' + service("a") + '<endEvent id="j"/>'
    inner += whenever("esp", "<compensateEventDefinition/>", HANDLE, "esp_start -> handle\nhandle -> handled")
    elements = START + scope("subProcess", "sub", inner, "i -> a\na -> j") + event("endEvent", "e", compensation())
    scenario = Scenario()
    undone_items: list[object] = []
    scenario.worker("a", lambda job: {})
    scenario.worker("handle", lambda job: undone_items.append(job.input["item"]))
    scenario.deploy(bpmn(elements, "s -> sub\nsub -> e"))
    assert scenario.start("p").state == "completed"
    assert undone_items == [2, 1]


def test_it_survives_restarts() -> None:
    scenario = Scenario(restarts=True)
    note = handling(message("note"), interrupting=False)
    stop = whenever("stop", timer("P1D"), '<endEvent id="x"/>', "stop_start -> x")
    scenario.deploy(bpmn(START + service("a") + END + note + stop, "s -> a\na -> e", keys={"note": "k"}))
    run = scenario.start("p", {"k": "1"})
    scenario.publish("note", "1")
    assert "handle" in run.active
    scenario.advance("P2D")
    assert run.state == "completed"
    assert run.path[-1] == "stop"


def test_a_worker_that_raises_is_caught_as_well() -> None:
    run = started(handling(error("x")))

    def fail(job: object) -> None:
        raise BpmnError("x", "said so")

    run._scenario.worker("a", fail)
    assert run.active == ["esp", "handle"]


def test_an_error_that_should_not_interrupt_is_refused_when_deployed() -> None:
    with pytest.raises(ValueError, match="always interrupts"):
        started(handling(error("x"), interrupting=False))


def test_none_begins_while_its_scope_waits_for_an_output_mapping_to_be_mended() -> None:
    local = f"<extensionElements>{mapping(outputs={'total': 'missing'})}</extensionElements>"
    inner = local + '<startEvent id="i"/>' + service("a") + '<endEvent id="j"/>' + handling(message("stop"))
    scenario = Scenario()
    scenario.deploy(
        bpmn(
            START + scope("subProcess", "sub", inner, "i -> a\na -> j") + END, "s -> sub\nsub -> e", keys={"stop": "k"}
        )
    )
    run = scenario.start("p", {"k": "1"})
    scenario.complete_job("a")
    (incident,) = run.incidents
    scenario.publish("stop", "1")
    assert run.active == ["sub"]
    scenario.set_variables(run, {"missing": 1})
    scenario.resolve(incident)
    assert (run.state, run.variables["total"]) == ("completed", 1)
