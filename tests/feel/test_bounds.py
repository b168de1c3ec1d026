"""No text and no data can hang or exhaust an evaluation: each bound ends it with null and a problem that names it."""

import time

import pytest

from clearance import feel
from clearance.feel import Bounds

SHARED = "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]"
"""A list of 60 elements that share their parts: small in memory, and without end for who visits every part."""
TWO_SHARED_LISTS = f"{{l: {SHARED}, m: {SHARED}, r: l = m}}.r"


@pytest.mark.parametrize(
    ("expression", "bound"),
    [
        ("for i in 1..10000000 return i", "list_length_max"),
        ("for i in 1..1000, j in 1..1000 return i", "list_length_max"),
        ("every i in 1..10000000 satisfies i > 0", "steps_max"),
        ("count(for i in 1..1000 return count(for j in 1..1000 return for k in 1..1000 return k))", "steps_max"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "depth_max"),
        ("{l: for i in 1..200000 return i, r: for i in 1..200000 return reverse(l)}.r", "steps_max"),
        ("{l: for i in 1..200000 return i, r: for i in 1..200000 return sum(l)}.r", "steps_max"),
        ("{l: for i in 1..200000 return i, r: for i in 1..200000 return l = l}.r", "steps_max"),
        ('{s: string(for i in 1..200000 return i), r: for i in 1..200000 return s + "x"}.r', "steps_max"),
        ("{s: string(for i in 1..200000 return i), r: for i in 1..200000 return upper case(s)}.r", "steps_max"),
        (f"{{l: {SHARED}, m: {SHARED}, r: is(l, m)}}.r", "steps_max"),
        ("{l: for i in 1..200000 return i, r: for i in 1..200000 return 0 in l}.r", "steps_max"),
        ("{l: for i in 1..200000 return {a: i}, r: for i in 1..200000 return l.a}.r", "steps_max"),
        ('for i in 1..60 return if i = 1 then "ab" else partial[-1] + partial[-1]', "string_length_max"),
        ("for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])", "list_length_max"),
        (f"string({SHARED})", "parts"),
        (TWO_SHARED_LISTS, "comparison"),
        (f"flatten({SHARED})", "_max"),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a|aa|aaa|b?a)*\\1c$")', ""),
    ],
)
def test_what_would_take_for_ever_ends_with_null_and_says_why(expression: str, bound: str) -> None:
    compiled = feel.compile(expression)
    began = time.process_time()
    assert compiled.evaluate({}) in (None, False)
    assert time.process_time() - began < 5
    if bound:
        assert bound in str(compiled.problems({})[-1])


def test_a_long_iteration_that_ends_early_is_no_problem() -> None:
    assert feel.evaluate("some i in 1..100000000 satisfies i = 3") is True


def test_bounds_are_settings() -> None:
    tight = Bounds(steps_max=10)
    assert feel.compile("for i in 1..11 return i", bounds=tight).evaluate({}) is None
    assert feel.compile("for i in 1..10 return i", bounds=tight).evaluate({}) == list(range(1, 11))
    with pytest.raises(feel.FeelSyntaxError, match="nesting_max"):
        feel.compile("((((1))))", bounds=Bounds(nesting_max=3))
    with pytest.raises(feel.FeelSyntaxError, match="text_length_max"):
        feel.compile("1 + 1", bounds=Bounds(text_length_max=3))


def test_recursion_as_deep_as_the_bound_works_even_below_other_frames() -> None:
    def below(frames: int) -> object:
        if frames:
            return below(frames - 1)
        return feel.evaluate("{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(50)}.r")

    assert below(100) == 50


def test_data_that_is_nested_without_end_is_null() -> None:
    endless: list[object] = []
    for _ in range(5000):
        endless = [endless]
    assert feel.compile("x").evaluate({"x": endless}) is None
    assert feel.compile("count(x)").evaluate({"x": {"y": endless}}) is None
