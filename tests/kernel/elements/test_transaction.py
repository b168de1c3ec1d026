"""Transactions (10.3.5, 13.3.6): cancelled as a whole, left by an error as they are, passed like any sub-process."""

import pytest

from clearance.model.work import Failed, Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import END, START, boundary, bpmn, each, error, event, scope, service, undone

CANCEL = '<endEvent id="stop"><cancelEventDefinition/></endEvent>'
INSIDE = (
    '<startEvent id="i"/>'
    + service("book")
    + undone("book", "unbook")
    + service("charge")
    + undone("charge", "refund")
    + service("ask")
    + '<exclusiveGateway id="ok" default="ok_stop"/><endEvent id="j"/>'
    + CANCEL
)
FLOWS = "i -> book\nbook -> charge\ncharge -> ask\nask -> ok\nok -> j when fine\nok -> stop"


def transaction(extra: str = "") -> str:
    border = boundary("cancelled", "t", "<cancelEventDefinition/>") + boundary("hazard", "t", error("broken"))
    return scope("transaction", "t", extra + INSIDE, FLOWS) + border


def started(extra: str = "", *, restarts: bool = False, **variables: object) -> Run:
    scenario = Scenario(restarts=restarts)
    elements = START + transaction(extra) + service("after") + service("sorry") + service("repair") + END
    scenario.deploy(bpmn(elements, "s -> t\nt -> after\nafter -> e\ncancelled -> sorry\nhazard -> repair"))
    return scenario.start("p", variables)


def work(run: Run, *jobs: str) -> None:
    for job in jobs:
        run._scenario.complete_job(job)


def test_one_that_is_not_cancelled_is_passed_like_a_sub_process() -> None:
    run = started(fine=True)
    work(run, "book", "charge", "ask")
    assert run.active == ["after"]
    assert not {"unbook", "refund"} & set(run.path)


@pytest.mark.parametrize("restarts", [False, True])
def test_cancelling_undoes_what_was_done_the_latest_first_and_leaves_by_the_cancel_event(restarts: bool) -> None:
    run = started(restarts=restarts, fine=False)
    work(run, "book", "charge", "ask")
    assert "refund" in run.active
    work(run, "refund")
    assert "unbook" in run.active
    work(run, "unbook")
    assert run.active == ["sorry"]
    assert run.path[-1] == "cancelled"


def test_cancelling_ends_what_else_runs_in_it_before_anything_is_undone() -> None:
    scenario = Scenario()
    inside = (
        '<startEvent id="i"/><parallelGateway id="f"/>' + service("book") + undone("book", "unbook") + service("long")
    )
    inner = scope("transaction", "t", inside + CANCEL, "i -> f\nf -> book\nf -> long\nbook -> stop")
    elements = START + inner + boundary("cancelled", "t", "<cancelEventDefinition/>") + service("sorry")
    scenario.deploy(bpmn(elements, "s -> t\ncancelled -> sorry"))
    run = scenario.start("p")
    scenario.complete_job("book")
    assert "long" not in run.active
    assert scenario.jobs == ["unbook"]
    scenario.complete_job("unbook")
    assert run.active == ["sorry"]


def test_with_nothing_to_undo_it_is_left_at_once() -> None:
    scenario = Scenario()
    inner = scope("transaction", "t", '<startEvent id="i"/>' + CANCEL, "i -> stop")
    elements = START + inner + boundary("cancelled", "t", "<cancelEventDefinition/>") + service("sorry")
    scenario.deploy(bpmn(elements, "s -> t\ncancelled -> sorry"))
    assert scenario.start("p").active == ["sorry"]


def test_an_error_leaves_it_without_undoing_anything() -> None:
    run = started(fine=True)
    work(run, "book")
    run._scenario.finish_job("charge", Raised("broken", ""))
    assert run.active == ["repair"]
    assert "unbook" not in run.path


def test_a_handler_that_fails_is_an_incident_and_undoing_goes_on_when_it_is_resolved() -> None:
    run = started(fine=False)
    work(run, "book", "charge", "ask")
    run._scenario.finish_job("refund", Failed("bank closed", retryable=False))
    (incident,) = run.incidents
    run._scenario.resolve(incident)
    work(run, "refund", "unbook")
    assert run.active == ["sorry"]


def test_the_instance_can_be_cancelled_while_it_is_undone() -> None:
    run = started(fine=False)
    work(run, "book", "charge", "ask")
    run._scenario.cancel(run)
    assert run.state == "terminated"
    assert run._scenario.jobs == []


def test_of_a_repeated_one_the_cancel_of_one_round_ends_all() -> None:
    run = started(each("[1, 2]"), fine=False)
    work(run, "book", "book", "charge", "charge", "ask")
    assert run._scenario.jobs.count("refund") == 1
    work(run, "refund", "unbook")
    assert run.active == ["sorry"]


def test_what_was_done_in_a_sub_process_of_it_is_undone_too() -> None:
    scenario = Scenario()
    deep = scope("subProcess", "deep", '<startEvent id="k"/>' + service("book") + undone("book", "unbook"), "k -> book")
    inner = scope("transaction", "t", '<startEvent id="i"/>' + deep + CANCEL, "i -> deep\ndeep -> stop")
    elements = START + inner + boundary("cancelled", "t", "<cancelEventDefinition/>") + service("sorry")
    scenario.deploy(bpmn(elements, "s -> t\ncancelled -> sorry"))
    run = scenario.start("p")
    work(run, "book", "unbook")
    assert run.active == ["sorry"]


def test_without_an_event_that_catches_it_cancelling_is_an_incident_and_nothing_is_undone() -> None:
    scenario = Scenario()
    inner = scope("transaction", "t", '<startEvent id="i"/>' + service("a") + CANCEL, "i -> a\na -> stop")
    scenario.deploy(bpmn(START + inner + END, "s -> t\nt -> e"))
    run = scenario.start("p")
    scenario.complete_job("a")
    assert [incident.kind for incident in run.incidents] == ["uncaught-cancel"]


def test_a_cancel_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(ValueError, match="only a transaction can be cancelled"):
        Scenario().deploy(bpmn(START + event("endEvent", "x", "<cancelEventDefinition/>"), "s -> x"))
