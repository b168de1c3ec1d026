"""What is asked of the gate and what it answers: nothing acts and nobody sees before a ruling says so.

A :class:`Request` names exactly one action; its SHA-256 (:meth:`Request.digest`, over canonical JSON) binds approvals
and the ruling to that action and no other. A :class:`Ruling` goes into the ledger with the event that it allows.
"""

import hashlib
from collections.abc import Mapping
from decimal import Context, Decimal
from functools import lru_cache

import msgspec

from clearance.model.values import Data

_EXACT = Context(prec=10_000)
_WHOLE_MAX = 2**53
_AROUND_MAX = 10_000
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")
_decimals_as_texts = msgspec.json.Encoder(decimal_format="string")


class Person(msgspec.Struct, frozen=True):
    """Somebody who is logged in, or acts through the API."""

    name: str
    roles: tuple[str, ...] = ()


class Approval(msgspec.Struct, frozen=True):
    """An approval already given in this instance."""

    person: str
    roles: tuple[str, ...]
    action_sha256: str


class Facts(msgspec.Struct, frozen=True, gc=False):
    """Durable history that policies may rely on; it comes from the ledger, never from the actor."""

    approvals: tuple[Approval, ...] = ()
    """For exactly this action (same SHA-256)."""
    people: tuple[str, ...] = ()
    """Who has acted in this instance so far, without repetition."""
    attempt: int = 1


class Request(msgspec.Struct, frozen=True, gc=False):
    """May this principal do this, here, with these parameters?"""

    principal_kind: str
    """``Actor`` or ``Person``."""
    principal: str
    action: str
    """``run`` unless the actor declares another (e.g. ``pay``); for people ``complete``, ``claim``, ``approve``,
    ``see``...
    """
    process: str
    """The process id."""
    element: str
    """The element id."""
    parameters: Mapping[str, Data] = {}
    systems: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Of a person."""
    needed_roles: tuple[str, ...] = ()
    """The task's candidate groups, when a task is what is acted on."""
    assignee: str = ""
    risk: str = "low"
    tenant: str = "<default>"
    facts: Facts = Facts()

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical action: principal, action, target and parameters; facts are not part of it."""
        before, after = _around(
            self.action, self.element, self.principal_kind, self.principal, self.process, self.tenant
        )
        return hashlib.sha256(before + _canonical_json(self.parameters) + after).hexdigest()


class ApprovalRule(msgspec.Struct, frozen=True):
    """What a policy's ``@approval`` asks for: so many different people who hold one of the roles."""

    roles: tuple[str, ...]
    count: int = 1
    distinct: bool = True
    """Nobody who has already acted in this instance counts twice (four-eyes)."""


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The gate's answer, with the policies that determined it."""

    decision: str
    """``permit``, ``deny`` or ``approval`` (permitted once the approvals of ``approval`` are there)."""
    action_sha256: str
    policies: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    approval: ApprovalRule | None = None
    mask: tuple[str, ...] = ()
    """Dotted paths of fields that the principal must not see."""

    @property
    def permits(self) -> bool:
        return self.decision == "permit"


@lru_cache(_AROUND_MAX)
def _around(action: str, element: str, kind: str, principal: str, process: str, tenant: str) -> tuple[bytes, bytes]:
    """The canonical action's JSON before and after its parameters."""
    named = {
        "action": action,
        "element": element,
        "parameters": 0,
        "principal": f"{kind}::{principal}",
        "process": process,
        "schema": 1,
        "tenant": tenant,
    }
    before, mark, after = _encoder.encode(named).partition(b'"parameters":0,')
    return before + mark[:-2], b"," + after


def _canonical_json(data: Data) -> bytes:
    """Most data is canonical once its keys are sorted: all but decimals, which show when they are written as texts,
    because each gets two quotation marks."""
    try:
        text = _encoder.encode(data)
        if len(text) == len(_decimals_as_texts.encode(data)):
            return text
    except TypeError:  # a mapping that is no dict
        pass
    return _encoder.encode(_canonical(data))


def _canonical(value: Data) -> Data:
    """Numbers in one form each, whatever their trailing zeros, with all their digits (RFC 8785 would round them)."""
    if isinstance(value, Decimal):
        exact = value.normalize(_EXACT)
        return int(exact) if exact == exact.to_integral_value(context=_EXACT) and abs(exact) < _WHOLE_MAX else exact
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value
