"""Workflow control-flow patterns 1 to 10, 21, 22, 28 to 33, 37, 38, 41, 42: sequence, splits, joins and cycles.

Numbers and names are those of Russell, ter Hofstede, van der Aalst and Mulyar, Workflow Control-Flow Patterns: A
Revised View (BPM Center, 2006). docs/conformance.md has the whole table.
"""

import pytest

from clearance.model.work import Raised
from clearance.testing import Scenario
from tests.conformance.patterns.drawing import begun, discriminator, done, gates, works
from tests.kernel.files import END, START, boundary, bpmn, error, scope, service

FORK = gates("parallel", "f") + works("a b c z")
FORKED = "s -> f\nf -> a\nf -> b\nf -> c\na -> j\nb -> j\nc -> j\nj -> z\nz -> e"


def test_wcp_01_sequence() -> None:
    run = begun(works("a b"), "s -> a\na -> b\nb -> e")
    assert done(run) == ["a"]
    assert done(run, "a") == ["b"]
    done(run, "b")
    assert run.state == "completed"


def test_wcp_02_parallel_split() -> None:
    run = begun(gates("parallel", "f") + works("a b"), "s -> f\nf -> a\nf -> b\na -> e\nb -> e")
    assert done(run) == ["a", "b"]


def test_wcp_03_synchronization() -> None:
    run = begun(FORK + gates("parallel", "j"), FORKED)
    assert done(run, "c", "a") == ["b"]
    assert done(run, "b") == ["z"]


def test_wcp_04_exclusive_choice() -> None:
    elements = gates("exclusive", "x", default="x_b") + works("a b")
    flows = "s -> x\nx -> a when left\nx -> b\na -> e\nb -> e"
    assert done(begun(elements, flows, {"left": True})) == ["a"]
    assert done(begun(elements, flows, {"left": False})) == ["b"]


def test_wcp_05_simple_merge() -> None:
    elements = gates("exclusive", "x", default="x_b") + gates("exclusive", "m") + works("a b z")
    run = begun(elements, "s -> x\nx -> a when left\nx -> b\na -> m\nb -> m\nm -> z\nz -> e", {"left": True})
    assert done(run, "a") == ["z"]


OR = gates("inclusive", "o", default="o_c") + works("a b c z")
CHOSEN = "s -> o\no -> a when n > 0\no -> b when n > 1\no -> c"


def test_wcp_06_multi_choice() -> None:
    flows = CHOSEN + "\na -> e\nb -> e\nc -> e"
    assert done(begun(OR, flows, {"n": 2})) == ["a", "b"]
    assert done(begun(OR, flows, {"n": 0})) == ["c"]


@pytest.mark.parametrize(("n", "names"), [(0, ["c"]), (1, ["a"]), (2, ["b", "a"])])
def test_wcp_07_structured_synchronizing_merge(n: int, names: list[str]) -> None:
    run = begun(OR + gates("inclusive", "j"), CHOSEN + "\na -> j\nb -> j\nc -> j\nj -> z\nz -> e", {"n": n})
    assert "z" not in done(run, *names[:-1])
    assert done(run, names[-1]) == ["z"]


def test_wcp_08_multi_merge() -> None:
    run = begun(FORK + gates("exclusive", "j"), FORKED)
    assert done(run, "a", "b", "c") == ["z", "z", "z"]


def test_wcp_09_structured_discriminator() -> None:
    run = begun(FORK + discriminator("j", 1), FORKED)
    assert done(run, "b") == ["a", "c", "z"]
    assert done(run, "z", "a") == ["c"]
    done(run, "c")
    assert run.state == "completed"
    assert run.path.count("z") == 1


def test_wcp_10_arbitrary_cycles() -> None:
    """Two ways into the cycle and two ways out of it."""
    elements = gates("exclusive", "m1 m2") + gates("exclusive", "x0", default="x0_m1")
    elements += gates("exclusive", "x1", default="x1_m2") + gates("exclusive", "x2", default="x2_e") + works("a b")
    flows = "s -> x0\nx0 -> m2 when late\nx0 -> m1\nm1 -> a\na -> x1\nx1 -> e when stop\nx1 -> m2\nm2 -> b\nb -> x2"
    run = begun(elements, flows + "\nx2 -> m1 when again\nx2 -> e", {"late": True, "stop": False, "again": True})
    assert done(run) == ["b"]
    assert done(run, "b", "a", "b") == ["a"]
    run._scenario.set_variables(run, {"stop": True})
    done(run, "a")
    assert run.state == "completed"


def test_wcp_21_structured_loop() -> None:
    loop = '<standardLoopCharacteristics testBefore="{}"><loopCondition xsi:type="tFormalExpression">=more'
    loop += "</loopCondition></standardLoopCharacteristics>"
    flows = "s -> a\na -> e"
    assert begun(service("a", loop.format("true")), flows, {"more": False}).state == "completed"
    run = begun(service("a", loop.format("false")), flows, {"more": True})
    assert done(run, "a") == ["a"]
    run._scenario.set_variables(run, {"more": False})
    done(run, "a")
    assert run.state == "completed"


def test_wcp_22_recursion() -> None:
    scenario = Scenario()
    call = '<callActivity id="c"><extensionElements><zeebe:calledElement processId="p"/>'
    call += '<zeebe:ioMapping><zeebe:input source="=n - 1" target="n"/></zeebe:ioMapping></extensionElements>'
    call += "</callActivity>"
    elements = START + gates("exclusive", "x", default="x_a") + call + works("a") + END
    scenario.deploy(bpmn(elements, "s -> x\nx -> c when n > 0\nx -> a\nc -> a\na -> e"))
    run = scenario.start("p", {"n": 3})
    assert len(scenario.runs) == 4
    done(run, "a", "a", "a", "a")
    assert run.state == "completed"


def test_wcp_28_blocking_discriminator() -> None:
    """While it waits for the rest it is not started again: a second round's tokens wait in front of it."""
    elements = gates("parallel", "f") + gates("exclusive", "m") + works("a b z") + discriminator("j", 1)
    elements += gates("exclusive", "x", default="x_e")
    flows = "s -> m\nm -> f\nf -> a\nf -> b\na -> j\nb -> j\nj -> z\nz -> x\nx -> m when again\nx -> e"
    run = begun(elements, flows, {"again": True})
    assert done(run, "a", "z") == ["a", "b", "b"]
    assert done(run, "a") == ["b", "b"], "the second round has to wait until the first one is reset"
    run._scenario.set_variables(run, {"again": False})
    done(run, "b", "b")
    assert run.path.count("z") + run._scenario.jobs.count("z") == 2


def cancelling(count: int) -> str:
    """The branches in a sub-process that is left when enough of them are done."""
    stop = '<endEvent id="t"><terminateEventDefinition/></endEvent>'
    inner = '<startEvent id="i"/>' + gates("parallel", "f") + works("a b c") + discriminator("j", count) + stop
    flows = "i -> f\nf -> a\nf -> b\nf -> c\na -> j\nb -> j\nc -> j\nj -> t"
    return scope("subProcess", "sub", inner, flows) + works("z")


def test_wcp_29_cancelling_discriminator() -> None:
    run = begun(cancelling(1), "s -> sub\nsub -> z\nz -> e")
    assert done(run, "c") == ["z"]


def test_wcp_30_structured_partial_join() -> None:
    run = begun(FORK + discriminator("j", 2), FORKED)
    assert done(run, "a") == ["b", "c"]
    assert done(run, "c") == ["b", "z"]
    done(run, "b", "z")
    assert run.path.count("z") == 1


def test_wcp_31_blocking_partial_join() -> None:
    elements = gates("parallel", "f") + gates("exclusive", "m") + works("a b c z") + discriminator("j", 2)
    elements += gates("exclusive", "x", default="x_e")
    flows = "s -> m\nm -> f\nf -> a\nf -> b\nf -> c\na -> j\nb -> j\nc -> j\nj -> z\nz -> x\nx -> m when again\nx -> e"
    run = begun(elements, flows, {"again": True})
    assert done(run, "a", "b", "z") == ["a", "b", "c", "c"]
    assert "z" not in done(run, "a", "b"), "it is not reset before the first round's third token has come"


def test_wcp_32_cancelling_partial_join() -> None:
    run = begun(cancelling(2), "s -> sub\nsub -> z\nz -> e")
    assert done(run, "c") == ["a", "b"]
    assert done(run, "a") == ["z"]


def test_wcp_33_generalized_and_join() -> None:
    """Tokens that come early on one flow wait for their partners of a later round."""
    elements = gates("parallel", "f j") + gates("exclusive", "m") + works("a b z")
    run = begun(
        elements + "<task id='t'/>", "s -> f\nf -> m\nf -> t\nt -> m\nf -> b\nm -> a\na -> j\nb -> j\nj -> z\nz -> e"
    )
    assert done(run, "a", "a") == ["b"]
    assert done(run, "b") == ["z"]
    assert run.state == "active", "one token still waits for a partner"


def test_wcp_37_local_synchronizing_merge() -> None:
    """A branch that goes elsewhere is no longer waited for, whatever the split has sent."""
    elements = gates("inclusive", "o", default="o_e") + gates("inclusive", "j") + works("a b z")
    elements += gates("exclusive", "x", default="x_j")
    flows = (
        "s -> o\no -> a when true\no -> b when two\no -> e\na -> j\nb -> x\nx -> e when gone\nx -> j\nj -> z\nz -> e"
    )
    run = begun(elements, flows, {"two": True, "gone": True})
    assert done(run, "a") == ["b"]
    assert done(run, "b") == ["z"]
    run = begun(elements, flows, {"two": False, "gone": False})
    assert done(run, "a") == ["z"]


def test_wcp_38_general_synchronizing_merge() -> None:
    """Inside a loop: a token is waited for as long as it can still come, and no longer."""
    elements = gates("parallel", "f") + gates("exclusive", "m") + gates("inclusive", "j") + works("a b z")
    elements += gates("exclusive", "x", default="x_j")
    run = begun(
        elements,
        "s -> f\nf -> a\nf -> m\nm -> b\nb -> x\nx -> m when again\nx -> j\na -> j\nj -> z\nz -> e",
        {"again": True},
    )
    assert done(run, "a", "b") == ["b"]
    run._scenario.set_variables(run, {"again": False})
    assert done(run, "b") == ["z"]


@pytest.mark.parametrize("attribute", ["startQuantity", "completionQuantity"])
def test_wcp_41_and_42_thread_merge_and_split_are_refused(attribute: str) -> None:
    """Numbers of threads are attributes in BPMN (startQuantity, completionQuantity) that no vendor executes."""
    with pytest.raises(ValueError, match=attribute):
        begun(service("a", attributes=f'{attribute}="3"'), "s -> a\na -> e")


def test_an_error_leaves_no_branch_behind() -> None:
    """What the joins above rely on: a branch that fails is still there."""
    elements = FORK + gates("parallel", "j") + boundary("no", "b", error("E")) + works("o")
    run = begun(elements, FORKED + "\nno -> o\no -> e")
    run._scenario.finish_job("b", Raised("E", ""))
    assert done(run, "a", "c") == ["o"]
