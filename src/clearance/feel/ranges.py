"""A range of values (10.3.2.7): two endpoints, each of which may be missing, and whether they belong to it."""

from typing import Any

import msgspec


class Range(msgspec.Struct, frozen=True):
    """``[1..10]``, ``(a..b]``; ``< 5`` has no start, ``>= 5`` no end (None, and not included)."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool
    single: bool = False
    """True for the form with one comparison operator, false for two endpoints."""
