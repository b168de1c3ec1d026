"""Cells as sets of values: what can be known of a unary test without evaluating it.

``"gold", "silver"``, ``[10..20)``, ``> 5`` and ``not("x")`` are sets of values on a line of points; ``> limit`` is
not, as it depends on a variable. The index of a table and the static checks both rest on this reading of the syntax
tree.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from clearance.feel import syntax
from clearance.feel.temporal import Date

Point = Any
"""A number, string, bool, None (null) or a date as (year, month, day)."""


class Interval(msgspec.Struct, frozen=True):
    """The points between two ends of one kind; an end that is missing (None) is unbounded."""

    kind: str
    low: Point
    high: Point
    low_included: bool
    high_included: bool

    def holds(self, kind: str, point: Point) -> bool:
        """Whether a point lies in it."""
        if kind != self.kind:
            return False
        above = self.low is None or point > self.low or (self.low_included and point == self.low)
        return above and (self.high is None or point < self.high or (self.high_included and point == self.high))


class Region(msgspec.Struct, frozen=True):
    """The values that satisfy a cell: some intervals (a single value is an interval of one point), or all but those."""

    intervals: tuple[Interval, ...] = ()
    nulls: bool = False
    """Whether null satisfies it."""
    everything: bool = False
    """The dash: any value at all."""
    negated: bool = False

    def holds(self, kind: str, point: Point) -> bool:
        """Whether a value satisfies the cell; of another kind than the cell's own, only the dash does."""
        if self.everything:
            return True
        if kind == "null":
            return self.nulls
        inside = any(interval.holds(kind, point) for interval in self.intervals)
        if self.negated:
            return not inside and any(interval.kind == kind for interval in self.intervals)
        return inside


EVERYTHING = Region(everything=True)


def kind_of(value: Any) -> tuple[str, Point]:
    """The kind of a FEEL value and its point on that kind's line; kind ``other`` where there is no line."""
    if value is None:
        return "null", None
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | Decimal):
        return "number", value
    if isinstance(value, str):
        return "string", value
    if isinstance(value, Date):
        return "date", (value.year, value.month, value.day)
    return "other", None


def region_of(tests: syntax.UnaryTestsNode) -> Region | None:
    """The region of a cell; None when it depends on more than the tested value."""
    if not tests.tests:
        return EVERYTHING
    intervals: list[Interval] = []
    nulls = False
    for test in tests.tests:
        found = _interval_of(test)
        if found is None:
            if _is_null(test) and not tests.negated:
                nulls = True
                continue
            return None
        intervals.append(found)
    if tests.negated:
        # null = "x" is false, so not("x") holds for null; null < 5 is null, and not(null) does not hold
        nulls = all(_is_equality(test) for test in tests.tests)
        if len({interval.kind for interval in intervals}) > 1:
            return None
    return Region(intervals=tuple(intervals), nulls=nulls, negated=tests.negated)


def _is_equality(node: syntax.Node) -> bool:
    if isinstance(node, syntax.UnaryComparison):
        return node.operator == "="
    return not isinstance(node, syntax.Interval)


def _is_null(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Literal) and node.value is None


def _interval_of(node: syntax.Node) -> Interval | None:
    if isinstance(node, syntax.UnaryComparison):
        found = _constant(node.endpoint)
        if found is None:
            return None
        kind, point = found
        if node.operator == "=":
            return Interval(kind, point, point, True, True)
        if kind == "boolean" or kind == "string" or node.operator == "!=":
            return None
        included = node.operator.endswith("=")
        if node.operator.startswith("<"):
            return Interval(kind, None, point, False, included)
        return Interval(kind, point, None, included, False)
    if isinstance(node, syntax.Interval):
        low, high = _constant(node.start), _constant(node.end)
        if low is None or high is None or low[0] != high[0] or low[0] in ("boolean", "string"):
            return None
        return Interval(low[0], low[1], high[1], node.start_included, node.end_included)
    found = _constant(node)
    return None if found is None else Interval(found[0], found[1], found[1], True, True)


def _constant(node: syntax.Node) -> tuple[str, Point] | None:
    """The kind and point of a literal, perhaps negative; None for null and everything else."""
    if isinstance(node, syntax.Negation):
        found = _constant(node.operand)
        return ("number", -found[1]) if found is not None and found[0] == "number" else None
    if isinstance(node, syntax.Invocation):
        return _called_date(node)
    if not isinstance(node, syntax.Literal):
        return None
    kind, point = kind_of(node.value)
    return None if kind in ("other", "null") else (kind, point)


def _called_date(node: syntax.Invocation) -> tuple[str, Point] | None:
    """``date("2026-01-31")`` with a literal is a constant; the text is checked when the cell is evaluated."""
    if not (isinstance(node.function, syntax.Name) and node.function.name == "date" and len(node.arguments) == 1):
        return None
    argument = node.arguments[0]
    if not isinstance(argument, syntax.Literal) or not isinstance(argument.value, str):
        return None
    parts = argument.value.split("-")
    if len(parts) != 3 or [len(part) for part in parts] != [4, 2, 2] or not "".join(parts).isdecimal():
        return None
    year, month, day = map(int, parts)
    return ("date", (year, month, day)) if 1 <= month <= 12 and 1 <= day <= 28 else None


def breakpoints(regions: Iterable[Region], kind: str) -> list[Point]:
    """The ends of all intervals of a kind, in order, each once."""
    points = {
        end
        for region in regions
        for interval in region.intervals
        if interval.kind == kind
        for end in (interval.low, interval.high)
        if end is not None
    }
    return sorted(points)
