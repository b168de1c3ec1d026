"""What can go wrong: text that is no FEEL raises, data never does.

FEEL's answer to an error in data is null. So that a null can be explained, the operation that made it reports a
:class:`Problem` to the evaluation's :class:`Run`, if there is one: the fast path has none and pays nothing.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from clearance.feel.bounds import DEFAULT, Bounds

Environment = list[Any]
"""What an evaluator gets: the context of free names, the :class:`Run` or None, then one slot for each local name."""
Evaluator = Callable[[Environment], Any]
Where = tuple[int, int]
"""Line and column in the text, both from 1."""


class Problem(msgspec.Struct, frozen=True):
    """Why a result is null, and where in the text."""

    message: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class FeelSyntaxError(ValueError):
    """The text is not FEEL; says where and, where we can, what to write instead."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {message}" + (f" ({hint})" if hint else ""))
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


class Refused(Exception):
    """Inside the package only: a built-in function refuses its arguments; the call becomes null and a problem."""


class LimitReached(ValueError):
    """A bound is reached: within an evaluation null and a problem; only ``to_data`` and the like let it out."""


class Run:
    """One evaluation: the time it is given, what it has used of its bounds, and what went wrong."""

    __slots__ = ("bounds", "depth", "now", "problems", "steps")

    def __init__(self, now: Any = None, bounds: Bounds = DEFAULT, *, collect: bool = False) -> None:
        self.now = now
        """A :class:`clearance.feel.temporal.DateTime`, or None when the caller gave no time."""
        self.bounds = bounds
        self.steps = 0
        self.depth = 0
        self.problems: list[Problem] | None = [] if collect else None

    def spend(self, steps: int) -> None:
        """Count steps; raises :class:`LimitReached` when the bound is passed."""
        self.steps += steps
        if self.steps > self.bounds.steps_max:
            raise LimitReached(f"more than {self.bounds.steps_max:,} steps (steps_max)")

    def spend_on(self, value: Any) -> None:
        """Count what a built-in function reads or makes: four elements or sixteen characters are one step."""
        kind = type(value)
        if kind is list or kind is dict:
            self.spend(len(value) >> 2)
        elif kind is str:
            self.spend(len(value) >> 4)

    def allow_length(self, length: int) -> None:
        """Raises :class:`LimitReached` for a list that would be longer than the bound."""
        if length > self.bounds.list_length_max:
            raise LimitReached(f"a list of more than {self.bounds.list_length_max:,} elements (list_length_max)")


def fail(env: Environment, where: Where, message: str) -> None:
    """Report a problem, if anyone collects them. Returns None, which is FEEL's null."""
    run = env[1]
    if run is not None and run.problems is not None:
        report(run, where, message)


def report(run: Run, where: Where, message: str) -> None:
    """Add a problem once: a loop that fails a thousand times at one place says it once."""
    problem = Problem(message, *where)
    if run.problems is not None and len(run.problems) < 100 and problem not in run.problems:
        run.problems.append(problem)
