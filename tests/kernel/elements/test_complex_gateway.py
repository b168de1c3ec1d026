"""The complex gateway (13.4.5): it starts by its condition, takes what comes later, and starts anew."""

from clearance.model import definition as d
from clearance.testing import Scenario
from clearance.testing.scenario import Run


def process(activation: str, *, after: dict[str, str] | None = None, loop: bool = False) -> d.Process:
    """Three services between a parallel split and a complex gateway, then ``z`` and whatever ``after`` adds."""
    names = ("a", "b", "c")
    targets = {"z": "", **(after or {})}
    works = (*names, *targets)
    flows = [d.Flow(id="s_f", source="s", target="f")]
    flows += [d.Flow(id=f"f_{name}", source="f", target=name) for name in names]
    flows += [d.Flow(id=f"{name}_x", source=name, target="x") for name in names]
    flows += [d.Flow(id=f"x_{name}", source="x", target=name, condition=when) for name, when in targets.items()]
    flows += [d.Flow(id=f"{name}_e", source=name, target="e") for name in targets]
    return d.Process(
        id="p",
        elements=(
            d.StartEvent(id="s"),
            d.ParallelGateway(id="f"),
            *(d.ServiceTask(id=name, job=d.JobDefinition(type=name)) for name in works),
            d.ComplexGateway(id="x", activation_condition=activation),
            d.EndEvent(id="e"),
        ),
        flows=tuple(flows),
    )


def started(activation: str, after: dict[str, str] | None = None) -> Run:
    scenario = Scenario()
    scenario.deploy(process(activation, after=after))
    return scenario.start("p")


def test_two_of_three_are_enough_and_the_third_is_taken_without_another_start() -> None:
    run = started("=activationCount >= 2")
    scenario = run._scenario
    scenario.complete_job("a")
    assert sorted(run.active) == ["b", "c"]
    scenario.complete_job("b")
    assert sorted(run.active) == ["c", "z"]
    scenario.complete_job("z")
    assert run.active == ["c"]
    scenario.complete_job("c")
    assert run.state == "completed"
    assert run.path.count("z") == 1
    assert run.path.count("x") == 1, "a reset that leads nowhere is no visit"


def test_what_depends_on_the_reset_happens_when_nothing_more_can_come() -> None:
    run = started("=activationCount >= 1", {"late": "=not(waitingForStart)"})
    scenario = run._scenario
    scenario.complete_job("b")
    assert sorted(run.active) == ["a", "c", "z"]
    scenario.complete_job("a")
    assert "late" not in run.active
    scenario.complete_job("c")
    assert sorted(run.active) == ["late", "z"]


def test_the_condition_may_ask_for_single_flows() -> None:
    run = started("=activationCounts.c_x > 0")
    scenario = run._scenario
    scenario.complete_job("a")
    scenario.complete_job("b")
    assert run.active == ["c"]
    scenario.complete_job("c")
    assert run.active == ["z"]


def test_a_condition_that_never_holds_leaves_the_tokens_and_says_so() -> None:
    run = started("=activationCount > 7")
    for name in "abc":
        run._scenario.complete_job(name)
    assert [incident.kind for incident in run.incidents] == ["deadlock"]


def test_a_condition_that_cannot_be_evaluated_is_one_incident() -> None:
    run = started("=nobody > 1")
    run._scenario.complete_job("a")
    run._scenario.complete_job("b")
    assert [incident.kind for incident in run.incidents] == ["expression"]
    run._scenario.set_variables(run, {"nobody": 2})
    assert "z" in run.active
