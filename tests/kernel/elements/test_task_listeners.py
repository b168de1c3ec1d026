"""Task listeners: asked before a user task is created, assigned, changed or completed; they correct and deny."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from clearance.model import commands
from clearance.model import definition as d
from clearance.model.clearance import Person, Ruling
from clearance.model.commands import Answer, Refusal
from clearance.model.events import TaskCompleted
from clearance.model.work import Completed, Failed, Job, TaskCorrections, TaskResult
from clearance.testing import Scenario
from clearance.testing.scenario import Run

ANN, BOB = Person("ann"), Person("bob")
PREFIX = "io.camunda.zeebe:"
Says = Callable[[Job], Any]


def listening(**types: str | tuple[str, ...]) -> tuple[d.Listener, ...]:
    return tuple(
        d.Listener(event=event, type=one)
        for event, said in types.items()
        for one in ((said,) if isinstance(said, str) else said)
    )


def corrects(**what: Any) -> Completed:
    return Completed({}, task=TaskResult(corrections=TaskCorrections(**what)))


def denies(reason: str = "") -> Completed:
    return Completed({}, task=TaskResult(denied=True, denied_reason=reason))


def scenario_with(*listeners: d.Listener, assignee: str = "", **more: Any) -> Scenario:
    scenario = Scenario(restarts=True)
    task = d.UserTask(
        id="ask",
        assignment=d.Assignment(assignee=assignee, candidate_groups="clerk"),
        task_listeners=tuple(listeners),
        headers=(("own", "1"),),
        **more,
    )
    flow = d.Flow(id="f", source="s", target="ask")
    scenario.deploy(d.Process(id="p", elements=(d.StartEvent(id="s"), task), flows=(flow,)))
    return scenario


def assign(scenario: Scenario, run: Run, to: str, by: Person = ANN) -> Answer | Refusal:
    (task,) = scenario.tasks
    ruling = Ruling("permit", "", ("test",))
    return scenario.submit(commands.AssignTask(instance=run.key, task=task.key, assignee=to, by=by, ruling=ruling))


def state(scenario: Scenario, run: Run) -> Any:
    (task,) = scenario._instance(run.key).tasks.values()
    return task


def test_a_task_is_completed_once_all_of_them_have_been_heard() -> None:
    scenario = scenario_with(*listening(completing=("first", "second")))
    run = scenario.start("p")
    scenario.answer("ask", {"x": 1}, option="pay", by=ANN)
    assert (run.active, scenario.jobs, run.variables) == (["ask"], ["first"], {})
    scenario.worker("first", lambda job: {})
    assert scenario.jobs == ["second"]
    scenario.worker("second", lambda job: {})
    assert run.state == "completed"
    assert (run.variables["x"], run.variables["decision"], run.variables["decidedBy"]) == (1, "pay", "ann")
    (completed,) = [event for event in run.events if isinstance(event, TaskCompleted)]
    assert completed.by == "ann"
    assert completed.ruling is not None


def test_what_is_denied_has_not_happened_and_may_be_tried_again() -> None:
    scenario = scenario_with(*listening(completing=("corrects", "checks")))
    scenario.worker("corrects", lambda job: corrects(priority=90))
    answers = [denies("the amount is missing"), {}]
    scenario.worker("checks", lambda job: answers.pop(0))
    run = scenario.start("p")
    scenario.answer("ask", {"x": 1})
    assert run.active == ["ask"]
    assert run.variables == {}
    assert state(scenario, run).priority == 50, "corrections before the denial are discarded"
    scenario.answer("ask", {"x": 2})
    assert (run.state, run.variables) == ("completed", {"x": 2})


def test_nothing_else_happens_to_a_task_that_waits_for_its_listeners() -> None:
    scenario = scenario_with(*listening(completing="checks"))
    run = scenario.start("p")
    scenario.answer("ask", {"x": 1})
    refused = assign(scenario, run, "bob")
    assert isinstance(refused, Refusal)
    assert "waits for its listeners (completing)" in refused.reason
    with pytest.raises(Exception, match="waits for its listeners"):
        scenario.answer("ask", {"x": 2})
    scenario.worker("checks", lambda job: {})
    assert run.variables == {"x": 1}


def test_a_task_is_shown_to_people_once_it_may_be_created_and_as_it_was_corrected() -> None:
    scenario = scenario_with(*listening(creating=("first", "second")))
    run = scenario.start("p")
    assert scenario.tasks == []
    seen: list[Job] = []
    scenario.worker(
        "first", lambda job: corrects(assignee="bob", due_date="2030-01-01T00:00:00Z", candidate_groups=("boss",))
    )
    scenario.worker("second", lambda job: seen.append(job) or {})
    (task,) = scenario.tasks
    assert task.assignee == "bob"
    kept = state(scenario, run)
    assert (kept.groups, kept.due) == (("boss",), 1_893_456_000_000)
    (job,) = seen
    assert job.listener == "creating"
    assert job.headers["own"] == "1"
    told = {name.removeprefix(PREFIX): text for name, text in job.headers.items() if name.startswith(PREFIX)}
    assert told["assignee"] == "bob"
    assert told["dueDate"] == "2030-01-01T00:00:00+00:00"
    assert json.loads(told["candidateGroups"]) == ["boss"]
    assert json.loads(told["changedAttributes"]) == ["assignee", "candidateGroups", "dueDate"]
    assert told["userTaskKey"] == str(task.key)


def test_a_task_that_the_process_assigns_is_created_and_then_assigned() -> None:
    scenario = scenario_with(*listening(creating="creates", assigning="assigns"), assignee="bob")
    run = scenario.start("p")
    scenario.worker("creates", lambda job: {})
    assert (scenario.tasks[0].assignee, scenario.jobs) == ("", ["assigns"])
    scenario.worker("assigns", lambda job: corrects(assignee="cleo", priority=70))
    assert scenario.tasks[0].assignee == "cleo"
    assert state(scenario, run).priority == 70


@pytest.mark.parametrize("denied", [True, False])
def test_assigning_may_be_denied(denied: bool) -> None:
    scenario = scenario_with(*listening(assigning="assigns"))
    scenario.worker("assigns", lambda job: denies() if denied else {})
    run = scenario.start("p")
    assert isinstance(assign(scenario, run, "bob"), Answer)
    assert scenario.tasks[0].assignee == ("" if denied else "bob")


def test_setting_a_variable_of_the_task_is_an_update() -> None:
    scenario = scenario_with(*listening(updating="checks"))
    answers = [denies("no"), {}]
    scenario.worker("checks", lambda job: answers.pop(0))
    run = scenario.start("p")
    (element,) = [one for one in scenario._instance(run.key).elements.values() if one.task]
    for value in (1, 2):
        scenario.submit(commands.SetVariables(instance=run.key, scope=element.key, variables={"x": value}))
        kept = scenario._instance(run.key).elements[element.key].variables
        assert {name: one.data for name, one in kept.items()} == ({} if value == 1 else {"x": 2})
    scenario.set_variables(run, {"y": 1})
    assert answers == [], "variables of the process are not the task's"


def test_corrections_of_a_task_that_is_completed_are_on_record() -> None:
    scenario = scenario_with(*listening(completing="corrects"))
    scenario.worker("corrects", lambda job: corrects(candidate_users=("eve",), follow_up_date=""))
    run = scenario.start("p")
    scenario.answer("ask", {})
    assert run.state == "completed"
    assert [event.users for event in run.events if type(event).__name__ == "TaskChanged"] == [("eve",)]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Failed("no", retryable=False), "checks failed"),
        (Completed({"x": 1}), "sets no variables"),
        (corrects(due_date="soon"), "is not an ISO 8601 date-time"),
        (corrects(priority=101), "must be a number from 0 to 100"),
        (denies(), "cannot deny that ask is created"),
        (corrects(assignee="cleo"), "nor replace the assignee"),
    ],
)
def test_what_a_listener_cannot_say_is_an_incident_and_it_is_asked_again(answer: Any, told: str) -> None:
    scenario = scenario_with(*listening(creating=("before", "checks")), assignee="bob")
    answers = [answer, {}]
    asked: list[str] = []
    scenario.worker("before", lambda job: asked.append("before") or {})
    scenario.worker("checks", lambda job: answers.pop(0))
    run = scenario.start("p")
    (incident,) = run.incidents
    assert told in incident.message
    assert scenario.tasks == []
    scenario.resolve(incident)
    assert [task.assignee for task in scenario.tasks] == ["bob"]
    assert asked == ["before"]


def test_an_expression_that_fails_is_mended_and_goes_on_there() -> None:
    scenario = scenario_with(d.Listener(event="completing", type="first"), d.Listener(event="completing", type="=kind"))
    asked: list[str] = []
    for name in ("first", "second"):
        scenario.worker(name, lambda job: asked.append(job.type) or {})
    run = scenario.start("p")
    scenario.answer("ask", {})
    (incident,) = run.incidents
    assert "job type of completing listener 2 of ask" in incident.message
    scenario.set_variables(run, {"kind": "second"})
    scenario.resolve(incident)
    assert asked == ["first", "second"]
    assert run.state == "completed"


def test_what_interrupts_the_task_withdraws_listener_and_task() -> None:
    scenario = Scenario(restarts=True)
    task = d.UserTask(id="ask", task_listeners=listening(creating="creates", completing="completes"))
    border = d.BoundaryEvent(id="b", attached_to="ask", definition=d.SignalDefinition(name="stop"))
    flow = d.Flow(id="f", source="s", target="ask")
    scenario.deploy(d.Process(id="p", elements=(d.StartEvent(id="s"), task, border), flows=(flow,)))
    early = scenario.start("p")
    scenario.broadcast("stop")
    assert (early.state, scenario.jobs) == ("completed", [])
    scenario.worker("creates", lambda job: {})
    late = scenario.start("p")
    scenario.answer("ask", {"x": 1})
    scenario.broadcast("stop")
    assert (late.state, late.variables, scenario.tasks) == ("completed", {}, [])


def test_execution_listeners_stand_around_task_listeners() -> None:
    scenario = scenario_with(
        *listening(creating="creates", completing="completes"), listeners=listening(start="start", end="end")
    )
    asked: list[str] = []
    for name in ("creates", "completes", "start", "end"):
        scenario.worker(name, lambda job: asked.append(job.type) or {})
    run = scenario.start("p")
    scenario.answer("ask", {})
    assert asked == ["start", "creates", "completes", "end"]
    assert run.state == "completed"


def test_listeners_for_cancelling_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing waits for a listener when a task is cancelled"):
        scenario_with(*listening(canceling="x"))
    with pytest.raises(ValueError, match="none of creating, assigning, updating, completing"):
        scenario_with(*listening(start="x"))
