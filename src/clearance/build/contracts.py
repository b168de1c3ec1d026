"""Typed inputs and outputs: what a step's actor takes and gives, as JSON schemas and as variable mappings."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec

from clearance.build.errors import AuthorError
from clearance.model.values import Data


@runtime_checkable
class HasType(Protocol):
    """An actor, or whatever else names the type of job that it does (``clearance.model.work.Actor``)."""

    @property
    def type(self) -> str: ...


class Contract(msgspec.Struct, frozen=True):
    """What the actor of a job type must take and give; the engine checks both. Empty: anything."""

    type: str
    input_schema: Mapping[str, Data] = {}
    output_schema: Mapping[str, Data] = {}


def job_type(does: "str | HasType") -> str:
    """The type of job: a name, or an actor's."""
    found = does if isinstance(does, str) else getattr(does, "type", None)
    if not isinstance(found, str) or not found:
        raise AuthorError(f"does={does!r} names no type of job", 'Give a name such as "read-invoice", or an actor')
    return found


def schema_of(declared: type | None) -> dict[str, Data]:
    """The JSON schema of a msgspec Struct, dataclass, TypedDict or pydantic model; nothing for None."""
    if declared is None:
        return {}
    pydantic = getattr(declared, "model_json_schema", None)
    if pydantic is not None:
        return dict(pydantic())
    try:
        (schema,), components = msgspec.json.schema_components((declared,), ref_template="#/$defs/{name}")
    except TypeError as error:
        raise AuthorError(
            f"{declared!r} has no schema ({error})", "Give a Struct, dataclass or pydantic model"
        ) from error
    top = str(schema.get("$ref", "")).rpartition("/")[2]
    if top in components:
        schema = {**components[top], **({"$defs": components} if len(components) > 1 else {})}
    if "properties" not in schema:
        raise AuthorError(f"{declared!r} has no named fields", "Give a Struct, dataclass or pydantic model")
    return schema


def fields_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the top-level fields of a schema."""
    return tuple(schema.get("properties", {}))
