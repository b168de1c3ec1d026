"""Item definitions as FEEL types (7.3.3), and input data as values of them.

A collection's allowed values hold for each of its items, its type constraint for the whole collection (DMN 1.5).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from clearance.dmn.errors import DmnError, Place
from clearance.dmn.graph import Graph
from clearance.dmn.model import Definitions, ItemDefinition, UnaryTests
from clearance.feel import types
from clearance.feel.data import from_data
from clearance.feel.parser import parse_type
from clearance.feel.problems import FeelSyntaxError
from clearance.feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from clearance.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

CompileTest = Callable[[UnaryTests, Definitions], Callable[[Any], bool]]
"""How constraints become functions; given by the compiler, which knows FEEL's names and types."""

_PARSERS: Mapping[types.Type, Callable[[str], Any]] = {
    types.DATE: parse_date,
    types.TIME: parse_time,
    types.DATE_TIME: parse_date_time,
    types.DAYS_TIME: parse_duration,
    types.YEARS_MONTHS: parse_duration,
}
_OTHER_NAMES: Mapping[str, types.Type] = {
    **dict.fromkeys(("integer", "long", "double", "decimal"), types.NUMBER),
    "list": types.ListType(types.ANY),
    "context": types.ContextType(()),
    "function": types.ANY,
    "duration": types.ANY,
    "days and time duration": types.DAYS_TIME,
}
"""Names that modellers write beside the standard's own."""


_KINDS: Mapping[types.Type, frozenset[type]] = {
    types.NUMBER: frozenset({int, Decimal}),
    types.STRING: frozenset({str}),
    types.BOOLEAN: frozenset({bool}),
    types.DATE: frozenset({Date}),
    types.TIME: frozenset({Time}),
    types.DATE_TIME: frozenset({DateTime}),
    types.DAYS_TIME: frozenset({DaysTime}),
    types.YEARS_MONTHS: frozenset({YearsMonths}),
}


def kinds_of(type_: types.Type) -> frozenset[type]:
    """The Python types whose values are all of a FEEL type: asking them first spares most conversions."""
    return _KINDS.get(type_, frozenset()) if isinstance(type_, types.Simple) else frozenset()


class TypeTable:
    """The types of all models of a graph, made when they are first asked for."""

    def __init__(self, graph: Graph, compile_test: CompileTest | None) -> None:
        self._graph = graph
        self._compile_test = compile_test
        self._plain = None if compile_test is None else TypeTable(graph, None)
        """The same types without constraints."""
        self._made: dict[tuple[str, str], types.Type] = {}
        self._making: set[tuple[str, str]] = set()

    def named(self, model: Definitions) -> dict[str, types.Type]:
        """The types that expressions in a model may name, for ``instance of`` and function parameters.

        They are the plain types: conformance does not ask for allowed values (10.3.2.9.2).
        """
        plain = self if self._plain is None else self._plain
        found: dict[str, types.Type] = {item.name: plain.resolve(item.name, model, item.where) for item in model.items}
        for imported in model.imports:
            owner = self._graph.models.get(imported.namespace)
            for item in owner.items if owner is not None else ():
                name = f"{imported.name}.{item.name}" if imported.name else item.name
                found.setdefault(name, plain.resolve(name, model, item.where))
        return found

    def resolve(self, name: str, model: Definitions, where: Place) -> types.Type:
        """The type that a reference in a model means; no reference is Any."""
        if not name:
            return types.ANY
        definition = self._graph.type_definition(name, model)
        if definition is not None:
            return self._defined(*definition)
        known = types.NAMED.get(name) or _OTHER_NAMES.get(name)
        return known if known is not None else self._written(name, model, where)

    def result(self, name: str, model: Definitions, where: Place) -> types.Type:
        """What a function returns whose variable has this type: of a function type its output, otherwise the type."""
        definition = self._graph.type_definition(name, model) if name else None
        if definition is None or definition[0].parameters is None:
            return self.resolve(name, model, where)
        item, owner = definition
        return self.resolve(item.output_type, owner, item.where)

    def _written(self, name: str, model: Definitions, where: Place) -> types.Type:
        """A type expression such as ``list<number>``."""
        try:
            node = parse_type(name)
            found = types.from_node(node, self.named(model)) if node.fields or node.result else None
        except FeelSyntaxError:
            found = None
        if found is None:
            raise DmnError(f"has the unknown type {name}.", where, "Define it as an item definition, or correct it.")
        return found

    def _defined(self, item: ItemDefinition, model: Definitions) -> types.Type:
        key = (model.namespace, item.name)
        if key in self._made:
            return self._made[key]
        if key in self._making:
            return types.ANY  # a type that holds itself: its inner occurrence is not looked into
        self._making.add(key)
        try:
            self._made[key] = self._type(item, model)
        finally:
            self._making.discard(key)
        return self._made[key]

    def _type(self, item: ItemDefinition, model: Definitions) -> types.Type:
        if item.parameters is not None:
            parameters = tuple(self.resolve(each.type_ref, model, each.where) for each in item.parameters)
            output = self.resolve(item.output_type, model, item.where)
            # what a function returns cannot be known before it is called, so a declared result does not refuse one
            base: types.Type = types.FunctionType(parameters, output if self._plain is None else types.ANY)
        elif item.components:
            base = types.ContextType(tuple((part.name, self._type(part, model)) for part in item.components))
        else:
            base = self.resolve(item.type_ref, model, item.where)
        constrained = self._constrain(item.name, base, item.allowed_values, model)
        if item.is_collection:
            constrained = types.ListType(constrained)
        return self._constrain(item.name, constrained, item.type_constraint, model)

    def _constrain(self, name: str, base: types.Type, tests: UnaryTests | None, model: Definitions) -> types.Type:
        if tests is None or self._compile_test is None:
            return base
        return types.Constrained(name, base, self._compile_test(tests, model))


def from_input(value: Any, type_: types.Type) -> Any:
    """A FEEL value of what a caller passed: ISO 8601 text becomes a date, time or duration where one is declared."""
    if type(value) is str:
        while isinstance(type_, types.Constrained):
            type_ = type_.base
        parse = _PARSERS.get(type_) if isinstance(type_, types.Simple) else None
        return value if parse is None else _or_itself(parse(value), value)
    value = from_data(value)
    return _within(value, type_) if type(value) in (dict, list) and _has_parts(type_) else value


def _or_itself(parsed: Any, value: str) -> Any:
    """What is no such text stays text, and is then refused as being of the wrong type."""
    return value if parsed is None else parsed


def _has_parts(type_: types.Type) -> bool:
    return isinstance(type_, types.Constrained | types.ListType | types.ContextType)


def _within(value: Any, type_: types.Type) -> Any:
    while isinstance(type_, types.Constrained):
        type_ = type_.base
    if isinstance(type_, types.ListType) and type(value) is list:
        return [from_input(item, type_.element) for item in value]
    if isinstance(type_, types.ContextType) and type(value) is dict:
        parts = {name: from_input(value[name], part) for name, part in type_.fields if name in value}
        return {**value, **parts}
    return value
