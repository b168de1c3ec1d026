"""Range functions (10.3.4.6, Table 78): how points and ranges lie to one another.

A missing endpoint (``< 5`` has no start) lies infinitely far out.
"""

from collections.abc import Callable
from typing import Any

from clearance.feel import operators
from clearance.feel.builtins.registry import builtin
from clearance.feel.problems import Refused
from clearance.feel.ranges import Range

Bound = tuple[Any, int]
"""An endpoint's value (None: infinitely far) and how far it is shifted: 1 for an open start, -1 for an open end."""


def _order(left: Any, right: Any) -> int:
    sign = operators.order(left, right)
    if sign is None:
        raise Refused("the range function's values cannot be compared with one another")
    return sign


def _starts(left: Range, right: Range) -> int:
    """Order of two starts: an open start comes after a closed one at the same value."""
    if left.start is None or right.start is None:
        return int(right.start is None) - int(left.start is None)
    return _order(left.start, right.start) or right.start_included - left.start_included


def _ends(left: Range, right: Range) -> int:
    """Order of two ends: an open end comes before a closed one at the same value."""
    if left.end is None or right.end is None:
        return int(left.end is None) - int(right.end is None)
    return _order(left.end, right.end) or left.end_included - right.end_included


def _end_to_start(left: Range, right: Range) -> int:
    """Negative when the first ends before the second starts, 0 when they share exactly one point."""
    if left.end is None or right.start is None:
        return 1
    sign = _order(left.end, right.start)
    return sign or (0 if left.end_included and right.start_included else -1)


def _point(value: Any) -> Range:
    return Range(value, value, True, True)


def _for_points_and_ranges(
    name: str, *kinds: tuple[str, str]
) -> Callable[[Callable[[Range, Range], bool]], Callable[[Range, Range], bool]]:
    """Register a relation of two ranges for the given pairs of parameters; a point is the range of itself alone."""

    def register(relation: Callable[[Range, Range], bool]) -> Callable[[Range, Range], bool]:
        for first, second in kinds:

            def call(left: Any, right: Any) -> bool:
                one = left if type(left) is Range else _point(left)
                return relation(one, right if type(right) is Range else _point(right))

            builtin(f"{first}: {_domain(first)}, {second}: {_domain(second)})".replace(first, f"{name}({first}", 1))(
                call
            )
        return relation

    return register


def _domain(parameter: str) -> str:
    return "range" if parameter.startswith("range") else "point"


_POINT_RANGE, _RANGE_POINT, _RANGES = ("point", "range"), ("range", "point"), ("range1", "range2")
_POINTS = ("point1", "point2")


@_for_points_and_ranges("before", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def before(left: Range, right: Range) -> bool:
    return _end_to_start(left, right) < 0


@_for_points_and_ranges("after", _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
def after(left: Range, right: Range) -> bool:
    return before(right, left)


@_for_points_and_ranges("meets", _RANGES)
def meets(left: Range, right: Range) -> bool:
    return _end_to_start(left, right) == 0 and left.end is not None and right.start is not None


@_for_points_and_ranges("met by", _RANGES)
def met_by(left: Range, right: Range) -> bool:
    return meets(right, left)


@_for_points_and_ranges("overlaps", _RANGES)
def overlaps(left: Range, right: Range) -> bool:
    return _end_to_start(left, right) >= 0 and _end_to_start(right, left) >= 0


@_for_points_and_ranges("overlaps before", _RANGES)
def overlaps_before(left: Range, right: Range) -> bool:
    return _starts(left, right) < 0 and _end_to_start(left, right) >= 0 and _ends(left, right) <= 0


@_for_points_and_ranges("overlaps after", _RANGES)
def overlaps_after(left: Range, right: Range) -> bool:
    return _starts(right, left) < 0 and _end_to_start(right, left) >= 0 and _ends(right, left) <= 0


@_for_points_and_ranges("finishes", _POINT_RANGE, _RANGES)
def finishes(left: Range, right: Range) -> bool:
    return _ends(left, right) == 0 and _starts(left, right) >= 0


@_for_points_and_ranges("finished by", _RANGE_POINT, _RANGES)
def finished_by(left: Range, right: Range) -> bool:
    return finishes(right, left)


@_for_points_and_ranges("includes", _RANGE_POINT, _RANGES)
def includes(left: Range, right: Range) -> bool:
    return _starts(left, right) <= 0 and _ends(left, right) >= 0


@_for_points_and_ranges("during", _POINT_RANGE, _RANGES)
def during(left: Range, right: Range) -> bool:
    return includes(right, left)


@_for_points_and_ranges("starts", _POINT_RANGE, _RANGES)
def starts(left: Range, right: Range) -> bool:
    return _starts(left, right) == 0 and _ends(left, right) <= 0


@_for_points_and_ranges("started by", _RANGE_POINT, _RANGES)
def started_by(left: Range, right: Range) -> bool:
    return starts(right, left)


@_for_points_and_ranges("coincides", _POINTS, _RANGES)
def coincides(left: Range, right: Range) -> bool:
    return _starts(left, right) == 0 and _ends(left, right) == 0
