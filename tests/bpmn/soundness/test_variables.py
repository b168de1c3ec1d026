"""Variables that are read before anything sets them, and slips of the pen; and all that is none of it."""

import pytest

from clearance import bpmn
from clearance.bpmn import check
from clearance.bpmn.soundness.variables import check_variables, given
from clearance.model import definition as model
from clearance.model.definition import Process
from invoice_to_pay.process import p as invoice_to_pay
from tests.bpmn.files import file_with
from tests.bpmn.soundness.drawn import beside, both, flows, job, process, script, xor

READ_EARLY = "start -> x, x -[total > 5]> a, x -> b, a -> sum, b -> end, sum -> end"
GIVEN = '<clearance:given xmlns:clearance="urn:clearance:bpmn:1" name="{}"></clearance:given>'


def said(drawn: Process) -> list[str]:
    return [f"{each.rule.removeprefix('variable-')} {each.element}" for each in check_variables(drawn)]


def test_the_invoice_process_has_no_findings_at_all():
    assert check(invoice_to_pay.definition()) == ()


def test_reading_before_the_only_step_that_sets_is_told_with_the_way():
    drawn = process(READ_EARLY, xor("x", "x_b"), script("sum", "1", "total"))
    (finding,) = check_variables(drawn)
    assert (finding.rule, finding.element) == ("variable-too-early", "x")
    assert 'set by "sum"' in finding.message
    assert [step.element for step in finding.trace] == ["start", "x"]
    assert finding.trace[-1].says == "reads total, which nothing has set"


def test_reading_after_it_is_right():
    assert (
        said(
            process(
                "start -> sum, sum -> x, x -[total > 5]> end, x -> b, b -> end",
                xor("x", "x_b"),
                script("sum", "1", "total"),
            )
        )
        == []
    )


@pytest.mark.parametrize(
    "before",
    [
        job("first"),
        model.UserTask(id="first"),
        model.CallActivity(id="first", process="other"),
        model.ReceiveTask(id="first", message=model.MessageDefinition(name="m", correlation_key="= k")),
        model.IntermediateCatchEvent(id="first", definition=model.MessageDefinition(name="m", correlation_key="= k")),
    ],
)
def test_whoever_may_set_anything_may_have_set_it(before):
    arrows = READ_EARLY.replace("start -> x", "start -> first, first -> x")
    assert said(process(arrows, xor("x", "x_b"), script("sum", "1", "total"), before)) == []


def test_a_job_whose_outputs_are_named_sets_nothing_else():
    arrows = READ_EARLY.replace("start -> x", "start -> first, first -> x")
    drawn = process(arrows, xor("x", "x_b"), script("sum", "1", "total"), job("first", ("answer.id", "id")))
    assert said(drawn) == ["too-early x"]


def test_one_way_around_the_step_is_enough_and_a_parallel_one_is_waited_for():
    around = "start -> w, w -[big]> sum, w -> m, sum -> m, m -> x, x -[total > 5]> a, x -> b, a -> end, b -> end"
    elements = (xor("w", "w_m"), xor("x", "x_b"), script("sum", "1", "total"))
    (finding,) = check_variables(process(around, xor("m"), *elements))
    assert [step.element for step in finding.trace] == ["start", "w", "m", "x"]
    together = around.replace("w -[big]> sum, w -> m", "w -> sum, w -> c, c -> m")
    joined = process(together, both("w"), both("m"), *elements[1:])
    assert said(joined) == []


def test_a_step_that_is_broken_off_has_set_nothing():
    arrows = "start -> sum, sum -> end, late -> x, x -[total > 5]> a, x -> b, a -> end, b -> end"
    drawn = process(arrows, xor("x", "x_b"), job("sum", ("n", "total")), beside("late", "sum", interrupting=True))
    assert said(drawn) == ["too-early x"]


@pytest.mark.parametrize(
    "condition",
    ["total = null or total > 5", "get or else(total, 0) > 5", "is defined(total)", "total instance of number"],
)
def test_whoever_reckons_with_null_may_read_early(condition):
    assert said(process(READ_EARLY.replace("total > 5", condition), xor("x", "x_b"), script("sum", "1", "total"))) == []


def test_a_counter_was_there_before():
    arrows = "start -> m, m -> x, x -[tries > 3]> end, x -> count, count -> m"
    assert said(process(arrows, xor("m"), xor("x", "x_count"), script("count", "tries + 1", "tries"))) == []


def test_names_that_the_process_says_it_is_given_are_there():
    drawn = process(READ_EARLY, xor("x", "x_b"), script("sum", "1", "total"), extensions=(GIVEN.format("total"),))
    assert said(drawn) == []


def test_with_the_start_declared_a_name_that_nobody_sets_is_missing():
    arrows = "start -> x, x -[vip]> a, x -> b, a -> end, b -> end"
    assert said(process(arrows, xor("x", "x_b"))) == []
    assert said(process(arrows, xor("x", "x_b"), extensions=(GIVEN.format("amount"),))) == ["unset x"]
    assert said(process(arrows, xor("x", "x_b"), extensions=(GIVEN.format("vip"),))) == []


def test_the_declaration_survives_reading_and_writing():
    content = (
        f"<extensionElements>{GIVEN.format('total')}</extensionElements>"
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/>'
    )
    definitions = bpmn.read(file_with(content))
    again = bpmn.read(bpmn.write(definitions)).processes[0]
    assert given(again) == {"total"}


@pytest.mark.parametrize("name", ["totl_amount", "total_amuont", "totalAmount", "total_ammount"])
def test_a_slip_of_the_pen_is_told_with_what_was_meant(name):
    arrows = f"start -> sum, sum -> x, x -[{name} > 5]> a, x -> b, a -> end, b -> end"
    (finding,) = check_variables(process(arrows, xor("x", "x_b"), script("sum", "1", "total_amount")))
    assert finding.rule == "variable-misspelt"
    assert "total_amount" in finding.message


@pytest.mark.parametrize(
    ("read", "there"),
    [("orders", "order"), ("approved", "approver"), ("approval2", "approval1"), ("cat", "car"), ("invoice", "receipt")],
)
def test_words_of_their_own_are_no_slips(read, there):
    arrows = f"start -> set, set -> x, x -[{read} = 5]> a, x -> b, a -> end, b -> end"
    assert said(process(arrows, xor("x", "x_b"), script("set", "1", there))) == []


def test_items_counters_and_inputs_are_there_inside():
    loop = model.MultiInstance(collection="= lines", item="line", output_collection="sums", output_item="= line.total")
    inner = script("each", "line.total + loopCounter", "one")
    sub = model.SubProcess(
        id="all",
        multi_instance=loop,
        inputs=(model.Mapping(source="= 5", target="limit"),),
        elements=(model.StartEvent(id="s"), inner, script("two", "limit + one", "limit2"), model.EndEvent(id="e")),
        flows=flows("s -> each, each -> two, two -> e"),
    )
    after = process("start -> all, all -> x, x -[count(sums) > 5]> a, x -> b, a -> end, b -> end", xor("x", "x_b"), sub)
    assert said(after) == []


def test_what_a_sub_process_sets_is_there_after_it():
    sub = model.SubProcess(
        id="sub",
        elements=(model.StartEvent(id="s"), script("sum", "1", "total"), model.EndEvent(id="e")),
        flows=flows("s -> sum, sum -> e"),
    )
    assert (
        said(process("start -> sub, sub -> x, x -[total > 5]> a, x -> b, a -> end, b -> end", xor("x", "x_b"), sub))
        == []
    )
    assert said(process(READ_EARLY.replace("sum", "sub"), xor("x", "x_b"), sub)) == ["too-early x"]


def test_names_inside_filters_belong_to_the_items():
    arrows = 'start -> set, set -> x, x -[count(lines[stats = "a"]) > 0]> a, x -> b, a -> end, b -> end'
    assert said(process(arrows, xor("x", "x_b"), script("set", "1", "status"))) == []


def test_what_the_start_saves_is_there():
    start = model.StartEvent(id="start", outputs=(model.Mapping(source="= order.total", target="total"),))
    assert said(process(READ_EARLY, start, xor("x", "x_b"), script("sum", "1", "total"))) == []
