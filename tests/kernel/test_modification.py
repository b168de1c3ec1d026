"""An operator moves tokens: all of a modification happens or none, with the person and the reason on record."""

from clearance.model import commands, events
from clearance.model.commands import Activation, Answer, Move, Refusal, Termination
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.changes import OLGA, done, refused, resume, suspend
from tests.kernel.files import END, START, boundary, bpmn, each, service, timer

THREE = bpmn(START + service("a") + service("b") + service("c") + END, "s -> a\na -> b\nb -> c\nc -> e")
INSIDE = (
    '<subProcess id="sub"><startEvent id="si"/>'
    + service("x")
    + service("y")
    + (
        '<endEvent id="ei"/><sequenceFlow id="f1" sourceRef="si" targetRef="x"/>'
        '<sequenceFlow id="f2" sourceRef="x" targetRef="y"/>'
        '<sequenceFlow id="f3" sourceRef="y" targetRef="ei"/></subProcess>'
    )
)
SUB = bpmn(
    START + service("a") + INSIDE + boundary("late", "sub", timer("PT1H")) + service("b") + END,
    "s -> a\na -> sub\nsub -> b\nb -> e\nlate -> e",
)
JOIN = bpmn(
    START
    + '<parallelGateway id="g"/>'
    + service("a")
    + service("b")
    + '<parallelGateway id="j"/>'
    + service("c")
    + END,
    "s -> g\ng -> a\ng -> b\na -> j\nb -> j\nj -> c\nc -> e",
)


def modify(
    scenario: Scenario,
    run: Run,
    *,
    activate: tuple[Activation, ...] = (),
    terminate: tuple[Termination, ...] = (),
    move: tuple[Move, ...] = (),
) -> Answer | Refusal:
    return scenario.submit(
        commands.ModifyInstance(
            instance=run.key, activate=activate, terminate=terminate, move=move, reason="skip it", by=OLGA
        )
    )


def started(process: bytes) -> tuple[Scenario, Run]:
    scenario = Scenario()
    scenario.deploy(process)
    return scenario, scenario.start("p", {"n": 1})


def test_a_token_moves_and_its_job_is_withdrawn() -> None:
    scenario, run = started(THREE)
    done(modify(scenario, run, move=(Move("a", "c", {"n": 2}),)))
    assert run.active == ["c"]
    assert scenario.jobs == ["c"]
    assert events.InstanceModified("olga", "skip it") in run.events
    scenario.complete_job("c")
    assert run.state == "completed"


def test_a_second_token_is_one_more() -> None:
    scenario, run = started(THREE)
    done(modify(scenario, run, activate=(Activation("c"),)))
    assert sorted(run.active) == ["a", "c"]


def test_variables_are_local_to_what_is_activated() -> None:
    scenario, run = started(THREE)
    seen: list[object] = []
    scenario.worker("c", lambda job: seen.append(job.input.get("n")))
    done(modify(scenario, run, activate=(Activation("c", {"n": 5}),)))
    assert seen == [5]
    assert run.variables == {"n": 1}


def test_ending_the_last_token_ends_the_instance() -> None:
    scenario, run = started(THREE)
    done(modify(scenario, run, terminate=(Termination(element="a"),)))
    assert run.state == "terminated"


def test_an_element_in_a_sub_process_is_entered_with_the_sub_process_around_it() -> None:
    scenario, run = started(SUB)
    done(modify(scenario, run, move=(Move("a", "y"),)))
    assert run.active == ["sub", "y"]
    scenario.advance("PT2H")
    assert run.state == "completed"
    assert "late" in run.path


def test_the_sub_process_goes_on_to_what_follows_it() -> None:
    scenario, run = started(SUB)
    done(modify(scenario, run, move=(Move("a", "y"),)))
    scenario.complete_job("y")
    assert run.active == ["b"]


def test_a_sub_process_that_is_left_empty_ends() -> None:
    scenario, run = started(SUB)
    scenario.complete_job("a")
    assert run.active == ["sub", "x"]
    done(modify(scenario, run, move=(Move("x", "b"),)))
    assert run.active == ["b"]


def test_tokens_move_within_a_sub_process_without_ending_it() -> None:
    scenario, run = started(SUB)
    scenario.complete_job("a")
    sub = state_node(scenario, run, "sub")
    (before,) = [element.key for element in scenario._instance(run.key).elements.values() if element.node == sub]
    done(modify(scenario, run, move=(Move("x", "y"),)))
    assert run.active == ["sub", "y"]
    assert before in scenario._instance(run.key).elements


def test_a_token_that_waits_at_a_join_moves_too() -> None:
    scenario, run = started(JOIN)
    scenario.complete_job("a")
    done(modify(scenario, run, move=(Move("j", "c"),)))
    assert sorted(run.active) == ["b", "c"]
    scenario.complete_job("c")
    assert run.state == "active"


def test_entering_a_join_passes_it() -> None:
    scenario, run = started(JOIN)
    done(modify(scenario, run, activate=(Activation("j"),), terminate=(Termination("a"), Termination(element="b"))[1:]))
    assert sorted(run.active) == ["a", "c"]


def test_one_round_of_a_repeated_activity_is_ended_and_the_others_go_on() -> None:
    process = bpmn(START + service("a", each("[1, 2, 3]", sequential=True)) + END, "s -> a\na -> e")
    scenario, run = started(process)
    inner = max(scenario._instance(run.key).elements)
    done(modify(scenario, run, terminate=(Termination(inner),)))
    assert scenario.jobs == ["a"]
    scenario.complete_job("a")
    scenario.complete_job("a")
    assert run.state == "completed"


def test_where_several_could_be_meant_the_ancestor_must_be_named() -> None:
    several = INSIDE.replace('<subProcess id="sub">', '<subProcess id="sub">' + each("[1, 2]"))
    scenario, run = started(bpmn(START + several + END, "s -> sub\nsub -> e"))
    reason = refused(modify(scenario, run, activate=(Activation("y"),)))
    assert "active several times" in reason
    state = scenario._instance(run.key)
    inner = [e.key for e in state.elements.values() if e.loop_counter == 2]
    done(modify(scenario, run, activate=(Activation("y", {}, inner[0]),)))
    (entered,) = [e for e in scenario._instance(run.key).elements.values() if e.node == state_node(scenario, run, "y")]
    assert entered.scope == inner[0]


def state_node(scenario: Scenario, run: Run, name: str) -> int:
    return scenario._graph(run.key).by_id[name]


def test_what_cannot_be_is_refused_and_nothing_has_changed() -> None:
    scenario, run = started(SUB)
    before = len(run.events)
    assert "has no element z" in refused(modify(scenario, run, activate=(Activation("b"), Activation("z"))))
    assert "nothing stands at b" in refused(modify(scenario, run, activate=(Activation("b"),), move=(Move("b", "a"),)))
    assert "entered by an event only" in refused(modify(scenario, run, activate=(Activation("late"),)))
    assert "has ended, or never was" in refused(modify(scenario, run, terminate=(Termination(99_999),)))
    assert "nothing to do" in refused(modify(scenario, run))
    assert len(run.events) == before


def test_a_suspended_instance_is_changed_at_once_and_begins_when_it_is_resumed() -> None:
    scenario, run = started(THREE)
    done(suspend(scenario, run))
    done(modify(scenario, run, move=(Move("a", "c"),)))
    assert run.active == ["c"]
    assert scenario.jobs == []
    done(resume(scenario, run))
    assert scenario.jobs == ["c"]
