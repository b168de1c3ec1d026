"""How much an expression may cost: every bound has a name and a default, so that no text and no data can hang a shard.

A bound that is reached ends the evaluation with null and a problem that names the bound. The limits are generous for
rules that people write and small enough that the worst expression ends within a second or two.
"""

import msgspec


class Bounds(msgspec.Struct, frozen=True):
    """The limits of one evaluation; pass your own to :func:`clearance.feel.compile`."""

    steps_max: int = 1_000_000
    """Iterations, filter tests and function calls together, in one evaluation."""
    list_length_max: int = 200_000
    """Elements of a list that an expression makes."""
    string_length_max: int = 4_000_000
    """Characters of a string that an expression makes."""
    depth_max: int = 60
    """Nested calls of user-defined functions (recursion)."""
    nesting_max: int = 60
    """Nested parentheses, brackets and sub-expressions in the text."""
    text_length_max: int = 100_000
    """Characters of an expression's text."""
    regex_seconds_max: float = 0.5
    """Time for one call of matches, replace, split or extract."""


DEFAULT = Bounds()
