"""Table 78: every example of the standard, and every relation against its formula."""

import itertools
from collections.abc import Callable

import pytest

from clearance import feel
from clearance.feel import Range
from tests.feel.builtins.claims import check_refused, check_true
from tests.feel.reading import value


@pytest.mark.parametrize(
    "claim",
    [
        "before(1, 10)",
        "not(before(1, [1..10]))",
        "before(1, (1..10])",
        "before([1..10), 10)",
        "before([1..10), [10..20])",
        "not(before([1..10], [10..20]))",
        "after(10, [1..10))",
        "after((11..20], 11)",
        "after((11..20], [1..11])",
        "meets([1..5], [5..10])",
        "not(meets([1..5), [5..10]))",
        "met by([5..10], [1..5])",
        "overlaps([5..8], [1..5])",
        "not(overlaps((5..8], [1..5]))",
        "overlaps before([1..5), (1..5])",
        "not(overlaps before([1..5), [1..5]))",
        "overlaps after((1..5], [1..5))",
        "not(overlaps after([1..5], [1..5)))",
        "finishes(10, [1..10])",
        "not(finishes(10, [1..10)))",
        "finishes((1..10], [1..10])",
        "finished by([1..10], (1..10])",
        "includes([1..10], (1..10))",
        "not(includes((1..10], 1))",
        "during((1..10], [1..10])",
        "starts([1..10), [1..10])",
        "not(starts((1..5], [1..10]))",
        "started by([1..10], [1..10))",
        "coincides(5, 5)",
        "not(coincides((1..5), [1..5]))",
        'before(@"2020-01-01", [@"2020-01-02"..@"2020-01-03"])',
        "includes((> 5), 6)",
        "before((< 5), (>= 5))",
        "overlaps((< 5), (> 1))",
        "before(point: 0, range: [1..2])",
        "before(range1: [1..2], range2: [3..4])",
    ],
)
def test_the_examples_of_the_standard(claim: str) -> None:
    check_true(claim)


ENDS = [
    Range(low, high, *flags)
    for low in (1, 2)
    for high in (2, 3)
    for flags in itertools.product((True, False), repeat=2)
]


def _starts_before(a: Range, b: Range) -> bool:
    return bool(a.start < b.start or (a.start == b.start and a.start_included and not b.start_included))


FORMULAS: dict[str, Callable[[Range, Range], bool]] = {
    "before": lambda a, b: a.end < b.start or (not (a.end_included and b.start_included) and a.end == b.start),
    "meets": lambda a, b: a.end_included and b.start_included and a.end == b.start,
    "overlaps": lambda a, b: (
        (a.end > b.start or (a.end == b.start and a.end_included and b.start_included))
        and (a.start < b.end or (a.start == b.end and a.start_included and b.end_included))
    ),
    "overlaps before": lambda a, b: (
        _starts_before(a, b)
        and (a.end > b.start or (a.end == b.start and a.end_included and b.start_included))
        and (a.end < b.end or (a.end == b.end and (not a.end_included or b.end_included)))
    ),
    "finishes": lambda a, b: (
        a.end_included == b.end_included
        and a.end == b.end
        and (a.start > b.start or (a.start == b.start and (not a.start_included or b.start_included)))
    ),
    "includes": lambda a, b: (
        (a.start < b.start or (a.start == b.start and (a.start_included or not b.start_included)))
        and (a.end > b.end or (a.end == b.end and (a.end_included or not b.end_included)))
    ),
    "starts": lambda a, b: (
        a.start == b.start
        and a.start_included == b.start_included
        and (a.end < b.end or (a.end == b.end and (not a.end_included or b.end_included)))
    ),
}
INVERSES = {
    "after": "before",
    "met by": "meets",
    "overlaps after": "overlaps before",
    "finished by": "finishes",
    "during": "includes",
    "started by": "starts",
}


@pytest.mark.parametrize("name", FORMULAS)
def test_each_relation_of_two_ranges_is_its_formula(name: str) -> None:
    compiled = feel.compile(f"{name}(a, b)")
    for a, b in itertools.product(ENDS, ENDS):
        assert compiled.evaluate({"a": a, "b": b}) is bool(FORMULAS[name](a, b)), (a, b)


@pytest.mark.parametrize(("name", "inverse"), INVERSES.items())
def test_each_inverse_is_the_relation_the_other_way_round(name: str, inverse: str) -> None:
    for a, b in itertools.product(ENDS, ENDS):
        assert value(f"{name}(a, b) = {inverse}(b, a)", a=a, b=b) is True, (a, b)


@pytest.mark.parametrize("call", ["before(1, null)", 'before(1, "a")', "meets(1, [1..2])", 'during(1, ["a".."b"])'])
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
