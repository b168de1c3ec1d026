"""Call activities (10.3.6, 13.3.4): another process as an instance of its own, with its end, errors and cancelling."""

import pytest

from clearance.engine.settings import EngineSettings
from clearance.model import commands
from clearance.model.definition import (
    CallActivity,
    Definitions,
    EndEvent,
    Flow,
    JobDefinition,
    Mapping,
    MultiInstance,
    Process,
    ServiceTask,
    StartEvent,
    UserTask,
)
from clearance.model.work import Escalated, Raised
from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, each, error, escalation, mapping, service, timer

CALL = '<callActivity id="call" calledElement="child"/>'


def caller(
    options: str = 'processId="child"', edge: str = "", flows: str = "", extra: str = "", loop: str = ""
) -> bytes:
    call = (
        f'<callActivity id="call"><extensionElements><zeebe:calledElement {options}/>{extra}</extensionElements>'
        f"{loop}</callActivity>"
    )
    ends = END + '<endEvent id="e2"/>' * bool(edge)
    return bpmn(START + call + edge + ends, "s -> call\ncall -> e\n" + flows, identifier="parent")


def child(elements: str = "", flows: str = "s -> work\nwork -> e") -> bytes:
    return bpmn(START + (elements or service("work")) + END, flows, identifier="child")


def deployed(*files: bytes, **options: object) -> Scenario:
    scenario = Scenario(**options)  # type: ignore[arg-type]
    for file in files:
        scenario.deploy(file)
    return scenario


def states(scenario: Scenario) -> list[tuple[str, str]]:
    return [(run.process, run.state) for run in scenario.runs]


@pytest.mark.parametrize("restarts", [False, True])
def test_the_called_process_runs_and_the_caller_goes_on_with_its_variables(restarts: bool) -> None:
    scenario = deployed(caller(), child(), restarts=restarts)
    run = scenario.start("parent", {"x": 1})
    assert (run.active, scenario.jobs) == (["call"], ["work"])
    assert scenario.runs[1].variables == {"x": 1}
    scenario.complete_job("work", {"y": 2})
    assert (run.path, run.variables) == (["s", "call", "e"], {"x": 1, "y": 2})
    assert states(scenario) == [("parent", "completed"), ("child", "completed")]


def test_a_child_that_waits_for_nothing_ends_in_the_same_command() -> None:
    scenario = deployed(caller(), child('<task id="work"/>'))
    assert scenario.start("parent").state == "completed"


def test_only_what_the_mappings_name_goes_in_and_comes_out() -> None:
    options = 'processId="child" propagateAllParentVariables="false" propagateAllChildVariables="false"'
    extra = mapping(inputs={"a": "x"}, outputs={"result": "y"})
    scenario = deployed(caller(options, extra=extra), child())
    run = scenario.start("parent", {"x": 1, "secret": 2})
    assert scenario.runs[1].variables == {"a": 1}
    scenario.complete_job("work", {"y": 5, "z": 6})
    assert run.variables == {"x": 1, "secret": 2, "result": 5}


def test_nothing_comes_out_without_mappings_when_nothing_is_propagated() -> None:
    scenario = deployed(caller('processId="child" propagateAllChildVariables="false"'), child())
    run = scenario.start("parent")
    scenario.complete_job("work", {"y": 5})
    assert run.variables == {}


def test_an_expression_says_which_process_is_called() -> None:
    scenario = deployed(caller('processId="=which"'), child())
    scenario.start("parent", {"which": "child"})
    assert states(scenario)[1] == ("child", "active")


def test_an_error_of_the_child_reaches_the_border_of_the_call_and_ends_the_child() -> None:
    scenario = deployed(caller(edge=boundary("edge", "call", error("bad")), flows="edge -> e2"), child())
    run = scenario.start("parent")
    scenario.finish_job("work", Raised("bad", "no", {"why": "x"}))
    assert (run.path, run.variables["why"]) == (["s", "edge", "e2"], "x")
    assert states(scenario) == [("parent", "completed"), ("child", "terminated")]


def test_an_error_goes_through_all_calls_until_something_catches_it() -> None:
    middle = caller('processId="child"').replace(b'id="parent"', b'id="middle"')
    top = caller('processId="middle"', edge=boundary("edge", "call", error("bad")), flows="edge -> e2")
    scenario = deployed(top, middle, child())
    run = scenario.start("parent")
    scenario.finish_job("work", Raised("bad"))
    assert run.path == ["s", "edge", "e2"]
    assert [state for _, state in states(scenario)] == ["completed", "terminated", "terminated"]


def test_an_error_that_nothing_catches_is_an_incident_of_the_call_and_resolving_calls_anew() -> None:
    scenario = deployed(caller(), child())
    run = scenario.start("parent")
    scenario.finish_job("work", Raised("bad"))
    (incident,) = scenario.incidents
    assert (incident.instance, incident.element, incident.kind) == (run.key, "call", "uncaught-error")
    scenario.resolve(incident)
    assert [state for _, state in states(scenario)] == ["active", "terminated", "active"]
    scenario.complete_job("work")
    assert run.state == "completed"


def test_an_escalation_of_the_child_is_caught_without_ending_it() -> None:
    throw = '<intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="hot"/></intermediateThrowEvent>'
    edge = boundary("edge", "call", escalation("hot"), interrupting=False)
    scenario = deployed(
        caller(edge=edge, flows="edge -> e2"), child(throw + service("work"), "s -> t\nt -> work\nwork -> e")
    )
    run = scenario.start("parent")
    assert (run.path, scenario.jobs) == (["s", "edge", "e2"], ["work"])
    scenario.complete_job("work")
    assert run.state == "completed"


def test_work_that_a_child_hands_to_a_person_stays_an_incident_of_the_child() -> None:
    scenario = deployed(caller(), child())
    scenario.start("parent")
    scenario.finish_job("work", Escalated("not sure"))
    (incident,) = scenario.incidents
    assert (incident.instance, incident.kind) == (scenario.runs[1].key, "escalated")


def test_cancelling_the_caller_cancels_all_that_it_has_called() -> None:
    middle = caller('processId="child"').replace(b'id="parent"', b'id="middle"')
    scenario = deployed(caller('processId="middle"'), middle, child())
    scenario.cancel(scenario.start("parent"))
    assert [state for _, state in states(scenario)] == ["terminated"] * 3
    assert scenario.jobs == []


def test_a_timer_on_the_border_ends_the_child() -> None:
    scenario = deployed(caller(edge=boundary("edge", "call", timer("P1D")), flows="edge -> e2"), child())
    run = scenario.start("parent")
    scenario.advance("P1D")
    assert (run.path, scenario.runs[1].state) == (["s", "edge", "e2"], "terminated")


def test_a_child_that_is_cancelled_by_hand_is_an_incident_of_its_caller() -> None:
    scenario = deployed(caller(), child())
    run = scenario.start("parent")
    scenario.cancel(scenario.runs[1])
    (incident,) = run.incidents
    assert (incident.kind, "cancelled" in incident.message) == ("called-element", True)
    scenario.resolve(incident)
    scenario.complete_job("work")
    assert run.state == "completed"


def test_what_is_not_deployed_is_an_incident_that_is_resolved_after_deploying() -> None:
    scenario = deployed(caller())
    run = scenario.start("parent")
    (incident,) = run.incidents
    assert "child is not deployed" in incident.message
    scenario.deploy(child())
    scenario.resolve(incident)
    scenario.complete_job("work")
    assert run.state == "completed"


def test_a_process_that_calls_itself_stops_at_the_bound() -> None:
    scenario = deployed(caller('processId="parent"'), settings=EngineSettings(call_depth_max=5))
    scenario.start("parent")
    (incident,) = scenario.incidents
    assert "call_depth_max" in incident.message
    assert len(scenario.runs) == 6
    scenario.cancel(scenario.runs[0])
    assert {state for _, state in states(scenario)} == {"terminated"}


def test_a_loop_of_calls_that_never_wait_is_an_incident_and_no_hang() -> None:
    gate = '<exclusiveGateway id="x"/><exclusiveGateway id="y" default="y_e"/>'
    call = CALL
    flows = "s -> x\nx -> call\ncall -> y\ny -> x when go\ny -> e"
    content = bpmn(START + gate + call + END, flows, identifier="parent")
    scenario = deployed(content, child('<task id="work"/>'), settings=EngineSettings(calls_max=20))
    (incident,) = scenario.start("parent", {"go": True}).incidents
    assert "calls_max" in incident.message


@pytest.mark.parametrize("sequential", [True, False])
def test_each_item_calls_and_the_results_are_collected(sequential: bool) -> None:
    loop = each("items", sequential=sequential, result="double")
    scenario = deployed(caller(loop=loop), child())
    scenario.worker("work", lambda job: {"double": job.input["item"] * 2})
    run = scenario.start("parent", {"items": [3, 1, 2]})
    assert (run.variables["results"], len(scenario.runs)) == ([6, 2, 4], 4)


def test_a_completion_condition_cancels_the_other_children() -> None:
    loop = each("items", until="numberOfCompletedInstances = 1")
    scenario = deployed(caller(loop=loop), child())
    run = scenario.start("parent", {"items": [1, 2, 3]})
    scenario.complete_job("work")
    assert (run.state, scenario.jobs) == ("completed", [])
    assert [state for _, state in states(scenario)] == ["completed", "completed", "terminated", "terminated"]


def versioned(identifier: str, job: str, tag: str = "") -> Process:
    return Process(
        id=identifier,
        version_tag=tag,
        elements=(StartEvent(id="s"), ServiceTask(id="w", job=JobDefinition(type=job)), EndEvent(id="e")),
        flows=(Flow(id="1", source="s", target="w"), Flow(id="2", source="w", target="e")),
    )


@pytest.mark.parametrize(
    ("binding", "version", "tag", "called"),
    [("", 0, "", "third"), ("latest", 0, "", "third"), ("version", 1, "", "first"), ("versionTag", 0, "v2", "second")],
)
def test_the_binding_says_which_version_is_called(binding: str, version: int, tag: str, called: str) -> None:
    call = CallActivity(id="call", process="child", binding=binding, version=version, version_tag=tag)
    scenario = Scenario()
    for job, version_tag in (("first", "v1"), ("second", "v2"), ("third", "")):
        scenario.deploy(versioned("child", job, version_tag))
    scenario.deploy(around(call))
    scenario.start("parent")
    assert scenario.jobs == [called]


def test_by_deployment_a_caller_stays_with_what_was_deployed_before_it() -> None:
    scenario = Scenario()
    scenario.deploy(versioned("child", "first"))
    scenario.deploy(around(CallActivity(id="call", process="child", binding="deployment")))
    scenario.deploy(versioned("child", "second"))
    scenario.start("parent")
    assert scenario.jobs == ["first"]


def test_a_version_that_is_not_there_is_an_incident() -> None:
    scenario = Scenario()
    scenario.deploy(versioned("child", "first"))
    scenario.deploy(around(CallActivity(id="call", process="child", binding="version", version=7)))
    (incident,) = scenario.start("parent").incidents
    assert "version 7" in incident.message


def around(call: CallActivity) -> Process:
    return Process(
        id="parent",
        elements=(StartEvent(id="s"), call, EndEvent(id="e")),
        flows=(Flow(id="1", source="s", target="call"), Flow(id="2", source="call", target="e")),
    )


def test_a_global_task_is_called_like_a_process() -> None:
    scenario = Scenario()
    call = CallActivity(id="call", process="ask", inputs=(Mapping(source="=1", target="x"),))
    scenario.deploy(Definitions(id="d", processes=(around(call),), global_tasks=(UserTask(id="ask", name="Ask"),)))
    run = scenario.start("parent")
    (task,) = scenario.tasks
    assert (task.name, task.variables["x"]) == ("Ask", 1)
    scenario.answer(task, {"answer": 42})
    assert (run.state, run.variables["answer"]) == ("completed", 42)


def test_a_suspended_caller_takes_in_the_end_of_its_child() -> None:
    scenario = deployed(caller(), child())
    run = scenario.start("parent")
    scenario.submit(commands.SuspendInstance(instance=run.key))
    scenario.complete_job("work")
    assert (run.state, scenario.runs[1].state) == ("active", "completed")
    scenario.submit(commands.ResumeInstance(instance=run.key))
    assert run.state == "completed"


def test_many_parallel_calls_leave_nothing_behind() -> None:
    scenario = Scenario()
    call = CallActivity(id="call", process="child", multi_instance=MultiInstance(cardinality="50"))
    scenario.deploy(around(call))
    scenario.deploy(versioned("child", "work"))
    scenario.worker("work", lambda job: {})
    assert scenario.start("parent").state == "completed"
    assert len(scenario.runs) == 51
