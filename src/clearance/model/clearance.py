"""What is asked of the gate and what it answers: nothing acts and nobody sees before a ruling says so.

A :class:`Request` names exactly one action; its SHA-256 (:meth:`Request.digest`, over canonical JSON) binds approvals
and the ruling to that action and no other. A :class:`Ruling` goes into the ledger with the event that it allows.
"""

import hashlib
from collections.abc import Mapping
from decimal import Context, Decimal

import msgspec

from clearance.model.values import Data

_EXACT = Context(prec=10_000)
_WHOLE_MAX = 2**53
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


class Person(msgspec.Struct, frozen=True):
    """Somebody who is logged in, or acts through the API."""

    name: str
    roles: tuple[str, ...] = ()


class Approval(msgspec.Struct, frozen=True):
    """An approval already given in this instance."""

    person: str
    roles: tuple[str, ...]
    action_sha256: str


class Facts(msgspec.Struct, frozen=True):
    """Durable history that policies may rely on; it comes from the ledger, never from the actor."""

    approvals: tuple[Approval, ...] = ()
    """For exactly this action (same SHA-256)."""
    people: tuple[str, ...] = ()
    """Who has acted in this instance so far, without repetition."""
    attempt: int = 1


class Request(msgspec.Struct, frozen=True):
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
        action = {
            "action": self.action,
            "element": self.element,
            "parameters": _canonical(self.parameters),
            "principal": f"{self.principal_kind}::{self.principal}",
            "process": self.process,
            "schema": 1,
            "tenant": self.tenant,
        }
        return hashlib.sha256(_encoder.encode(action)).hexdigest()


class ApprovalRule(msgspec.Struct, frozen=True):
    """What a policy's ``@approval`` asks for: so many different people who hold one of the roles."""

    roles: tuple[str, ...]
    count: int = 1
    distinct: bool = True
    """Nobody who has already acted in this instance counts twice (four-eyes)."""


class Ruling(msgspec.Struct, frozen=True):
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
