"""Service tasks: jobs, their failures, attempts and business errors, and what policies make of them."""

import json
from collections.abc import Callable, Mapping

import pytest

from clearance.model import commands, events
from clearance.model.clearance import ApprovalRule, Person, Request, Ruling
from clearance.model.definition import Flow, JobDefinition, LinkedResource, Process, ServiceTask, StartEvent
from clearance.model.work import Completed, Escalated, Failed
from clearance.testing import BpmnError, Permanent, Scenario, Temporary
from tests.kernel.files import END, START, boundary, bpmn, error, escalation, mapping, service, timer

_ONE = bpmn(START + service("a") + END, "s -> a\na -> e")
_COUNTED = bpmn(
    START + service("a", extra=mapping(outputs={"count": "count + 1", "kept": "found"})) + END, "s -> a\na -> e"
)


class _Gate:
    """A gate that says what a function says."""

    def __init__(self, says: Callable[[Request], str], rule: ApprovalRule | None = None) -> None:
        self._says = says
        self._rule = rule

    def rule(self, request: Request) -> Ruling:
        decision = self._says(request)
        return Ruling(
            decision, request.digest(), ("test",), ("because",), self._rule if decision == "approval" else None
        )


def test_a_job_that_fails_for_a_while_is_tried_again_with_the_same_idempotency_key() -> None:
    seen: list[tuple[int, str]] = []

    def work(job: object) -> dict[str, object]:
        seen.append((job.attempt, job.idempotency_key))  # type: ignore[attr-defined]
        if len(seen) < 3:
            raise Temporary("not yet")
        return {"ok": True}

    scenario = Scenario()
    scenario.deploy(_ONE)
    scenario.worker("a", work)
    run = scenario.start("p")
    assert (run.state, run.variables) == ("completed", {"ok": True})
    assert [attempt for attempt, _ in seen] == [1, 2, 3]
    assert len({key for _, key in seen}) == 1


def test_when_attempts_are_used_up_there_is_one_incident_and_resolving_it_goes_on() -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)
    calls: list[int] = []

    def work(job: object) -> dict[str, object]:
        calls.append(1)
        if len(calls) <= 4:
            raise RuntimeError("broken")
        return {}

    scenario.worker("a", work)
    run = scenario.start("p")
    (incident,) = run.incidents
    assert (incident.kind, incident.element, len(calls)) == ("job", "a", 3)
    assert "after 3 attempts" in incident.message
    assert "broken" in incident.message
    scenario.resolve(incident)
    (incident,) = run.incidents
    assert len(calls) == 4
    scenario.resolve(incident, attempts=2)
    assert (run.state, run.path, run.incidents) == ("completed", ["s", "a", "e"], [])


def test_what_cannot_be_tried_again_is_an_incident_at_once() -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)

    def work(job: object) -> None:
        raise Permanent("never")

    scenario.worker("a", work)
    assert "first attempt" in scenario.start("p").incidents[0].message


def test_an_outcome_of_an_attempt_that_is_over_is_refused() -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)
    run = scenario.start("p")
    created = next(event for event in run.events if isinstance(event, events.JobCreated))

    def finish(attempt: int, outcome: object) -> object:
        return scenario.submit(
            commands.FinishJob(instance=run.key, job=created.key, attempt=attempt, outcome=outcome, attempts=3)  # type: ignore[arg-type]
        )

    assert not isinstance(finish(1, Failed("slow")), commands.Refusal)
    late = finish(1, Completed({"late": True}))
    assert isinstance(late, commands.Refusal)
    assert late.kind == "conflict"
    assert "stale" in late.reason
    assert not isinstance(finish(2, Completed({})), commands.Refusal)
    again = finish(2, Completed({}))
    assert isinstance(again, commands.Refusal)
    assert again.kind == "not-found"
    assert run.variables == {}


def test_a_business_error_leaves_by_the_boundary_event_with_its_code() -> None:
    scenario = Scenario()
    elements = START + service("a") + END + boundary("any", "a", error()) + boundary("b1", "a", error("E1"))
    scenario.deploy(bpmn(elements + service("x") + service("y"), "s -> a\na -> e\nany -> x\nb1 -> y"))

    def work(job: object) -> None:
        raise BpmnError(job.input["code"], "it is so", {"why": 1})  # type: ignore[attr-defined]

    scenario.worker("a", work)
    named, other = scenario.start("p", {"code": "E1"}), scenario.start("p", {"code": "E2"})
    assert (named.active, named.variables["why"], named.variables["errorCode"]) == (["y"], 1, "E1")
    assert other.active == ["x"]


def test_a_business_error_that_nothing_catches_is_an_incident_and_resolving_it_asks_again() -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)
    errors = ["E9"]

    def work(job: object) -> dict[str, object]:
        if errors:
            raise BpmnError(errors.pop())
        return {}

    scenario.worker("a", work)
    run = scenario.start("p")
    (incident,) = run.incidents
    assert (incident.kind, incident.element) == ("uncaught-error", "a")
    scenario.resolve(incident)
    assert (run.state, run.path) == ("completed", ["s", "a", "e"])


def test_an_actor_may_hand_over_to_a_person_through_an_escalation_boundary_or_as_an_incident() -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)
    scenario.worker("a", lambda job: Escalated("not sure enough"))
    run = scenario.start("p")
    assert [(one.kind, "not sure" in one.message) for one in run.incidents] == [("escalated", True)]
    scenario.deploy(
        bpmn(START + service("a") + END + boundary("b", "a", escalation()) + service("ask"), "s -> a\na -> e\nb -> ask")
    )
    run = scenario.start("p")
    assert (run.active, run.incidents) == (["ask"], [])


def test_resolving_a_failed_output_mapping_repeats_neither_the_job_nor_earlier_mappings() -> None:
    calls: list[int] = []
    scenario = Scenario()
    scenario.deploy(_COUNTED)
    scenario.worker("a", lambda job: calls.append(1))
    run = scenario.start("p", {"count": 1})
    (incident,) = run.incidents
    assert (incident.kind, incident.element) == ("expression", "a")
    assert "found" in incident.message
    scenario.set_variables(run, {"found": "yes"})
    scenario.resolve(incident)
    assert (run.state, len(calls), run.variables["count"], run.variables["kept"]) == ("completed", 1, 2, "yes")


def test_an_unknown_variable_in_an_input_is_one_incident_and_keeps_boundary_timers_single() -> None:
    scenario = Scenario()
    task = service("a", extra=mapping(inputs={"x": "missing + 1"}))
    scenario.deploy(bpmn(START + task + END + boundary("t", "a", timer("P1D")), "s -> a\na -> e\nt -> e"))
    run = scenario.start("p")
    for _ in range(3):
        (incident,) = run.incidents
        assert "there is no variable missing here" in incident.message
        scenario.resolve(incident)
    scenario.set_variables(run, {"missing": 1})
    scenario.resolve(run.incidents[0])
    assert len([row for store in scenario.fleet.stores for row in store.due(1 << 60, 10)]) == 1
    scenario.complete_job("a")
    assert run.state == "completed"
    assert [row for store in scenario.fleet.stores for row in store.due(1 << 60, 10)] == []


def test_a_denied_job_never_runs_and_is_an_incident_until_the_policy_changes() -> None:
    allowed: list[int] = []
    scenario = Scenario(gate=_Gate(lambda request: "permit" if allowed else "deny"))
    calls: list[int] = []
    scenario.deploy(_ONE)
    scenario.worker("a", lambda job: calls.append(1))
    run = scenario.start("p")
    (incident,) = run.incidents
    assert (incident.kind, calls) == ("denied", [])
    assert "because" in incident.message
    scenario.resolve(incident)
    assert (len(run.incidents), calls) == (1, [])
    allowed.append(1)
    scenario.resolve(run.incidents[0])
    assert (run.state, calls) == ("completed", [1])


def _answer(scenario: Scenario, run: object, person: str, *, approved: bool = True, digest: str = "") -> object:
    requested = [event for event in run.events if isinstance(event, events.ApprovalRequested)][-1]  # type: ignore[attr-defined]
    return scenario.submit(
        commands.GiveApproval(
            instance=run.key,  # type: ignore[attr-defined]
            approval=requested.key,
            by=Person(person, ("boss",)),
            approved=approved,
            action_sha256=digest or requested.ruling.action_sha256,
            comment="no",
            ruling=Ruling("permit", ""),
        )
    )


def test_an_approval_by_two_people_lets_exactly_that_action_leave() -> None:
    rule = ApprovalRule(("boss",), 2)
    gate = _Gate(
        lambda request: "permit" if len({a.person for a in request.facts.approvals}) >= 2 else "approval", rule
    )
    scenario = Scenario(gate=gate)
    calls: list[int] = []
    scenario.deploy(_ONE)
    scenario.worker("a", lambda job: calls.append(1))
    run = scenario.start("p")
    assert (run.active, calls) == (["a"], [])
    _answer(scenario, run, "ann")
    twice = _answer(scenario, run, "ann")
    other = _answer(scenario, run, "bob", digest="something else")
    assert [isinstance(one, commands.Refusal) and one.kind for one in (twice, other)] == ["conflict", "conflict"]
    assert calls == []
    _answer(scenario, run, "bob")
    assert (run.state, calls) == ("completed", [1])


def test_a_rejection_closes_the_request_and_is_an_incident() -> None:
    scenario = Scenario(gate=_Gate(lambda request: "approval", ApprovalRule(("boss",))))
    scenario.deploy(_ONE)
    run = scenario.start("p")
    _answer(scenario, run, "ann", approved=False)
    (incident,) = run.incidents
    assert "ann rejected a: no" in incident.message
    again = _answer(scenario, run, "bob")
    assert isinstance(again, commands.Refusal)
    scenario.cancel(run)
    assert run.state == "terminated"


def test_cancelling_while_an_approval_is_open_closes_it() -> None:
    scenario = Scenario(gate=_Gate(lambda request: "approval", ApprovalRule(("boss",))))
    scenario.deploy(_ONE)
    run = scenario.start("p")
    scenario.cancel(run)
    closed = [event for event in run.events if isinstance(event, events.ApprovalClosed)]
    assert [event.outcome for event in closed] == ["canceled"]


def test_a_boundary_timer_that_interrupts_a_paused_job_leaves_no_retry_behind() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + END + boundary("t", "a", timer("PT1M")), "s -> a\na -> e\nt -> e"))
    run = scenario.start("p")
    job = next(event.key for event in run.events if isinstance(event, events.JobCreated))
    scenario.submit(
        commands.FinishJob(instance=run.key, job=job, attempt=1, outcome=Failed("x"), attempts=3, retry_in=3_600_000)
    )
    scenario.advance("PT2M")
    assert run.path == ["s", "t", "e"]
    assert [row for store in scenario.fleet.stores for row in store.due(1 << 60, 10)] == []


@pytest.mark.parametrize(
    ("result", "says"),
    [(Completed({"x": object()}), "cannot be written as JSON"), (Completed({"x": "y" * 5_000_000}), "use a document")],
)
def test_a_result_that_cannot_be_recorded_is_an_incident_on_its_instance_alone(result: Completed, says: str) -> None:
    scenario = Scenario()
    scenario.deploy(_ONE)
    scenario.worker("a", lambda job: result)
    run = scenario.start("p")
    assert says in run.incidents[0].message
    scenario.worker("a", lambda job: {})
    assert scenario.start("p").state == "completed"


def test_two_conditional_flows_and_a_default_leave_a_task_as_the_standard_says() -> None:
    task = service("a", attributes='default="a_z"')
    scenario = Scenario()
    ends = "".join(f'<endEvent id="{name}"/>' for name in "xyz")
    scenario.deploy(bpmn(START + task + ends, "s -> a\na -> x when n > 1\na -> y when n > 2\na -> z"))
    scenario.worker("a", lambda job: {})
    assert [scenario.start("p", {"n": n}).path[2:] for n in (1, 2, 3)] == [["z"], ["x"], ["x", "y"]]


def test_several_unconditional_flows_leave_a_task_all_at_once() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a") + '<endEvent id="x"/><endEvent id="y"/>', "s -> a\na -> x\na -> y"))
    scenario.worker("a", lambda job: {})
    assert scenario.start("p").path == ["s", "a", "x", "y"]


def test_conditions_see_the_outputs_of_their_task_and_a_failed_one_repeats_none() -> None:
    task = service("a", extra=mapping(outputs={"n": "n + 1"}))
    scenario = Scenario()
    scenario.deploy(bpmn(START + task + END, "s -> a\na -> e when n > 1 and limit > 0"))
    scenario.worker("a", lambda job: {})
    run = scenario.start("p", {"n": 1})
    (incident,) = run.incidents
    scenario.set_variables(run, {"limit": 1})
    scenario.resolve(incident)
    assert (run.state, run.variables["n"]) == ("completed", 2)


def test_linked_resources_are_told_in_a_header() -> None:
    linked = (LinkedResource(id="script", type="RPA", link="main"),)
    task = ServiceTask(id="a", job=JobDefinition(type="robot", headers=(("x", "1"),), linked=linked))
    scenario = Scenario()
    flow = Flow(id="f", source="s", target="a")
    scenario.deploy(Process(id="p", elements=(StartEvent(id="s"), task), flows=(flow,)))
    told: list[Mapping[str, str]] = []
    scenario.worker("robot", lambda job: told.append(job.headers))
    scenario.start("p")
    (headers,) = told
    assert headers["x"] == "1"
    (resource,) = json.loads(headers["linkedResources"])
    assert (resource["resourceId"], resource["linkName"], resource["bindingType"]) == ("script", "main", "latest")
