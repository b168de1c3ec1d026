"""Paths, properties and filters."""

import pytest

from tests.feel.reading import problems, text, value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[{a: {b: 1}}, {a: {b: [2.1, 2.2]}}, {a: {b: [3]}}].a.b", "[1, [2.1, 2.2], [3]]"),
        ("[{x: 1}, {y: 2}].y", "[null, 2]"),
        ("[].y", "[]"),
        ("null.y", "null"),
        ('@"2024-02-29".month', "2"),
        ('@"2024-02-29".weekday', "4"),
        ('@"2024-02-29T10:11:12.5+01:00".second', "12.5"),
        ('@"2024-02-29T10:11:12+01:00".time offset', "PT1H"),
        ('@"2024-07-01T10:11:12@Europe/Paris".time offset', "PT2H"),
        ('@"2024-07-01T10:11:12@Europe/Paris".timezone', '"Europe/Paris"'),
        ('@"10:11:12".time offset', "null"),
        ('@"P1Y14M".years', "2"),
        ('@"P1Y14M".months', "2"),
        ('@"P1Y".days', "null"),
        ('@"P1DT26H3M4.5S".hours', "2"),
        ('@"P1DT26H3M4.5S".seconds', "4.5"),
        ("[1..3).end included", "false"),
        ("(< 3).start", "null"),
        ("(<= 3).end included", "true"),
        ('{"a b": 1}.a b', "1"),
    ],
)
def test_a_path_selects(expression: str, expected: str) -> None:
    assert text(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[1,2,3][1]", "1"),
        ("[1,2,3][-1]", "3"),
        ("[1,2,3][0]", "null"),
        ("[1,2,3][4]", "null"),
        ("[1,2,3][1.5]", "null"),
        ("[1,2,3][n]", "2"),
        ("[1,2,3][n - 1]", "1"),
        ("[1,2,3][item > 1]", "[2, 3]"),
        ("[1,2,3][even(item)]", "[2]"),
        ("[1,2,3][null]", "[]"),
        ("[1,2,3][true]", "[1, 2, 3]"),
        ("[][1]", "null"),
        ("3[1]", "3"),
        ("3[2]", "null"),
        ("3[item > 2]", "[3]"),
        ("null[1]", "null"),
        ("null[true]", "null"),
        ("[{x: 1, y: 2}, {x: 2, y: 3}][x = 1]", "[{x: 1, y: 2}]"),
        ("[{x: 1}, {x: null}][x < 2]", "[{x: 1}]"),
        ("[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"),
        ("[{n: 1}, {n: 5}][n > 2].n", "[5]"),
        ("[{x: 1}, {x: 3}][x > n]", "[{x: 3}]"),
        ("[[1, 2], [3]][1][2]", "2"),
        ("[{l: [1, 2]}, {l: [3]}][count(l[item > 1]) > 0]", "[{l: [1, 2]}, {l: [3]}]"),
    ],
)
def test_a_filter_chooses(expression: str, expected: str) -> None:
    assert text(expression, n=2) == expected


def test_entries_of_the_element_hide_variables_only_where_they_exist() -> None:
    assert value("l[x = limit]", l=[{"x": 1}, {"x": 2}, {"x": 3, "limit": 3}], limit=2) == [
        {"x": 2},
        {"x": 3, "limit": 3},
    ]


def test_a_missing_entry_is_null_and_said() -> None:
    assert value("a.b.c", a={}) is None
    assert "has no entry 'b'" in problems("a.b.c", a={})
    assert "no property 'x'" in problems('"text".x')
    assert "has none at position 4" in problems("[1,2,3][4]")
    assert problems("[1,2,3][item > 2]") == ""
