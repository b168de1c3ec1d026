"""The types that parameters may have in a policy schema: what JSON can say and Cedar can compare without doubt."""

from collections.abc import Mapping

import msgspec


class Scalar(msgspec.Struct, frozen=True):
    name: str
    """Bool, Long, String or decimal."""


class SetOf(msgspec.Struct, frozen=True):
    item: Scalar


class Field(msgspec.Struct, frozen=True):
    type: "Type"
    required: bool


class Record(msgspec.Struct, frozen=True):
    fields: Mapping[str, Field]


Type = Scalar | SetOf | Record
SCALARS = ("Bool", "Long", "String", "decimal")
EMPTY = Record({})


class Action(msgspec.Struct, frozen=True):
    """An action that policies may name."""

    name: str
    groups: tuple[str, ...]
    """Actions that stand for several, of which this is one."""
    principals: tuple[str, ...]
    """``Actor``, ``Person``; empty for a group, which nobody asks for."""
    resources: tuple[str, ...]
    parameters: Record


def render(kind: Type) -> str:
    """The type in Cedar's schema syntax."""
    if isinstance(kind, Scalar):
        return kind.name
    if isinstance(kind, SetOf):
        return f"Set<{kind.item.name}>"
    fields = (f'"{name}"{"" if field.required else "?"}: {render(field.type)}' for name, field in kind.fields.items())
    return "{" + ", ".join(fields) + "}"
