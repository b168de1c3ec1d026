"""The inclusive join (13.4.3): it waits for what can still come, and for nothing else."""

import pytest

from clearance.model import events
from clearance.model.work import Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import END, START, boundary, bpmn, error, message, scope, service, timer

OR = '<inclusiveGateway id="{}"/>'
SPLIT = '<inclusiveGateway id="g"/>'
JOIN = '<inclusiveGateway id="j"/>'


def started(elements: str, flows: str, **variables: object) -> Run:
    scenario = Scenario()
    scenario.deploy(bpmn(elements, flows))
    return scenario.start("p", variables)


THREE = START + SPLIT + JOIN + service("a") + service("b") + service("c") + service("z") + END
THREE_FLOWS = """s -> g
g -> a when x >= 1
g -> b when x >= 2
g -> c when x >= 3
a -> j
b -> j
c -> j
j -> z
z -> e"""


@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_waits_for_as_many_as_were_sent(count: int) -> None:
    run = started(THREE, THREE_FLOWS, x=count)
    for name in "abc"[:count]:
        assert "z" not in run.active
        run._scenario.complete_job(name)
    assert run.active == ["z"]
    run._scenario.complete_job("z")
    assert run.state == "completed"


def test_a_token_that_can_only_come_through_the_join_itself_is_not_waited_for() -> None:
    """A loop back from behind the join to a branch before it."""
    elements = START + JOIN + service("a") + service("z") + '<exclusiveGateway id="k" default="k_e"/>' + END
    run = started(elements, "s -> j\nj -> z\nz -> k\nk -> a when again\nk -> e\na -> j", again=True)
    assert run.active == ["z"]
    run._scenario.complete_job("z")
    assert run.active == ["a"]
    run._scenario.complete_job("a")
    assert run.active == ["z"]
    run._scenario.set_variables(run, {"again": False})
    run._scenario.complete_job("z")
    assert run.state == "completed"


def test_a_token_that_could_come_to_a_flow_with_one_already_is_not_waited_for() -> None:
    """Two tokens before one exclusive choice: the second can come to the full flow as well as to the empty one."""
    elements = START + '<parallelGateway id="f"/><exclusiveGateway id="m"/>' + service("t1") + service("t2")
    elements += '<exclusiveGateway id="x" default="x_b"/>' + service("a") + service("b") + JOIN + service("z") + END
    flows = (
        "s -> f\nf -> t1\nf -> t2\nt1 -> m\nt2 -> m\nm -> x\nx -> a when left\nx -> b\na -> j\nb -> j\nj -> z\nz -> e"
    )
    run = started(elements, flows, left=True)
    run._scenario.complete_job("t1")
    run._scenario.complete_job("a")
    assert sorted(run.active) == ["t2", "z"]


def test_a_branch_that_ends_elsewhere_frees_the_join() -> None:
    elements = START + '<parallelGateway id="f"/>' + service("a") + service("b") + JOIN + service("z") + END
    elements += '<exclusiveGateway id="x" default="x_j"/><endEvent id="out"/>'
    run = started(
        elements, "s -> f\nf -> a\nf -> b\na -> j\nb -> x\nx -> out when gone\nx -> j\nj -> z\nz -> e", gone=True
    )
    run._scenario.complete_job("a")
    assert run.active == ["b"]
    run._scenario.complete_job("b")
    assert run.active == ["z"]


def test_a_token_in_a_sub_process_counts_for_the_sub_process() -> None:
    inner = '<startEvent id="i"/>' + service("x") + '<endEvent id="k"/>'
    elements = START + '<parallelGateway id="f"/>' + scope("subProcess", "sub", inner, "i -> x\nx -> k") + service("a")
    run = started(elements + JOIN + service("z") + END, "s -> f\nf -> sub\nf -> a\nsub -> j\na -> j\nj -> z\nz -> e")
    run._scenario.complete_job("a")
    assert run.active == ["sub", "x"]
    run._scenario.complete_job("x")
    assert run.active == ["z"]


def test_a_token_may_still_come_from_an_event_on_the_border() -> None:
    late = boundary("late", "b", timer("PT1H"))
    elements = START + '<parallelGateway id="f"/>' + service("a") + service("b") + late + JOIN + service("z") + END
    run = started(elements + '<endEvent id="o"/>', "s -> f\nf -> a\nf -> b\na -> j\nb -> o\nlate -> j\nj -> z\nz -> e")
    run._scenario.complete_job("a")
    assert run.active == ["b"]
    run._scenario.advance("PT1H")
    assert run.active == ["z"]


def test_a_token_that_moves_on_by_another_way_frees_the_join() -> None:
    late = boundary("late", "b", error("no"))
    elements = START + '<parallelGateway id="f"/>' + service("a") + service("b") + late + JOIN + service("z") + END
    run = started(elements + service("o"), "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nlate -> o\nj -> z\nz -> e")
    run._scenario.complete_job("a")
    run._scenario.finish_job("b", Raised("no", ""))
    assert sorted(run.active) == ["o", "z"]


def test_joins_one_after_the_other_wait_for_one_another_in_order() -> None:
    gates = "".join(OR.format(name) for name in ("g", "j1", "j2"))
    elements = START + gates + service("a") + service("b") + service("c") + service("z") + END
    flows = "s -> g\ng -> a\ng -> b\ng -> c\na -> j1\nb -> j1\nj1 -> j2\nc -> j2\nj2 -> z\nz -> e"
    run = started(elements, flows)
    run._scenario.complete_job("c")
    run._scenario.complete_job("a")
    assert run.active == ["b"]
    run._scenario.complete_job("b")
    assert run.active == ["z"]


def test_joins_that_wait_for_each_other_are_an_incident_that_says_so() -> None:
    gates = '<parallelGateway id="f"/>' + "".join(OR.format(name) for name in ("j1", "j2"))
    splits = '<parallelGateway id="k1"/><parallelGateway id="k2"/>'
    elements = START + gates + splits + service("a") + service("b") + END
    flows = "s -> f\nf -> a\nf -> b\na -> j1\nb -> j2\nj1 -> k1\nk1 -> j2\nk1 -> e\nj2 -> k2\nk2 -> j1\nk2 -> e"
    run = started(elements, flows)
    run._scenario.complete_job("a")
    run._scenario.complete_job("b")
    assert run.active == []
    assert [incident.kind for incident in run.incidents] == ["deadlock"]
    assert "j1, j2 waits" in run.incidents[0].message


def test_two_tokens_on_one_flow_start_it_twice() -> None:
    elements = START + '<parallelGateway id="f"/><exclusiveGateway id="m"/>' + JOIN + service("a") + service("z") + END
    flows = "s -> f\nf -> m\nf -> t\nt -> m\nm -> j\nf -> a\na -> j\nj -> z\nz -> e"
    run = started(elements + '<task id="t"/>', flows)
    assert run.active == ["a"]
    run._scenario.complete_job("a")
    assert run.active == ["z", "z"]


def test_a_terminate_event_takes_tokens_at_the_join_with_it() -> None:
    stop = '<endEvent id="t"><terminateEventDefinition/></endEvent>'
    elements = START + '<parallelGateway id="f"/>' + service("a") + service("b") + service("c") + JOIN + END + stop
    run = started(elements, "s -> f\nf -> a\nf -> b\nf -> c\na -> j\nb -> j\nj -> e\nc -> t")
    run._scenario.complete_job("a")
    run._scenario.complete_job("c")
    assert run.state == "completed"
    assert "j" not in run.path


def test_an_incident_in_one_branch_is_waited_for() -> None:
    run = started(THREE, THREE_FLOWS, x=2)
    run._scenario.complete_job("a")
    run._scenario.finish_job("b", Raised("unknown", ""))
    assert run.active == ["b"]
    (incident,) = run.incidents
    run._scenario.resolve(incident)
    assert run.active == ["b"]


def test_it_is_entered_once_for_each_set_of_tokens_it_consumed() -> None:
    run = started(THREE, THREE_FLOWS, x=3)
    for name in "abc":
        run._scenario.complete_job(name)
    joined = [event for event in run.events if isinstance(event, events.TokensJoined)]
    assert [len(event.flows) for event in joined] == [3]


def test_an_event_based_gateway_before_it_counts_until_it_is_decided() -> None:
    wait = '<eventBasedGateway id="w"/>'
    catches = f'<intermediateCatchEvent id="m1">{message("one")}</intermediateCatchEvent>'
    catches += f'<intermediateCatchEvent id="m2">{timer("P1D")}</intermediateCatchEvent>'
    elements = START + '<parallelGateway id="f"/>' + service("a") + wait + catches + JOIN + service("z") + END
    run = started(
        elements + '<endEvent id="o"/>',
        "s -> f\nf -> a\nf -> w\nw -> m1\nw -> m2\nm1 -> j\nm2 -> o\na -> j\nj -> z\nz -> e",
    )
    run._scenario.complete_job("a")
    assert run.active == ["w"]
    run._scenario.advance("P1D")
    assert run.active == ["z"]
