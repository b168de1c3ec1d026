"""Multiple and parallel multiple events (10.5.5): one of the triggers, or all of them; throwing, each of them."""

import pytest

from clearance.model import definition as d
from clearance.testing import Scenario
from clearance.testing.scenario import Run

ONE, TWO = d.MessageDefinition(name="one", correlation_key="=k"), d.MessageDefinition(name="two", correlation_key="=k")
HOUR = d.TimerDefinition(duration="PT1H")


def several(*definitions: d.EventDefinition, parallel: bool = False) -> d.MultipleDefinition:
    return d.MultipleDefinition(definitions=definitions, parallel=parallel)


def service(name: str) -> d.ServiceTask:
    return d.ServiceTask(id=name, job=d.JobDefinition(type=name))


def started(elements: list[d.Element], *pairs: tuple[str, str], restarts: bool = False) -> Run:
    scenario = Scenario(restarts=restarts)
    flows = tuple(d.Flow(id=f"{source}_{target}", source=source, target=target) for source, target in pairs)
    scenario.deploy(d.Process(id="p", elements=(d.StartEvent(id="s"), *elements), flows=flows))
    return scenario.start("p", {"k": "1"})


def catching(*definitions: d.EventDefinition, parallel: bool = False, restarts: bool = False) -> Run:
    event = d.IntermediateCatchEvent(id="w", definition=several(*definitions, parallel=parallel))
    return started([event, service("a")], ("s", "w"), ("w", "a"), restarts=restarts)


@pytest.mark.parametrize("name", ["one", "two"])
def test_any_of_its_triggers_is_enough(name: str) -> None:
    run = catching(ONE, TWO, HOUR)
    run._scenario.publish(name, "1", {"x": 1})
    assert run.active == ["a"]
    assert run.variables["x"] == 1


def test_time_is_one_of_them() -> None:
    run = catching(ONE, HOUR)
    run._scenario.advance("PT1H")
    assert run.active == ["a"]
    run._scenario.publish("one", "1")
    assert run.active == ["a"]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_a_parallel_one_needs_all_of_them_in_whatever_order(order: tuple[str, str]) -> None:
    run = catching(ONE, TWO, parallel=True, restarts=True)
    run._scenario.publish(order[0], "1", {order[0]: 1})
    assert run.active == ["w"]
    run._scenario.publish(order[1], "1", {order[1]: 2})
    assert run.active == ["a"]
    assert {run.variables["one"], run.variables["two"]} == {1, 2}


def test_what_the_first_ones_bring_stays_with_the_event_until_all_have_come() -> None:
    run = catching(ONE, TWO, parallel=True, restarts=True)
    run._scenario.publish("one", "1", {"x": 1})
    assert "x" not in run.variables
    run._scenario.publish("two", "1", {"y": 2})
    assert (run.variables["x"], run.variables["y"]) == (1, 2)


def test_output_mappings_see_what_all_of_them_have_brought() -> None:
    both = several(ONE, TWO, parallel=True)
    event = d.IntermediateCatchEvent(id="w", definition=both, outputs=(d.Mapping(source="=x + y", target="sum"),))
    run = started([event, service("a")], ("s", "w"), ("w", "a"), restarts=True)
    run._scenario.publish("two", "1", {"y": 2})
    run._scenario.publish("one", "1", {"x": 1})
    assert run.variables == {"k": "1", "sum": 3}


@pytest.mark.parametrize("interrupting", [True, False])
def test_on_a_border_they_reach_neither_the_activity_nor_the_next_round(interrupting: bool) -> None:
    event = d.BoundaryEvent(
        id="b",
        attached_to="a",
        interrupting=interrupting,
        definition=several(ONE, TWO, parallel=True),
        outputs=(d.Mapping(source='= get or else(x, "none") + get or else(y, "none")', target="got"),),
    )
    run = started([service("a"), event, service("c")], ("s", "a"), ("b", "c"), restarts=True)
    run._scenario.publish("one", "1", {"x": "X"})
    assert run.variables == {"k": "1"}
    run._scenario.publish("two", "1", {"y": "Y"})
    assert run.variables == {"k": "1", "got": "XY"}
    if not interrupting:
        run._scenario.publish("one", "1")
        run._scenario.publish("two", "1", {"y": "Z"})
        assert run.variables["got"] == "noneZ"


def test_what_starts_an_event_sub_process_together_is_local_to_it() -> None:
    sub = d.SubProcess(
        id="esp",
        triggered_by_event=True,
        elements=(d.StartEvent(id="es", definition=several(ONE, TWO, parallel=True)), service("handle")),
        flows=(d.Flow(id="f", source="es", target="handle"),),
    )
    run = started([service("a"), sub], ("s", "a"))
    run._scenario.publish("one", "1", {"x": 1})
    run._scenario.publish("two", "1", {"y": 2})
    assert run.variables == {"k": "1"}
    seen: list[object] = []
    run._scenario.worker("handle", lambda job: seen.append((job.input.get("x"), job.input.get("y"))) or {})
    assert seen == [(1, 2)]


def test_a_second_message_of_a_kind_that_has_come_is_left_to_others() -> None:
    run = catching(ONE, TWO, parallel=True)
    run._scenario.publish("one", "1", time_to_live="PT1H")
    run._scenario.publish("one", "1", time_to_live="PT1H")
    other = run._scenario.start("p", {"k": "1"})
    run._scenario.publish("two", "1")
    assert run.active == ["a"]
    assert other.active == ["w"]


def test_on_a_border_one_interrupts_and_a_parallel_one_waits_for_all() -> None:
    def bordered(*, parallel: bool) -> Run:
        event = d.BoundaryEvent(id="b", attached_to="a", definition=several(ONE, TWO, parallel=parallel))
        return started([service("a"), event, service("c")], ("s", "a"), ("b", "c"))

    run = bordered(parallel=False)
    run._scenario.publish("two", "1")
    assert run.active == ["c"]
    run = bordered(parallel=True)
    run._scenario.publish("two", "1")
    assert run.active == ["a"]
    run._scenario.publish("one", "1")
    assert run.active == ["c"]


def test_a_parallel_one_that_does_not_interrupt_happens_as_often_as_all_have_come() -> None:
    event = d.BoundaryEvent(id="b", attached_to="a", interrupting=False, definition=several(ONE, TWO, parallel=True))
    run = started([service("a"), event, service("c")], ("s", "a"), ("b", "c"))
    for name in ("one", "two", "two", "one"):
        run._scenario.publish(name, "1")
    assert run.active.count("c") == 2


def test_an_event_sub_process_may_start_by_any_of_several() -> None:
    start = d.StartEvent(id="es", definition=several(ONE, d.ErrorDefinition(code="E")))
    sub = d.SubProcess(
        id="esp",
        triggered_by_event=True,
        elements=(start, service("handle")),
        flows=(d.Flow(id="f", source="es", target="handle"),),
    )
    run = started([service("a"), sub], ("s", "a"))
    run._scenario.publish("one", "1")
    assert run.active == ["esp", "handle"]


def test_a_process_starts_by_any_of_several() -> None:
    scenario = Scenario()
    start = d.StartEvent(id="s", definition=several(d.MessageDefinition(name="one"), d.SignalDefinition(name="two")))
    flow = d.Flow(id="f", source="s", target="a")
    scenario.deploy(d.Process(id="p", elements=(start, service("a")), flows=(flow,)))
    scenario.publish("one")
    scenario.broadcast("two")
    assert [run.active for run in scenario.runs] == [["a"], ["a"]]
    scenario.deploy(d.Process(id="p", elements=(start, service("b")), flows=(d.Flow(id="f", source="s", target="b"),)))
    scenario.broadcast("two")
    assert [run.active for run in scenario.runs] == [["a"], ["a"], ["b"]], "the earlier version waits no longer"


@pytest.mark.parametrize("first", ["one", "two"])
def test_a_process_that_needs_all_of_them_begins_with_any_and_goes_on_with_the_last(first: str) -> None:
    scenario = Scenario(restarts=True)
    messages = [d.MessageDefinition(name=name, correlation_key="=k") for name in ("one", "two")]
    start = d.StartEvent(id="s", definition=several(*messages, parallel=True))
    flow = d.Flow(id="f", source="s", target="a")
    scenario.deploy(d.Process(id="p", elements=(start, service("a")), flows=(flow,)))
    scenario.publish(first, "7", {"k": "7"})
    (run,) = scenario.runs
    assert run.active == ["s"]
    scenario.publish("two" if first == "one" else "one", "7", {"n": 1})
    assert [one.key for one in scenario.runs] == [run.key]
    assert run.active == ["a"]
    assert run.variables == {"k": "7", "n": 1}


@pytest.mark.parametrize("kind", [d.IntermediateThrowEvent, d.EndEvent])
def test_thrown_all_of_them_are(kind: type[d.IntermediateThrowEvent] | type[d.EndEvent]) -> None:
    scenario = Scenario()
    for name, definition in (("x", d.MessageDefinition(name="one")), ("y", d.SignalDefinition(name="two"))):
        start = d.StartEvent(id="s", definition=definition)
        flow = d.Flow(id="f", source="s", target=name)
        scenario.deploy(d.Process(id=f"starts-{name}", elements=(start, service(name)), flows=(flow,)))
    throw = kind(id="t", definition=several(d.MessageDefinition(name="one"), d.SignalDefinition(name="two")))
    flow = d.Flow(id="f", source="s", target="t")
    scenario.deploy(d.Process(id="p", elements=(d.StartEvent(id="s"), throw), flows=(flow,)))
    assert scenario.start("p").state == "completed"
    assert sorted(scenario.jobs) == ["x", "y"]


def test_what_cannot_be_one_of_several_is_refused() -> None:
    with pytest.raises(ValueError, match="give it two at least"):
        catching(ONE)
    with pytest.raises(ValueError, match="draw it by itself"):
        started([d.EndEvent(id="t", definition=several(ONE, d.TerminateDefinition()))], ("s", "t"))
