"""The inclusive gateway as a join: it waits for tokens that can still come, and for no others (13.4.3)."""

import pytest

from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, error, event, message, service, timer

GATES = '<inclusiveGateway id="split" default="split_c"/><inclusiveGateway id="join"/>'
WAYS = "s -> split\nsplit -> a when n > 1\nsplit -> b when n > 5\nsplit -> c\n"
MEET = "a -> join\nb -> join\nc -> join\njoin -> e"


def deployed(content: bytes) -> Scenario:
    scenario = Scenario()
    scenario.deploy(content)
    return scenario


def three_ways() -> Scenario:
    return deployed(bpmn(START + GATES + "".join(map(service, "abc")) + END, WAYS + MEET))


@pytest.mark.parametrize(("n", "done"), [(0, "c"), (2, "a"), (7, "ab"), (7, "ba")])
def test_it_waits_for_just_the_flows_that_were_taken(n: int, done: str) -> None:
    scenario = three_ways()
    run = scenario.start("p", {"n": n})
    for job in done:
        assert "join" not in run.path
        scenario.complete_job(job)
    assert run.path == ["s", "split", *done, "join", "e"]


def test_a_token_that_leaves_by_a_border_event_is_not_waited_for_any_longer() -> None:
    elements = START + GATES + "".join(map(service, "abc")) + boundary("late", "b", timer("P1D")) + END
    scenario = deployed(bpmn(elements + '<endEvent id="out"/>', WAYS + MEET + "\nlate -> out"))
    run = scenario.start("p", {"n": 7})
    scenario.complete_job("a")
    assert "join" not in run.path
    scenario.advance("P1D")
    assert run.path == ["s", "split", "a", "late", "out", "join", "e"]


def test_a_token_whose_border_event_leads_to_the_join_is_waited_for() -> None:
    elements = START + '<parallelGateway id="split"/><inclusiveGateway id="join"/>' + service("a") + service("b")
    elements += boundary("bad", "b", error("x")) + END + '<endEvent id="e2"/>'
    scenario = deployed(
        bpmn(elements, "s -> split\nsplit -> a\nsplit -> b\na -> join\nb -> e2\nbad -> join\njoin -> e")
    )
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "join" not in run.path
    scenario.complete_job("b")
    assert run.path[-2:] == ["join", "e"]


def test_in_a_loop_each_round_joins_once() -> None:
    elements = START + '<exclusiveGateway id="again"/>' + GATES + "".join(map(service, "abc"))
    elements += '<exclusiveGateway id="x" default="x_e"/>' + END
    flows = "s -> again\nagain -> split\n" + WAYS.removeprefix("s -> split\n")
    scenario = deployed(bpmn(elements, flows + MEET.replace("join -> e", "join -> x\nx -> again when more\nx -> e")))
    run = scenario.start("p", {"n": 7, "more": True})
    scenario.complete_job("b")
    scenario.complete_job("a")
    assert run.path.count("join") == 1
    scenario.set_variables(run, {"more": False})
    scenario.complete_job("a")
    assert run.path.count("join") == 1
    scenario.complete_job("b")
    assert (run.path.count("join"), run.state) == (2, "completed")


def test_a_token_inside_a_sub_process_is_waited_for() -> None:
    inner = '<startEvent id="is"/>' + service("b") + '<endEvent id="ie"/>'
    sub = f'<subProcess id="sub">{inner}{bpmn_flows("is -> b", "b -> ie")}</subProcess>'
    elements = START + '<parallelGateway id="split"/><inclusiveGateway id="join"/>' + service("a") + sub + END
    scenario = deployed(bpmn(elements, "s -> split\nsplit -> a\nsplit -> sub\na -> join\nsub -> join\njoin -> e"))
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "join" not in run.path
    scenario.complete_job("b")
    assert (run.path.count("join"), run.state) == (1, "completed")


def test_a_join_inside_a_sub_process_does_not_wait_for_tokens_outside() -> None:
    inner = (
        '<startEvent id="is"/><inclusiveGateway id="split"/><inclusiveGateway id="join"/>' + service("a") + service("b")
    )
    flows = bpmn_flows("is -> split", "split -> a when true", "split -> b when false", "a -> join", "b -> join")
    sub = f'<subProcess id="sub">{inner}{flows}</subProcess>'
    elements = START + '<parallelGateway id="fork"/>' + service("out") + sub + END + '<endEvent id="e2"/>'
    scenario = deployed(bpmn(elements, "s -> fork\nfork -> out\nfork -> sub\nout -> e\nsub -> e2"))
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "e2" in run.path


def test_joins_that_wait_for_each_other_are_a_deadlock_that_names_them() -> None:
    gates = '<parallelGateway id="fork"/><inclusiveGateway id="j1"/><inclusiveGateway id="j2"/>'
    gates += '<exclusiveGateway id="x1" default="x1_e"/><exclusiveGateway id="x2" default="x2_e2"/>'
    flows = "s -> fork\nfork -> j1\nfork -> j2\nj1 -> x1\nx1 -> j2 when false\nx1 -> e\n"
    flows += "j2 -> x2\nx2 -> j1 when false\nx2 -> e2"
    run = deployed(bpmn(START + gates + END + '<endEvent id="e2"/>', flows)).start("p")
    (incident,) = run.incidents
    assert (incident.kind, "j1" in incident.message, "j2" in incident.message) == ("deadlock", True, True)


def test_a_token_at_an_event_based_gateway_may_still_come() -> None:
    gates = '<parallelGateway id="fork"/><eventBasedGateway id="g"/><inclusiveGateway id="join"/>'
    events = event("intermediateCatchEvent", "paid", message("payment")) + event(
        "intermediateCatchEvent", "late", timer("P3D")
    )
    flows = "s -> fork\nfork -> a\nfork -> g\ng -> paid\ng -> late\npaid -> join\nlate -> e2\na -> join\njoin -> e"
    content = START + gates + events + service("a") + END + '<endEvent id="e2"/>'
    for by_message in (True, False):
        scenario = deployed(bpmn(content, flows, keys={"payment": "order"}))
        run = scenario.start("p", {"order": "A"})
        scenario.complete_job("a")
        assert "join" not in run.path
        scenario.publish("payment", "A") if by_message else scenario.advance("P3D")
        assert (run.path.count("join"), run.state) == (1, "completed")


def test_a_thrown_link_is_a_path_to_the_join() -> None:
    links = '<intermediateThrowEvent id="out"><linkEventDefinition name="l"/></intermediateThrowEvent>'
    links += '<intermediateCatchEvent id="in"><linkEventDefinition name="l"/></intermediateCatchEvent>'
    gates = '<parallelGateway id="fork"/><inclusiveGateway id="join"/>'
    flows = "s -> fork\nfork -> a\nfork -> b\nb -> out\nin -> join\na -> join\njoin -> e"
    scenario = deployed(bpmn(START + gates + links + service("a") + service("b") + END, flows))
    run = scenario.start("p")
    scenario.complete_job("a")
    assert "join" not in run.path
    scenario.complete_job("b")
    assert run.path.count("join") == 1


def test_more_than_one_token_on_a_flow_stays_for_the_next_time() -> None:
    gates = '<parallelGateway id="fork"/><exclusiveGateway id="merge"/><inclusiveGateway id="join"/>'
    flows = "s -> fork\nfork -> merge\nfork -> b\nfork -> c\nb -> merge\nmerge -> join\nc -> join\njoin -> e"
    scenario = deployed(bpmn(START + gates + service("b") + service("c") + END, flows))
    run = scenario.start("p")
    scenario.complete_job("b")
    assert "join" not in run.path
    scenario.complete_job("c")
    assert (run.path.count("join"), run.state) == (2, "completed")


def bpmn_flows(*lines: str) -> str:
    from tests.kernel.files import arrows

    return arrows("\n".join(lines))
