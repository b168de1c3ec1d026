"""Conditions of one choice: what holds at once, what nothing holds for, what never holds."""

import pytest

from clearance.bpmn import check
from clearance.model import definition as model
from tests.bpmn.soundness.drawn import process, some, xor


def found(*conditions: str, default: bool = False, gateway=xor) -> list[str]:
    """The findings on a choice between ways with these conditions."""
    ways = [f"x -[{condition}]> w{number}, w{number} -> end" for number, condition in enumerate(conditions)]
    more = ", x -> other, other -> end" if default else ""
    drawn = process(f"start -> x, {', '.join(ways)}{more}", gateway("x", "x_other" if default else ""))
    return [f"{each.rule.removeprefix('conditions-')} {each.element}: {each.message}" for each in check(drawn)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["amount > 100", "amount < 200"], 'overlap x: "W0" and "W1" hold at the same time, e.g. when amount = 150;'),
        (["x > 5", "x < 5"], "gap x: no way holds when x = 5:"),
        (["x >= 5", "x < 4.5"], "gap x: no way holds when x = 4.5:"),
        (["x in [1..5]", "x > 5", "x < 1", "x between 2 and 3"], "hidden x_w3: it is never taken"),
        (['s = "a"', 's in ("b", "c")'], 'gap x: no way holds when s = "something else":'),
        (['s in ["a", "b"]', 's = "b"', 's != "b"'], "hidden x_w1"),
        (
            ['list contains(["a", "b"], s)', 'not(s = "a")'],
            'overlap x: "W0" and "W1" hold at the same time, e.g. when s = "b"',
        ),
        (["ok and vip", "not(ok)"], "gap x: no way holds when ok = true and vip = false:"),
        (["ok", "ok = true", "not(ok)"], "hidden x_w1"),
        (["a > b", "a < b"], "gap x: no way holds when a = b:"),
        (["a >= b", "b > a", "b = a"], "hidden x_w2"),
        (["x > 5 and x < 3", "x > 0", "x <= 0"], "never x_w0: its condition can never hold"),
        (["count(l) = 0", "count(l) > 1"], "gap x: no way holds when count(l) = 1:"),
        (['d < date("2024-01-10")', 'd > date("2024-01-10")'], 'gap x: no way holds when d = date("2024-01-10"):'),
        (["if vip then x > 5 else x > 10", "x <= 5"], "gap x: no way holds when vip = "),
        (["invoice.total > 5", "invoice.total < 5"], "gap x: no way holds when invoice.total = 5:"),
        (["x > 1 and x < 0", "false"], "gap x: no condition of its ways can ever hold"),
    ],
)
def test_what_is_wrong_is_said_with_a_value(conditions, expected):
    assert any(each.startswith(expected) for each in found(*conditions)), found(*conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        ["x > 5", "x <= 5"],
        ["x >= 6", "x <= 5"],  # whole numbers, as far as anybody can tell
        ["5 < x", "5 >= x"],
        ["ok", "not(ok)"],
        ["ok = true", "ok = false"],
        ['s = "a"', 's != "a"'],
        ["count(l) = 0", "count(l) > 0"],
        ["a > b", "a <= b"],
        ["x = null", "x != null"],
        ["x in [1..5]", "x < 1 or x > 5"],
        ["x in (1..5]", "x <= 1 or x > 5"],
    ],
)
def test_complete_conditions_without_overlap_need_no_default(conditions):
    assert found(*conditions) == []


@pytest.mark.parametrize(
    "conditions",
    [
        ['matches(s, "a.*")', "x > limit(y)"],
        ["x > 5", "x + 1 > 5"],
        ["order = null", "order.total > 5"],
        ["some i in l satisfies i > 3", "every i in l satisfies i <= 3"],
    ],
)
def test_what_cannot_be_known_is_not_said(conditions):
    assert {each.split(" ")[0] for each in found(*conditions)} <= {"splits-are-complete"}
    assert found(*conditions, default=True) == []


def test_a_default_leaves_no_gap():
    assert found("x > 5", "x < 5", default=True) == []


def test_an_inclusive_split_may_take_several_ways_but_must_take_one():
    assert found("x > 5", "x > 3", default=True, gateway=some) == []
    assert found("x > 5", "x > 3", gateway=some)[0].startswith("gap x: no way holds when x = 2:")


def test_a_choice_that_can_never_be_made_is_an_error():
    drawn = process("start -> x, x -[n > 1 and n < 0]> a, x -[false]> b, a -> end, b -> end", xor("x"))
    (error,) = [each for each in check(drawn) if each.severity == "error"]
    assert error.rule == "conditions-gap"


def test_too_many_combinations_are_left_alone():
    conditions = [" and ".join(f"v{n} > {limit}" for n in range(9)) for limit in (1, 2)]
    assert {each.split(" ")[0] for each in found(*conditions)} == {"splits-are-complete"}


def test_a_task_with_conditions_is_a_choice_too():
    drawn = process("start -> a, a -[x > 5]> b, a -[x < 5]> c, b -> end, c -> end", model.Task(id="a"))
    assert [each.rule for each in check(drawn)] == ["conditions-gap"]
