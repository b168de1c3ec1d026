"""Equality, order, ternary logic and arithmetic on values: tables 49 to 62, line by line."""

import pytest

from tests.feel.reading import problems, text, value

TRUE = [
    "1 = 1.000",
    "null = null",
    "not(1 = null)",
    "1 != null",
    "[1, [2]] = [1.0, [2]]",
    "not([1, 2] = [2, 1])",
    "{a: 1, b: 2} = {b: 2, a: 1}",
    "not({a: 1} = {b: 1})",
    "[1..2] = [1..2]",
    "not([1..2] = [1..2))",
    "(> 1) = (> 1)",
    '"a" < "b"',
    '"a" < "aa"',
    '"\\uFFFD" < "\\U01F40E"',
    '@"2020-01-31" < @"2020-02-01"',
    '@"P1Y" = @"P12M"',
    '@"P1D" = @"PT24H"',
    '@"PT1H" < @"PT61M"',
    '@"10:00:00Z" = @"12:00:00+02:00"',
    '@"2020-07-01T12:00:00@Europe/Paris" = @"2020-07-01T10:00:00Z"',
    'not(@"10:00:00" = @"10:00:00Z")',
    '@"09:00:00" < @"10:00:00+05:00"',
    '@"2021-01-01" - @"2020-01-01" = @"P366D"',
    '@"2020-01-31" + @"P1M" = @"2020-02-29"',
    '@"2020-03-31" - @"P1M" = @"2020-02-29"',
    '@"2020-01-01" - @"P1D" = @"2019-12-31"',
    '@"2020-01-01" + @"PT36H" = @"2020-01-02"',
    '@"23:00:00" + @"PT2H" = @"01:00:00"',
    '@"01:00:00" - @"PT2H" = @"23:00:00"',
    '@"10:00:00Z" - @"10:00:00+01:00" = @"PT1H"',
    '@"2021-03-28T01:30:00@Europe/Paris" + @"PT1H" = @"2021-03-28T03:30:00@Europe/Paris"',
    '@"2020-01-01" - @"2019-12-31T12:00:00Z" = @"PT12H"',
    '@"P1Y" * 1.5 = @"P18M"',
    '2 * @"PT30M" = @"PT1H"',
    '@"P1Y" / 2 = @"P6M"',
    '@"P1Y" / @"P4M" = 3',
    '@"P1D" / @"PT6H" = 4',
    '-@"P1D" = @"-P1D"',
    '@"P1D" + @"2020-01-01" = @"2020-01-02"',
    '"foo" + "bar" = "foobar"',
    ".25 + .2 = 0.45",
    ".10 * 30.00 = 3",
    "1 + 3/2*2 - 2**3 = -4",
    "1/3 = 0.3333333333333333333333333333333333",
    "1.01/2 = 0.505",
    "2 ** -1 = 0.5",
    "2 ** 0.5 = sqrt(2)",
    "0 ** 0 = 1",
]
NULL = [
    '"1" = 1',
    "[1] = 1",
    '@"2020-01-01" = @"2020-01-01T00:00:00"',
    "1 < null",
    'null < "a"',
    "true < false",
    "[1] < [2]",
    "1 between null and 2",
    '1 + "1"',
    "1 + null",
    "1 / 0",
    "0 / 0",
    "10 ** 7000",
    "0 ** -1",
    '"a" - "a"',
    '@"P1Y" + @"P1D"',
    '2 / @"P1D"',
    '@"P1D" / 0',
    '@"2020-01-01" - @"2020-01-01T00:00:00"',
    '@"2020-01-01" + @"2020-01-01"',
    '@"999999999-12-31" + @"P1D"',
    '-"1"',
    "-true",
    "[3..1]",
    '[1.."b"]',
    "[null..1]",
]


@pytest.mark.parametrize("claim", TRUE)
def test_it_is_true(claim: str) -> None:
    assert value(claim) is True


@pytest.mark.parametrize("expression", NULL)
def test_what_is_undefined_is_null_and_says_why(expression: str) -> None:
    assert value(expression) is None
    assert "line 1, column" in problems(expression)


@pytest.mark.parametrize(
    ("left", "right", "conjunction", "disjunction"),
    [
        ("true", "true", "true", "true"),
        ("true", "false", "false", "true"),
        ("true", "null", "null", "true"),
        ("false", "false", "false", "false"),
        ("false", "null", "false", "null"),
        ("null", "null", "null", "null"),
        ("true", "1", "null", "true"),
        ("false", '"x"', "false", "null"),
    ],
)
def test_and_and_or_are_ternary_in_both_directions(left: str, right: str, conjunction: str, disjunction: str) -> None:
    for first, second in ((left, right), (right, left)):
        assert text(f"{first} and {second}") == conjunction
        assert text(f"{first} or {second}") == disjunction
        assert text(f"{first} and {second} and {first}") == conjunction
        assert text(f"{first} or {second} or {first}") == disjunction


def test_if_takes_the_alternative_for_everything_but_true() -> None:
    assert [value(f"if {each} then 1 else 2") for each in ("true", "false", "null", '"true"', "1")] == [1, 2, 2, 2, 2]


def test_in_takes_values_ranges_lists_and_tests() -> None:
    for claim in (
        "1 in (2, 1)",
        "1 in [2, 1]",
        "1 in [[2..4], [1..3]]",
        "5 in (> 6, < 6)",
        "5 in > 4",
        "3 in (1..4)",
        "[1, 2] in [[1, 2], [3]]",
        '"b" in ["a".."c"]',
        '@"2020-02-01" in [@"2020-01-01"..@"2020-12-31"]',
        "null in (null, 1)",
        "not(1 in (1..3))",
        "not(4 in [1, 2])",
        "5 in (? > 4 and ? < 6)",
        "x in y",
    ):
        assert value(claim, x=2, y=[1, 2]) is True, claim
    assert value("null in < 5") is None


def test_a_comparison_may_have_the_constant_on_either_side() -> None:
    for claim in ("1000 < x", "x > 1000", "1000 <= x", "not(1000 > x)", "2000 = x", "x >= 2000", "x <= 2000", "1 != x"):
        assert value(claim, x=2000) is True, claim
