"""What names an expression may use: FEEL reads a text differently depending on which names with spaces are known."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from clearance.dmn.model import (
    Context,
    DecisionTable,
    Definitions,
    Expression,
    FunctionDefinition,
    Invocation,
    ItemDefinition,
    Relation,
)
from clearance.feel import types
from clearance.feel.names import normal


class Scope(msgspec.Struct, frozen=True):
    """The names in scope, the names that may follow a dot, and the types that may be named."""

    model: Definitions
    names: frozenset[str]
    members: frozenset[str]
    types: Mapping[str, types.Type]

    def with_names(self, names: Iterable[str]) -> "Scope":
        """The same scope with more variables."""
        return msgspec.structs.replace(self, names=self.names | frozenset(map(normal, names)))

    def with_members(self) -> "Scope":
        """The scope within a filter, where the parts of an item can be named without a path."""
        return self.with_names(self.members)


def members_of(models: Iterable[Definitions]) -> frozenset[str]:
    """All names that may follow a dot in any expression of these models."""
    found: set[str] = set()
    for model in models:
        for item in model.items:
            found.update(_components(item))
        for element in model.elements():
            found.update((element.name, element.variable.name))
        for decision in model.decisions:
            found.update(_members(decision.expression))
        for knowledge in model.knowledge:
            found.update(_members(knowledge.logic))
    return frozenset(found)


def _components(item: ItemDefinition) -> Iterator[str]:
    for component in item.components:
        yield component.name
        yield from _components(component)


def _members(expression: Expression | None) -> Iterator[str]:
    """The names that an expression gives to parts of its result, at any depth."""
    if isinstance(expression, Context):
        for entry in expression.entries:
            if entry.variable is not None:
                yield entry.variable.name
            yield from _members(entry.value)
    elif isinstance(expression, DecisionTable):
        yield from (output.name for output in expression.outputs if output.name)
    elif isinstance(expression, Relation):
        yield from (column.name for column in expression.columns)
    elif isinstance(expression, FunctionDefinition):
        yield from _members(expression.body)
    elif isinstance(expression, Invocation):
        for binding in expression.bindings:
            yield from _members(binding.value)
