"""An instance goes on by another version: what has a counterpart is not disturbed, and nothing is lost in silence."""

from collections.abc import Mapping

from clearance.model import commands, events
from clearance.model.commands import Answer, Refusal
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.changes import OLGA, done, refused, resume, suspend
from tests.kernel.files import END, START, boundary, bpmn, condition, event, message, service, timer, whenever

ONE = bpmn(START + service("a") + END, "s -> a\na -> e")
TWO = bpmn(START + service("before") + service("a") + service("b") + END, "s -> before\nbefore -> a\na -> b\nb -> e")


def migrate(
    scenario: Scenario, run: Run, elements: Mapping[str, str] | None = None, *, dry_run: bool = False
) -> Answer | Refusal:
    latest = scenario._shard.registry.latest("p")
    assert latest is not None
    return scenario.submit(
        commands.MigrateInstance(
            instance=run.key,
            definition=latest.hash,
            elements=elements or {},
            reason="new rules",
            by=OLGA,
            dry_run=dry_run,
        )
    )


def two_versions(first: bytes, second: bytes, variables: Mapping[str, object] | None = None) -> tuple[Scenario, Run]:
    scenario = Scenario(restarts=True)
    scenario.deploy(first)
    run = scenario.start("p", variables)
    scenario.deploy(second)
    return scenario, run


def test_an_instance_stays_on_what_it_started_with_until_it_is_migrated() -> None:
    scenario, run = two_versions(ONE, TWO)
    other = scenario.start("p")
    assert other.active == ["before"]
    done(migrate(scenario, run))
    scenario.complete_job("a")
    assert run.active == ["b"]
    assert run.path == ["s", "a"]
    (said,) = [event for event in run.events if isinstance(event, events.InstanceMigrated)]
    assert (said.by, said.reason) == ("olga", "new rules")


def test_the_job_at_work_goes_on_and_its_outcome_counts() -> None:
    scenario, run = two_versions(ONE, TWO)
    done(migrate(scenario, run))
    created = [event for event in run.events if isinstance(event, events.JobCreated)]
    assert len(created) == 1
    scenario.complete_job("a", {"x": 1})
    assert run.variables == {"x": 1}


def test_a_renamed_element_needs_the_plan() -> None:
    renamed = bpmn(START + service("z") + service("b") + END, "s -> z\nz -> b\nb -> e")
    scenario, run = two_versions(ONE, renamed)
    assert "a is active and has no counterpart" in refused(migrate(scenario, run))
    done(migrate(scenario, run, {"a": "z"}))
    scenario.complete_job("a")
    assert run.active == ["b"]


def test_a_dry_run_says_what_would_become_of_each_thing_and_changes_nothing() -> None:
    task = '<userTask id="a"/>' + boundary("late", "a", timer("PT1H"))
    first = bpmn(START + task + END, "s -> a\na -> e\nlate -> e")
    second = bpmn(
        START + '<userTask id="a"/>' + boundary("soon", "a", timer("PT2H")) + END, "s -> a\na -> e\nsoon -> e"
    )
    scenario, run = two_versions(first, second)
    before = len(run.events)
    report = done(migrate(scenario, run, dry_run=True)).report
    told = {(fate["what"], fate["element"], fate["target"]): fate["then"] for fate in report["fates"]}
    assert report["problems"] == []
    assert told["element", "a", "a"] == "stands at a"
    assert told["task", "a", "a"] == "stays open, unassigned"
    assert "is withdrawn" in told["timer", "late", ""]
    assert told["event", "", "soon"] == "soon begins to wait"
    assert len(run.events) == before


def test_events_on_the_border_are_kept_withdrawn_or_opened() -> None:
    borders = boundary("late", "a", timer("PT1H")) + boundary("gone", "a", message("stop"), interrupting=False)
    first = bpmn(START + service("a") + borders + END, "s -> a\na -> e\nlate -> e\ngone -> e", keys={"stop": "k"})
    borders = boundary("late", "a", timer("P9D")) + boundary("new", "a", message("halt"))
    flows = "s -> a\na -> e\nlate -> b\nnew -> b\nb -> e"
    second = bpmn(START + service("a") + borders + service("b") + END, flows, keys={"halt": "k"})
    scenario, run = two_versions(first, second, {"k": "1"})
    done(migrate(scenario, run))
    scenario.publish("stop", "1")
    assert run.active == ["a"]
    scenario.advance("PT2H")
    assert run.path[-1] == "late", "the timer that ran keeps its time"
    assert run.active == ["b"]


def test_a_new_event_on_the_border_is_waited_for() -> None:
    second = bpmn(
        START + service("a") + boundary("new", "a", message("halt")) + END,
        "s -> a\na -> e\nnew -> e",
        keys={"halt": "k"},
    )
    scenario, run = two_versions(ONE, second, {"k": "1"})
    done(migrate(scenario, run))
    scenario.publish("halt", "1")
    assert run.state == "completed"
    assert "new" in run.path


def test_a_message_that_is_waited_for_reaches_the_migrated_instance() -> None:
    wait = event("intermediateCatchEvent", "w", message("paid"))
    first = bpmn(START + wait + END, "s -> w\nw -> e", keys={"paid": "n"})
    second = bpmn(
        START + service("x") + wait + service("y") + END, "s -> x\nx -> w\nw -> y\ny -> e", keys={"paid": "n"}
    )
    scenario, run = two_versions(first, second, {"n": "7"})
    done(migrate(scenario, run))
    scenario.publish("paid", "7")
    assert run.active == ["y"]


def test_tokens_that_wait_at_a_join_are_carried_over_and_may_be_enough_there() -> None:
    def forked(branches: str, *, third: bool) -> bytes:
        more = "\ng -> c\nc -> j" if third else ""
        elements = START + '<parallelGateway id="g"/><parallelGateway id="j"/>' + branches + service("z") + END
        return bpmn(elements, f"s -> g\ng -> a\ng -> b\na -> j\nb -> j\nj -> z\nz -> e{more}")

    two = service("a") + service("b")
    scenario, run = two_versions(forked(two + service("c"), third=True), forked(two, third=False))
    scenario.complete_job("a")
    scenario.complete_job("b")
    assert run.active == ["c"]
    assert "c is active and has no counterpart" in refused(migrate(scenario, run))
    scenario.submit(commands.ModifyInstance(instance=run.key, terminate=(commands.Termination(element="c"),)))
    done(migrate(scenario, run))
    assert run.active == ["z"]


def test_what_does_not_fit_is_refused_with_all_the_reasons() -> None:
    second = bpmn(START + '<userTask id="a"/>' + END, "s -> a\na -> e")
    scenario, run = two_versions(ONE, second)
    assert "is a serviceTask, a a userTask" in refused(migrate(scenario, run))
    assert "maps zz, which is no element" in refused(migrate(scenario, run, {"zz": "a"}))
    assert "is not deployed" in refused(
        scenario.submit(commands.MigrateInstance(instance=run.key, definition="0" * 64))
    )
    own = scenario._instance(run.key).definition
    assert "by this version already" in refused(
        scenario.submit(commands.MigrateInstance(instance=run.key, definition=own))
    )
    assert run.active == ["a"]


def test_a_compensation_that_is_owed_is_carried_over() -> None:
    undo = boundary("undo", "a", "<compensateEventDefinition/>") + service(
        "back", attributes='isForCompensation="true"'
    )
    link = '<association id="l" sourceRef="undo" targetRef="back"/>'
    throw = '<intermediateThrowEvent id="t"><compensateEventDefinition/></intermediateThrowEvent>'
    first = bpmn(START + service("a") + undo + link + service("b") + END, "s -> a\na -> b\nb -> e")
    second = bpmn(START + service("a") + undo + link + service("b") + throw + END, "s -> a\na -> b\nb -> t\nt -> e")
    scenario, run = two_versions(first, second)
    scenario.complete_job("a")
    done(migrate(scenario, run))
    scenario.complete_job("b")
    assert run.active[-1] == "back"
    scenario.complete_job("back")
    assert run.state == "completed"


def test_a_suspended_instance_can_be_migrated() -> None:
    scenario, run = two_versions(ONE, TWO)
    done(suspend(scenario, run))
    scenario.complete_job("a")
    done(migrate(scenario, run))
    done(resume(scenario, run))
    assert run.active == ["b"]


def test_a_condition_goes_on_being_looked_at() -> None:
    waits = event("intermediateCatchEvent", "when", condition("n > 2"))
    first = bpmn(START + waits + END, "s -> when\nwhen -> e")
    second = bpmn(
        START + service("before") + waits + service("b") + END, "s -> before\nbefore -> when\nwhen -> b\nb -> e"
    )
    scenario, run = two_versions(first, second, {"n": 1})
    done(migrate(scenario, run))
    assert run.active == ["when"]
    scenario.set_variables(run, {"n": 3})
    assert run.active == ["b"]


def test_event_sub_processes_are_kept_withdrawn_or_opened() -> None:
    def handling(name: str, trigger: str) -> str:
        inner = service(f"{name}_do") + f'<endEvent id="{name}_e"/>'
        return whenever(name, trigger, inner, f"{name}_start -> {name}_do\n{name}_do -> {name}_e", interrupting=False)

    flows = "s -> a\na -> e"
    kept, gone = handling("kept", message("one")), handling("gone", message("two"))
    first = bpmn(START + service("a") + END + kept + gone, flows, keys={"one": "k", "two": "k"})
    new = handling("new", timer("PT1H"))
    second = bpmn(START + service("a") + END + kept + new, flows, keys={"one": "k"})
    scenario, run = two_versions(first, second, {"k": "1"})
    done(migrate(scenario, run))
    scenario.publish("two", "1")
    assert run.active == ["a"]
    scenario.publish("one", "1")
    assert "kept_do" in run.active
    scenario.advance("PT1H")
    assert "new_do" in run.active


def test_a_condition_on_the_border_goes_on_with_what_it_says_now() -> None:
    def version(text: str) -> bytes:
        return bpmn(START + service("a") + boundary("b", "a", condition(text)) + END, "s -> a\na -> e\nb -> e")

    scenario, run = two_versions(version("n > 5"), version("n > 2"), {"n": 3})
    assert run.active == ["a"]
    done(migrate(scenario, run))
    assert run.path[-2:] == ["b", "e"], "it holds by the new version"


def test_a_catching_event_must_wait_for_the_same() -> None:
    def version(trigger: str) -> bytes:
        return bpmn(START + event("intermediateCatchEvent", "w", trigger) + END, "s -> w\nw -> e", keys={"paid": "n"})

    scenario, run = two_versions(version(message("paid")), version(timer("PT1H")), {"n": "7"})
    assert "do not wait for the same" in refused(migrate(scenario, run))


def test_a_process_that_was_called_and_its_caller_are_migrated_by_themselves() -> None:
    call = (
        '<callActivity id="c"><extensionElements><zeebe:calledElement processId="child"/></extensionElements>'
        "</callActivity>"
    )
    scenario = Scenario(restarts=True)
    scenario.deploy(bpmn(START + service("x") + END, "s -> x\nx -> e", identifier="child"))
    scenario.deploy(bpmn(START + call + END, "s -> c\nc -> e"))
    run = scenario.start("p")
    scenario.deploy(bpmn(START + call + service("after") + END, "s -> c\nc -> after\nafter -> e"))
    done(migrate(scenario, run))
    scenario.complete_job("x")
    assert run.active == ["after"]
