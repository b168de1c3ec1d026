"""for, some and every."""

import pytest

from tests.feel.reading import problems, text, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("for i in [1, 2] return i * 2", "[2, 4]"),
        ("for i in 1..3 return i", "[1, 2, 3]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in [1..3] return i", "[1, 2, 3]"),
        ("for i in (1..3) return i", "[2]"),
        ("for i in n..n+1 return i", "[2, 3]"),
        ("for i in [1, 2], j in [3, 4] return i * j", "[3, 4, 6, 8]"),
        ("for i in [[1, 2], [3]], j in i return j", "[1, 2, 3]"),
        ("for i in 5 return i", "[5]"),
        ("for i in [] return i", "[]"),
        ("for i in null return i", "null"),
        ('for i in 1.."a" return i', "null"),
        ('for d in @"2023-12-31"..@"2024-01-02" return d.day', "[31, 1, 2]"),
        ('for d in @"2024-01-02"..@"2024-01-01" return d', "[2024-01-02, 2024-01-01]"),
        ('for d in [@"2024-01-01"..@"2024-01-03") return d.day', "[1, 2]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for i in 1..3 return count(partial)", "[0, 1, 2]"),
        ("for i in 1..2 return for j in 1..2 return i * 10 + j", "[[11, 12], [21, 22]]"),
        ("(for i in 1..3 return function(x) x + i)[2](10)", "12"),
        ("some x in [1, 2] satisfies x > 1", "true"),
        ("some x in [1, null] satisfies x > 1", "null"),
        ("some x in [] satisfies x > 1", "false"),
        ("every x in [1, 2] satisfies x > 0", "true"),
        ("every x in [1, null] satisfies x > 0", "null"),
        ("every x in [1, null] satisfies x > 1", "false"),
        ("every x in [] satisfies false", "true"),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
        ("every x in 1 satisfies x = 1", "true"),
        ("some x in null satisfies true", "null"),
        ("some x in values in a list satisfies x = 2", "true"),
    ],
)
def test_loops(expression: str, expected: str) -> None:
    assert text(expression, n=2, **{"values in a list": [1, 2]}) == expected


def test_a_loop_over_nothing_iterable_says_so() -> None:
    assert "null is no list" in problems("for i in null return i")
    assert "whole numbers or dates" in problems("for i in 1..null return i")
    assert value("for i in [1], j in null return i") is None


def test_loop_variables_end_with_the_loop() -> None:
    assert value("[for x in [1] return x, x]", x=9) == [[1], 9]
    assert value("some x in [1] satisfies x = 1 and y = 2", y=2) is True
