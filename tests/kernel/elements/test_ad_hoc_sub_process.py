"""Ad-hoc sub-processes (10.3.5, 13.3.5): somebody chooses what is done, and only what is offered."""

import pytest

from clearance.model import commands
from clearance.model.work import ActivateElement, AdHocResult, Completed, Job
from clearance.testing import Scenario
from tests.kernel.files import END, START, arrows, bpmn, mapping, service

FLOWS = "s -> box\nbox -> e"


def boxed(inside: str, attributes: str = "", extensions: str = "", condition: str = "") -> Scenario:
    scenario = Scenario()
    extended = f"<extensionElements>{extensions}</extensionElements>" if extensions else ""
    ended = f"<completionCondition>={condition}</completionCondition>" if condition else ""
    box = f'<adHocSubProcess id="box" {attributes}>{extended}{inside}{ended}</adHocSubProcess>'
    scenario.deploy(bpmn(START + box + END, FLOWS))
    return scenario


TOOLS = service("a") + service("b") + service("c") + arrows("b -> c")
CHOSEN = '<zeebe:adHoc activeElementsCollection="=wanted"/>'
AGENT = '<zeebe:taskDefinition type="agent"/>'


def box_key(scenario: Scenario) -> tuple[int, int]:
    run = scenario.runs[0]
    (element,) = [one for one in scenario._instance(run.key).elements.values() if one.scope == run.key]
    return run.key, element.key


def activate(scenario: Scenario, *names: str, cancel: bool = False) -> object:
    instance, element = box_key(scenario)
    chosen = tuple(ActivateElement(name) for name in names)
    return scenario.submit(
        commands.ActivateElements(instance=instance, element=element, activate=chosen, cancel_remaining=cancel)
    )


def decide(*names: str, done: bool = False, cancel: bool = False, **variables: object) -> Completed:
    elements = tuple(ActivateElement(name, variables) for name in names)  # type: ignore[arg-type]
    return Completed({}, ad_hoc=AdHocResult(elements, done, cancel))


def test_what_the_collection_names_is_done_and_flows_go_on_as_usual() -> None:
    scenario = boxed(TOOLS, extensions=CHOSEN)
    run = scenario.start("p", {"wanted": ["a", "b"]})
    assert scenario.jobs == ["a", "b"]
    for job in ("a", "b", "c"):
        assert run.state == "active"
        scenario.complete_job(job)
    assert (run.path, run.state) == (["s", "a", "b", "c", "box", "e"], "completed")


def test_one_after_the_other_when_the_ordering_is_sequential() -> None:
    scenario = boxed(TOOLS, 'ordering="Sequential"', CHOSEN)
    run = scenario.start("p", {"wanted": ["b", "a"]})
    assert scenario.jobs == ["b"]
    scenario.complete_job("b")
    assert scenario.jobs == ["c"]
    scenario.complete_job("c")
    assert scenario.jobs == ["a"]
    scenario.complete_job("a")
    assert run.state == "completed"


@pytest.mark.parametrize(("cancel", "left"), [("true", []), ("false", ["b"])])
def test_a_completion_condition_ends_it_with_or_without_the_rest(cancel: str, left: list[str]) -> None:
    scenario = boxed(TOOLS, f'cancelRemainingInstances="{cancel}"', CHOSEN, "done")
    run = scenario.start("p", {"wanted": ["a", "b"], "done": True})
    scenario.complete_job("a")
    assert scenario.jobs == left
    if left:
        assert run.state == "active"
        scenario.complete_job("b")
        scenario.complete_job("c")
    assert run.state == "completed"


@pytest.mark.parametrize("wanted", [["a", "c"], ["nowhere"]])
def test_what_is_not_offered_is_an_incident_that_says_what_is(wanted: list[str]) -> None:
    scenario = boxed(TOOLS, extensions=CHOSEN)
    run = scenario.start("p", {"wanted": wanted})
    (incident,) = run.incidents
    assert "offers a, b" in incident.message
    assert scenario.jobs == []
    scenario.set_variables(run, {"wanted": ["a"]})
    scenario.resolve(incident)
    assert scenario.jobs == ["a"]


def test_people_and_programs_activate_elements_and_nothing_else() -> None:
    scenario = boxed(TOOLS, condition="done")
    run = scenario.start("p", {"done": False})
    refused = activate(scenario, "a", "c")
    assert isinstance(refused, commands.Refusal)
    assert scenario.jobs == []
    activate(scenario, "a")
    scenario.complete_job("a")
    assert run.state == "active"
    activate(scenario, "a", "a")
    activate(scenario, "b", cancel=True)
    assert scenario.jobs == ["b"]
    scenario.complete_job("b")
    scenario.complete_job("c", {"done": True})
    assert run.state == "completed"


def test_results_are_collected() -> None:
    collected = CHOSEN.replace("/>", ' outputCollection="found" outputElement="=result"/>')
    scenario = boxed(TOOLS, extensions=collected)
    run = scenario.start("p", {"wanted": ["a", "b"]})
    scenario.complete_job("a", {"result": 1})
    scenario.complete_job("b")
    scenario.complete_job("c", {"result": 2})
    assert run.variables["found"] == [1, 2]


def test_an_agent_is_told_what_it_may_choose_and_decides_step_by_step() -> None:
    tool = service(
        "look", extra=mapping(inputs={"city": "fromAi(toolCall.city, &quot;The city&quot;, &quot;string&quot;)"})
    )
    scenario = boxed(tool.replace("</extensionElements>", "</extensionElements>") + service("b"), extensions=AGENT)
    offers: list[object] = []
    said = iter([decide("look", toolCall={"city": "Ulm"}), decide("b"), decide(done=True)])

    def agent(job: Job) -> Completed:
        offers.append(job.input["adHocSubProcessElements"])
        return next(said)

    seen: list[object] = []
    scenario.worker("look", lambda job: seen.append(job.input["city"]))
    scenario.worker("b", lambda job: None)
    scenario.worker("agent", agent)
    run = scenario.start("p")
    assert (run.path, run.state, seen) == (["s", "look", "b", "box", "e"], "completed", ["Ulm"])
    assert len(offers) == 3
    first = offers[0][0]  # type: ignore[index]
    assert first["elementId"] == "look"
    assert first["parameters"] == [{"name": "city", "description": "The city", "type": "string"}]


def test_an_agent_that_names_what_is_not_offered_becomes_an_incident_and_is_asked_again() -> None:
    scenario = boxed(TOOLS, extensions=AGENT)
    run = scenario.start("p")
    scenario.finish_job("agent", decide("c"))
    (incident,) = run.incidents
    assert "does not offer c" in incident.message
    scenario.resolve(incident)
    assert scenario.jobs == ["agent"]


def test_an_agent_that_decides_nothing_becomes_an_incident() -> None:
    scenario = boxed(TOOLS, extensions=AGENT)
    run = scenario.start("p")
    scenario.finish_job("agent", Completed({}))
    (incident,) = run.incidents
    assert "names no element" in incident.message


def test_an_agent_that_is_done_cancels_what_remains_and_late_outcomes_are_stale() -> None:
    scenario = boxed(TOOLS, extensions=AGENT)
    run = scenario.start("p")
    scenario.finish_job("agent", decide("a", "b"))
    (late,) = [one for one in scenario._waiting if one.type == "b"]
    scenario.complete_job("a")
    scenario.finish_job("agent", decide(done=True, cancel=True))
    assert (run.state, scenario.jobs) == ("completed", [])
    stale = commands.FinishJob(instance=run.key, job=late.job, attempt=1, outcome=Completed({}))
    assert isinstance(scenario.submit(stale), commands.Refusal)


def test_each_inner_completion_asks_anew_and_the_earlier_question_is_withdrawn() -> None:
    scenario = boxed(TOOLS, extensions=AGENT)
    scenario.start("p")
    scenario.finish_job("agent", decide("a", "a"))
    scenario.complete_job("a")
    assert scenario.jobs == ["a", "agent"]
    scenario.complete_job("a")
    assert scenario.jobs == ["agent"]


def test_a_terminate_end_event_inside_ends_all_of_it() -> None:
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent>'
    scenario = boxed(service("a") + service("b") + stop + arrows("a -> stop"), extensions=CHOSEN)
    run = scenario.start("p", {"wanted": ["a", "b"]})
    scenario.complete_job("a")
    assert (run.state, scenario.jobs) == ("completed", [])


def test_without_anything_to_choose_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no flow leads to"):
        boxed('<task id="a"/><task id="b"/>' + arrows("a -> b\nb -> a"))
