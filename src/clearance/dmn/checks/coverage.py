"""Gaps, overlaps and unreachable rules of one table, by sets of rules over the atoms of its columns.

Where a cell depends on other values (``> limit``) nothing certain can be said: it is taken to match when gaps are
sought and not to match when rules are sought that others hide, so that what is reported is true.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from clearance.dmn.index import ColumnIndex
from clearance.feel.atoms import ANY, NULL, Atom, holds
from clearance.feel.regions import Region
from clearance.feel.temporal import Date

STEPS_MAX = 200_000
"""Combinations looked at per table and question; beyond, the rest is reported as not checked."""


class Grid:
    """The cells of a table as regions (rule by rule; None: depends on other values) over the atoms of its columns."""

    def __init__(self, atoms: Sequence[Sequence[Atom]], rules: Sequence[Sequence[Region | None]]) -> None:
        self.atoms = tuple(tuple(column) for column in atoms)
        self.rules = tuple(tuple(cells) for cells in rules)
        self.steps = 0
        columns = [[cells[column] for cells in self.rules] for column in range(len(self.atoms))]
        self._unknown = [_set_of(number for number, cell in enumerate(column) if cell is None) for column in columns]
        self._everywhere = [
            _set_of(number for number, cell in enumerate(column) if cell is not None and cell.everything)
            for column in columns
        ]
        self._together: list[list[int]] = []
        self._masks = [self._found(at, ColumnIndex(column)) for at, column in enumerate(columns)]

    def _found(self, column: int, index: ColumnIndex) -> dict[Atom, int]:
        always = self._everywhere[column] | self._unknown[column]
        atoms = (*self.atoms[column], NULL, ANY)
        return {atom: always if atom.kind == "any" else _look_up(index, atom) for atom in atoms}

    def mask(self, column: int, atom: Atom, *, unknown: bool) -> int:
        """The rules whose cell holds an atom; cells of which that is not known count as ``unknown`` says."""
        found = self._masks[column][atom]
        return found if unknown else found & ~self._unknown[column]

    def touching(self, rule: int) -> int:
        """The rules that share a combination of atoms with a rule, where that is known; itself among them."""
        if not self._together:
            self._together = [self._sharing(column) for column in range(len(self.atoms))]
        found = (1 << len(self.rules)) - 1
        for column, shared in enumerate(self._together):
            if self.rules[rule][column] is not None:
                found &= shared[rule]
        return found

    def _sharing(self, column: int) -> list[int]:
        """For each rule, the rules whose cell in the column shares an atom with its cell."""
        masks = [self.mask(column, atom, unknown=False) for atom in self.atoms[column]]
        anywhere = 0
        for mask in masks:
            anywhere |= mask
        shared = [anywhere if self._everywhere[column] >> rule & 1 else 0 for rule in range(len(self.rules))]
        for mask in masks:
            for rule in _bits(mask & ~self._everywhere[column]):
                shared[rule] |= mask
        return shared

    def exhausted(self) -> bool:
        """Whether the search has used what it may."""
        return self.steps > STEPS_MAX


def _look_up(index: ColumnIndex, atom: Atom) -> int:
    found = index.find(Date(*atom.sample) if atom.kind == "date" else atom.sample)
    assert found is not None, "atoms are of the kinds that are indexed"
    return found


def _set_of(rules: Iterable[int]) -> int:
    return sum(1 << rule for rule in rules)


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
    known = _set_of(number for number, cells in enumerate(grid.rules) if None not in cells)
    for first in _bits(known):
        for second in _bits(grid.touching(first) & known >> (first + 1) << (first + 1)):
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


def hidden_by_rules_above(grid: Grid, rule: int) -> bool:
    """Whether the rules above a rule together match whatever it matches."""
    hiding = ((1 << rule) - 1) & grid.touching(rule)
    if not hiding:
        return False
    masks = []
    for column, (atoms, region) in enumerate(zip(grid.atoms, grid.rules[rule], strict=True)):
        # what a rule is still of use for: missing inputs, and values of kinds that no cell of the column names
        more = (*atoms, NULL, ANY)
        met = [atom for atom in dict.fromkeys(more) if region is None or holds(region, atom)]
        masks.append([(atom, grid.mask(column, atom, unknown=False)) for atom in met])
    uncovered = next(_uncovered(grid, masks, 0, hiding, set()), None)
    return uncovered is None and not grid.exhausted()
