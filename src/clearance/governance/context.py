"""What policies get to read of a request: its parameters as the schema declares them, and the fixed part.

Only declared parameters are taken, each in its declared type, so that neither a stray name nor a strange value can mean
anything to Cedar: an ``__entity`` or ``__extn`` key in somebody's data is never copied, and 5 and 5.00 are the same
decimal. What does not fit its declaration raises :class:`Unfit`, and the gate denies. Of all this, Cedar is told what
the action's policies mention: the rest cannot matter, costs time, and would make equal questions look different.

A declared ``<name>_cents`` (Long) beside a number ``<name>`` is reckoned from it, exactly; it is never taken from the
data then, so that the two cannot tell different stories.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from clearance.governance.types import Record, Scalar, SetOf, Type
from clearance.model.clearance import Request
from clearance.model.values import Data

STRING_LENGTH_MAX = 10_000
SET_SIZE_MAX = 1_000
LONG_MAX = 2**63 - 1
DECIMAL_PLACES = 4
_CENTS = "_cents"
_DIGITS_MAX = 20

_encode = msgspec.json.Encoder().encode


class Unfit(ValueError):
    """A parameter that is missing or not of its declared type; the message names it by its dotted path."""


def parameters_of(request: Request, declared: Record) -> dict[str, Any]:
    """The declared parameters as Cedar's JSON; raises :class:`Unfit`."""
    return _record(request.parameters, declared, "parameters")


class Reading:
    """How the facts that an action's policies read are taken from requests, and written for Cedar."""

    def __init__(self, reads: Container[str]) -> None:
        plain = [name for name in _PATHS if name in reads]
        self._reckoned = [name for name in ("parameters", "approvals", "distinct") if name in reads]
        self._names = (*plain, *self._reckoned)
        self._plain = attrgetter(*(_PATHS[name] for name in plain)) if len(plain) > 1 else _one_by_one(plain)

    def facts(self, request: Request, parameters: Mapping[str, Any], approvals: int, distinct: bool) -> tuple[Any, ...]:
        """What policies read of the context, hashable, the same for equal facts; raises UnicodeEncodeError."""
        facts: tuple[Any, ...] = self._plain(request)
        for name in self._reckoned:
            if name == "parameters":
                facts = (*facts, _encode(parameters))
            else:
                facts = (*facts, approvals if name == "approvals" else distinct)
        return facts

    def text(self, facts: Sequence[Any]) -> str:
        """The facts as Cedar's JSON text; raises UnicodeEncodeError."""
        told = {
            name: _WRITTEN[name](value) if name in _WRITTEN else value
            for name, value in zip(self._names, facts, strict=True)
            if name != "assignee" or value
        }
        return _encode(told).decode()


def _one_by_one(names: Sequence[str]) -> Callable[[Request], tuple[Any, ...]]:
    getters = [attrgetter(_PATHS[name]) for name in names]
    return lambda request: tuple(get(request) for get in getters)


def _entity(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


_PATHS = {
    "assignee": "assignee",
    "attempt": "facts.attempt",
    "needed_roles": "needed_roles",
    "people": "facts.people",
    "risk": "risk",
    "systems": "systems",
    "tenant": "tenant",
}
"""Where a fact stands in a request."""
_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "assignee": lambda name: _entity("Person", name),
    "needed_roles": lambda names: [_entity("Role", name) for name in sorted(set(names))],
    "parameters": msgspec.Raw,
    "people": lambda names: [_entity("Person", name) for name in sorted(set(names))],
    "systems": lambda names: sorted(set(names)),
}
ATTRIBUTES = frozenset({*_PATHS, "approvals", "distinct", "parameters"})


def _record(data: Mapping[str, Data], declared: Record, path: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, field in declared.fields.items():
        where = f"{path}.{name}"
        value = data.get(name)
        base = name.removesuffix(_CENTS)
        if base != name and base in data and field.type == Scalar("Long"):
            value = _cents(data[base])
        if value is not None:
            result[name] = _value(value, field.type, where)
        elif field.required:
            raise Unfit(f"{where} is missing")
    return result


def _value(value: Data, declared: Type, path: str) -> Any:
    if isinstance(declared, Scalar):
        return _scalar(value, declared.name, path)
    if isinstance(declared, SetOf):
        if not isinstance(value, list | tuple):
            raise Unfit(f"{path} must be a list")
        if len(value) > SET_SIZE_MAX:
            raise Unfit(f"{path} has more than {SET_SIZE_MAX} items")
        return [_scalar(item, declared.item.name, f"{path}[{index}]") for index, item in enumerate(value, 1)]
    if not isinstance(value, Mapping):
        raise Unfit(f"{path} must be a context with {', '.join(declared.fields) or 'no entries'}")
    return _record(value, declared, path)


def _scalar(value: Data, kind: str, path: str) -> Any:
    if kind == "String" and isinstance(value, str):
        if len(value) > STRING_LENGTH_MAX:
            raise Unfit(f"{path} has more than {STRING_LENGTH_MAX} characters")
        return value
    if kind == "Bool" and isinstance(value, bool):
        return value
    if kind == "Long":
        text = _exact(value, 0)
        if text is None:
            raise Unfit(f"{path} must be a whole number of at most 64 bits")
        return int(text)
    if kind == "decimal":
        text = _exact(value, DECIMAL_PLACES)
        if text is None:
            raise Unfit(f"{path} must be a number with at most {DECIMAL_PLACES} decimal places, below 900 trillion")
        return {"__extn": {"fn": "decimal", "arg": text}}
    raise Unfit(f"{path} must be a {kind}")


def _exact(value: Data, places: int) -> str | None:
    """The number with so many decimal places, when nothing is lost and its digits fit into 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, int) and value.bit_length() > 64:
        return None
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() > _DIGITS_MAX:
        return None
    text = f"{number:.{places}f}"
    if Decimal(text) != number or abs(int(text.replace(".", ""))) > LONG_MAX:
        return None
    return text


def _cents(value: Data) -> int | None:
    text = _exact(value, 2)
    return None if text is None else int(text.replace(".", ""))
