"""A suspended instance: nothing moves, nothing that comes is lost, and what is void by then says so."""

import pytest

from clearance.model import events
from clearance.model.work import BpmnError, Completed, Failed
from clearance.testing import Scenario
from clearance.testing.scenario import ScenarioError
from tests.kernel.changes import done, refused, resume, suspend
from tests.kernel.files import END, START, boundary, bpmn, event, message, service, timer


def test_a_job_that_is_at_work_may_finish_but_what_follows_waits() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + service("b") + END, "s -> a\na -> b\nb -> e"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.complete_job("a", {"x": 1})
    assert run.active == ["a"]
    assert scenario.jobs == []
    done(resume(scenario, run))
    assert run.active == ["b"]
    assert run.variables == {"x": 1}


def test_an_outcome_is_taken_in_once() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + END, "s -> a\na -> e"))
    run = scenario.start("p")
    (release,) = scenario._waiting
    done(suspend(scenario, run))
    scenario.finish_job("a", Completed({"x": 1}))
    scenario._waiting.append(release)
    with pytest.raises(ScenarioError, match="taken in already"):
        scenario.finish_job("a", Completed({"x": 2}))
    done(resume(scenario, run))
    assert run.state == "completed"
    assert run.variables == {"x": 1}


def test_timers_that_fall_due_fire_when_it_is_resumed_and_only_once() -> None:
    scenario = Scenario()
    inside = boundary("late", "a", timer("PT1H"), interrupting=False)
    scenario.deploy(bpmn(START + service("a") + inside + service("b") + END, "s -> a\na -> e\nlate -> b"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.advance("P1D")
    assert run.active == ["a"]
    done(resume(scenario, run))
    assert sorted(run.active) == ["a", "b"]
    scenario.advance("P1D")
    assert sorted(run.active) == ["a", "b"]


def test_a_message_that_comes_meanwhile_is_acted_on_later_and_a_second_one_finds_nobody() -> None:
    scenario = Scenario()
    catch = event("intermediateCatchEvent", "w", message("paid"))
    scenario.deploy(bpmn(START + catch + service("a") + END, "s -> w\nw -> a\na -> e", keys={"paid": "n"}))
    run = scenario.start("p", {"n": "7"})
    done(suspend(scenario, run))
    scenario.publish("paid", "7", {"amount": 1})
    scenario.publish("paid", "7", {"amount": 2})
    assert run.active == ["w"]
    done(resume(scenario, run))
    assert run.active == ["a"]
    assert run.variables["amount"] == 1


def test_a_failed_attempt_is_tried_again_only_after_it_is_resumed() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + END, "s -> a\na -> e"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.finish_job("a", Failed("away", retryable=True))
    scenario.advance("P1D")
    assert scenario.jobs == []
    done(resume(scenario, run))
    scenario.advance("P1D")
    assert scenario.jobs == ["a"]


def test_an_error_that_comes_meanwhile_is_caught_when_it_is_resumed() -> None:
    scenario = Scenario()
    error = boundary("oops", "a", '<errorEventDefinition errorRef="bad"/>')
    scenario.deploy(bpmn(START + service("a") + error + service("b") + END, "s -> a\na -> e\noops -> b"))
    run = scenario.start("p")

    def fail(job: object) -> None:
        raise BpmnError("bad")

    done(suspend(scenario, run))
    scenario.worker("a", fail)
    assert run.active == ["a"]
    done(resume(scenario, run))
    assert run.active == ["b"]


def test_what_has_become_void_meanwhile_is_recorded_as_such() -> None:
    scenario = Scenario()
    late = boundary("late", "a", timer("PT1H"))
    scenario.deploy(bpmn(START + service("a") + late + service("b") + END, "s -> a\na -> e\nlate -> b"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.advance("P1D")
    scenario.complete_job("a")
    done(resume(scenario, run))
    assert run.active == ["b"]
    (void,) = [event.reason for event in run.events if isinstance(event, events.CommandRefused)]
    assert "void now" in void


def test_people_are_told_that_it_is_suspended() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + '<userTask id="u"/>' + END, "s -> u\nu -> e"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    with pytest.raises(ScenarioError, match="is suspended: resume it first"):
        scenario.answer("u")
    assert "suspended already" in refused(suspend(scenario, run))
    done(resume(scenario, run))
    assert "is not suspended" in refused(resume(scenario, run))
    scenario.answer("u")
    assert run.state == "completed"


def test_it_can_be_cancelled_with_all_that_was_held() -> None:
    scenario = Scenario()
    late = boundary("late", "a", timer("PT1H"))
    scenario.deploy(bpmn(START + service("a") + late + END, "s -> a\na -> e\nlate -> e"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.advance("P1D")
    scenario.cancel(run, "not needed")
    assert run.state == "terminated"


def test_all_of_it_survives_a_restart() -> None:
    scenario = Scenario(restarts=True)
    late = boundary("late", "a", timer("PT1H"), interrupting=False)
    scenario.deploy(bpmn(START + service("a") + late + service("b") + END, "s -> a\na -> e\nlate -> b"))
    run = scenario.start("p")
    done(suspend(scenario, run))
    scenario.advance("P1D")
    scenario.complete_job("a", {"x": 1})
    done(resume(scenario, run))
    assert run.active == ["b"]
    assert run.variables == {"x": 1}
    said = [event for event in run.events if isinstance(event, events.InstanceSuspended)]
    assert said == [events.InstanceSuspended("olga", "wait for the audit")]
