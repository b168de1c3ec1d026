"""Which rules can match: every column is turned, once, into a map from value to a set of rules.

A set of rules is an int with one bit per rule, so that the rules that match all columns are the bitwise and of one
look-up per column: 1,000 rules cost about what ten do. Numbers and dates are looked up by bisection among the ends of
the column's intervals, strings and booleans in a table. Cells that are no plain sets of values (``> limit``) keep
their bit in every look-up and are evaluated afterwards, for the rules that are left.
"""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from clearance.feel.regions import Interval, Point, Region, breakpoints
from clearance.feel.temporal import Date


class Line:
    """A kind of values in order: a set of rules for each break point, and for each gap between two."""

    __slots__ = ("_masks", "_points")

    def __init__(self, points: Sequence[Point], cells: Sequence[tuple[int, Region]], kind: str, always: int) -> None:
        self._points = list(points)
        self._masks = _sweep(self._points, cells, kind, always)

    def find(self, point: Point) -> int:
        """The rules whose cell holds the point."""
        position = bisect_left(self._points, point)
        if position < len(self._points) and self._points[position] == point:
            return self._masks[2 * position + 1]
        return self._masks[2 * position]


def _sweep(points: list[Point], cells: Sequence[tuple[int, Region]], kind: str, always: int) -> list[int]:
    """Masks for gap 0, point 0, gap 1, point 1, ... : each interval switches its rule on where it starts, off after."""
    places = {point: 2 * position + 1 for position, point in enumerate(points)}
    size = 2 * len(points) + 1
    masks = [always] * size
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for rule, region in cells:
        for first, last in _spans([item for item in region.intervals if item.kind == kind], places, size, region):
            starts[first] = starts.get(first, 0) | 1 << rule
            ends[last + 1] = ends.get(last + 1, 0) | 1 << rule
    active = 0
    for place in range(size):
        active = (active & ~ends.get(place, 0)) | starts.get(place, 0)
        masks[place] |= active
    return masks


def _spans(intervals: list[Interval], places: dict[Point, int], size: int, region: Region) -> list[tuple[int, int]]:
    """The places that a cell covers, as disjoint spans from the first to the last place."""
    spans = []
    for interval in intervals:
        first = 0 if interval.low is None else places[interval.low] + (not interval.low_included)
        last = size - 1 if interval.high is None else places[interval.high] - (not interval.high_included)
        if first <= last:
            spans.append((first, last))
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    if not region.negated or not intervals:
        return merged
    outside, begin = [], 0
    for first, last in merged:
        if begin < first:
            outside.append((begin, first - 1))
        begin = last + 1
    if begin < size:
        outside.append((begin, size - 1))
    return outside


class ColumnIndex:
    """The rules that a value of one column leaves; ``None`` as a cell's region means that it must be evaluated."""

    __slots__ = ("_always", "_dates", "_false", "_negated_strings", "_nulls", "_numbers", "_strings", "_true", "plain")

    def __init__(self, regions: Sequence[Region | None]) -> None:
        evaluated = sum(1 << rule for rule, region in enumerate(regions) if region is None)
        everything = sum(1 << rule for rule, region in enumerate(regions) if region is not None and region.everything)
        self._always = evaluated | everything
        cells = [(rule, region) for rule, region in enumerate(regions) if region is not None and not region.everything]
        self.plain = sum(1 << rule for rule, _ in cells)
        self._nulls = self._always | sum(1 << rule for rule, region in cells if region.nulls)
        found = [region for _, region in cells]
        self._numbers = Line(breakpoints(found, "number"), cells, "number", self._always)
        self._dates = Line(breakpoints(found, "date"), cells, "date", self._always)
        self._true = self._rules(cells, "boolean", True)
        self._false = self._rules(cells, "boolean", False)
        self._negated_strings, self._strings = self._by_string(cells)

    def _rules(self, cells: Sequence[tuple[int, Region]], kind: str, point: Point) -> int:
        return self._always | sum(1 << rule for rule, region in cells if region.holds(kind, point))

    def _by_string(self, cells: Sequence[tuple[int, Region]]) -> tuple[int, dict[str, int]]:
        """The rules for a string that no cell names, and for each that one does."""
        strings = [(rule, region) for rule, region in cells if any(item.kind == "string" for item in region.intervals)]
        others = self._always | sum(1 << rule for rule, region in strings if region.negated)
        named = [
            (rule, region.negated, item.low)
            for rule, region in strings
            for item in region.intervals
            if item.kind == "string"
        ]
        masks = dict.fromkeys((point for _, _, point in named), others)
        for rule, negated, point in named:
            masks[point] = masks[point] & ~(1 << rule) if negated else masks[point] | 1 << rule
        return others, masks

    def find(self, value: Any) -> int | None:
        """The rules that may match; None for a kind of value that is not indexed."""
        kind = type(value)
        if kind is str:
            return self._strings.get(value, self._negated_strings)
        if kind is int or kind is Decimal:
            return self._numbers.find(value)
        if value is None:
            return self._nulls
        if value is True:
            return self._true
        if value is False:
            return self._false
        if kind is Date:
            return self._dates.find((value.year, value.month, value.day))
        return None
