"""New evidence mid-process: just what rests on it is done again, in order, and a person is asked where it matters."""

from collections.abc import Callable

import pytest

from clearance.model import commands, events
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.changes import done
from tests.kernel.files import END, START, boundary, bpmn, event, mapping, message, service

CLEARANCE = 'xmlns:clearance="urn:clearance:bpmn:1"'
THREE = (
    START
    + service("rate", extra=mapping(inputs={"country": "country"}, outputs={"rate": "rate"}))
    + service("price", extra=mapping(inputs={"rate": "rate", "amount": "amount"}, outputs={"price": "price"}))
    + service("name", extra=mapping(inputs={"customer": "customer"}, outputs={"label": "label"}))
    + '<userTask id="look"/>'
    + END
)
FLOWS = "s -> rate\nrate -> price\nprice -> name\nname -> look\nlook -> e"
GIVEN = {"country": "DE", "amount": 100, "customer": "Acme"}
RATES = {"DE": 19, "FR": 20, "AT": 20}


def process(elements: str, flows: str, policy: str = "redo", keys: dict[str, str] | None = None) -> bytes:
    """With the policy on the whole process."""
    plain = bpmn(elements, flows, keys=keys).decode()
    return plain.replace("<process id", f'<process {CLEARANCE} clearance:newEvidence="{policy}" id').encode()


def working(scenario: Scenario) -> list[str]:
    """Workers for the three services; what they were asked to do, in order."""
    calls: list[str] = []

    def worker(kind: str, work: Callable[[dict[str, object]], dict[str, object]]) -> None:
        def run(job: object) -> dict[str, object]:
            calls.append(kind)
            return work(job.input)  # type: ignore[attr-defined]

        scenario.worker(kind, run)

    worker("rate", lambda given: {"rate": RATES[str(given["country"])]})
    worker("price", lambda given: {"price": int(str(given["amount"])) + int(str(given["rate"]))})
    worker("name", lambda given: {"label": f"for {given['customer']}"})
    return calls


def started(policy: str = "redo") -> tuple[Scenario, Run, list[str]]:
    scenario = Scenario()
    calls = working(scenario)
    scenario.deploy(process(THREE, FLOWS, policy))
    run = scenario.start("p", GIVEN)
    assert calls == ["rate", "price", "name"]
    calls.clear()
    return scenario, run, calls


def test_only_what_rests_on_the_change_is_done_again() -> None:
    scenario, run, calls = started()
    scenario.set_variables(run, {"customer": "Zenith"})
    assert calls == ["name"]
    assert run.variables["label"] == "for Zenith"
    assert run.incidents == []
    assert run.active == ["look"], "no token has moved"


def test_a_new_result_makes_what_rests_on_it_out_of_date_in_turn() -> None:
    scenario, run, calls = started()
    scenario.set_variables(run, {"country": "FR"})
    assert calls == ["rate", "price"]
    assert run.variables["price"] == 120


def test_where_the_new_result_is_the_old_one_nothing_more_is_done() -> None:
    scenario, run, calls = started()
    scenario.set_variables(run, {"country": "FR"})
    calls.clear()
    scenario.set_variables(run, {"country": "AT"})
    assert calls == ["rate"]


def test_a_value_that_is_set_again_and_one_that_nobody_has_read_change_nothing() -> None:
    scenario, run, calls = started()
    scenario.set_variables(run, {"country": "DE", "other": 1})
    scenario.set_variables(run, {"other": 2})
    assert calls == []
    assert not any(isinstance(event, events.StepsOutdated) for event in run.events)


def test_the_task_that_shows_old_values_is_made_anew_and_the_process_ends_once() -> None:
    scenario = Scenario()
    calls = working(scenario)
    shows = (
        '<userTask id="look"><extensionElements>'
        + mapping(inputs={"brief": "price"})
        + "</extensionElements></userTask>"
    )
    scenario.deploy(process(THREE.replace('<userTask id="look"/>', shows), FLOWS))
    run = scenario.start("p", GIVEN)
    (before,) = scenario.tasks
    scenario.set_variables(run, {"amount": 200})
    (after,) = scenario.tasks
    assert after.key != before.key
    assert (before.brief, after.brief) == (119, 219)
    scenario.answer(after)
    assert run.state == "completed"
    assert calls.count("name") == 1


def test_a_job_at_work_on_old_values_is_withdrawn_and_its_outcome_is_stale() -> None:
    scenario = Scenario()
    scenario.deploy(process(THREE, FLOWS))
    run = scenario.start("p", GIVEN)
    (old,) = scenario._waiting
    scenario.set_variables(run, {"country": "FR"})
    (new,) = scenario._waiting
    assert old.job != new.job
    assert new.input == {"country": "FR"}


def test_a_person_is_asked_where_the_process_says_so() -> None:
    scenario, run, calls = started("ask")
    scenario.set_variables(run, {"country": "FR"})
    (incident,) = run.incidents
    assert incident.kind == "evidence"
    assert "country has changed after it was read by rate" in incident.message
    assert calls == []
    scenario.resolve(incident)
    assert calls == ["rate", "price"]
    assert run.incidents == []


def test_a_person_may_keep_the_results() -> None:
    scenario, run, calls = started("ask")
    scenario.set_variables(run, {"country": "FR"})
    (incident,) = run.incidents
    done(scenario.submit(commands.ResolveIncident(instance=run.key, incident=incident.key, keep=True)))
    assert calls == []
    assert run.variables["price"] == 119
    assert events.EvidenceSettled(kept=True) in run.events
    scenario.answer("look")
    assert run.state == "completed"


@pytest.mark.parametrize("policy", ["leave", ""])
def test_without_a_policy_nothing_is_remembered(policy: str) -> None:
    scenario, run, calls = started(policy)
    scenario.set_variables(run, {"country": "FR"})
    assert calls == []
    assert not any(isinstance(event, events.StepFinished | events.InputsRead) for event in run.events)


def test_a_step_that_can_be_undone_is_never_done_again_without_asking() -> None:
    scenario = Scenario()
    calls = working(scenario)
    undo = boundary("undo", "rate", "<compensateEventDefinition/>")
    undo += service("back", attributes='isForCompensation="true"')
    undo += '<association id="l" sourceRef="undo" targetRef="back"/>'
    scenario.deploy(process(THREE + undo, FLOWS))
    run = scenario.start("p", GIVEN)
    calls.clear()
    scenario.set_variables(run, {"country": "FR"})
    assert calls == []
    assert [incident.kind for incident in run.incidents] == ["evidence"]


def test_a_choice_that_would_go_another_way_now_is_shown_to_a_person() -> None:
    scenario = Scenario()
    elements = START + '<exclusiveGateway id="g" default="g_b"/><userTask id="a"/><userTask id="b"/>' + END
    flows = "s -> g\ng -> a when amount &gt; 100\ng -> b\na -> e\nb -> e".replace("&gt;", ">")
    scenario.deploy(process(elements, flows))
    run = scenario.start("p", {"amount": 50})
    assert run.active == ["b"]
    scenario.set_variables(run, {"amount": 60})
    assert run.incidents == []
    scenario.set_variables(run, {"amount": 500})
    (incident,) = run.incidents
    assert "g would go to a" in incident.message
    assert run.active == ["b"]


def test_a_message_brings_new_evidence() -> None:
    scenario = Scenario()
    calls = working(scenario)
    wait = event("intermediateCatchEvent", "w", message("corrected"))
    elements = THREE + wait
    flows = FLOWS.replace("name -> look", "name -> w\nw -> look")
    scenario.deploy(process(elements, flows, keys={"corrected": "customer"}))
    run = scenario.start("p", GIVEN)
    calls.clear()
    scenario.publish("corrected", "Acme", {"amount": 300})
    assert calls == ["price"]
    assert run.variables["price"] == 319
    assert run.active == ["look"]


def test_what_the_process_overwrites_on_its_way_is_no_new_evidence() -> None:
    scenario = Scenario()
    count = '<extensionElements><zeebe:script expression="=n + 1" resultVariable="n"/></extensionElements>'
    elements = START + '<exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_m"/>' + END
    elements += f'<scriptTask id="c">{count}</scriptTask>'
    scenario.deploy(process(elements, "s -> m\nm -> c\nc -> g\ng -> e when n > 5\ng -> m"))
    run = scenario.start("p", {"n": 0})
    assert run.state == "completed"
    assert run.variables["n"] == 6


def test_a_step_inside_a_finished_sub_process_is_done_again_with_the_whole_of_it() -> None:
    scenario = Scenario()
    calls = working(scenario)
    rate = service("rate", extra=mapping(inputs={"country": "country"}, outputs={"rate": "rate"}))
    sub = (
        '<subProcess id="sub"><startEvent id="i"/>' + rate + '<endEvent id="j"/>'
        '<sequenceFlow id="f1" sourceRef="i" targetRef="rate"/><sequenceFlow id="f2" sourceRef="rate" targetRef="j"/>'
        "</subProcess>"
    )
    scenario.deploy(process(START + sub + '<userTask id="look"/>' + END, "s -> sub\nsub -> look\nlook -> e"))
    run = scenario.start("p", GIVEN)
    scenario.set_variables(run, {"country": "FR"})
    assert calls == ["rate", "rate"]
    assert run.variables["rate"] == 20
    assert run.active == ["look"]


def test_all_rounds_of_a_repeated_step_are_done_again() -> None:
    scenario = Scenario()
    seen: list[object] = []
    scenario.worker("each", lambda job: seen.append((job.input["item"], job.input["country"])))
    loop = (
        '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2]"'
        ' inputElement="item"/></extensionElements></multiInstanceLoopCharacteristics>'
    )
    elements = START + service("each", loop) + '<userTask id="look"/>' + END
    scenario.deploy(process(elements, "s -> each\neach -> look\nlook -> e"))
    run = scenario.start("p", {"country": "DE"})
    scenario.set_variables(run, {"country": "FR"})
    assert seen == [(1, "DE"), (2, "DE"), (1, "FR"), (2, "FR")]
    assert run.active == ["look"]


def test_a_decision_knows_what_it_has_read() -> None:
    scenario = Scenario()
    table = b"""decision,Limit,,
U,inputs,outputs,annotations
,Amount,Limit,Why
,number,text,
1,<= 100,low,
2,> 100,high,
"""
    scenario.deploy(table, name="Limit.csv")
    task = (
        '<businessRuleTask id="d"><extensionElements><zeebe:calledDecision decisionId="Limit" resultVariable="limit"/>'
    )
    elements = START + task + '</extensionElements></businessRuleTask><userTask id="look"/>' + END
    scenario.deploy(process(elements, "s -> d\nd -> look\nlook -> e"))
    run = scenario.start("p", {"Amount": 50, "other": 1})
    scenario.set_variables(run, {"other": 2})
    assert sum(isinstance(event, events.DecisionEvaluated) for event in run.events) == 1
    scenario.set_variables(run, {"Amount": 500})
    assert run.variables["limit"] == "high"


def test_a_redo_that_fails_is_an_incident_and_goes_on_when_it_is_resolved() -> None:
    scenario, run, _ = started()
    scenario.worker("rate", lambda job: RATES[str(job.input["country"])])  # no variables: a wrong answer
    scenario.set_variables(run, {"country": "FR"})
    (incident,) = run.incidents
    working(scenario)
    scenario.resolve(incident)
    assert run.variables["price"] == 120
    assert run.active == ["look"]
    scenario.answer("look")
    assert run.state == "completed"


def test_what_was_read_is_known_after_a_migration() -> None:
    scenario, run, calls = started()
    scenario.deploy(process(service("more") + THREE, FLOWS.replace("s -> rate", "s -> more\nmore -> rate")))
    latest = scenario._shard.registry.latest("p")
    assert latest is not None
    done(scenario.submit(commands.MigrateInstance(instance=run.key, definition=latest.hash)))
    scenario.set_variables(run, {"country": "FR"})
    assert calls == ["rate", "price"]


def test_an_unknown_policy_is_refused_at_deployment() -> None:
    with pytest.raises(ValueError, match="redo, ask or leave"):
        Scenario().deploy(process(THREE, FLOWS, "maybe"))
