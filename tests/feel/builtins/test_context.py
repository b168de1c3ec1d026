"""Table 81: context functions."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        'get value({key1: "value1"}, "key1") = "value1"',
        'get value({key1: "value1"}, "other") = null',
        'get entries({a: 1, b: 2}) = [{key: "a", value: 1}, {key: "b", value: 2}]',
        'get entries({key1: "value1"})[key = "key1"].value = ["value1"]',
        'context([{key: "a", value: 1}, {key: "b", value: 2, more: "x"}]) = {a: 1, b: 2}',
        "context([]) = {}",
        'context put({x: 1}, "y", 2) = {x: 1, y: 2}',
        'string(context put({x: 1, y: 0, z: 0}, "y", 2)) = "{x: 1, y: 2, z: 0}"',
        'context put({x: 1}, ["y"], 2) = {x: 1, y: 2}',
        'context put({x: 1, y: {a: 0}}, ["y", "a"], 2) = {x: 1, y: {a: 2}}',
        'context put(context: {}, keys: ["a"], value: null) = {a: null}',
        "context merge([{x: 1}, {y: 2}]) = {x: 1, y: 2}",
        'string(context merge([{x: 1, y: 0}, {y: 2}])) = "{x: 1, y: 2}"',
    ],
)
def test_contexts(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call",
    [
        'get value(null, "a")',
        "get value({a: 1}, 1)",
        "get entries([1])",
        'context([{key: "a"}])',
        'context([{key: "a", value: 1}, {key: "a", value: 2}])',
        "context put({x: 1}, [], 2)",
        "context put({x: 1}, null, 2)",
        'context put({x: 1}, ["y", "a"], 2)',
        "context merge([1])",
        "{a: 1, a: 2}",
    ],
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
