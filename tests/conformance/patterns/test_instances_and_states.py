"""Workflow control-flow patterns 11 to 20, 23 to 27, 34 to 36, 39, 40, 43: instances, states, cancelling, ends."""

import pytest

from clearance.model import commands
from clearance.model.work import ActivateElement
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.conformance.patterns.drawing import begun, done, gates, works
from tests.kernel.files import (
    END,
    START,
    boundary,
    bpmn,
    condition,
    each,
    event,
    message,
    scope,
    service,
    signal,
    timer,
    whenever,
)


def test_wcp_11_implicit_termination() -> None:
    """It ends when nothing is left to do, without an end event that says so."""
    scenario = Scenario()
    scenario.deploy(bpmn(START + gates("parallel", "f") + works("a b"), "s -> f\nf -> a\nf -> b"))
    run = scenario.start("p")
    done(run, "a")
    assert run.state == "active"
    done(run, "b")
    assert run.state == "completed"


def test_wcp_12_multiple_instances_without_synchronization() -> None:
    """Each turn of a loop starts another thread that nobody waits for."""
    elements = gates("parallel", "f") + gates("exclusive", "m") + gates("exclusive", "x", default="x_e")
    elements += works("make other")
    run = begun(
        elements,
        "s -> m\nm -> make\nmake -> f\nf -> other\nf -> x\nx -> m when n &lt; 3\nx -> e\nother -> e".replace(
            "&lt;", "<"
        ),
        {"n": 0},
    )
    for number in (1, 2, 3):
        run._scenario.set_variables(run, {"n": number})
        done(run, "make")
    assert done(run) == ["other", "other", "other"]


def test_wcp_13_multiple_instances_with_design_time_knowledge() -> None:
    run = begun(service("a", each("[1, 2, 3]")) + works("z"), "s -> a\na -> z\nz -> e")
    assert done(run, "a", "a") == ["a"]
    assert done(run, "a") == ["z"]


def test_wcp_14_multiple_instances_with_run_time_knowledge() -> None:
    run = begun(service("a", each("items")) + works("z"), "s -> a\na -> z\nz -> e", {"items": [1, 2]})
    assert done(run, "a", "a") == ["z"]


def test_wcp_15_multiple_instances_without_run_time_knowledge() -> None:
    """BPMN's multi-instance activity cannot grow; an event that does not interrupt adds instances instead."""
    more = whenever(
        "more", message("more"), works("a") + "<endEvent id='k'/>", "more_start -> a\na -> k", interrupting=False
    )
    inner = "<startEvent id='i'/>" + works("first") + "<endEvent id='j'/>" + more
    scenario = Scenario()
    elements = START + scope("subProcess", "sub", inner, "i -> first\nfirst -> j") + works("z") + END
    scenario.deploy(bpmn(elements, "s -> sub\nsub -> z\nz -> e", keys={"more": "k"}))
    run = scenario.start("p", {"k": "1"})
    scenario.publish("more", "1")
    scenario.publish("more", "1")
    assert done(run, "first") == ["a", "a"]
    assert done(run, "a", "a") == ["z"]


def test_wcp_16_deferred_choice() -> None:
    catches = event("intermediateCatchEvent", "m", message("go")) + event("intermediateCatchEvent", "t", timer("PT1H"))
    run = begun(
        "<eventBasedGateway id='g'/>" + catches + works("a b"), "s -> g\ng -> m\ng -> t\nm -> a\nt -> b\na -> e\nb -> e"
    )
    run._scenario.publish("go")
    assert done(run) == ["a"]
    run._scenario.advance("PT1H")
    assert done(run) == ["a"], "the other one is withdrawn"


def ad_hoc(names: str, *, ordering: str) -> tuple[Run, int]:
    """An ad-hoc sub-process and the key of its element instance."""
    scenario = Scenario()
    over = "<completionCondition xsi:type='tFormalExpression'>=finished</completionCondition>"
    inner = f'<adHocSubProcess id="sub" ordering="{ordering}">{works(names)}{over}</adHocSubProcess>'
    scenario.deploy(bpmn(START + inner + works("z") + END, "s -> sub\nsub -> z\nz -> e"))
    run = scenario.start("p", {"finished": False})
    node = scenario._graph(run.key).by_id["sub"]
    (key,) = [one.key for one in scenario._instance(run.key).elements.values() if one.node == node]
    return run, key


def choose(run: Run, key: int, *names: str) -> None:
    answer = run._scenario.submit(
        commands.ActivateElements(
            instance=run.key, element=key, activate=tuple(ActivateElement(name) for name in names)
        )
    )
    assert isinstance(answer, commands.Answer), answer


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_wcp_17_and_40_interleaved_routing(order: tuple[str, str]) -> None:
    """One at a time in any order. A partial order among them (17) is what flows inside the ad-hoc sub-process say."""
    run, key = ad_hoc("a b", ordering="Sequential")
    choose(run, key, *order)
    assert done(run) == [order[0]]
    assert done(run, order[0]) == [order[1]]


def test_wcp_18_milestone() -> None:
    """An activity is open to be done as long as the case is in a state, which a condition observes."""
    inner = "<startEvent id='i'/>" + event("intermediateCatchEvent", "w", condition("open")) + works("a")
    leave = boundary("closed", "sub", condition("not(open)"))
    run = begun(
        scope("subProcess", "sub", inner, "i -> w\nw -> a") + leave + works("z"),
        "s -> sub\nsub -> e\nclosed -> z\nz -> e",
        {"open": True},
    )
    assert done(run) == ["a"]
    run._scenario.set_variables(run, {"open": False})
    assert done(run) == ["z"]


def test_wcp_19_cancel_activity() -> None:
    run = begun(works("a z") + boundary("b", "a", message("stop")), "s -> a\na -> e\nb -> z\nz -> e")
    run._scenario.publish("stop")
    assert done(run) == ["z"]


def test_wcp_20_cancel_case() -> None:
    stop = "<endEvent id='t'><terminateEventDefinition/></endEvent>"
    run = begun(gates("parallel", "f") + works("a b") + stop, "s -> f\nf -> a\nf -> b\na -> t\nb -> e")
    done(run, "a")
    assert (run.state, run._scenario.jobs) == ("completed", [])
    run = begun(works("a"), "s -> a\na -> e")
    run._scenario.cancel(run)
    assert run.state == "terminated"


def test_wcp_23_transient_trigger() -> None:
    run = begun(works("a z") + event("intermediateCatchEvent", "w", signal("go")), "s -> a\na -> w\nw -> z\nz -> e")
    run._scenario.broadcast("go")
    assert done(run, "a") == [], "a signal that nobody waits for is lost"
    run._scenario.broadcast("go")
    assert done(run) == ["z"]


def test_wcp_24_persistent_trigger() -> None:
    run = begun(works("a z") + event("intermediateCatchEvent", "w", message("go")), "s -> a\na -> w\nw -> z\nz -> e")
    run._scenario.publish("go", time_to_live="PT1H")
    assert done(run, "a") == ["z"], "a message waits until somebody comes for it"


def test_wcp_25_cancel_region() -> None:
    inner = "<startEvent id='i'/>" + gates("parallel", "f") + works("a b")
    elements = gates("parallel", "g") + scope("subProcess", "sub", inner, "i -> f\nf -> a\nf -> b") + works("c z")
    run = begun(
        elements + boundary("out", "sub", message("stop")),
        "s -> g\ng -> sub\ng -> c\nout -> z\nc -> e\nz -> e\nsub -> e",
    )
    run._scenario.publish("stop")
    assert done(run) == ["c", "z"], "what is outside the region goes on"


def test_wcp_26_cancel_multiple_instance_activity() -> None:
    run = begun(
        service("a", each("[1, 2, 3]")) + boundary("b", "a", message("stop")) + works("z"),
        "s -> a\na -> e\nb -> z\nz -> e",
    )
    done(run, "a")
    run._scenario.publish("stop")
    assert done(run) == ["z"]


def test_wcp_27_complete_multiple_instance_activity() -> None:
    """What is not done yet is given up, and the case goes on as if all were."""
    loop = each("[1, 2, 3]", until="enough")
    run = begun(service("a", loop) + works("z"), "s -> a\na -> z\nz -> e", {"enough": False})
    assert done(run, "a") == ["a", "a"]
    run._scenario.set_variables(run, {"enough": True})
    assert done(run, "a") == ["z"]


def test_wcp_34_static_partial_join_for_multiple_instances() -> None:
    """The rest goes on and is not waited for: each instance throws, and the second one lets the case go on."""
    behavior = '<multiInstanceLoopCharacteristics behavior="Complex"><extensionElements>'
    behavior += '<zeebe:loopCharacteristics inputCollection="=[1, 2, 3]" inputElement="item"/></extensionElements>'
    behavior += '<complexBehaviorDefinition><condition xsi:type="tFormalExpression">=numberOfCompletedInstances = 2'
    behavior += '</condition><event id="enough"><escalationEventDefinition escalationRef="enough"/></event>'
    behavior += "</complexBehaviorDefinition></multiInstanceLoopCharacteristics>"
    border = boundary("b", "a", '<escalationEventDefinition escalationRef="enough"/>', interrupting=False)
    run = begun(service("a", behavior) + border + works("z"), "s -> a\na -> e\nb -> z\nz -> e")
    assert done(run, "a") == ["a", "a"]
    assert done(run, "a") == ["a", "z"]


def test_wcp_35_cancelling_partial_join_for_multiple_instances() -> None:
    run = begun(
        service("a", each("[1, 2, 3]", until="numberOfCompletedInstances = 2")) + works("z"), "s -> a\na -> z\nz -> e"
    )
    assert done(run, "a") == ["a", "a"]
    assert done(run, "a") == ["z"]


def test_wcp_36_dynamic_partial_join_for_multiple_instances() -> None:
    """How many are enough is known only while they run; that more are added meanwhile BPMN cannot say (see 15)."""
    loop = each("[1, 2, 3]", until="numberOfCompletedInstances >= wanted")
    run = begun(service("a", loop) + works("z"), "s -> a\na -> z\nz -> e", {"wanted": 3})
    assert done(run, "a") == ["a", "a"]
    run._scenario.set_variables(run, {"wanted": 2})
    assert done(run, "a") == ["z"]


def test_wcp_39_critical_section() -> None:
    """BPMN has no locks; within a case an ad-hoc sub-process that does one thing at a time keeps sections apart."""
    run, key = ad_hoc("a b c", ordering="Sequential")
    choose(run, key, "a", "b")
    assert done(run) == ["a"], "the other section waits until this one is left"
    assert done(run, "a") == ["b"]


def test_wcp_43_explicit_termination() -> None:
    stop = "<endEvent id='t'><terminateEventDefinition/></endEvent>"
    inner = "<startEvent id='i'/>" + gates("parallel", "f") + works("a b") + stop
    run = begun(
        scope("subProcess", "sub", inner, "i -> f\nf -> a\nf -> b\na -> t") + works("z"), "s -> sub\nsub -> z\nz -> e"
    )
    assert done(run, "a") == ["z"], "what else ran in the sub-process has ended"
