"""The index of a table finds what evaluating every cell finds."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from clearance import dmn, feel
from tests.counting import calls
from tests.dmn.models import decision, definitions, input_data, table

NUMBERS = st.sampled_from(["0", "1", "2.5", "-3", "10"])
DATES = st.sampled_from(['date("2024-01-01")', 'date("2024-02-28")', 'date("2025-12-31")'])
ENDS = NUMBERS | DATES
INTERVALS = st.builds(
    lambda opening, low, high, closing: f"{opening}{low}..{high}{closing}",
    st.sampled_from("[("),
    NUMBERS,
    NUMBERS,
    st.sampled_from("])"),
)
TESTS = st.one_of(
    ENDS,
    st.builds(lambda operator, end: f"{operator} {end}", st.sampled_from(["<", "<=", ">", ">=", "="]), ENDS),
    INTERVALS,
    st.sampled_from(['"a"', '"b"', "true", "false", "null", "limit", "? > limit", '@"2024-02-28"', "{a: 1}"]),
)
CELLS = st.one_of(
    st.just("-"),
    st.lists(TESTS, min_size=1, max_size=3).map(", ".join),
    st.lists(TESTS, min_size=1, max_size=3).map(lambda tests: f"not({', '.join(tests)})"),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-4, 11),
    st.sampled_from(
        [Decimal("2.5"), Decimal("1.0"), "a", "b", "c", date(2024, 1, 1), date(2024, 2, 28), date(2024, 7, 1)]
    ),
    st.sampled_from([[1], ["a"], [], {"a": 1}]),
)


@settings(max_examples=150, deadline=None)
@given(
    rules=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8),
    values=st.lists(st.tuples(VALUES, VALUES), min_size=5, max_size=15),
)
def test_a_table_fires_exactly_the_rules_whose_cells_all_hold(
    rules: list[tuple[str, str]], values: list[tuple[object, object]]
) -> None:
    data = input_data("x") + input_data("y") + input_data("limit")
    expression = table(
        [([one, other], [str(number)]) for number, (one, other) in enumerate(rules)],
        inputs=["x", "y"],
        policy="RULE ORDER",
    )
    decisions = dmn.read(definitions(data + decision("it", expression, needs="in_x,in_y,in_limit")))
    for x, y in values:
        context = {"limit": 2}
        expected = [
            number
            for number, (one, other) in enumerate(rules)
            if feel.unary_tests(one, x, context) is True and feel.unary_tests(other, y, context) is True
        ]
        assert decisions.evaluate("it", {"x": x, "y": y, "limit": 2}).value == (expected or None)


def test_a_thousand_rules_cost_about_what_ten_do() -> None:
    def work(count: int) -> int:
        rules = [
            ([f"[{number * 10}..{number * 10 + 10})", f'"s{number % 7}"'], [str(number)]) for number in range(count)
        ]
        data = input_data("x", "number") + input_data("y", "string")
        model = definitions(data + decision("it", table(rules, inputs=["x", "y"]), needs="in_x,in_y"))
        decisions = dmn.read(model)
        inputs = {"x": count * 5 + 5, "y": f"s{count // 2 % 7}"}
        assert decisions.evaluate("it", inputs).value == count // 2
        return calls(lambda: decisions.evaluate("it", inputs))

    assert work(1000) < 2 * work(10)
