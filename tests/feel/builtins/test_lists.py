"""Table 75 and sort: list functions."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        "list contains([1, 2, 3], 2)",
        "list contains([1, null], null)",
        'not(list contains([1, 2], "1"))',
        "list contains([[1], [2]], [2])",
        "count([1, 2, 3]) = 3",
        "count([]) = 0",
        "count([1, [2, 3]]) = 2",
        "sublist([4, 5, 6], 1, 2) = [4, 5]",
        "sublist([4, 5, 6], -2) = [5, 6]",
        "append([1], 2, 3) = [1, 2, 3]",
        "append([], null) = [null]",
        "append(1, [2]) = [1, [2]]",
        "concatenate([1, 2], [3]) = [1, 2, 3]",
        "insert before([1, 3], 1, 2) = [2, 1, 3]",
        "insert before([1, 3], -1, 2) = [1, 2, 3]",
        "remove([1, 2, 3], 2) = [1, 3]",
        "remove([1, 2, 3], -1) = [1, 2]",
        "reverse([1, 2, 3]) = [3, 2, 1]",
        "index of([1, 2, 3, 2], 2) = [2, 4]",
        "index of([1, null], null) = [2]",
        "union([1, 2], [2, 3]) = [1, 2, 3]",
        "distinct values([1, 2, 3, 2, 1]) = [1, 2, 3]",
        'distinct values([1, "1", true, [1], [1], null, null]) = [1, "1", true, [1], null]',
        "flatten([[1, 2], [[3]], 4]) = [1, 2, 3, 4]",
        "sort(list: [3, 1, 4, 5, 2], precedes: function(x, y) x < y) = [1, 2, 3, 4, 5]",
        "sort([{a: 2, b: 1}, {a: 1}, {a: 2, b: 2}], function(x, y) x.a < y.a) = [{a: 1}, {a: 2, b: 1}, {a: 2, b: 2}]",
        'sort(["b", "a"]) = ["a", "b"]',
        "list replace([2, 4, 7, 8], 3, 6) = [2, 4, 6, 8]",
        "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) = [5, 5, 7, 8]",
        "list replace([1], -1, null) = [null]",
    ],
)
def test_lists(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call",
    [
        "count(null)",
        "list contains(null, 1)",
        "sublist([1, 2], 3)",
        "sublist([1, 2], 1, 3)",
        "sublist([1, 2], 0)",
        "insert before([1], 2, 5)",
        "remove([1], 0)",
        "append(null, 1)",
        "append()",
        "concatenate([1], null)",
        "list replace([1], 2, 5)",
        "list replace([1], function(a) true, 5)",
        "list replace([1], function(a, b) 7, 5)",
        'sort([1, "a"])',
        "sort([1, 2], 3)",
    ],
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
