"""Functions that Camunda adds to the standard's."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true
from tests.feel.reading import problems


@pytest.mark.parametrize(
    "claim",
    [
        "is defined(1)",
        "not(is defined({a: null}.a))",
        'get or else(null, "x") = "x"',
        "get or else(1, 2) = 1",
        "assert(5, 5 > 3) = 5",
        'is blank(" \\t")',
        "is empty([])",
        'trim("  a b ") = "a b"',
        'extract("references are 1234, 1256", "12[0-9]*") = ["1234", "1256"]',
        "partition([1, 2, 3, 4, 5], 2) = [[1, 2], [3, 4], [5]]",
        "duplicate values([1, 2, 3, 2, 1]) = [1, 2]",
        'last day of month(@"2024-02-01") = @"2024-02-29"',
        'to json({a: [1, 2.50, "x", null, true]}) = "{\\"a\\":[1,2.5,\\"x\\",null,true]}"',
        'from json("{\\"a\\": [1, 2.50]}") = {a: [1, 2.5]}',
    ],
)
def test_more(claim: str) -> None:
    check_true(claim)


def test_a_failed_assertion_is_null_and_gives_its_cause() -> None:
    check_refused("assert(1, 1 > 3)")
    assert "too small" in problems('assert(1, 1 > 3, "too small")')


@pytest.mark.parametrize("call", ['from json("{")', "partition([1], 0)", "trim(1)"])
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
