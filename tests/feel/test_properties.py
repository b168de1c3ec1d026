"""Laws that hold for all values: printing and parsing, decimal arithmetic, dates, and unary tests against ``in``."""

import contextlib
import datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from clearance import feel
from clearance.feel import numbers, temporal, temporal_text
from clearance.feel import syntax as tree
from clearance.feel.parser import parse_expression
from clearance.feel.printer import to_source
from clearance.feel.problems import Run
from clearance.feel.syntax import meaning

NAMES = some.sampled_from(["a", "b", "count", "x_1", "größe"])
INTEGERS = some.integers(-(10**12), 10**12)
NUMBERS = some.one_of(
    INTEGERS, some.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6)
)
DATES = some.builds(temporal.date_of, some.integers(-3_000_000, 3_000_000))
ZONES = some.sampled_from([None, 0, 3600, -12_600, "Europe/Paris", "America/New_York"])
TIMES = some.builds(temporal.time_of, some.integers(0, temporal.DAY_NANOS - 1), ZONES)
DURATIONS = some.one_of(
    some.builds(temporal.DaysTime, some.integers(-(10**18), 10**18)),
    some.builds(temporal.YearsMonths, some.integers(-100_000, 100_000)),
)
TEMPORALS = some.one_of(DATES, TIMES, some.builds(temporal.DateTime, DATES, TIMES), DURATIONS)
SCALARS = some.one_of(NUMBERS, some.text(max_size=8), some.booleans(), some.none(), TEMPORALS)

TYPES = some.recursive(
    some.builds(tree.TypeNode, some.sampled_from(["number", "date and time", "tThing", "Any"])),
    lambda inner: some.one_of(
        some.builds(lambda part: tree.TypeNode("list", (("", part),)), inner),
        some.builds(lambda part: tree.TypeNode("context", (("a", part),)), inner),
        some.builds(lambda part, result: tree.TypeNode("function", (("", part),), result), inner, inner),
    ),
    max_leaves=3,
)


def _compound(inner: some.SearchStrategy[tree.Node]) -> some.SearchStrategy[tree.Node]:
    several = some.lists(inner, min_size=2, max_size=3).map(tuple)
    few = some.lists(inner, max_size=2).map(tuple)
    iterations = some.lists(
        some.builds(tree.Iteration, NAMES, inner, some.one_of(some.none(), inner)), min_size=1, max_size=2
    ).map(tuple)
    return some.one_of(
        some.builds(tree.Negation, inner),
        some.builds(tree.Arithmetic, some.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        some.builds(tree.Comparison, some.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        some.builds(tree.Junction, some.sampled_from(["and", "or"]), several),
        some.builds(tree.Between, inner, inner, inner),
        some.builds(tree.In, inner, some.one_of(several, inner.map(lambda node: (node,)))),
        some.builds(tree.If, inner, inner, inner),
        some.builds(tree.For, iterations, inner),
        some.builds(tree.Quantified, some.sampled_from(["some", "every"]), iterations, inner),
        some.builds(tree.InstanceOf, inner, TYPES),
        some.builds(tree.Path, inner, NAMES),
        some.builds(tree.Filter, inner, inner),
        some.builds(tree.Invocation, inner, few),
        some.builds(
            lambda function, argument: tree.Invocation(function, (argument,), ("start position",)), inner, inner
        ),
        some.builds(tree.Interval, inner, inner, some.booleans(), some.booleans()),
        some.builds(tree.UnaryComparison, some.sampled_from(["<", "<=", ">", ">=", "="]), inner),
        some.builds(tree.ListNode, few),
        some.builds(lambda value: tree.ContextNode((("a", value), ('b "q"', value))), inner),
        some.builds(
            lambda type_, body: tree.FunctionNode((tree.FormalParameter("p", type_),), body),
            some.one_of(some.none(), TYPES),
            inner,
        ),
    )


TREES = some.recursive(
    some.one_of(some.builds(tree.Literal, SCALARS), some.builds(tree.Name, NAMES)), _compound, max_leaves=8
)


@given(TREES)
@settings(max_examples=400, deadline=None)
def test_parsing_what_was_printed_gives_the_same_tree(node: tree.Node) -> None:
    assert meaning(parse_expression(to_source(node))) == meaning(node)


@given(TREES, some.dictionaries(NAMES, SCALARS))
@settings(max_examples=300, deadline=None)
def test_no_expression_raises_for_any_data_and_reporting_changes_no_result(
    node: tree.Node, context: dict[str, Any]
) -> None:
    compiled = feel.compile(to_source(node), bounds=feel.Bounds(steps_max=2000, list_length_max=500))
    plain = compiled.evaluate(context)
    told = compiled.apply(
        feel.from_data(context), Run(bounds=feel.Bounds(steps_max=2000, list_length_max=500), collect=True)
    )
    if "function" not in to_source(node):
        assert feel.to_literal(plain) == feel.to_literal(told)


@given(SCALARS)
def test_a_literal_denotes_its_value(value: Any) -> None:
    assert feel.evaluate(to_source(tree.Literal(value))) == value


@given(some.text(max_size=30))
@settings(max_examples=300)
def test_any_text_is_an_expression_or_a_syntax_error(text: str) -> None:
    with contextlib.suppress(feel.FeelSyntaxError):
        feel.compile(text)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_decimal_laws(a: Any, b: Any, c: Any) -> None:
    context = {"a": a, "b": b, "c": c}
    for law in ("a + b = b + a", "a * b = b * a", "a - b = -(b - a)", "a + 0 = a", "a * 1 = a", "a - a = 0"):
        assert feel.evaluate(law, context) is True, law
    for law in ("(a + b) + c = a + (b + c)", "(a < b) = (a + c < b + c)", "a = b or a < b or a > b"):
        assert feel.evaluate(law, context) is True, law
    if b:
        assert feel.evaluate("modulo(a, b) = a - b * floor(a / b) or abs(modulo(a, b)) < abs(b)", context) is True
        assert feel.evaluate("abs(a / b * b - a) <= abs(a) * 10 ** -32", context) is True


@given(NUMBERS, some.integers(0, 6))
def test_rounding_lies_within_one_unit_and_on_the_named_side(number: Any, scale: int) -> None:
    context = {"n": number, "s": scale, "unit": Decimal(1).scaleb(-scale)}
    for claim in (
        "floor(n, s) <= n and n < floor(n, s) + unit",
        "ceiling(n, s) >= n and n > ceiling(n, s) - unit",
        "abs(round down(n, s)) <= abs(n)",
        "abs(round up(n, s)) >= abs(n)",
        "abs(decimal(n, s) - n) * 2 <= unit",
        "abs(round half up(n, s) - n) * 2 <= unit",
        "abs(round half down(n, s) - n) * 2 <= unit",
    ):
        assert feel.evaluate(claim, context) is True, claim


@given(some.integers(-(10**34) + 1, 10**34 - 1), some.integers(-(10**34) + 1, 10**34 - 1))
def test_the_short_way_for_whole_numbers_gives_what_decimal128_gives(a: int, b: int) -> None:
    assert numbers.add(a, b) == numbers.CONTEXT.add(Decimal(a), Decimal(b))
    assert numbers.multiply(a, b) == numbers.CONTEXT.multiply(Decimal(a), Decimal(b))
    if b:
        assert numbers.divide(a, b) == numbers.CONTEXT.divide(Decimal(a), Decimal(b))


@given(some.dates())
def test_the_calendar_agrees_with_pythons(day: datetime.date) -> None:
    date = feel.from_data(day)
    assert temporal.day_number(date) == day.toordinal() - datetime.date(1970, 1, 1).toordinal()
    assert temporal.weekday(date) == day.isoweekday()
    assert temporal.day_of_year(date) == day.timetuple().tm_yday
    assert temporal.week_of_year(date) == day.isocalendar().week


@given(some.integers(-(365 * 999_999_998), 365 * 999_999_998))
def test_day_numbers_and_dates_are_inverse_over_the_whole_range_of_years(number: int) -> None:
    date = temporal.date_of(number)
    assert date is not None
    assert temporal.day_number(date) == number
    assert temporal_text.parse_date(temporal_text.to_text(date)) == date


@given(TEMPORALS)
def test_temporal_text_reads_back(value: Any) -> None:
    assert temporal_text.parse_literal(temporal_text.to_text(value)) == value


@given(DATES, some.integers(-5000, 5000), some.integers(-(10**6), 10**6))
def test_date_arithmetic_follows_the_formulas_of_tables_56_and_57(date: temporal.Date, months: int, days: int) -> None:
    context = {
        "d": date,
        "m": temporal.YearsMonths(months),
        "n": months,
        "t": temporal.DaysTime(days * temporal.DAY_NANOS),
    }
    moved = feel.evaluate("d + m", context)
    assert moved.year == date.year + (date.month - 1 + months) // 12
    assert moved.month == (date.month - 1 + months) % 12 + 1
    assert moved.day == min(date.day, temporal.month_days(moved.year, moved.month))
    for law in ("d + t - t = d", "d + t - d = t", "d - t = d + -t", '(d + t < d) = (t < @"PT0S")'):
        assert feel.evaluate(law, context) is True, law


@given(some.builds(temporal.DateTime, DATES, TIMES), some.integers(-(10**17), 10**17))
def test_moving_a_moment_by_a_duration_moves_its_instant_by_it(moment: temporal.DateTime, nanos: int) -> None:
    moved = temporal.shift(moment, nanos)
    assert moved is not None
    if not isinstance(moment.time.zone, str):
        assert feel.evaluate("b - a = t", {"a": moment, "b": moved, "t": temporal.DaysTime(nanos)}) is True
    else:
        gap = temporal.local_nanos(moved) - temporal.local_nanos(moment) - nanos
        assert abs(gap) <= 6 * 3600 * temporal.NANOS, "clocks differ from instants by the change of offset only"


CONSTANTS = some.one_of(some.integers(-5, 5), some.sampled_from([Decimal("0.5"), "a", "b", True, None]))
TESTS = some.one_of(
    some.builds(tree.Literal, CONSTANTS),
    some.builds(
        tree.UnaryComparison,
        some.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
        some.builds(tree.Literal, some.one_of(some.integers(-5, 5), some.sampled_from(["a", "b"]))),
    ),
    some.builds(
        lambda low, size, first, last: tree.Interval(tree.Literal(low), tree.Literal(low + size), first, last),
        some.integers(-5, 5),
        some.integers(0, 4),
        some.booleans(),
        some.booleans(),
    ),
)


@given(some.lists(TESTS, min_size=1, max_size=3), some.booleans(), CONSTANTS)
@settings(max_examples=500)
def test_unary_tests_mean_the_disjunction_of_in(tests: list[tree.Node], negated: bool, value: Any) -> None:
    cell = to_source(tree.UnaryTestsNode(tuple(tests), negated))
    expanded = " or ".join(f"(v in ({to_source(test)}))" for test in tests)
    expected = feel.evaluate(f"not({expanded})" if negated else expanded, {"v": value})
    compiled = feel.compile_unary_tests(cell)
    assert compiled.evaluate(value) is expected, cell
    assert compiled.apply(value, {}, Run()) is expected, "the general form"
