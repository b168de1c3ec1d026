"""What the compilers of boxed expressions share: the help that they get, and the shape of the table that lists them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from clearance.dmn.errors import Place
from clearance.dmn.model import Definitions, Expression, UnaryTests
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope
from clearance.feel import types
from clearance.feel.regions import Region

Test = Callable[[Any, dict[str, Any], Any], Any]
"""A compiled cell: of a value, in a context, in a run; true, false or null."""


class Cell(msgspec.Struct, frozen=True):
    """Unary tests, read once."""

    text: str
    region: Region | None
    """The values that satisfy them, where that depends on nothing else."""
    test: Test


class Help(Protocol):
    """What a boxed expression may ask of the compiler."""

    def expression(self, expression: Expression, scope: Scope) -> Step:
        """The step of an inner expression, its value converted to its declared type."""
        ...

    def text(self, text: str, scope: Scope, where: Place) -> Step:
        """The step of a FEEL text."""
        ...

    def constant(self, text: str, scope: Scope) -> bool:
        """Whether a FEEL text is a literal, whose value depends on nothing."""
        ...

    def cell(self, text: str, scope: Scope, where: Place) -> "Cell":
        """Unary tests as a set of values, where they are one, and as a test."""
        ...

    def allowed_values(self, type_name: str, component: str, scope: Scope) -> UnaryTests | None:
        """The allowed values of a defined type, or of a component of it when one is named."""
        ...

    def type(self, name: str, scope: Scope, where: Place) -> types.Type:
        """The type that a reference means."""
        ...

    def result_type(self, name: str, model: Definitions, where: Place) -> types.Type:
        """What a function returns whose type is referred to so."""
        ...

    def converted(self, step: Step, type_: types.Type, where: Place) -> Step:
        """A step whose value is converted to a type, or becomes null with a problem."""
        ...


Compilers = Mapping[type[Expression], Callable[[Any, Scope, Any], Step]]
"""For each kind of expression a function of the expression, its scope and :class:`Help`."""
