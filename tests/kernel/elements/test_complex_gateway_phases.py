"""The complex gateway: begins by its condition, waits for the rest, resets (10.6.5, 13.4.5)."""

from clearance.testing import Scenario
from tests.kernel.files import END, START, bpmn, service


def gate(condition: str) -> str:
    return f'<complexGateway id="g"><activationCondition>={condition}</activationCondition></complexGateway>'


def three(condition: str, after: str = "g -> e") -> Scenario:
    scenario = Scenario()
    elements = START + '<parallelGateway id="fork"/>' + "".join(map(service, "abc")) + gate(condition) + END
    elements += service("rest") * ("rest" in after)
    flows = "s -> fork\nfork -> a\nfork -> b\nfork -> c\na -> g\nb -> g\nc -> g\n"
    scenario.deploy(bpmn(elements, flows + after))
    return scenario


def test_two_of_three_are_enough_and_the_third_goes_no_further() -> None:
    scenario = three("activationCount &gt;= 2")
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "g" not in run.path
    scenario.complete_job("c")
    assert (run.path[-2:], run.state) == (["g", "e"], "active")
    scenario.complete_job("b")
    assert (run.path, run.state) == (["s", "fork", "a", "c", "g", "e", "b"], "completed")


def test_when_it_resets_conditions_see_that_it_no_longer_waits_for_the_start() -> None:
    after = "g -> e when waitingForStart\ng -> rest when not(waitingForStart) and activationCount = 2\nrest -> e"
    scenario = three("activationCount &gt;= 1", after)
    run = scenario.start("p")
    scenario.complete_job("a")
    assert run.path[-2:] == ["g", "e"]
    scenario.complete_job("b")
    assert scenario.jobs == ["c"]
    scenario.complete_job("c")
    assert (scenario.jobs, run.path.count("g")) == (["rest"], 2)


def test_it_begins_anew_after_the_reset() -> None:
    scenario = Scenario()
    gates = '<parallelGateway id="fork"/><exclusiveGateway id="again"/><exclusiveGateway id="x" default="x_e"/>'
    flows = (
        "s -> again\nagain -> fork\nfork -> a\nfork -> b\na -> g\nb -> g\ng -> w\nw -> x\nx -> again when more\nx -> e"
    )
    jobs = "".join(map(service, ["a", "b", "w"]))
    scenario.deploy(bpmn(START + gates + jobs + gate("activationCount = 1") + END, flows))
    run = scenario.start("p", {"more": True})
    for job in ["a", "b", "w", "b", "a"]:
        scenario.complete_job(job)
    scenario.set_variables(run, {"more": False})
    scenario.complete_job("w")
    assert (run.path.count("g"), run.state) == (2, "completed")


def test_an_activation_condition_that_cannot_be_told_is_an_incident_that_can_be_mended() -> None:
    scenario = three("activationCount &gt;= needed")
    run = scenario.start("p")
    scenario.complete_job("a")
    (incident,) = run.incidents
    assert "needed" in incident.message
    scenario.set_variables(run, {"needed": 1})
    scenario.resolve(incident)
    assert run.path[-2:] == ["g", "e"]


def test_counts_are_told_apart_by_flow() -> None:
    scenario = three("activationCounts.b_g = 1")
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "g" not in run.path
    scenario.complete_job("b")
    assert "g" in run.path
    scenario.complete_job("c")
    assert run.state == "completed"
