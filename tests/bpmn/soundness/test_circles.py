"""Circles without a wait: those that the kernel would have to stop."""

import pytest

from clearance.bpmn import check
from clearance.model import definition as model
from tests.bpmn.soundness.drawn import TIMER, both, job, process, script, some, xor

LOOP = "start -> m, m -> a, a -> x, x -[n > 3]> m, x -> end"


def said(arrows: str, *elements: model.Element) -> list[str]:
    drawn = process(arrows, xor("m"), xor("x", "x_end"), *elements)
    return [f"{each.severity} {each.rule} {each.element}" for each in check(drawn)]


def test_a_loop_that_changes_nothing_of_what_ends_it_is_a_warning():
    assert said(LOOP, script("a", "1", "other")) == ["warning loop-without-wait m"]
    assert said(LOOP) == ["warning loop-without-wait m"]


@pytest.mark.parametrize(
    "inside",
    [
        script("a", "n - 1", "n"),
        job("a"),
        model.UserTask(id="a"),
        model.ReceiveTask(id="a", message=model.MessageDefinition(name="more", correlation_key="= k")),
        model.IntermediateCatchEvent(id="a", definition=TIMER),
        model.BusinessRuleTask(id="a", decision="Next", result="n"),
        model.SubProcess(
            id="a",
            elements=(model.StartEvent(id="s"), job("inner"), model.EndEvent(id="e")),
            flows=(
                model.Flow(id="f1", source="s", target="inner"),
                model.Flow(id="f2", source="inner", target="e"),
            ),
        ),
    ],
)
def test_a_loop_that_waits_or_changes_it_is_right(inside):
    assert said(LOOP, inside) == []


def test_a_loop_that_time_ends_is_right():
    assert said(LOOP.replace("n > 3", "now() < due")) == []


def test_a_circle_without_a_way_out_is_an_error_and_said_once():
    drawn = process("start -> fork, fork -> m, fork -> b, b -> end, m -> a, a -> m", both("fork"), xor("m"))
    assert [f"{each.severity} {each.rule}" for each in check(drawn)] == ["error loop-without-wait"]


def test_the_round_is_told_in_order():
    (finding,) = check(process(LOOP, xor("m"), xor("x", "x_end")))
    assert [step.element for step in finding.trace] == ["m", "a", "x", "m"]


def test_of_two_loops_in_one_the_one_that_waits_does_not_excuse_the_other():
    arrows = "start -> m, m -> a, a -> x, x -[n > 3]> m, x -[n > 2]> c, c -> m, x -> end"
    assert "warning loop-without-wait m" in said(arrows, job("c"))


def test_links_can_close_a_circle():
    back = model.IntermediateThrowEvent(id="back", definition=model.LinkDefinition(name="again"))
    again = model.IntermediateCatchEvent(id="again", definition=model.LinkDefinition(name="again"))
    arrows = "start -> m, again -> m, m -> a, a -> x, x -[n > 3]> back, x -> end"
    assert said(arrows, back, again) == ["warning loop-without-wait m"]


def test_an_inclusive_way_out_is_judged_alike():
    arrows = "start -> m, m -> a, a -> o, o -[n > 3]> m, o -> end"
    assert "loop-without-wait" in {each.rule for each in check(process(arrows, xor("m"), some("o", "o_end")))}
