"""Unary tests: a cell's meaning is that of ``in``, and its fast form means the same as its general one."""

from decimal import Decimal
from typing import Any

import pytest

from clearance import feel
from clearance.feel.problems import Run


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", None, True),
        ("5", 5, True),
        ("5", Decimal("5.0"), True),
        ("5", "5", None),
        ("5", None, False),
        ("null", None, True),
        ("null", 1, False),
        ("< 5", 4, True),
        ("< 5", None, None),
        (">= 5", Decimal("4.9"), False),
        ("!= 5", 4, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ('"a", "b"', None, False),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ("not(5)", "x", None),
        ("not(null)", 1, True),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("]1..5]", 1, False),
        ("[1..5], 7", 7, True),
        ("< 1, > 5", 3, False),
        ('"a"', ["a"], None),
        ('["a", "b"]', "a", True),
        ("true", True, True),
        ("true", False, False),
        ("? > 5 and ? < 7", 6, True),
        ("? > 5", None, None),
        ("list contains(?, 1)", [1, 2], True),
        ("count(?) > 2", [1, 2], False),
        ("x", 2, True),
        ("x, 9", 9, True),
        ("> x", 3, True),
        ("[x..x + 2]", 4, True),
        ("choices", "red", True),
        ("not(choices)", "red", False),
        ("ranges", 15, True),
        ('@"2020-01-01"', feel.Date(2020, 1, 1), True),
        ('> @"2020-01-01"', feel.Date(2020, 1, 2), True),
        ('[@"P1D"..@"P3D"]', feel.DaysTime(2 * 86_400 * 10**9), True),
        ("x = 2", 7, True),
        ("(? + 1) in [x..9]", 5, True),
    ],
)
def test_a_cell_means_what_in_means(cell: str, value: Any, expected: bool | None) -> None:
    context = {"x": 2, "choices": ["red", "green"], "ranges": [feel.Range(10, 20, True, True)]}
    assert feel.unary_tests(cell, value, context) is expected
    compiled = feel.compile_unary_tests(cell, context)
    assert compiled.apply(value, context, Run()) is expected, "the general form agrees with the fast one"


def test_cells_of_constants_have_a_fast_form_and_others_do_not() -> None:
    for cell in ("-", "5", "< 5", '"a","b"', "not(1, 2)", "[1..5]", "null", "true", "(1..3), > 7"):
        assert feel.compile_unary_tests(cell).simple is not None, cell
    for cell in ("x", "< x", "? > 5", "date(x)", "[1..x]"):
        assert feel.compile_unary_tests(cell).simple is None, cell


def test_a_cell_says_what_it_reads_and_what_went_wrong() -> None:
    cell = feel.compile_unary_tests("< limit, ? = other")
    assert cell.reads == {"limit", "other"}
    assert "a string and a number cannot be compared" in str(feel.compile_unary_tests("< 5").problems("a")[0])
    assert feel.compile_unary_tests("< 5").problems(3) == ()


def test_python_values_are_taken_as_they_come() -> None:
    assert feel.unary_tests("0.1", 0.1) is True
    assert feel.unary_tests("> 1", float("nan")) is None
