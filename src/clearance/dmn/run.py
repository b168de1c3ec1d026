"""One evaluation of a decision: its time, its bounds, what has been decided so far, and what went wrong.

Nothing here outlives the evaluation, so the same :class:`clearance.dmn.decisions.Decisions` serves many threads.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from clearance.dmn.errors import Place, Problem
from clearance.feel.bounds import DEFAULT, Bounds
from clearance.feel.problems import Run as FeelRun

Context = dict[str, Any]
"""What names mean while an expression is evaluated."""


class CellSeen(msgspec.Struct, frozen=True):
    """A cell of a rule with the value that it saw."""

    input: str
    """The input's expression."""
    test: str
    value: Any
    matched: bool = True


class RuleFired(msgspec.Struct, frozen=True):
    """A rule that matched, with what each of its cells saw and what it gave."""

    decision: str
    rule: int
    """From 1."""
    output: Any
    cells: tuple[CellSeen, ...]
    annotations: tuple[str, ...]
    where: Place


class Run(FeelRun):
    """FEEL's run, which counts steps against bounds, with DMN's own findings beside it.

    ``fired`` and ``found`` are None unless someone wants to know: the fast path records nothing.
    """

    __slots__ = ("deciding", "fired", "found")

    def __init__(self, now: Any = None, bounds: Bounds = DEFAULT, *, collect: bool = False) -> None:
        super().__init__(now, bounds, collect=collect)
        self.fired: list[RuleFired] | None = [] if collect else None
        self.found: list[Problem] | None = [] if collect else None
        self.deciding = ""
        """The name of the decision that is being made, for what is recorded."""

    def say(self, message: str, where: Place) -> None:
        """Record a problem once, if anyone collects them."""
        if self.found is not None and self.problems is not None and len(self.found) < PROBLEMS_MAX:
            problem = Problem(message, where)
            if problem not in self.found:
                self.found.append(problem)


PROBLEMS_MAX = 100

Step = Callable[[Context, FeelRun], Any]
"""A compiled boxed expression. It is always called with a :class:`Run`; FEEL's functions know it by its base."""


class Frame:
    """The decisions already made, in one call or within one decision service."""

    __slots__ = ("inputs", "run", "values")

    def __init__(self, run: Run, inputs: Mapping[str, Any]) -> None:
        self.run = run
        self.inputs = inputs
        self.values: dict[int, Any] = {}
