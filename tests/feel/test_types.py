"""Types: instance of, conformance, and conversion for DMN."""

import pytest

from clearance import feel
from clearance.feel import types
from clearance.feel.types import ContextType, FunctionType, ListType, RangeType
from tests.feel.reading import problems, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 instance of number", True),
        ('"a" instance of number', False),
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("[1] instance of list<number>", True),
        ("[1, null] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[1] instance of list", None),
        ("1 instance of nonsense", None),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ("{a: null} instance of context<a: number>", True),
        ("{b: 1} instance of context<a: number>", False),
        ("[1..2] instance of range<number>", True),
        ('(< @"2020-01-01") instance of range<date>', True),
        ("[1..2] instance of range<string>", False),
        ("(function(a: number) a) instance of function<number>->Any", True),
        ("(function(a: string) a) instance of function<number>->Any", False),
        ("(function(a) a) instance of function<>->Any", False),
        ('(function() "foo") instance of function<>->string', True),
        ("(function(a: number) a + 1) instance of function<number>->number", True),
        ("(function(a: number) a + 1) instance of function<number>->string", False),
        ('(function(a: number) {b: "b", c: a}) instance of function<number>->context<b: string>', True),
        ("(function(a) [a, 1]) instance of function<Any>->list<Any>", True),
        ("(function(a) if a then 1 else null) instance of function<boolean>->number", True),
        ("(function(a) a > 1) instance of function<number>->boolean", True),
        ("abs instance of function<number>->Any", True),
        ('@"P1D" instance of days and time duration', True),
        ('@"P1Y" instance of years and months duration', True),
        ('@"2020-01-01T00:00:00" instance of date and time', True),
        ("1 instance of number = true", True),
    ],
)
def test_instance_of(expression: str, expected: bool | None) -> None:
    assert value(expression) is expected


def test_named_types_are_given_to_the_compiler() -> None:
    small = types.Constrained("tSmall", types.NUMBER, lambda each: each < 10)
    person = ContextType((("first name", types.STRING),))
    named = {"tSmall": small, "tPerson": person}
    compiled = feel.compile("[x instance of tSmall, y instance of list<tPerson>]", types=named)
    assert compiled.evaluate({"x": 5, "y": [{"first name": "A"}]}) == [True, True]
    assert compiled.evaluate({"x": 50, "y": [{}]}) == [False, False]


def test_conversion_unwraps_wraps_and_makes_dates_midnights() -> None:
    numbers = ListType(types.NUMBER)
    assert types.convert([5], types.NUMBER) == 5
    assert types.convert(5, numbers) == [5]
    assert types.convert(None, numbers) is None
    assert types.convert("5", types.NUMBER) is types.MISMATCH
    assert types.convert([1, 2], types.NUMBER) is types.MISMATCH
    assert types.convert([1, "a"], numbers) is types.MISMATCH
    assert feel.to_text(types.convert(feel.Date(2020, 1, 2), types.DATE_TIME)) == "2020-01-02T00:00:00Z"


def test_function_types_are_contravariant_in_arguments_and_covariant_in_results() -> None:
    narrow = FunctionType((types.ANY,), types.NUMBER)
    wide = FunctionType((types.STRING,), types.ANY)
    assert types.is_subtype(narrow, wide)
    assert not types.is_subtype(wide, narrow)
    assert types.is_subtype(RangeType(types.DATE), RangeType(types.ANY))


def test_a_type_without_its_parts_is_explained() -> None:
    assert "needs its parts" in problems("[1] instance of list")
    assert "there is no type 'nonsense'" in problems("1 instance of nonsense")
