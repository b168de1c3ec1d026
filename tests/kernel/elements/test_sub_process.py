"""Embedded sub-processes: scopes of variables, nesting, and what ends with them."""

from clearance.testing import BpmnError, Scenario
from tests.kernel.files import END, START, arrows, boundary, bpmn, each, error, event, mapping, message, service, timer


def _sub(identifier: str, inside: str, flows: str, extra: str = "", loop: str = "") -> str:
    ends = f'<startEvent id="{identifier}_s"/>{inside}<endEvent id="{identifier}_e"/>'
    return f'<subProcess id="{identifier}">{extra}{loop}{ends}{arrows(flows)}</subProcess>'


def _local(**names: str) -> str:
    return f"<extensionElements>{mapping(inputs=names)}</extensionElements>"


def test_a_local_variable_stays_inside_and_an_outer_one_is_updated_where_it_is() -> None:
    sub = _sub("sub", service("a"), "sub_s -> a\na -> sub_e", _local(local="1"))
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END, "s -> sub\nsub -> e"))
    scenario.worker("a", lambda job: {"local": 2, "outer": 3, "new": 4})
    run = scenario.start("p", {"outer": 0})
    assert run.variables == {"outer": 3, "new": 4}


def test_an_input_shadows_the_outer_variable_of_its_name() -> None:
    sub = _sub("sub", service("a"), "sub_s -> a\na -> sub_e", _local(x="x * 10"))
    seen: list[object] = []
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + service("b") + END, "s -> sub\nsub -> b\nb -> e"))
    scenario.worker("a", lambda job: seen.append(job.input["x"]))
    scenario.worker("b", lambda job: seen.append(job.input["x"]))
    scenario.start("p", {"x": 5})
    assert seen == [50, 5]


def test_mappings_reach_into_contexts_and_keep_what_is_beside() -> None:
    task = service("a", extra=mapping(inputs={"order.id": "id", "order.total": "2"}, outputs={"case.result.ok": "ok"}))
    scenario = Scenario()
    scenario.deploy(bpmn(START + task + END, "s -> a\na -> e"))
    seen: list[object] = []

    def work(job: object) -> dict[str, object]:
        seen.append(job.input)  # type: ignore[attr-defined]
        return {"ok": True}

    scenario.worker("a", work)
    run = scenario.start("p", {"id": 7, "case": {"kept": 1, "result": {"old": 2}}})
    assert seen == [{"order": {"id": 7, "total": 2}}]
    assert run.variables["case"] == {"kept": 1, "result": {"old": 2, "ok": True}}
    assert "ok" not in run.variables


def test_it_completes_when_its_last_path_has_ended() -> None:
    inner = '<parallelGateway id="g"/>' + service("a") + service("b") + '<endEvent id="other"/>'
    sub = _sub("sub", inner, "sub_s -> g\ng -> a\ng -> b\na -> sub_e\nb -> other")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END, "s -> sub\nsub -> e"))
    run = scenario.start("p")
    scenario.complete_job("b")
    assert run.state == "active"
    scenario.complete_job("a")
    assert run.path[-3:] == ["sub_e", "sub", "e"]


def test_an_error_passes_through_scopes_that_do_not_catch_it_and_ends_them_all() -> None:
    inner = _sub("inner", service("a"), "inner_s -> a\na -> inner_e")
    inner += boundary("wrong", "inner", error("other")) + '<endEvent id="we"/>'
    outer = _sub(
        "outer", inner + service("beside"), "outer_s -> inner\nouter_s -> beside\ninner -> outer_e\nwrong -> we"
    )
    scenario = Scenario()
    scenario.deploy(bpmn(START + outer + END + boundary("b", "outer", error("E1")), "s -> outer\nouter -> e\nb -> e"))

    def work(job: object) -> None:
        raise BpmnError("E1")

    scenario.worker("a", work)
    run = scenario.start("p")
    assert (run.state, run.path, scenario.jobs) == ("completed", ["s", "outer_s", "inner_s", "b", "e"], [])


def test_several_boundary_events_at_once_each_do_their_part() -> None:
    sub = _sub("sub", service("a"), "sub_s -> a\na -> sub_e")
    edges = boundary("tick", "sub", timer("R/PT1H", "timeCycle"), interrupting=False)
    edges += boundary("note", "sub", message("note"), interrupting=False) + boundary("late", "sub", timer("PT150M"))
    ends = "".join(event("endEvent", name) for name in ("e1", "e2", "e3"))
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END + edges + ends, "s -> sub\nsub -> e\ntick -> e1\nnote -> e2\nlate -> e3"))
    run = scenario.start("p")
    scenario.publish("note")
    scenario.publish("note")
    scenario.advance("P1D")
    assert (run.state, run.path) == (
        "completed",
        ["s", "sub_s", "note", "e2", "note", "e2", "tick", "e1", "tick", "e1", "late", "e3"],
    )
    assert [row for store in scenario.fleet.stores for row in store.due(1 << 60, 9)] == []


def test_a_token_that_waits_at_a_join_inside_ends_with_the_scope() -> None:
    inner = '<parallelGateway id="g"/><parallelGateway id="j"/>' + service("a")
    sub = _sub("sub", inner, "sub_s -> g\ng -> j\ng -> a\na -> j\nj -> sub_e")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END + boundary("b", "sub", message("stop")), "s -> sub\nsub -> e\nb -> e"))
    run = scenario.start("p")
    scenario.publish("stop")
    assert (run.state, run.path, run.incidents) == ("completed", ["s", "sub_s", "g", "b", "e"], [])


def test_instances_of_a_repeated_sub_process_keep_their_own_results_through_waits() -> None:
    inner = service("a", extra=mapping(outputs={"r": "got"})) + service("b")
    sub = _sub("sub", inner, "sub_s -> a\na -> b\nb -> sub_e", loop=each("[1, 2, 3]", result="r"))
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END, "s -> sub\nsub -> e"))
    scenario.worker("a", lambda job: {"got": job.input["item"] * 10})
    run = scenario.start("p")
    for _ in range(3):
        scenario.complete_job("b")
    assert (run.state, run.variables) == ("completed", {"results": [10, 20, 30]})


def test_a_repeated_activity_inside_a_sub_process_ends_with_it() -> None:
    sub = _sub("sub", service("a", each("[1, 2, 3]")), "sub_s -> a\na -> sub_e")
    scenario = Scenario()
    scenario.deploy(bpmn(START + sub + END + boundary("b", "sub", timer("PT1H")), "s -> sub\nsub -> e\nb -> e"))
    run = scenario.start("p")
    scenario.complete_job("a")
    scenario.advance("PT1H")
    assert (run.state, run.path, scenario.jobs) == ("completed", ["s", "sub_s", "a", "b", "e"], [])


def test_the_completion_condition_sees_what_the_instance_has_found() -> None:
    for sequential, calls in ((True, 2), (False, 2)):
        scenario = Scenario()
        loop = each("[1, 2, 3]", sequential=sequential, result="r", until="r.found = true")
        scenario.deploy(bpmn(START + service("a", loop) + END, "s -> a\na -> e"))
        scenario.worker("a", lambda job: {"r": {"found": job.input["item"] == 2}})
        run = scenario.start("p")
        assert (run.state, run.path.count("a")) == ("completed", calls)
        assert run.variables == {"results": [{"found": False}, {"found": True}, None]}


def test_one_failing_instance_of_many_is_one_incident_and_the_others_go_on() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a", each("[1, 0, 2]", result="r")) + END, "s -> a\na -> e"))
    mended: list[int] = []

    def work(job: object) -> dict[str, object]:
        if job.input["item"] == 0 and not mended:  # type: ignore[attr-defined]
            raise RuntimeError("no")
        return {"r": job.input["item"]}  # type: ignore[attr-defined]

    scenario.worker("a", work)
    run = scenario.start("p")
    (incident,) = run.incidents
    assert run.path == ["s", "a", "a"]
    mended.append(1)
    scenario.resolve(incident)
    assert (run.state, run.variables) == ("completed", {"results": [1, 0, 2]})


def test_an_output_element_that_fails_in_each_instance_is_mended_one_by_one() -> None:
    scenario = Scenario()
    scenario.deploy(bpmn(START + service("a", each("[1, 2]", result="item + missing")) + END, "s -> a\na -> e"))
    calls: list[int] = []
    scenario.worker("a", lambda job: calls.append(1))
    run = scenario.start("p")
    assert len(run.incidents) == 2
    scenario.set_variables(run, {"missing": 1})
    for incident in run.incidents:
        scenario.resolve(incident)
    assert (run.state, run.variables["results"], len(calls)) == ("completed", [2, 3], 2)
