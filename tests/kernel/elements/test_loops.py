"""Standard loops (10.3.7, Table 10.24), and what multi-instance activities throw as they go (Table 10.26)."""

from itertools import pairwise

import pytest

from clearance.model import definition as d
from clearance.model.work import Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run

SCRIPT = d.ScriptTask(id="a", expression="=n + 1", result="n")


def line(*elements: d.Element, boundaries: dict[str, d.BoundaryEvent] | None = None) -> d.Process:
    """The elements one after the other, and a service task ``caught_<id>`` behind each boundary event."""
    whole: list[d.Element] = [d.StartEvent(id="s"), *elements, d.EndEvent(id="e")]
    flows = [d.Flow(id=f"{one.id}_{other.id}", source=one.id, target=other.id) for one, other in pairwise(whole)]
    for name, event in (boundaries or {}).items():
        caught = d.ServiceTask(id=f"caught_{name}", job=d.JobDefinition(type=f"caught_{name}"))
        whole += [event, caught]
        flows.append(d.Flow(id=f"{event.id}_c", source=event.id, target=caught.id))
    return d.Process(id="p", elements=tuple(whole), flows=tuple(flows))


def started(process: d.Process, **variables: object) -> Run:
    scenario = Scenario()
    scenario.deploy(process)
    return scenario.start("p", variables)


def service(loop: d.StandardLoop | None = None, many: d.MultiInstance | None = None) -> d.ServiceTask:
    return d.ServiceTask(id="a", job=d.JobDefinition(type="a"), loop=loop, multi_instance=many)


def script(loop: d.StandardLoop) -> d.ScriptTask:
    return d.ScriptTask(id="a", expression="=n + 1", result="n", loop=loop)


def test_each_round_goes_on_from_what_the_last_one_has_left() -> None:
    run = started(line(script(d.StandardLoop(condition="=n < 5"))), n=0)
    assert run.state == "completed"
    assert run.variables["n"] == 5
    assert run.path.count("a") == 5


def test_tested_after_it_is_done_once_at_least_and_before_perhaps_not_at_all() -> None:
    assert started(line(script(d.StandardLoop(condition="=n < 5"))), n=7).variables["n"] == 8
    assert started(line(script(d.StandardLoop(condition="=n < 5", test_before=True))), n=7).variables["n"] == 7


def test_the_maximum_ends_it_whatever_the_condition_says() -> None:
    run = started(line(script(d.StandardLoop(condition="=true", maximum="3"))), n=0)
    assert run.variables["n"] == 3
    assert started(line(script(d.StandardLoop(maximum="=k"))), n=0, k=2).variables["n"] == 2


def test_the_condition_sees_how_many_rounds_were_done_and_the_round_its_number() -> None:
    scenario = Scenario()
    seen: list[object] = []
    scenario.worker("a", lambda job: seen.append(job.input["loopCounter"]))
    scenario.deploy(line(service(d.StandardLoop(condition="=loopCounter < 3"))))
    assert scenario.start("p").state == "completed"
    assert seen == [1, 2, 3]


def test_rounds_that_wait_come_one_after_the_other() -> None:
    run = started(line(service(d.StandardLoop(condition="=again"))), again=True)
    run._scenario.complete_job("a")
    assert run.active == ["a", "a"], "the body and its second round"
    run._scenario.complete_job("a", {"again": False})
    assert run.state == "completed"


def test_a_loop_that_never_waits_and_never_ends_is_an_incident() -> None:
    run = started(line(script(d.StandardLoop(condition="=true"))), n=0)
    assert [incident.kind for incident in run.incidents] == ["loop"]


def test_a_condition_that_cannot_be_evaluated_can_be_mended() -> None:
    run = started(line(service(d.StandardLoop(condition="=again"))))
    run._scenario.complete_job("a")
    (incident,) = run.incidents
    run._scenario.set_variables(run, {"again": False})
    run._scenario.resolve(incident)
    assert run.state == "completed"


def test_a_sub_process_may_loop() -> None:
    inner = (d.StartEvent(id="i"), SCRIPT, d.EndEvent(id="j"))
    flows = (d.Flow(id="f1", source="i", target="a"), d.Flow(id="f2", source="a", target="j"))
    sub = d.SubProcess(id="sub", elements=inner, flows=flows, loop=d.StandardLoop(condition="=n < 3"))
    assert started(line(sub), n=0).variables["n"] == 3


def test_an_event_on_the_border_ends_the_loop() -> None:
    event = d.BoundaryEvent(id="b", attached_to="a", definition=d.ErrorDefinition(code="no"))
    run = started(line(service(d.StandardLoop(condition="=true")), boundaries={"b": event}))
    run._scenario.complete_job("a")
    run._scenario.finish_job("a", Raised("no", ""))
    assert run.active == ["caught_b"]


def test_an_activity_is_not_both_a_loop_and_multi_instance() -> None:
    with pytest.raises(ValueError, match="choose one"):
        started(line(service(d.StandardLoop(), d.MultiInstance(cardinality="2"))))


def throwing(behavior: str, interrupting: bool = False, **events: object) -> Run:
    many = d.MultiInstance(collection="=[1, 2, 3]", item="item", behavior=behavior, **events)  # type: ignore[arg-type]
    event = d.BoundaryEvent(
        id="b", attached_to="a", interrupting=interrupting, definition=d.EscalationDefinition(code="done")
    )
    return started(line(service(many=many), boundaries={"b": event}))


def test_none_throws_for_each_inner_instance() -> None:
    run = throwing("None", none_event=d.EscalationDefinition(code="done"))
    for count in (1, 2, 3):
        run._scenario.complete_job("a")
        assert run.active.count("caught_b") == count


def test_one_throws_for_the_first_alone() -> None:
    run = throwing("One", one_event=d.EscalationDefinition(code="done"))
    for _ in range(3):
        run._scenario.complete_job("a")
    assert run.active == ["caught_b"]


def test_an_event_that_interrupts_ends_the_rest() -> None:
    run = throwing("One", interrupting=True, one_event=d.EscalationDefinition(code="done"))
    run._scenario.complete_job("a")
    assert run.active == ["caught_b"]
    assert run._scenario.jobs == ["caught_b"]


def test_complex_throws_what_its_conditions_choose() -> None:
    behaviors = (
        d.ComplexBehavior(condition="=numberOfCompletedInstances = 2", event=d.EscalationDefinition(code="done")),
        d.ComplexBehavior(condition="=item = 99", event=d.EscalationDefinition(code="done")),
    )
    run = throwing("Complex", complex_behaviors=behaviors)
    run._scenario.complete_job("a")
    assert "caught_b" not in run.active
    run._scenario.complete_job("a")
    run._scenario.complete_job("a")
    assert run.active == ["caught_b"]


def test_a_hundred_rounds_survive_restarts() -> None:
    scenario = Scenario(restarts=True)
    scenario.worker("a", lambda job: {"n": job.input["n"] + 1})
    scenario.deploy(line(service(d.StandardLoop(condition="=n < 100"))))
    assert scenario.start("p", {"n": 0}).variables["n"] == 100
