"""Plain typed functions as actors.

    @actor("convert", systems=("rates",), retries=5)
    def convert(amount: Decimal, currency: str, job: Job) -> Converted:
        return Converted(...)

Parameters are filled from the job's input by name and converted to their types; one that is called ``job`` gets the
:class:`~clearance.model.work.Job`. What is returned becomes variables: a struct or dataclass by its fields, a mapping
as it is; an Outcome stays what it is. The schemas are taken from the annotations, so the actor gets exactly what it
declares.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any, get_origin, get_type_hints

import msgspec

from clearance.model.values import Data
from clearance.model.work import Actor, Completed, Escalated, Failed, Job, Outcome, Permanent, Raised, Waiting

_OUTCOMES = (Completed, Failed, Raised, Escalated, Waiting)


def actor(
    type: str,  # noqa: A002 (the field's word)
    *,
    systems: tuple[str, ...] = (),
    purpose: str = "",
    risk: str = "low",
    cost: str = "",
    timeout_s: float = 60.0,
    retries: int = 3,
    backoff_s: float = 1.0,
    backoff_max_s: float = 60.0,
    concurrency: int = 8,
    rate_per_s: float = 0.0,
    idempotent: bool = True,
    action: str = "run",
) -> Callable[[Callable[..., Any]], Actor]:
    """Declare a function as the actor for a job type; see :class:`clearance.model.work.Actor` for what is declared."""

    def declare(function: Callable[..., Any]) -> Actor:
        hints = get_type_hints(function)
        gives = hints.pop("return", None)
        kinds = {name: hints.get(name, object) for name in inspect.signature(function).parameters if name != "job"}
        takes = {name: (kind, _plain(kind)) for name, kind in kinds.items()}
        for kind in kinds.values():
            _prepare(kind)
        wants_job = "job" in inspect.signature(function).parameters
        optional = _optional(function)

        def run(job: Job) -> Outcome:
            arguments = _arguments(type, takes, optional, job)
            if wants_job:
                arguments["job"] = job
            return _outcome(function(**arguments))

        return Actor(
            type=type,
            run=run,
            systems=systems,
            purpose=purpose or inspect.getdoc(function) or "",
            risk=risk,
            cost=cost,
            timeout_s=timeout_s,
            retries=retries,
            backoff_s=backoff_s,
            backoff_max_s=backoff_max_s,
            concurrency=concurrency,
            rate_per_s=rate_per_s,
            input_schema={"type": "object", "properties": {name: _schema(kind) for name, kind in kinds.items()}},
            output_schema=_schema(gives) if gives is not None else {},
            idempotent=idempotent,
            action=action,
        )

    return declare


def _prepare(kind: Any) -> None:
    """Have msgspec look at the type now: two threads that are the first to do so can end the interpreter."""
    try:
        msgspec.json.Decoder(kind)
    except (TypeError, NotImplementedError):
        return  # data cannot become this; the job says so


_PLAIN = (str, int, bool, dict, list, dict[str, Any], list[Any])


def _plain(kind: Any) -> type | None:
    """The type that data has already when nothing is to be converted for this annotation."""
    return next((get_origin(plain) or plain for plain in _PLAIN if plain == kind), None)


def _optional(function: Callable[..., Any]) -> frozenset[str]:
    parameters = inspect.signature(function).parameters.values()
    return frozenset(p.name for p in parameters if p.default is not inspect.Parameter.empty)


def _arguments(
    kind: str, takes: Mapping[str, tuple[Any, type | None]], optional: frozenset[str], job: Job
) -> dict[str, Any]:
    arguments = {}
    for name, (wanted, plain) in takes.items():
        if name not in job.input:
            if name in optional:
                continue
            raise Permanent(f"{kind} needs the variable {name}, which is not there: set it, or map an input to it")
        value = job.input[name]
        if type(value) is plain:
            arguments[name] = value
            continue
        try:
            arguments[name] = msgspec.convert(value, wanted, strict=False)
        except msgspec.ValidationError as error:
            raise Permanent(f"{kind}: the variable {name} does not fit: {error}") from error
    return arguments


def _outcome(result: Any) -> Outcome:
    if type(result) is dict:
        return Completed(result)
    if isinstance(result, _OUTCOMES):
        return result
    if result is None:
        return Completed({})
    if isinstance(result, msgspec.Struct):
        result = {name: getattr(result, name) for name in result.__struct_fields__}
    elif is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    if not isinstance(result, Mapping):
        raise Permanent(f"an actor returns variables by name (a mapping, struct or dataclass), not {result!r}")
    return Completed({str(name): value for name, value in result.items()})


def _schema(kind: Any) -> Mapping[str, Data]:
    """The JSON schema of a type; of what msgspec cannot describe, the schema that accepts anything."""
    try:
        schema: dict[str, Data] = msgspec.json.schema(kind)
    except (TypeError, NotImplementedError):
        return {}
    return schema
