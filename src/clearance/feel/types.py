"""FEEL's types (10.3.2.9): what ``instance of`` asks and what parameters and variables are converted to.

DMN's item definitions become :class:`ContextType`, :class:`ListType` or :class:`Constrained` and reach the compiler
as a mapping from type name to type.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from clearance.feel.ranges import Range
from clearance.feel.syntax import TypeNode
from clearance.feel.temporal import MIDNIGHT_UTC, Date, DateTime, DaysTime, Time, YearsMonths


class Type(msgspec.Struct, frozen=True):
    """The base of all types."""


class Simple(Type, frozen=True):
    """A type without parts."""

    name: str


class ListType(Type, frozen=True):
    """``list<element>``."""

    element: Type


class RangeType(Type, frozen=True):
    """``range<element>``."""

    element: Type


class ContextType(Type, frozen=True):
    """``context<name: type, ...>``; a value may have more entries."""

    fields: tuple[tuple[str, Type], ...]


class FunctionType(Type, frozen=True):
    """``function<types> -> result``."""

    parameters: tuple[Type, ...]
    result: Type


class Constrained(Type, frozen=True):
    """A named type with allowed values: a value of ``base`` for which ``allows`` is true."""

    name: str
    base: Type
    allows: Callable[[Any], bool]


class _Mismatch:
    """What :func:`convert` returns when a value is not of the type, since null is a value."""

    def __repr__(self) -> str:
        return "MISMATCH"


MISMATCH: Final = _Mismatch()
ANY = Simple("Any")
NULL = Simple("Null")
NUMBER = Simple("number")
STRING = Simple("string")
BOOLEAN = Simple("boolean")
DATE = Simple("date")
TIME = Simple("time")
DATE_TIME = Simple("date and time")
DAYS_TIME = Simple("days and time duration")
YEARS_MONTHS = Simple("years and months duration")

NAMED: Mapping[str, Type] = {
    **{
        each.name: each for each in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_TIME, YEARS_MONTHS)
    },
    "dateTime": DATE_TIME,
    "date time": DATE_TIME,
    "dayTimeDuration": DAYS_TIME,
    "yearMonthDuration": YEARS_MONTHS,
    "any": ANY,
    "null": NULL,
}
"""The standard's names, with those of XML Schema and of earlier versions."""

_OF_VALUE: dict[type, Simple] = {
    int: NUMBER,
    Decimal: NUMBER,
    str: STRING,
    bool: BOOLEAN,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysTime: DAYS_TIME,
    YearsMonths: YEARS_MONTHS,
    type(None): NULL,
}


def from_node(node: TypeNode, named: Mapping[str, Type]) -> Type | None:
    """The type that a type expression means; None when it names no type, or a parametrised one without its parts."""
    parts = [from_node(part, named) for _, part in node.fields]
    result = from_node(node.result, named) if node.result is not None else None
    if any(part is None for part in parts) or (node.result is not None and result is None):
        return None
    known = [part for part in parts if part is not None]
    if node.name == "function" and result is not None:
        return FunctionType(tuple(known), result)
    if not node.fields:
        return named.get(node.name) or NAMED.get(node.name)
    if node.name == "context":
        return ContextType(tuple(zip((name for name, _ in node.fields), known, strict=True)))
    return ListType(known[0]) if node.name == "list" else RangeType(known[0])


def conforms(value: Any, type_: Type) -> bool:
    """Is the value of the type? Null is of every type (10.3.2.9.2)."""
    if value is None or type_ is ANY:
        return True
    if isinstance(type_, Simple):
        return type_.name == "Any" or _OF_VALUE.get(type(value)) == type_
    if isinstance(type_, Constrained):
        return conforms(value, type_.base) and type_.allows(value)
    if isinstance(type_, ListType):
        return type(value) is list and all(conforms(item, type_.element) for item in value)
    if isinstance(type_, ContextType):
        return type(value) is dict and all(name in value and conforms(value[name], part) for name, part in type_.fields)
    if isinstance(type_, RangeType):
        return type(value) is Range and conforms(value.start, type_.element) and conforms(value.end, type_.element)
    return isinstance(type_, FunctionType) and _function_conforms(value, type_)


def instance_of(value: Any, type_: Type) -> bool:
    """Table 61: as :func:`conforms`, but null is an instance of Null only."""
    return type_ == NULL if value is None else conforms(value, type_)


def is_subtype(narrow: Type, wide: Type) -> bool:
    """Does every value of the first conform to the second (10.3.2.9.2)?"""
    if wide == ANY or narrow in (wide, NULL):
        return True
    if isinstance(narrow, Constrained):
        return is_subtype(narrow.base, wide)
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return is_subtype(narrow.element, wide.element)
    if isinstance(narrow, RangeType) and isinstance(wide, RangeType):
        return is_subtype(narrow.element, wide.element)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        have = dict(narrow.fields)
        return all(name in have and is_subtype(have[name], part) for name, part in wide.fields)
    if isinstance(narrow, FunctionType) and isinstance(wide, FunctionType):
        return (
            len(narrow.parameters) == len(wide.parameters)
            and all(is_subtype(need, have) for have, need in zip(narrow.parameters, wide.parameters, strict=True))
            and is_subtype(narrow.result, wide.result)
        )
    return False


def convert(value: Any, type_: Type) -> Any:
    """The value, implicitly converted to the type where the standard allows it (10.3.2.9.4), else MISMATCH.

    A list of one element becomes the element, a single value a list, and a date the midnight (UTC) of that day.
    """
    if type_ is ANY or conforms(value, type_):
        return value
    base = type_.base if isinstance(type_, Constrained) else type_
    if isinstance(base, ListType):
        wrapped = [value]
        return wrapped if type(value) is not list and conforms(wrapped, type_) else MISMATCH
    if type(value) is list and len(value) == 1 and conforms(value[0], type_):
        return value[0]
    if type(value) is Date and base == DATE_TIME:
        midnight = DateTime(value, MIDNIGHT_UTC)
        return midnight if conforms(midnight, type_) else MISMATCH
    return MISMATCH


def of_value(value: Any) -> Type:
    """The type of a simple value; Any for one with parts."""
    return _OF_VALUE.get(type(value), ANY)


def describe(value: Any) -> str:
    """What a value is, for messages: ``a number``, ``null``."""
    simple = _OF_VALUE.get(type(value))
    if simple is not None:
        return "null" if value is None else f"a {simple.name}"
    kinds: dict[type, str] = {list: "a list", dict: "a context", Range: "a range"}
    return kinds.get(type(value), "a function" if hasattr(value, "call") else f"a {type(value).__name__}")


def text_of(type_: Type) -> str:
    """A type as it is written."""
    if isinstance(type_, Simple | Constrained):
        return type_.name
    if isinstance(type_, ListType):
        return f"list<{text_of(type_.element)}>"
    if isinstance(type_, RangeType):
        return f"range<{text_of(type_.element)}>"
    if isinstance(type_, ContextType):
        return f"context<{', '.join(f'{name}: {text_of(part)}' for name, part in type_.fields)}>"
    assert isinstance(type_, FunctionType)
    return f"function<{', '.join(map(text_of, type_.parameters))}>->{text_of(type_.result)}"


def _function_conforms(value: Any, type_: FunctionType) -> bool:
    """A function that declares nothing takes anything and returns Any."""
    types = getattr(value, "parameter_types", None)
    return types is not None and is_subtype(FunctionType(tuple(types), value.returns), type_)
