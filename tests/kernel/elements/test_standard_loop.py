"""Standard loops (10.3.7): again and again while the condition holds, on every activity."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, arrows, boundary, bpmn, error, service


def loop(condition: str = "", *, maximum: str = "", before: bool = False) -> str:
    inside = f"<loopCondition>={condition}</loopCondition>" if condition else ""
    limit = f' loopMaximum="{maximum}"' if maximum else ""
    return (
        f'<standardLoopCharacteristics testBefore="{str(before).lower()}"{limit}>{inside}</standardLoopCharacteristics>'
    )


def looped(characteristics: str, elements: str = "", flows: str = "") -> Scenario:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("work", characteristics) + elements + END, "s -> work\nwork -> e\n" + flows))
    return scenario


def test_it_is_done_once_at_least_when_the_condition_is_tested_after() -> None:
    scenario = looped(loop("n &lt; 0"))
    run = scenario.start("p", {"n": 5})
    scenario.complete_job("work")
    assert (run.path, run.state) == (["s", "work", "e"], "completed")


def test_it_may_be_done_never_when_the_condition_is_tested_before() -> None:
    assert looped(loop("n &lt; 0", before=True)).start("p", {"n": 5}).path == ["s", "e"]


@pytest.mark.parametrize("before", [True, False])
def test_it_goes_on_while_the_condition_holds(before: bool) -> None:
    scenario = looped(loop("n &lt; 3", before=before))
    scenario.worker("work", lambda job: {"n": job.input["n"] + 1})
    run = scenario.start("p", {"n": 0})
    assert (run.path.count("work"), run.variables["n"]) == (3, 3)


def test_the_maximum_ends_it_and_the_counter_counts() -> None:
    scenario = looped(loop("true", maximum="4"))
    seen: list[object] = []
    scenario.worker("work", lambda job: seen.append(job.input["loopCounter"]))
    run = scenario.start("p")
    assert (seen, run.state) == ([1, 2, 3, 4], "completed")


def test_a_condition_that_cannot_be_told_is_an_incident_that_can_be_mended() -> None:
    scenario = looped(loop("more"))
    run = scenario.start("p")
    scenario.complete_job("work")
    (incident,) = run.incidents
    scenario.set_variables(run, {"more": False})
    scenario.resolve(incident)
    assert run.state == "completed"


def test_an_error_in_a_round_reaches_the_border_of_the_activity() -> None:
    from clearance.model.work import Raised

    scenario = looped(loop("true"), boundary("edge", "work", error("bad")) + '<endEvent id="e2"/>', "edge -> e2")
    run = scenario.start("p")
    scenario.complete_job("work")
    scenario.finish_job("work", Raised("bad"))
    assert (run.path[-2:], scenario.jobs) == (["edge", "e2"], [])


def test_a_sub_process_loops_as_a_whole() -> None:
    scenario = Scenario()
    inner = '<startEvent id="is"/>' + service("work") + '<endEvent id="ie"/>' + arrows("is -> work\nwork -> ie")
    scenario.deploy(
        bpmn(START + f'<subProcess id="sub">{loop("n &lt; 2")}{inner}</subProcess>' + END, "s -> sub\nsub -> e")
    )
    scenario.worker("work", lambda job: {"n": job.input["n"] + 1})
    assert scenario.start("p", {"n": 0}).path.count("ie") == 2


def test_a_loop_that_never_waits_is_an_incident_and_no_hang() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + f'<task id="t">{loop("true")}</task>' + END, "s -> t\nt -> e"))
    (incident,) = scenario.start("p").incidents
    assert incident.kind == "loop"


def test_without_condition_and_maximum_it_is_refused() -> None:
    with pytest.raises(ValueError, match="without a condition or a maximum"):
        looped(loop())
