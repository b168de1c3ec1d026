"""Columns and rows for a layout: which node stands in which layer, in which order, at which height.

The layered method of Sugiyama, Tagawa and Toda (1981): break cycles, put each node right of its predecessors, give long
edges a place of their own in every column they pass, order the columns so that few edges cross, then straighten.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 12
_SNAP = 10.0
"""Differences in height that are levelled, in units of the diagram."""
"""Passes over the columns, each in turn from the left and from the right."""


@dataclass(eq=False)
class Cell:
    """A node in its column, or the place where a long edge passes through a column."""

    node: str
    above: float
    below: float
    """Room needed above and below the centre line."""
    layer: int = 0
    y: float = 0.0
    """The centre line."""
    before: list[tuple["Cell", float]] = field(default_factory=list)
    after: list[tuple["Cell", float]] = field(default_factory=list)
    """Neighbours in the columns left and right, each with how much lower than the node the edge leaves it."""


@dataclass(frozen=True)
class Link:
    """An edge between two nodes; ``drop`` above zero when it leaves at the bottom (from a boundary event)."""

    key: str
    source: str
    target: str
    drop: float = 0.0
    name: str = ""
    """Written beside the edge, where it leaves the first gap."""


@dataclass
class Layers:
    """The result: columns of cells, and for each forward edge the cells that it passes."""

    columns: list[list[Cell]]
    cells: dict[str, Cell]
    chains: dict[str, list[Cell]]
    """Source cell, passed cells, target cell; edges that lead back are not there."""


def layer(nodes: Sequence[tuple[str, float, float]], links: Sequence[Link], passing: float) -> Layers:
    """Arrange nodes (name, room above, room below); ``passing`` is the room that a passing edge needs on each side."""
    cells = {name: Cell(name, above, below) for name, above, below in nodes}
    forward = _without_cycles([name for name, _, _ in nodes], links)
    _assign_layers(cells, forward)
    columns: list[list[Cell]] = [[] for _ in range(max((cell.layer for cell in cells.values()), default=-1) + 1)]
    for cell in cells.values():
        columns[cell.layer].append(cell)
    chains = {link.key: _chain(link, cells, columns, passing) for link in forward}
    _order(columns)
    _straighten(columns)
    return Layers(columns, cells, chains)


def _without_cycles(names: Sequence[str], links: Sequence[Link]) -> list[Link]:
    """The links without those that lead back to a node from which their source was reached."""
    out: dict[str, list[Link]] = {name: [] for name in names}
    entered = {link.target for link in links}
    for link in links:
        out[link.source].append(link)
    state: dict[str, int] = {}
    back: set[str] = set()
    for root in [*(name for name in names if name not in entered), *names]:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            name, following = stack[-1]
            step = next(following, None)
            if step is None:
                state[name] = 2
                stack.pop()
            elif state.get(step.target) == 1:
                back.add(step.key)
            elif step.target not in state:
                state[step.target] = 1
                stack.append((step.target, iter(out[step.target])))
    return [link for link in links if link.key not in back]


def _assign_layers(cells: dict[str, Cell], links: Sequence[Link]) -> None:
    waiting = dict.fromkeys(cells, 0)
    out: dict[str, list[str]] = {name: [] for name in cells}
    for link in links:
        waiting[link.target] += 1
        out[link.source].append(link.target)
    ready = [name for name, count in waiting.items() if count == 0]
    while ready:
        name = ready.pop()
        for target in out[name]:
            cells[target].layer = max(cells[target].layer, cells[name].layer + 1)
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)


def _chain(link: Link, cells: dict[str, Cell], columns: list[list[Cell]], passing: float) -> list[Cell]:
    source, target = cells[link.source], cells[link.target]
    chain = [source]
    for number in range(source.layer + 1, target.layer):
        place = Cell("", passing, passing, number)
        columns[number].append(place)
        chain.append(place)
    chain.append(target)
    drop = link.drop
    for left, right in pairwise(chain):
        left.after.append((right, drop))
        right.before.append((left, drop))
        drop = 0.0
    return chain


def _order(columns: list[list[Cell]]) -> None:
    """Order every column by the mean position of its neighbours; keep the order with the fewest crossings."""
    best = [list(column) for column in columns]
    fewest = _crossings(columns)
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        for column in columns[1:] if rightwards else reversed(columns[:-1]):
            _sort_column(column, columns[column[0].layer - 1 if rightwards else column[0].layer + 1], rightwards)
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    columns[:] = best


def _sort_column(column: list[Cell], fixed: list[Cell], rightwards: bool) -> None:
    place = {cell: index for index, cell in enumerate(fixed)}
    own = {cell: index * len(fixed) / len(column) for index, cell in enumerate(column)}

    def wished(cell: Cell) -> float:
        neighbours = cell.before if rightwards else cell.after
        positions = [place[other] + (0.4 if drop else 0.0) for other, drop in neighbours]
        return sum(positions) / len(positions) if positions else own[cell]

    column.sort(key=wished)


def _crossings(columns: list[list[Cell]]) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {cell: index for index, cell in enumerate(right)}
        seen: list[int] = []
        for cell in left:
            for dropped in (False, True):  # What leaves at the bottom should also arrive below.
                ends = [place[other] for other, drop in cell.after if bool(drop) is dropped]
                total += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
    return total


def _straighten(columns: list[list[Cell]]) -> None:
    """Draw every cell to the height of its neighbours, as far as the order and the room of the column allow."""
    for column in columns:
        _spread(column, [0.0] * len(column))
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        for column in columns if rightwards else reversed(columns):
            _spread(column, [_wished_height(cell, rightwards) for cell in column])
    for column in columns[1:]:
        _snap(column)


def _snap(column: list[Cell]) -> None:
    """Take out small steps, which look like mistakes; the rooms of cells have so much to spare."""
    for cell in column:
        near = [other.y for other, drop in cell.before if not drop and 0 < abs(other.y - cell.y) <= _SNAP]
        level = any(other.y == cell.y for other, drop in cell.before if not drop)
        if near and not level:
            cell.y = near[0]


def _wished_height(cell: Cell, rightwards: bool) -> float:
    above = [other.y + drop for other, drop in cell.before]
    below = [other.y - drop for other, drop in cell.after]
    heights = sorted((above or below) if rightwards else (below or above))
    if not heights:
        return cell.y
    return heights[(len(heights) - 1) // 2]


def _spread(column: list[Cell], wished: list[float]) -> None:
    """Heights nearest to the wished ones that keep order and room (pool adjacent violators)."""
    offsets = [0.0]
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + upper.below + lower.above)
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, number = blocks.pop()
            mean, count = (mean * count + other * number) / (count + number), count + number
        blocks.append((mean, count))
    bases = [mean for mean, count in blocks for _ in range(count)]
    for cell, base, offset in zip(column, bases, offsets, strict=True):
        cell.y = base + offset
