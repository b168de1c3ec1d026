"""Gaps, overlaps and unreachable rules of one table, by sets of rules over the atoms of its columns.

Where a cell depends on other values (``> limit``) nothing certain can be said: it is taken to match when gaps are
sought and not to match when rules are sought that others hide, so that what is reported is true.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from clearance.dmn.checks.atoms import Atom, holds
from clearance.dmn.regions import EVERYTHING, Region

STEPS_MAX = 200_000
"""Combinations looked at per table and question; beyond, the rest is reported as not checked."""


class Grid(msgspec.Struct):
    """The cells of a table as regions (rule by rule; None: depends on other values) over the atoms of its columns."""

    atoms: tuple[tuple[Atom, ...], ...]
    rules: tuple[tuple[Region | None, ...], ...]
    steps: int = 0

    def mask(self, column: int, atom: Atom, *, unknown: bool) -> int:
        """The rules whose cell holds an atom."""
        found = 0
        for number, cells in enumerate(self.rules):
            region = cells[column]
            if unknown if region is None else holds(region, atom):
                found |= 1 << number
        return found

    def exhausted(self) -> bool:
        """Whether the search has used what it may."""
        return self.steps > STEPS_MAX


Box = tuple[Atom, ...]


def gaps(grid: Grid, limit: int) -> Iterator[Box]:
    """Combinations of values for which no rule is there; alike ones are given once."""
    masks = [
        [(atom, grid.mask(column, atom, unknown=True)) for atom in atoms] for column, atoms in enumerate(grid.atoms)
    ]
    everything = (1 << len(grid.rules)) - 1
    yield from islice(_uncovered(grid, masks, 0, everything, set()), limit)


def _uncovered(
    grid: Grid, masks: Sequence[Sequence[tuple[Atom, int]]], column: int, rules: int, seen: set[tuple[int, int]]
) -> Iterator[Box]:
    """Boxes from a column on that none of the rules covers; a set of rules found covered once is not searched again."""
    grid.steps += 1
    if grid.exhausted() or (column, rules) in seen:
        return
    seen.add((column, rules))
    if not rules:
        yield tuple(atoms[0][0] for atoms in masks[column:])
        return
    if column == len(masks):
        return
    done: set[int] = set()
    for atom, mask in masks[column]:
        rest = rules & mask
        if rest not in done:
            done.add(rest)
            for box in _uncovered(grid, masks, column + 1, rest, seen):
                yield (atom, *box)


def overlaps(grid: Grid) -> Iterator[tuple[int, int, Box]]:
    """Pairs of rules that some input satisfies both, with such an input; rules with unknown cells are left out."""
    known = sum(1 << number for number, cells in enumerate(grid.rules) if None not in cells)
    touching: list[dict[Region, int]] = []
    for column, atoms in enumerate(grid.atoms):
        masks = [(atom, grid.mask(column, atom, unknown=False)) for atom in atoms]
        by_region: dict[Region, int] = {}
        for cells in grid.rules:
            region = cells[column]
            if region is not None and region not in by_region:
                together = 0
                for atom, mask in masks:
                    if holds(region, atom):
                        together |= mask
                by_region[region] = together
        touching.append(by_region)
    for first, cells in enumerate(grid.rules):
        others = known >> (first + 1) << (first + 1) if known >> first & 1 else 0
        for column, region in enumerate(cells):
            others &= touching[column].get(region or EVERYTHING, 0)
        for second in _bits(others):
            yield first, second, _common(grid, first, second)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _common(grid: Grid, first: int, second: int) -> Box:
    """The first atoms that satisfy both rules (they are known to share one in each column)."""
    box = []
    for atoms, one, other in zip(grid.atoms, grid.rules[first], grid.rules[second], strict=True):
        box.append(next(a for a in atoms if one and other and holds(one, a) and holds(other, a)))
    return tuple(box)


def never_matches(grid: Grid, rule: int) -> bool:
    """Whether some cell of a rule holds none of its column's values."""
    return any(
        region is not None and not any(holds(region, atom) for atom in atoms)
        for atoms, region in zip(grid.atoms, grid.rules[rule], strict=True)
    )


def hidden_by(grid: Grid, rule: int, others: Sequence[int]) -> bool:
    """Whether the other rules together match whatever a rule matches."""
    allowed = [
        [atom for atom in atoms if region is None or holds(region, atom)]
        for atoms, region in zip(grid.atoms, grid.rules[rule], strict=True)
    ]
    masks = [[(atom, grid.mask(column, atom, unknown=False)) for atom in atoms] for column, atoms in enumerate(allowed)]
    hiding = sum(1 << other for other in others)
    uncovered = next(_uncovered(grid, masks, 0, hiding, set()), None)
    return uncovered is None and not grid.exhausted()
