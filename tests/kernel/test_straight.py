"""The straight path: what takes it, and what must not. That both ways come to the same is checked in every test."""

import random

import pytest

from clearance.build import Process
from clearance.kernel.straight import Passage
from clearance.model.clearance import Request, Ruling
from clearance.model.events import ElementActivating, IncidentRaised, JobCreated
from clearance.model.work import Failed
from clearance.testing import Scenario
from clearance.testing.simulation import simulate
from tests.kernel.both_ways import compared
from tests.kernel.files import (
    END,
    START,
    boundary,
    bpmn,
    condition,
    each,
    error,
    event,
    mapping,
    message,
    scope,
    service,
    timer,
    undone,
    whenever,
)

_TWO = "s -> a\na -> b\nb -> e"


def _run(source: bytes | Process, *kinds: str, variables: dict[str, object] | None = None) -> Scenario:
    scenario = Scenario()
    scenario.deploy(source)
    scenario.start("p", variables or {"n": 1})
    for kind in kinds:
        scenario.complete_job(kind, {"n": 2})
    return scenario


def test_from_the_start_over_every_task_to_the_end(passages: list[Passage]) -> None:
    scenario = _run(bpmn(START + service("a") + service("b") + END, _TWO), "a", "b")
    assert [run.state for run in scenario.runs] == ["completed"]
    assert [bool(passage.job) for passage in passages] == [True, True, False]


def test_through_what_only_lets_the_token_pass(passages: list[Passage]) -> None:
    between = '<task id="t"/><manualTask id="m"/>' + event("intermediateThrowEvent", "i")
    flows = "s -> a\na -> t\nt -> m\nm -> i\ni -> b\nb -> e"
    scenario = _run(bpmn(START + service("a") + between + service("b") + END, flows), "a")
    assert scenario.runs[0].path == ["s", "a", "t", "m", "i"]
    assert scenario.jobs == ["b"]
    assert len(passages) == 2


def test_without_variables_and_into_the_scope_that_has_them(passages: list[Passage]) -> None:
    inside = '<startEvent id="s2"/>' + service("a") + service("b") + '<endEvent id="e2"/>'
    inner = scope("subProcess", "sub", inside, "s2 -> a\na -> b\nb -> e2")
    scenario = _run(bpmn(START + inner + END, "s -> sub\nsub -> e"))
    scenario.complete_job("a", {"n": 3, "new": True})
    assert scenario.runs[0].variables == {"n": 3, "new": True}
    scenario.complete_job("b", {})
    assert len(passages) == 1, "the end of a sub-process goes the general way"


def test_a_job_that_is_tried_again_goes_on_straight(passages: list[Passage]) -> None:
    scenario = _run(bpmn(START + service("a") + service("b") + END, _TWO))
    scenario.finish_job("a", Failed("not now"))
    scenario.advance("PT10M")
    before = len(passages)
    scenario.complete_job("a")
    assert len(passages) == before + 1


class _Denies:
    """One kind of job may not leave."""

    def rule(self, request: Request) -> Ruling:
        return Ruling("deny" if request.principal == "b" else "permit", request.digest(), ("test",), ("because",))


def test_an_incident_on_the_way_has_a_key_that_is_given_to_nothing_else(passages: list[Passage]) -> None:
    scenario = Scenario(gate=_Denies())
    scenario.deploy(bpmn(START + service("a") + service("b") + END, _TWO))
    runs = [scenario.start("p", {"n": 1}) for _ in range(3)]
    for _ in runs:
        scenario.complete_job("a")
    assert len(passages) == 6
    told = [event for run in runs for event in run.events]
    incidents = [event.key for event in told if isinstance(event, IncidentRaised)]
    others = [event.key for event in told if isinstance(event, ElementActivating | JobCreated)]
    assert len(incidents) == 3
    assert len({*incidents, *others}) == len(incidents) + len(others)


_INSIDE_OUT = service("a", extra=mapping(outputs={"n": "n"}))
_TIMER = boundary("t", "a", timer("PT1H")) + '<endEvent id="e2"/>'
_DISTURBED: dict[str, tuple[str, str]] = {
    "output mappings": (_INSIDE_OUT + service("b"), ""),
    "input mappings of the next": (service("a") + service("b", extra=mapping(inputs={"x": "n"})), ""),
    "a timer on its border": (service("a") + service("b") + _TIMER, "t -> e2"),
    "a timer on the border of the next": (service("a") + service("b") + _TIMER.replace('"a"', '"b"'), "t -> e2"),
    "an error event on the border of the next": (
        service("a") + service("b") + boundary("t", "b", error("E")) + '<endEvent id="e2"/>',
        "t -> e2",
    ),
    "several rounds": (service("a", each("[1]")) + service("b"), ""),
    "several rounds of the next": (service("a") + service("b", each("[1]")), ""),
    "what undoes it": (service("a") + service("b") + undone("a", "u"), ""),
    "a condition that waits": (
        service("a") + service("b") + whenever("w", condition("n > 5"), '<endEvent id="we"/>', "w_start -> we"),
        "",
    ),
    "a second flow": (service("a") + service("b") + '<endEvent id="e2"/>', "a -> e2"),
    "a condition on the flow": (service("a") + service("b"), "CONDITION"),
    "a type that is reckoned": (service("a") + service("b").replace('type="b"', 'type="=&quot;b&quot;"'), ""),
    "attempts that are given": (service("a") + service("b").replace('type="b"', 'type="b" retries="2"'), ""),
}


@pytest.mark.parametrize("what", _DISTURBED)
def test_not_with(what: str, passages: list[Passage]) -> None:
    elements, flows = _DISTURBED[what]
    lines = _TWO.replace("a -> b", "a -> b when n > 0") if flows == "CONDITION" else f"{_TWO}\n{flows}"
    scenario = _run(bpmn(START + elements + END, lines))
    before = len(passages)
    scenario.complete_job("a", {"n": 2})
    assert len(passages) == before
    assert "b" in scenario.jobs


def test_not_in_an_instance_that_is_suspended_or_has_an_incident(passages: list[Passage]) -> None:
    split = '<parallelGateway id="g"/>' + service("a") + service("b") + service("c") + END + '<endEvent id="e2"/>'
    scenario = _run(bpmn(START + split, "s -> g\ng -> a\ng -> c\na -> b\nb -> e\nc -> e2"))
    scenario.finish_job("c", Failed("never", retryable=False))
    scenario.complete_job("a")
    assert passages == []
    scenario.resolve(scenario.incidents[0])
    scenario.complete_job("b")
    assert passages == [], "another token is under way: the process does not end"
    scenario.complete_job("c")
    assert [bool(passage.job) for passage in passages] == [False]


def test_not_when_the_line_that_tells_which_case_it_is_would_change(passages: list[Passage]) -> None:
    process = Process("P", subject="=string(n)", identifier="p")
    process.starts("S")
    process.service("a", does="a")
    process.service("b", does="b")
    process.ends("E")
    scenario = _run(process)
    assert passages == []
    scenario.complete_job("a", {"other": 1})
    assert len(passages) == 1
    scenario.complete_job("b", {"n": 7})
    assert len(passages) == 1
    assert scenario.runs[0].state == "completed"


def test_a_message_that_waits_for_the_end_still_starts_the_next(passages: list[Passage]) -> None:
    start = event("startEvent", "s", message("begin"))
    scenario = Scenario()
    scenario.deploy(bpmn(start + service("a") + END, "s -> a\na -> e", keys={"begin": "k"}))
    for _ in range(2):
        scenario.publish("begin", "1", {"k": "1"}, time_to_live="PT1H")
    assert len(scenario.runs) == 1
    scenario.complete_job("a")
    assert len(scenario.runs) == 2
    assert passages


@pytest.mark.parametrize("seed", [random.Random(number).randrange(10**6) for number in range(12)])
def test_random_processes_under_everything_that_can_go_wrong(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with compared(monkeypatch):
        simulate(seed)


def test_random_processes_go_straight_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    with compared(monkeypatch) as gone:
        for seed in range(10):
            simulate(seed)
    assert len(gone) > 20
