"""User tasks: who may do them, what they show, and what a person's answer does."""

import pytest

from clearance.model import commands
from clearance.model.clearance import Person, Ruling
from clearance.testing import Scenario
from clearance.testing.scenario import ScenarioError
from tests.kernel.files import END, START, boundary, bpmn, message


def _task(inside: str = "", extra: str = "") -> bytes:
    task = f'<userTask id="t" name="Look"><extensionElements>{inside}</extensionElements></userTask>'
    return bpmn(START + task + END + extra, "s -> t\nt -> e" + ("\nb -> e" if extra else ""))


def test_an_answer_completes_it_and_its_variables_go_on() -> None:
    scenario = Scenario()
    scenario.deploy(_task())
    run = scenario.start("p", {"x": 1})
    (task,) = run.tasks
    assert (task.element, task.name, task.variables) == ("t", "Look", {"x": 1})
    scenario.answer("t", {"x": 2}, option="approve", comment="fine", by=Person("ann", ("clerk",)))
    assert run.state == "completed"
    assert run.variables == {"x": 2, "decision": "approve", "comment": "fine", "decidedBy": "ann"}


def test_candidates_assignee_and_dates_come_from_expressions_or_lists() -> None:
    inside = (
        '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="clerk, auditor"'
        ' candidateUsers="=[&#34;u1&#34;]"/>'
        '<zeebe:taskSchedule dueDate="=due"/>'
    )
    scenario = Scenario()
    scenario.deploy(_task(inside))
    run = scenario.start("p", {"boss": "eva", "due": "2026-02-01T00:00:00Z"})
    (task,) = run.tasks
    assert (task.assignee, task.groups) == ("eva", ("clerk", "auditor"))


def test_a_due_date_that_is_none_is_an_incident_and_no_task() -> None:
    scenario = Scenario()
    scenario.deploy(_task('<zeebe:taskSchedule dueDate="=due"/>'))
    run = scenario.start("p", {"due": "soon"})
    (incident,) = run.incidents
    assert (run.tasks, "soon" in incident.message) == ([], True)
    scenario.set_variables(run, {"due": "2026-02-01T00:00:00Z"})
    scenario.resolve(incident)
    assert len(run.tasks) == 1


def test_somebody_else_cannot_answer_what_is_assigned_until_it_is_released() -> None:
    scenario = Scenario()
    scenario.deploy(_task('<zeebe:assignmentDefinition assignee="eva"/>'))
    run = scenario.start("p")
    with pytest.raises(ScenarioError, match="assigned to eva"):
        scenario.answer("t", by=Person("ann"))
    permit = Ruling("permit", "")
    for name, by in (("", "eva"), ("ann", "ann")):
        scenario.submit(
            commands.AssignTask(instance=run.key, task=run.tasks[0].key, assignee=name, by=Person(by), ruling=permit)
        )
    scenario.answer("t", by=Person("ann"))
    assert run.state == "completed"


@pytest.mark.parametrize("ruling", [None, Ruling("deny", "", ("p",), ("not yours",))])
def test_without_a_permit_nothing_happens_but_the_attempt_is_recorded(ruling: Ruling | None) -> None:
    scenario = Scenario()
    scenario.deploy(_task())
    run = scenario.start("p")
    before = len(run.events)
    scenario.submit(commands.CompleteTask(instance=run.key, task=run.tasks[0].key, by=Person("eve"), ruling=ruling))
    assert run.active == ["t"]
    assert [type(event).__name__ for event in run.events[before:]] == ["CommandRefused"]


def test_a_task_that_is_interrupted_is_gone_from_the_inbox() -> None:
    scenario = Scenario()
    scenario.deploy(_task(extra=boundary("b", "t", message("stop"))))
    run = scenario.start("p")
    (task,) = run.tasks
    scenario.publish("stop")
    assert scenario.tasks == []
    with pytest.raises(ScenarioError, match=r"not open any longer|has ended"):
        scenario.answer(task)
