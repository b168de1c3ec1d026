"""What the kernel needs of higher floors, stated as protocols; ``compose.py`` supplies FEEL and DMN."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from clearance.model.values import Data


class Problem(Protocol):
    """What went wrong in an expression, and where."""

    @property
    def message(self) -> str: ...


class Expression(Protocol):
    """A compiled FEEL expression."""

    @property
    def text(self) -> str: ...

    @property
    def reads(self) -> frozenset[str]:
        """The free names that it reads."""
        ...

    @property
    def parameters(self) -> tuple[Mapping[str, Data], ...]:
        """What its calls of ``fromAi`` ask an agent for: name, description, type, schema and options of each."""
        ...

    def evaluate(self, context: Mapping[str, object], now: datetime) -> Data:
        """The value as plain data; null when something went wrong."""
        ...

    def problems(self, context: Mapping[str, object], now: datetime) -> tuple[str, ...]:
        """Why the value is null, as sentences; empty when nothing went wrong."""
        ...


class ExpressionError(ValueError):
    """The text is not an expression."""


class Expressions(Protocol):
    """Compiles FEEL."""

    def compile(self, text: str) -> Expression:
        """Raises :class:`ExpressionError` with line, column and remedy."""
        ...


class Decided(msgspec.Struct, frozen=True):
    """A decision's output with what led to it."""

    output: Data
    problems: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Which rules fired, as sentences for the record."""


class Decisions(Protocol):
    """Evaluates deployed decisions by id or name."""

    def decide(self, decision: str, context: Mapping[str, object], now: datetime) -> Decided:
        """Raises KeyError when no such decision is deployed."""
        ...
