"""FEEL, the expression language of DMN 1.5 (OMG formal/2024-01-01, chapter 10): compile once, evaluate often.

    >>> from clearance import feel
    >>> feel.evaluate('if amount > 1000 then "check" else "pay"', {"amount": 2000})
    'check'
    >>> feel.unary_tests("[1..10], > 100", 7)
    True

Data never raises: what cannot be computed is null (None), and ``problems`` says why and where. Text that is no FEEL
raises :class:`FeelSyntaxError`. Inside: ``parser.py`` makes the tree of ``syntax.py``, ``compiler/`` makes closures
of it, ``builtins/`` holds the standard's functions by theme, ``operators.py`` what operators mean, ``types.py`` the
types.
"""

import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from clearance.feel.bounds import DEFAULT, Bounds
from clearance.feel.data import from_data, to_data, to_literal, to_text
from clearance.feel.expression import Expression, UnaryTests, compile_unary_tests
from clearance.feel.expression import compile_expression as compile  # noqa: A004 (the field's word)
from clearance.feel.functions import Function
from clearance.feel.names import names_in
from clearance.feel.problems import FeelSyntaxError, LimitReached, Problem, Refused, Run
from clearance.feel.ranges import Range
from clearance.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths

__all__ = [
    "DEFAULT",
    "Bounds",
    "Date",
    "DateTime",
    "DaysTime",
    "Expression",
    "FeelSyntaxError",
    "Function",
    "LimitReached",
    "Problem",
    "Range",
    "Refused",
    "Run",
    "Time",
    "UnaryTests",
    "YearsMonths",
    "compile",
    "compile_unary_tests",
    "evaluate",
    "from_data",
    "names_in",
    "to_data",
    "to_literal",
    "to_text",
    "unary_tests",
]


def evaluate(text: str, context: Mapping[str, Any] | None = None, now: datetime | None = None) -> Any:
    """The value of an expression, compiled once for each text and set of names.

    An edge helper: without ``now`` it reads the clock for ``now()`` and ``today()``. Raises :class:`FeelSyntaxError`.
    """
    values = context or {}
    return _cached(text, *names_in(values)).evaluate(values, now or datetime.now(UTC))


def unary_tests(
    text: str, value: Any, context: Mapping[str, Any] | None = None, now: datetime | None = None
) -> bool | None:
    """Does the value satisfy a decision table's cell? Clock and errors as of :func:`evaluate`."""
    values = context or {}
    return _cached_tests(text, *names_in(values)).evaluate(value, values, now or datetime.now(UTC))


@functools.lru_cache(maxsize=4096)
def _cached(text: str, names: frozenset[str], members: frozenset[str]) -> Expression:
    return compile(text, names, members=members)


@functools.lru_cache(maxsize=4096)
def _cached_tests(text: str, names: frozenset[str], members: frozenset[str]) -> UnaryTests:
    return compile_unary_tests(text, names, members=members)
