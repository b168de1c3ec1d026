"""A column's values cut into atoms: the pieces that no cell of the column can tell apart.

Between two neighbouring ends of intervals all numbers are alike, and so are all strings that no cell names. A table is
therefore checked over finitely many combinations of atoms, and each atom has a value to show as an example.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec

from clearance.feel.regions import Interval, Point, Region, breakpoints
from clearance.model.values import Data

_OTHER_STRINGS = ("something else", "anything else", "another value", "none of these")


class Atom(msgspec.Struct, frozen=True):
    """Values that all cells of a column treat alike; ``sample`` is one of them."""

    kind: str
    sample: Point
    shown: Data


NULL = Atom("null", None, None)
ANY = Atom("any", None, None)
"""Where no cell of a column asks for anything."""


def atoms_of(regions: Sequence[Region], allowed: Region | None, kind: str) -> tuple[Atom, ...]:
    """The atoms of a column whose values are of a kind (empty: of the kinds that its cells name).

    Null counts as a value only where a cell names it: other tables leave missing inputs to their caller.
    """
    known = [region for region in (*regions, *([allowed] if allowed else [])) if not region.everything]
    kinds = {kind} if kind else {interval.kind for region in known for interval in region.intervals}
    atoms: list[Atom] = []
    for each in sorted(kinds):
        atoms.extend(_ATOMS[each](known) if each in _ATOMS else ())
    if allowed is not None:
        atoms = [atom for atom in atoms if allowed.holds(atom.kind, atom.sample)]
    if known and not atoms:
        atoms = _strings(())  # no cell names a value, so any will do
    if any(region.nulls and not region.negated for region in known):
        atoms.append(NULL)
    return tuple(atoms) or (ANY,)


def holds(region: Region, atom: Atom) -> bool:
    """Whether an atom's values satisfy a cell."""
    return region.everything or (atom.kind != "any" and region.holds(atom.kind, atom.sample))


def _numbers(regions: Sequence[Region]) -> list[Atom]:
    points: list[Point] = breakpoints(regions, "number")
    return [Atom("number", sample, sample) for sample in _samples(points)]


def _samples(points: list[Point]) -> list[Point]:
    """Below the first point, each point, between each two, and above the last."""
    if not points:
        return [0]
    samples = [points[0] - 1]
    for low, high in pairwise(points):
        samples += [low, _between(low, high)]
    return [*samples, points[-1], points[-1] + 1]


def _between(low: Point, high: Point) -> Point:
    middle = (Decimal(low) + Decimal(high)) / 2
    whole = middle.to_integral_value()
    return int(whole) if low < whole < high else middle


def _dates(regions: Sequence[Region]) -> list[Atom]:
    points = [date(*point) for point in breakpoints(regions, "date")]
    if not points:
        return [_date_atom(date(2000, 1, 1))]
    day = timedelta(days=1)
    samples = [points[0] - day] if points[0] > date.min else []
    for position, point in enumerate(points):
        samples.append(point)
        following = points[position + 1] if position + 1 < len(points) else None
        if point < date.max and (following is None or point + day < following):
            samples.append(point + day)
    return [_date_atom(sample) for sample in samples]


def _date_atom(value: date) -> Atom:
    return Atom("date", (value.year, value.month, value.day), value.isoformat())


def _strings(regions: Sequence[Region]) -> list[Atom]:
    named = dict.fromkeys(item.low for region in regions for item in region.intervals if item.kind == "string")
    other = next((word for word in _OTHER_STRINGS if word not in named), "x" * (max(map(len, named), default=0) + 1))
    return [Atom("string", word, word) for word in (*named, other)]


def _booleans(regions: Sequence[Region]) -> list[Atom]:
    return [Atom("boolean", True, True), Atom("boolean", False, False)]


_ATOMS = {"number": _numbers, "date": _dates, "string": _strings, "boolean": _booleans}


def is_empty(interval: Interval) -> bool:
    """Whether an interval holds nothing, like ``[10..5]``."""
    if interval.low is None or interval.high is None:
        return False
    if interval.low == interval.high:
        return not (interval.low_included and interval.high_included)
    return bool(interval.low > interval.high)
