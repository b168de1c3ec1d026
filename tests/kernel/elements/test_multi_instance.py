"""Multi-instance activities: parallel and sequential, results in order, early ends."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, each, error, service, timer


def looped(loop: str, edge: str = "", flows: str = "") -> Scenario:
    scenario = Scenario()
    content = START + service("work", loop) + edge + END + '<endEvent id="e2"/>' * bool(edge)
    scenario.deploy(bpmn(content, "s -> work\nwork -> e\n" + flows))
    return scenario


@pytest.mark.parametrize("sequential", [True, False])
def test_results_come_in_the_order_of_the_items(sequential: bool) -> None:
    scenario = looped(each("items", sequential=sequential, result="double"))
    scenario.worker("work", lambda job: {"double": job.input["item"] * 2})
    run = scenario.start("p", {"items": [3, 1, 2]})
    assert run.variables["results"] == [6, 2, 4]
    assert run.path == ["s", "work", "work", "work", "e"]


def test_sequential_instances_wait_for_one_another() -> None:
    scenario = looped(each("items", sequential=True))
    scenario.start("p", {"items": ["a", "b"]})
    assert scenario.jobs == ["work"]
    scenario.complete_job("work")
    assert scenario.jobs == ["work"]


def test_parallel_instances_are_all_there_at_once() -> None:
    scenario = looped(each("items"))
    scenario.start("p", {"items": ["a", "b", "c"]})
    assert scenario.jobs == ["work"] * 3


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_collection_is_done_at_once(sequential: bool) -> None:
    run = looped(each("items", sequential=sequential, result="x")).start("p", {"items": []})
    assert (run.path, run.variables["results"]) == (["s", "e"], [])


def test_a_completion_condition_ends_the_rest() -> None:
    scenario = looped(each("items", until="numberOfCompletedInstances = 2"))
    run = scenario.start("p", {"items": [1, 2, 3, 4]})
    scenario.complete_job("work")
    scenario.complete_job("work")
    assert (run.path, scenario.jobs, run.state) == (["s", "work", "work", "e"], [], "completed")


def test_a_boundary_event_ends_all_instances() -> None:
    scenario = looped(each("items"), boundary("edge", "work", timer("PT1H")), "edge -> e2")
    run = scenario.start("p", {"items": [1, 2]})
    scenario.advance("PT1H")
    assert (run.path, scenario.jobs) == (["s", "edge", "e2"], [])


def test_an_error_of_one_instance_ends_the_others() -> None:
    from clearance.testing import BpmnError

    scenario = looped(each("items"), boundary("edge", "work", error("bad")), "edge -> e2")

    def work(job: object) -> dict[str, object]:
        if job.input["item"] == 2:  # type: ignore[attr-defined]
            raise BpmnError("bad")
        return {}

    scenario.worker("work", work)
    assert scenario.start("p", {"items": [1, 2, 3]}).path[-2:] == ["edge", "e2"]


def test_what_is_no_list_is_an_incident_that_can_be_mended() -> None:
    scenario = looped(each("items"))
    run = scenario.start("p", {"items": 5})
    (incident,) = run.incidents
    assert "must be a list" in incident.message
    scenario.set_variables(run, {"items": [1]})
    scenario.resolve(incident)
    assert scenario.jobs == ["work"]
