"""Table 75: functions over numbers, booleans and comparable values."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        "min([1, 2, 3]) = 1",
        "max(1, 2, 3) = 3",
        "min(1) = min([1])",
        "max([]) = null",
        'max("a", "b") = "b"',
        'min([@"2020-01-02", @"2020-01-01"]) = @"2020-01-01"',
        "sum([1, 2, 3]) = 6",
        "sum(1, 2, 3) = 6",
        "sum(0.1, 0.2) = 0.3",
        "sum([]) = null",
        "mean([1, 2, 3]) = 2",
        "mean([]) = null",
        "product([2, 3, 4]) = 24",
        "product(2, 3, 4) = 24",
        "product([]) = null",
        "median(8, 2, 5, 3, 4) = 4",
        "median([6, 1, 2, 3]) = 2.5",
        "median([]) = null",
        "stddev(2, 4, 7, 5) = 2.081665999466132735282297706979931",
        "stddev([47]) = null",
        "stddev([]) = null",
        "mode(6, 3, 9, 6, 6) = [6]",
        "mode([6, 1, 9, 6, 1]) = [1, 6]",
        "mode([]) = []",
        "all([false, null, true]) = false",
        "all([true, null]) = null",
        "all(true)",
        "all([])",
        "any([false, null, true])",
        "any([false, null]) = null",
        "any([]) = false",
        "any(false, false) = false",
    ],
)
def test_statistics(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call",
    ["min()", "sum(null)", 'sum([1, "2"])', 'min(1, "a")', "max([[1], [2]])", "mean(null)", 'mode("a")', "all(null)"],
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
