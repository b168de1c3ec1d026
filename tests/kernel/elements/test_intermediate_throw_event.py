"""Intermediate throw events: none, message, signal, escalation, and compensation with all that it promises."""

from clearance.model.work import Job
from clearance.testing import Scenario
from tests.kernel.files import (
    END,
    START,
    arrows,
    boundary,
    bpmn,
    each,
    escalation,
    event,
    mapping,
    message,
    service,
    signal,
)

_UNDO = "<compensateEventDefinition/>"


def _undone(task: str, by: str, extra: str = "") -> str:
    """A compensation boundary event on a task, and the handler."""
    handler = service(by, extra=extra, attributes='isForCompensation="true"')
    association = f'<association id="{task}_by_{by}" sourceRef="c_{task}" targetRef="{by}"/>'
    return boundary(f"c_{task}", task, _UNDO) + handler + association


def _sub(identifier: str, inside: str, flows: str, extra: str = "") -> str:
    ends = f'<startEvent id="{identifier}_s"/>{inside}<endEvent id="{identifier}_e"/>'
    return f'<subProcess id="{identifier}">{extra}{ends}{arrows(flows)}</subProcess>'


def _throw(activity: str = "") -> str:
    reference = f' activityRef="{activity}"' if activity else ""
    return event("intermediateThrowEvent", "undo", f"<compensateEventDefinition{reference}/>")


def _workers(scenario: Scenario, *types: str) -> list[tuple[str, object]]:
    done: list[tuple[str, object]] = []

    def work(job: Job) -> dict[str, object]:
        done.append((job.type, job.input.get("x")))
        return {}

    for job_type in types:
        scenario.worker(job_type, work)
    return done


def test_a_none_throw_event_passes_through() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + event("intermediateThrowEvent", "n") + END, "s -> n\nn -> e"))
    assert scenario.start("p").path == ["s", "n", "e"]


def test_a_thrown_message_reaches_who_waits_for_its_key_only() -> None:
    scenario = Scenario()
    catch = event("intermediateCatchEvent", "w", message("paid"))
    scenario.deploy(bpmn(START + catch + END, "s -> w\nw -> e", identifier="q", keys={"paid": "number"}))
    waiting = [scenario.start("q", {"number": number}) for number in ("1", "2")]
    publish = '<extensionElements><zeebe:publishMessage correlationKey="=which"/></extensionElements>'
    throw = event("intermediateThrowEvent", "t", publish + message("paid"))
    scenario.deploy(bpmn(START + throw + END, "s -> t\nt -> e"))
    scenario.start("p", {"which": "2"})
    assert [run.state for run in waiting] == ["active", "completed"]


def test_a_thrown_signal_reaches_the_thrower_itself_when_it_waits_too() -> None:
    scenario = Scenario()
    elements = START + '<parallelGateway id="g"/>' + event("intermediateCatchEvent", "w", signal("go"))
    elements += event("intermediateThrowEvent", "t", signal("go")) + END
    scenario.deploy(bpmn(elements, "s -> g\ng -> w\ng -> t\nt -> e\nw -> e"))
    run = scenario.start("p")
    assert (run.state, run.path) == ("completed", ["s", "g", "t", "e", "w", "e"])


def test_an_escalation_goes_to_the_nearest_scope_that_catches_its_code_and_the_path_goes_on() -> None:
    throw = event("intermediateThrowEvent", "t", escalation("late"))
    inner = _sub("inner", throw, "inner_s -> t\nt -> inner_e")
    inner += boundary("other", "inner", escalation("early"), interrupting=False)
    elements = START + _sub("outer", inner, "outer_s -> inner\ninner -> outer_e")
    elements += END + boundary("b", "outer", escalation("late"), interrupting=False) + '<endEvent id="told"/>'
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> outer\nouter -> e\nb -> told"))
    run = scenario.start("p")
    assert run.state == "completed"
    assert "other" not in run.path
    assert {"b", "told", "inner_e", "outer_e", "e"} <= set(run.path)


def test_an_interrupting_escalation_ends_the_scope_and_what_threw_it() -> None:
    throw = event("intermediateThrowEvent", "t", escalation("late"))
    inner = _sub("sub", throw, "sub_s -> t\nt -> sub_e")
    scenario = Scenario()
    scenario.deploy(bpmn(START + inner + END + boundary("b", "sub", escalation()), "s -> sub\nsub -> e\nb -> e"))
    run = scenario.start("p")
    assert (run.state, run.path) == ("completed", ["s", "sub_s", "b", "e"])


def test_completed_activities_are_undone_the_latest_first_and_the_thrower_waits_for_each() -> None:
    elements = START + "".join(service(name) for name in "abc") + _throw() + END
    elements += _undone("a", "ua") + _undone("b", "ub")
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> b\nb -> undo\nundo -> c\nc -> e"))
    _workers(scenario, "a", "b")
    run = scenario.start("p")
    assert (run.path, scenario.jobs) == (["s", "a", "b"], ["ub"])
    scenario.complete_job("ub")
    assert (run.path[-1], scenario.jobs) == ("ub", ["ua"])
    scenario.complete_job("ua")
    assert run.path == ["s", "a", "b", "ub", "ua", "undo"]
    scenario.complete_job("c")
    assert run.state == "completed"


def test_nothing_to_undo_passes_through_and_nothing_is_undone_twice() -> None:
    elements = (
        START + service("a") + _throw() + event("intermediateThrowEvent", "again", _UNDO) + END + _undone("a", "ua")
    )
    scenario = Scenario()
    elements += event("intermediateThrowEvent", "third", _UNDO)
    scenario.deploy(bpmn(elements, "s -> undo\nundo -> a\na -> again\nagain -> third\nthird -> e"))
    done = _workers(scenario, "a", "ua")
    run = scenario.start("p")
    assert (run.state, [name for name, _ in done]) == ("completed", ["a", "ua"])


def test_one_activity_by_name_is_undone_and_the_others_stay() -> None:
    elements = START + service("a") + service("b") + _throw("a") + END + _undone("a", "ua") + _undone("b", "ub")
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> b\nb -> undo\nundo -> e"))
    done = _workers(scenario, "a", "b", "ua", "ub")
    run = scenario.start("p")
    assert (run.state, [name for name, _ in done]) == ("completed", ["a", "b", "ua"])


def test_each_completion_of_an_activity_in_a_loop_is_undone_with_its_own_data() -> None:
    elements = (
        START + '<exclusiveGateway id="m"/>' + service("a", extra=mapping(inputs={"x": "n"}, outputs={"n": "n + 1"}))
    )
    elements += '<exclusiveGateway id="g" default="g_undo"/>' + _throw() + END + _undone("a", "ua")
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> m\nm -> a\na -> g\ng -> m when n < 4\ng -> undo\nundo -> e"))
    done = _workers(scenario, "a", "ua")
    run = scenario.start("p", {"n": 1})
    assert run.state == "completed"
    assert [x for name, x in done if name == "ua"] == [3, 2, 1]


def test_what_a_completed_sub_process_did_is_undone_with_the_data_of_both() -> None:
    inner = service("a") + _undone("a", "ua")
    local = f"<extensionElements>{mapping(inputs={'x': 'amount'})}</extensionElements>"
    sub = _sub("sub", inner, "sub_s -> a\na -> sub_e", local)
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + _throw() + END, "s -> sub\nsub -> undo\nundo -> e"))
    done = _workers(scenario, "a", "ua")
    run = scenario.start("p", {"amount": 12})
    assert (run.state, done) == ("completed", [("a", 12), ("ua", 12)])


def test_a_sub_process_with_a_handler_of_its_own_is_undone_by_that_alone() -> None:
    inner = service("a") + _undone("a", "ua")
    sub = _sub("sub", inner, "sub_s -> a\na -> sub_e")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + _throw() + END + _undone("sub", "us"), "s -> sub\nsub -> undo\nundo -> e"))
    done = _workers(scenario, "a", "ua", "us")
    run = scenario.start("p")
    assert (run.state, [name for name, _ in done]) == ("completed", ["a", "us"])


def test_what_was_interrupted_cannot_be_undone() -> None:
    elements = START + service("a") + boundary("b", "a", message("stop")) + _throw() + END + _undone("a", "ua")
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> undo\nb -> undo\nundo -> e"))
    done = _workers(scenario, "ua")
    run = scenario.start("p")
    scenario.publish("stop")
    assert (run.path, done) == (["s", "b", "undo", "e"], [])


def test_the_handler_on_the_border_of_a_multi_instance_activity_undoes_all_rounds_at_once() -> None:
    elements = (
        START + service("a", each("[1, 2]"), extra=mapping(inputs={"x": "item"})) + _throw() + END + _undone("a", "ua")
    )
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> undo\nundo -> e"))
    done = _workers(scenario, "a", "ua")
    assert scenario.start("p").state == "completed"
    assert [name for name, _ in done] == ["a", "a", "ua"]


def test_who_does_not_wait_goes_on_at_once_and_the_order_is_kept() -> None:
    throw = event("intermediateThrowEvent", "undo", '<compensateEventDefinition waitForCompletion="false"/>')
    elements = (
        START + service("a") + service("b") + throw + service("c") + END + _undone("a", "ua") + _undone("b", "ub")
    )
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> b\nb -> undo\nundo -> c\nc -> e"))
    run = scenario.start("p")
    scenario.complete_job("a")
    scenario.complete_job("b")
    assert sorted(run.active) == ["c", "ub"]
    scenario.complete_job("c")
    scenario.complete_job("ub")
    assert run.active == ["ua"]
    scenario.complete_job("ua")
    assert run.state == "completed"


def test_a_handler_that_fails_is_an_incident_and_goes_on_with_the_rest_once_resolved() -> None:
    elements = START + service("a") + service("b") + _throw() + END + _undone("a", "ua") + _undone("b", "ub")
    scenario = Scenario()
    scenario.deploy(bpmn(elements, "s -> a\na -> b\nb -> undo\nundo -> e"))
    done = _workers(scenario, "a", "b", "ua")
    broken = [True]

    def undo(job: Job) -> dict[str, object]:
        if broken:
            raise RuntimeError("down")
        done.append(("ub", None))
        return {}

    scenario.worker("ub", undo)
    run = scenario.start("p")
    (incident,) = run.incidents
    assert (incident.element, [name for name, _ in done]) == ("ub", ["a", "b"])
    broken.clear()
    scenario.resolve(incident)
    assert (run.state, [name for name, _ in done]) == ("completed", ["a", "b", "ub", "ua"])
