"""Execution listeners: who is asked when, what they see and bring, and what happens when they fail."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from clearance.model import commands
from clearance.model import definition as d
from clearance.model.commands import Refusal
from clearance.model.work import Completed, Escalated, Failed, Job, Outcome, Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run


def listening(**types: str | tuple[str, ...]) -> tuple[d.Listener, ...]:
    """``start="a"`` or ``end=("a", "b")``."""
    return tuple(
        d.Listener(event=event, type=one)
        for event, said in types.items()
        for one in ((said,) if isinstance(said, str) else said)
    )


def service(name: str, **more: Any) -> d.ServiceTask:
    return d.ServiceTask(id=name, job=d.JobDefinition(type=name), **more)


class House:
    """A scenario whose actors note what they are asked, and answer what the test says."""

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.scenario = Scenario(restarts=True)
        self.answers = dict(answers or {})
        self.asked: list[str] = []
        self.jobs: list[Job] = []

    def deploy(self, *elements: d.Element, flows: str, **more: Any) -> None:
        pairs = [pair.split("->") for pair in flows.split()]
        made = tuple(d.Flow(id=f"{source}_{target}", source=source, target=target) for source, target in pairs)
        self.scenario.deploy(d.Process(id="p", elements=(d.StartEvent(id="s"), *elements), flows=made, **more))

    def work(self, *types: str) -> None:
        for kind in types:
            self.scenario.worker(kind, self._do)

    def _do(self, job: Job) -> Any:
        self.asked.append(job.type)
        self.jobs.append(job)
        answer = self.answers.get(job.type, {})
        return answer(job) if callable(answer) else answer


def chain(*names: str) -> str:
    return " ".join(f"{one}->{other}" for one, other in pairwise(names))


def test_they_are_asked_before_and_after_one_after_the_other() -> None:
    house = House()
    house.deploy(service("a", listeners=listening(end="after", start=("first", "second"))), flows=chain("s", "a"))
    run = house.scenario.start("p")
    assert house.scenario.jobs == ["first"], "each waits for the one before it"
    house.work("first", "second", "after", "a")
    assert house.asked == ["first", "second", "a", "after"]
    assert run.state == "completed"


def test_what_they_listen_to_and_the_headers_of_both_are_told() -> None:
    house = House()
    listener = d.Listener(event="start", type="=kind", retries="=2", headers=(("b", "2"), ("c", "3")))
    job = d.JobDefinition(type="a", headers=(("a", "1"), ("b", "1")))
    house.deploy(d.ServiceTask(id="a", job=job, listeners=(listener,)), flows=chain("s", "a"))
    house.work("listens", "a")
    house.scenario.start("p", {"kind": "listens"})
    heard, own = house.jobs
    assert (heard.listener, own.listener) == ("start", "")
    assert dict(heard.headers) == {"a": "1", "b": "2", "c": "3"}
    assert dict(own.headers) == {"a": "1", "b": "1"}


def test_what_comes_at_the_start_is_local_and_what_comes_at_the_end_travels_like_outputs() -> None:
    house = House({"before": {"here": 1}, "after": {"x": 2, "there": 3}, "a": {"result": 7}})
    house.deploy(
        service(
            "a",
            inputs=(d.Mapping(source="=x", target="mine"),),
            outputs=(d.Mapping(source="=result + here", target="total"),),
            listeners=listening(start="before", end="after"),
        ),
        flows=chain("s", "a"),
    )
    house.work("before", "a", "after")
    run = house.scenario.start("p", {"x": 0})
    assert run.variables == {"x": 2, "there": 3, "total": 8}
    before, own, after = house.jobs
    assert before.input == {"x": 0, "mine": 0}, "inputs are there, and what is visible"
    assert own.input == {"mine": 0, "here": 1}
    assert after.input == {"x": 0, "mine": 0, "here": 1, "result": 7, "total": 8}, "outputs are there, too"


def test_gateways_timers_and_keys_rest_on_what_listeners_bring() -> None:
    house = House({"choose": {"x": 2}, "date": {"wait": "PT1H"}, "key": {"k": "7"}})
    house.scenario.deploy(
        d.Process(
            id="p",
            elements=(
                d.StartEvent(id="s"),
                d.ExclusiveGateway(id="g", default="no", listeners=listening(start="choose")),
                d.IntermediateCatchEvent(
                    id="t", definition=d.TimerDefinition(duration="=wait"), listeners=listening(start="date")
                ),
                d.ReceiveTask(
                    id="m",
                    message=d.MessageDefinition(name="paid", correlation_key="=k"),
                    listeners=listening(start="key", end="after"),
                ),
                service("other"),
            ),
            flows=(
                d.Flow(id="f", source="s", target="g"),
                d.Flow(id="yes", source="g", target="t", condition="=x > 1"),
                d.Flow(id="no", source="g", target="other"),
                d.Flow(id="f2", source="t", target="m"),
            ),
        )
    )
    house.work("choose", "date", "key", "after")
    run = house.scenario.start("p", {"x": 0})
    assert run.active == ["t"]
    house.scenario.advance("PT1H")
    house.scenario.publish("paid", "7")
    assert run.state == "completed"
    assert house.asked == ["choose", "date", "key", "after"]


def test_the_process_itself_has_listeners_before_anything_and_after_everything() -> None:
    house = House({"before": {"k": "1"}, "after": {"z": 9}})
    whenever = d.SubProcess(
        id="esp",
        triggered_by_event=True,
        elements=(
            d.StartEvent(
                id="es", interrupting=False, definition=d.MessageDefinition(name="asked", correlation_key="=k")
            ),
        ),
    )
    house.deploy(
        service("a"), whenever, flows=chain("s", "a"), listeners=listening(start=("before", "again"), end="after")
    )
    run = house.scenario.start("p", {"x": 1})
    assert run.path == []
    house.work("before", "again")
    assert house.jobs[1].input == {"x": 1, "k": "1"}
    assert run.active == ["a"]
    house.scenario.publish("asked", "1")
    assert run.path == ["s", "es", "esp"], "it waits with the key that the listener has brought"
    house.work("a")
    assert run.state == "active"
    house.work("after")
    assert run.state == "completed"
    assert run.variables == {"x": 1, "k": "1", "z": 9}


def test_a_process_that_a_message_starts_keeps_what_it_said_until_its_listeners_are_heard() -> None:
    house = House()
    start = d.StartEvent(
        id="m",
        definition=d.MessageDefinition(name="order"),
        outputs=(d.Mapping(source="=order.number", target="number"),),
        listeners=listening(end="begun"),
    )
    house.scenario.deploy(
        d.Process(
            id="p",
            elements=(start, service("a")),
            flows=(d.Flow(id="f", source="m", target="a"),),
            listeners=listening(start="before"),
        )
    )
    house.scenario.publish("order", variables={"order": {"number": 5}})
    (run,) = house.scenario.runs
    assert run.variables == {}
    house.work("before", "begun")
    assert run.active == ["a"]
    assert run.variables == {"number": 5}


def test_a_called_process_comes_back_when_its_listeners_are_done() -> None:
    house = House({"after": {"result": 4}})
    house.scenario.deploy(
        d.Process(
            id="inner",
            elements=(d.StartEvent(id="is"), d.EndEvent(id="ie")),
            flows=(d.Flow(id="f", source="is", target="ie"),),
            listeners=listening(end="after"),
        )
    )
    house.deploy(d.CallActivity(id="c", process="inner", listeners=listening(start="before")), flows=chain("s", "c"))
    run = house.scenario.start("p")
    house.work("before")
    assert run.state == "active"
    house.work("after")
    assert run.state == "completed"
    assert run.variables == {"result": 4}


def test_a_called_process_begins_with_its_variables_once_its_listeners_are_heard() -> None:
    house = House({"before": {"b": 2}})
    house.scenario.deploy(
        d.Process(
            id="inner",
            elements=(d.StartEvent(id="is"), service("work")),
            flows=(d.Flow(id="f", source="is", target="work"),),
            listeners=listening(start="before"),
        )
    )
    house.deploy(d.CallActivity(id="c", process="inner"), flows=chain("s", "c"))
    run = house.scenario.start("p", {"a": 1})
    house.work("before", "work")
    assert house.jobs[1].input == {"a": 1, "b": 2}
    assert run.state == "completed"
    assert run.variables == {"a": 1, "b": 2}


def test_a_process_that_begins_at_a_message_it_receives_asks_first() -> None:
    house = House()
    receive = d.ReceiveTask(id="m", message=d.MessageDefinition(name="order"), instantiate=True)
    house.scenario.deploy(
        d.Process(
            id="p",
            elements=(receive, service("a")),
            flows=(d.Flow(id="f", source="m", target="a"),),
            listeners=listening(start="before"),
        )
    )
    house.scenario.publish("order", "7", {"n": 5}, time_to_live="PT1H")
    house.scenario.publish("order", "7", {"n": 6}, time_to_live="PT1H")
    (run,) = house.scenario.runs
    assert run.active == []
    house.work("before")
    assert run.active == ["a"]
    assert run.variables == {"n": 5}
    house.work("a")
    assert [one.variables["n"] for one in house.scenario.runs] == [5, 6], "the next one with its key waits for its end"


def test_each_round_asks_them_and_the_body_once_before_all() -> None:
    house = House({"all": {"people": ["x", "y"]}, "before": lambda job: {"greeting": "hi " + job.input["who"]}})
    loop = d.MultiInstance(
        collection="=people", item="who", output_collection="said", output_item="=greeting + mark", sequential=True
    )
    house.answers["after"] = lambda job: {"mark": "!"}
    house.deploy(
        d.Task(id="a", multi_instance=loop, listeners=listening(beforeAll="all", start="before", end="after")),
        flows=chain("s", "a"),
    )
    house.work("all", "before", "after")
    run = house.scenario.start("p")
    assert house.asked == ["all", "before", "after", "before", "after"]
    assert run.state == "completed"
    assert run.variables["said"] == ["hi x!", "hi y!"]


def test_rounds_of_a_standard_loop_go_on_from_what_listeners_brought() -> None:
    house = House({"after": lambda job: {"n": job.input["n"] + 1}})
    loop = d.StandardLoop(condition="=n < 3")
    house.deploy(d.Task(id="a", loop=loop, listeners=listening(end="after")), flows=chain("s", "a"))
    house.work("after")
    run = house.scenario.start("p", {"n": 0})
    assert house.asked == ["after"] * 3
    assert (run.state, run.variables["n"]) == ("completed", 3)


def test_sub_processes_wait_for_them_with_all_that_is_inside() -> None:
    house = House()
    inner = d.SubProcess(
        id="sub",
        elements=(d.StartEvent(id="is"), service("a"), d.EndEvent(id="ie", listeners=listening(start="b", end="c"))),
        flows=(d.Flow(id="i1", source="is", target="a"), d.Flow(id="i2", source="a", target="ie")),
        listeners=listening(start="before", end="after"),
    )
    house.deploy(inner, d.EndEvent(id="e"), flows=chain("s", "sub", "e"))
    house.work("before", "a", "b", "c", "after")
    run = house.scenario.start("p")
    assert house.asked == ["before", "a", "b", "c", "after"]
    assert run.state == "completed"


def test_on_a_border_the_event_is_heard_when_it_has_happened() -> None:
    house = House()
    border = d.BoundaryEvent(
        id="b", attached_to="a", definition=d.TimerDefinition(duration="PT1H"), listeners=listening(end="late")
    )
    house.deploy(service("a"), border, service("c"), flows=chain("s", "a") + " b->c")
    run = house.scenario.start("p")
    house.scenario.advance("PT2H")
    assert run.active == ["b"]
    house.work("late")
    assert run.active == ["c"]


def test_nothing_is_waited_for_until_those_for_the_start_are_heard() -> None:
    house = House()
    border = d.BoundaryEvent(id="b", attached_to="a", definition=d.TimerDefinition(duration="PT1H"))
    house.deploy(service("a", listeners=listening(start="before")), border, flows=chain("s", "a"))
    run = house.scenario.start("p")
    house.scenario.advance("PT3H")
    assert run.active == ["a"]
    house.work("before")
    house.scenario.advance("PT30M")
    assert run.active == ["a"]
    house.scenario.advance("PT30M")
    assert run.state == "completed"


def test_one_that_fails_is_an_incident_and_those_before_it_are_not_asked_again() -> None:
    broken = {"second": True}

    def second(job: Job) -> Outcome:
        return Failed("no", retryable=False) if broken["second"] else Completed({})

    house = House({"second": second})
    house.deploy(service("a", listeners=listening(start=("first", "second"))), flows=chain("s", "a"))
    house.work("first", "second", "a")
    run = house.scenario.start("p")
    (incident,) = run.incidents
    assert incident.element == "a"
    assert "second failed" in incident.message
    broken["second"] = False
    house.scenario.resolve(incident)
    assert house.asked == ["first", "second", "second", "a"]
    assert run.state == "completed"


@pytest.mark.parametrize("outcome", [Raised("E"), Escalated("not sure")])
def test_a_listener_throws_nothing(outcome: Outcome) -> None:
    house = House({"before": outcome})
    border = d.BoundaryEvent(id="b", attached_to="a", definition=d.ErrorDefinition())
    house.deploy(service("a", listeners=listening(start="before")), border, flows=chain("s", "a"))
    house.work("before")
    run = house.scenario.start("p")
    (incident,) = run.incidents
    assert "a listener can throw nothing" in incident.message


@pytest.mark.parametrize("event", ["start", "end"])
def test_an_expression_that_fails_is_mended_where_it_is(event: str) -> None:
    house = House()
    listeners = (d.Listener(event=event, type="first"), d.Listener(event=event, type="=kind"))
    outputs = (d.Mapping(source="=n + 1", target="n"),)
    house.deploy(d.Task(id="a", outputs=outputs, listeners=listeners), flows=chain("s", "a"))
    house.work("first", "second")
    run = house.scenario.start("p", {"n": 0})
    (incident,) = run.incidents
    assert f"job type of {event} listener 2 of a" in incident.message
    house.scenario.set_variables(run, {"kind": "second"})
    house.scenario.resolve(incident)
    assert house.asked == ["first", "second"]
    assert run.state == "completed"
    assert run.variables["n"] == 1, "outputs are handed on once"


@pytest.mark.parametrize("waiting", ["before", "after"])
def test_what_ends_the_element_or_the_instance_withdraws_the_listener(waiting: str) -> None:
    house = House()
    whenever = d.SubProcess(
        id="esp",
        triggered_by_event=True,
        elements=(d.StartEvent(id="es", definition=d.SignalDefinition(name="stop")), service("clean")),
        flows=(d.Flow(id="ef", source="es", target="clean"),),
    )
    task = d.Task(id="a", listeners=listening(**{"start" if waiting == "before" else "end": waiting}))
    house.deploy(task, whenever, flows=chain("s", "a"))
    run = house.scenario.start("p")
    assert house.scenario.jobs == [waiting]
    house.scenario.broadcast("stop")
    assert house.scenario.jobs == ["clean"]
    house.scenario.cancel(run)
    assert run.state == "terminated"


def test_an_instance_that_is_cancelled_before_it_has_begun_is_over() -> None:
    house = House()
    house.deploy(service("a"), flows=chain("s", "a"), listeners=listening(start="before"))
    run = house.scenario.start("p")
    house.scenario.cancel(run)
    assert run.state == "terminated"
    assert house.scenario.jobs == []


def test_a_suspended_instance_hears_them_when_it_is_resumed() -> None:
    house = House()
    house.deploy(service("a", listeners=listening(start="before")), flows=chain("s", "a"))
    run = house.scenario.start("p")
    house.scenario.submit(commands.SuspendInstance(instance=run.key))
    house.work("before")
    assert "a" not in house.asked
    house.scenario.submit(commands.ResumeInstance(instance=run.key))
    assert house.scenario.jobs == ["a"]


def test_an_element_that_waits_for_listeners_is_not_migrated() -> None:
    house = House()
    house.deploy(service("a", listeners=listening(start="before")), flows=chain("s", "a"))
    run = house.scenario.start("p")
    house.deploy(service("a"), flows=chain("s", "a"))
    definition = house.scenario._shard.registry.latest("p")
    assert definition is not None
    refused = house.scenario.submit(commands.MigrateInstance(instance=run.key, definition=definition.hash))
    assert isinstance(refused, Refusal)
    assert "waits for its listeners" in refused.reason
    house.work("before")
    moved = house.scenario.submit(commands.MigrateInstance(instance=run.key, definition=definition.hash))
    assert not isinstance(moved, Refusal), moved


@pytest.mark.parametrize(
    ("element", "told"),
    [
        (d.Task(id="a", listeners=listening(cancel="x")), "which is none of start, end, beforeAll"),
        (d.Task(id="a", listeners=listening(start=("x", "x"))), "two start listeners"),
        (d.Task(id="a", listeners=listening(beforeAll="x")), "no multi-instance activity"),
        (d.ParallelGateway(id="a", listeners=listening(end="x")), "it only leads on"),
        (d.EndEvent(id="a", definition=d.ErrorDefinition(code="E"), listeners=listening(end="x")), "being caught"),
    ],
)
def test_where_nothing_can_be_heard_they_are_refused(element: d.Element, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        House().deploy(element, flows=chain("s", "a"))


def test_a_start_event_has_none_for_its_start() -> None:
    start = d.StartEvent(id="s", listeners=listening(start="x"))
    process = d.Process(id="p", elements=(start, d.EndEvent(id="e")), flows=(d.Flow(id="f", source="s", target="e"),))
    with pytest.raises(ValueError, match="it has happened when it begins"):
        Scenario().deploy(process)


def test_error_events_catch_beside_listeners() -> None:
    house = House({"a": Raised("E", "bad")})
    border = d.BoundaryEvent(
        id="b", attached_to="a", definition=d.ErrorDefinition(code="E"), listeners=listening(end="caught")
    )
    house.deploy(service("a", listeners=listening(end="never")), border, flows=chain("s", "a"))
    house.work("a", "caught")
    run: Run = house.scenario.start("p")
    assert house.asked == ["a", "caught"]
    assert run.state == "completed"
