"""The built-in functions' table: a signature as the standard prints it, and the Python function that computes it.

A theme's file writes, once for each signature of the standard's tables::

    @builtin("substring(string: string, start position: number, length?: number)")
    def substring(text, start, length=None): ...

``?`` marks an optional parameter (null counts as absent), ``...`` a last parameter that may be repeated, ``any`` a
parameter that takes null too. Arguments outside their domain make the call null before the function is asked; a
function refuses what it cannot do with :class:`Refused`, which becomes null and a problem.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from clearance.feel import types
from clearance.feel.functions import Function
from clearance.feel.problems import Refused, Run
from clearance.feel.ranges import Range
from clearance.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths

_ABSENT = object()
_NUMBERS = frozenset({int, Decimal})

DOMAINS: dict[str, frozenset[type] | None] = {
    "any": None,
    "not null": None,
    "string": frozenset({str}),
    "number": _NUMBERS,
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "range": frozenset({Range}),
    "date": frozenset({Date}),
    "time": frozenset({Time}),
    "date and time": frozenset({DateTime}),
    "day": frozenset({Date, DateTime}),
    "moment": frozenset({Date, Time, DateTime}),
    "days and time duration": frozenset({DaysTime}),
    "years and months duration": frozenset({YearsMonths}),
    "number or duration": _NUMBERS | {DaysTime, YearsMonths},
    "point": _NUMBERS | {str, Date, Time, DateTime, DaysTime, YearsMonths},
    "function": None,
}
"""Parameter domains and the Python types of their values; None where a type does not decide it."""

_PARAMETER = re.compile(r"\s*([^:?.]+?)(\?|\.\.\.)?\s*:\s*(.+?)\s*")


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a signature."""

    name: str
    domain: str
    optional: bool
    repeated: bool


class Signature(msgspec.Struct, frozen=True):
    """One of a function's signatures."""

    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]
    needs_run: bool

    def fits(self, count: int, names: Sequence[str]) -> bool:
        """May it be called with so many arguments, or with these names?"""
        if names:
            return {parameter.name for parameter in self.parameters}.issuperset(names)
        required = sum(not parameter.optional for parameter in self.parameters)
        most = count if self.parameters and self.parameters[-1].repeated else len(self.parameters)
        return required <= count <= most

    def prepare(self, values: list[Any]) -> list[Any] | None:
        """The arguments after implicit conversion; None when one is out of its domain."""
        ready = []
        parameters = self.parameters
        last = len(parameters) - 1
        for index, value in enumerate(values):
            parameter = parameters[index if index < last else last]
            kinds = DOMAINS[parameter.domain]
            if kinds is None or type(value) not in kinds:
                value = None if value is None and parameter.optional else coerce(value, parameter.domain)
                if value is _ABSENT:
                    return None
            ready.append(value)
        return ready


class Builtin(Function):
    """A built-in function: all its signatures under one name."""

    __slots__ = ("needs_run", "signatures")

    def __init__(self, name: str) -> None:
        super().__init__(name, (), self._body)
        self.signatures: list[Signature] = []
        self.needs_run = False

    def add(self, signature: Signature) -> None:
        """One more signature; the first fixes what the function shows as a value."""
        if not self.signatures:
            self.parameters = tuple(parameter.name for parameter in signature.parameters)
            self.parameter_types = tuple(types.NAMED.get(each.domain, types.ANY) for each in signature.parameters)
        self.signatures.append(signature)
        self.needs_run = self.needs_run or signature.needs_run

    def fitting(self, count: int, names: Sequence[str]) -> list[Signature]:
        """The signatures for so many arguments, or for these names."""
        return [signature for signature in self.signatures if signature.fits(count, names)]

    def usage(self) -> str:
        """All signatures, for messages."""
        return " or ".join(
            "("
            + ", ".join(f"{each.name}{'...' if each.repeated else '?' if each.optional else ''}" for each in one)
            + ")"
            for one in (signature.parameters for signature in self.signatures)
        )

    def arrange(self, names: Sequence[str], arguments: Sequence[Any]) -> Sequence[Any]:
        """Named arguments in order, when the function is called as a value."""
        for signature in self.fitting(len(arguments), names):
            given = dict(zip(names, arguments, strict=True))
            return [given.get(parameter.name) for parameter in signature.parameters]
        raise Refused(f"{self.name} takes {self.usage()}")

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        """Called as a value: the signature is found by the arguments."""
        run.spend(1)
        return self._body(run, arguments)

    def _body(self, run: Run, arguments: Sequence[Any]) -> Any:
        for signature in self.fitting(len(arguments), ()):
            ready = signature.prepare(list(arguments))
            if ready is not None:
                for value in ready:
                    run.spend_on(value)
                result = signature.function(run, *ready) if signature.needs_run else signature.function(*ready)
                run.spend_on(result)
                return result
        raise Refused(f"{self.name} takes {self.usage()}")


def coerce(value: Any, domain: str) -> Any:
    """The value as the domain takes it, implicitly converted from or to a list of one (10.3.2.9.4)."""
    if _within(value, domain):
        return value
    if domain == "list":
        return _ABSENT if value is None else [value]
    if type(value) is list and len(value) == 1 and _within(value[0], domain):
        return value[0]
    return _ABSENT


def _within(value: Any, domain: str) -> bool:
    if domain == "any":
        return True
    if domain == "not null":
        return value is not None
    if domain == "function":
        return isinstance(value, Function)
    kinds = DOMAINS[domain]
    return kinds is not None and type(value) in kinds


BUILTINS: dict[str, Builtin] = {}
"""All built-in functions by name; filled by the files of this package."""

F = TypeVar("F", bound=Callable[..., Any])


def builtin(signature: str, *, needs_run: bool = False) -> Callable[[F], F]:
    """Put a function into the table; with ``needs_run`` its first argument is the :class:`Run`."""
    name, _, rest = signature.partition("(")
    parameters = tuple(map(_parameter, filter(None, rest.rstrip(")").split(","))))

    def register(function: F) -> F:
        BUILTINS.setdefault(name, Builtin(name)).add(Signature(parameters, function, needs_run))
        return function

    return register


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None or match[3] not in DOMAINS:
        raise ValueError(f"a built-in's signature has no parameter like {text!r}")
    return Parameter(match[1], match[3], match[2] == "?", match[2] == "...")
