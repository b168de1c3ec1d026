"""Boundary events: interrupting or not, of every kind, several at once."""

from clearance.model.work import Escalated
from clearance.testing import BpmnError, Scenario
from tests.kernel.files import (
    END,
    START,
    boundary,
    bpmn,
    condition,
    error,
    escalation,
    mapping,
    message,
    service,
    signal,
    timer,
)

_FLOWS = "s -> work\nwork -> e\nedge -> e2"


def at_work(edge: str, host: str = "", flows: str = _FLOWS) -> Scenario:
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + (host or service("work")) + edge + END + '<endEvent id="e2"/>', flows, keys={"stop": "id"})
    )
    return scenario


def test_a_timer_interrupts() -> None:
    scenario = at_work(boundary("edge", "work", timer("PT1H")))
    run = scenario.start("p")
    scenario.advance("PT1H")
    assert (run.path, run.state, scenario.jobs) == (["s", "edge", "e2"], "completed", [])


def test_a_timer_that_does_not_interrupt_lets_the_work_go_on() -> None:
    scenario = at_work(boundary("edge", "work", timer("PT1H"), interrupting=False))
    run = scenario.start("p")
    scenario.advance("P1D")
    assert (run.path, run.active) == (["s", "edge", "e2"], ["work"])
    scenario.complete_job("work")
    assert run.path == ["s", "edge", "e2", "work", "e"]


def test_a_cycle_repeats_as_often_as_it_says() -> None:
    scenario = at_work(boundary("edge", "work", timer("R3/PT1H", "timeCycle"), interrupting=False))
    run = scenario.start("p")
    scenario.advance("P1D")
    assert run.path.count("edge") == 3


def test_an_error_of_its_code_is_caught_and_takes_its_variables_along() -> None:
    scenario = at_work(boundary("edge", "work", error("broke")))

    def work(job: object) -> dict[str, object]:
        raise BpmnError("broke", "it broke", {"part": "wheel"})

    scenario.worker("work", work)
    run = scenario.start("p")
    assert (run.path, run.variables["part"]) == (["s", "edge", "e2"], "wheel")


def test_an_error_that_nothing_catches_is_an_incident_that_can_be_tried_again() -> None:
    scenario = at_work(boundary("edge", "work", error("broke")))
    answers = iter([BpmnError("other"), None])

    def work(job: object) -> dict[str, object]:
        if (problem := next(answers)) is not None:
            raise problem
        return {}

    scenario.worker("work", work)
    run = scenario.start("p")
    (incident,) = run.incidents
    assert incident.kind == "uncaught-error"
    scenario.resolve(incident)
    assert (run.path, run.incidents) == (["s", "work", "e"], [])


def test_a_message_interrupts_by_its_key() -> None:
    scenario = at_work(boundary("edge", "work", message("stop")))
    run = scenario.start("p", {"id": 7})
    scenario.publish("stop", "8")
    assert run.active == ["work"]
    scenario.publish("stop", "7")
    assert run.path == ["s", "edge", "e2"]


def test_a_signal_reaches_every_instance() -> None:
    scenario = at_work(boundary("edge", "work", signal("alarm")))
    runs = [scenario.start("p") for _ in range(3)]
    scenario.broadcast("alarm")
    assert [run.path for run in runs] == [["s", "edge", "e2"]] * 3


def test_work_that_an_actor_hands_over_escalates() -> None:
    scenario = at_work(boundary("edge", "work", escalation("")))
    scenario.worker("work", lambda job: Escalated("not sure enough"))
    assert scenario.start("p").path == ["s", "edge", "e2"]


def test_work_that_was_handed_over_and_goes_on_still_has_to_be_done_by_somebody() -> None:
    scenario = at_work(boundary("edge", "work", escalation(""), interrupting=False))
    scenario.worker("work", lambda job: Escalated("not sure enough") if job.attempt == 1 and not asked else {})
    asked: list[int] = []
    run = scenario.start("p")
    assert (run.path, run.active) == (["s", "edge", "e2"], ["work"])
    (incident,) = scenario.incidents
    assert (incident.kind, "not sure enough" in incident.message) == ("escalated", True)
    asked.append(1)
    scenario.resolve(incident)
    assert (run.path[-2:], run.state) == (["work", "e"], "completed")


def test_of_several_events_the_first_ends_the_others() -> None:
    edges = boundary("edge", "work", timer("PT1H")) + boundary("edge2", "work", message("stop"))
    scenario = at_work(edges, flows=_FLOWS + "\nedge2 -> e2")
    run = scenario.start("p", {"id": 1})
    scenario.publish("stop", "1")
    scenario.advance("P1D")
    assert run.path == ["s", "edge2", "e2"]


def test_on_a_sub_process_it_ends_all_that_is_inside() -> None:
    inner = (
        '<startEvent id="is"/>' + service("a") + service("b") + '<sequenceFlow id="f1" sourceRef="is" targetRef="a"/>'
    )
    inner += '<sequenceFlow id="f2" sourceRef="is" targetRef="b"/>'
    edge = boundary("edge", "work", timer("PT1H"))
    scenario = at_work(edge, host=f'<subProcess id="work">{inner}</subProcess>')
    run = scenario.start("p")
    assert sorted(scenario.jobs) == ["a", "b"]
    scenario.advance("PT1H")
    assert (run.path, scenario.jobs) == (["s", "is", "edge", "e2"], [])


def test_two_conditions_whose_outputs_make_each_other_true_are_stopped_and_the_work_goes_on() -> None:
    def flips(name: str, when: str, then: str) -> str:
        outputs = f"<extensionElements>{mapping(outputs={'n': then})}</extensionElements>"
        return boundary(name, "work", outputs + condition(when), interrupting=False)

    scenario = at_work(flips("edge", "n = 0", "1") + flips("back", "n = 1", "0"), flows="s -> work\nwork -> e")
    run = scenario.start("p", {"n": 5})
    scenario.set_variables(run, {"n": 0})
    assert [incident.kind for incident in run.incidents] == ["loop"]
    scenario.set_variables(run, {"n": 7})
    scenario.resolve(run.incidents[0])
    scenario.complete_job("work")
    assert (run.state, run.incidents) == ("completed", [])
