"""What a policy's annotations demand beyond yes or no, and how the demands of several policies join.

All demands hold together: the most approvals that any asks for, by people in a role that every one of them accepts,
from others than who has acted if any wants that; everything masked that any masks. An annotation that is not in
:data:`KNOWN` is refused when the policies are read: a misspelt ``@approvel`` must not quietly permit.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from clearance.model.clearance import ApprovalRule

KNOWN = ("id", "reason", "advice", "approval", "approval_count", "distinct", "mask")
COUNT_MAX = 20


class Obligations(msgspec.Struct, frozen=True):
    """The annotations of one policy, read."""

    reason: str = ""
    advice: str = ""
    approval: ApprovalRule | None = None
    mask: tuple[str, ...] = ()


class ObligationError(ValueError):
    """An annotation that says nothing the gate understands; the message has the remedy."""


def read(annotations: Mapping[str, str | None], effect: str) -> Obligations:
    """The obligations of a policy with this effect (``permit`` or ``forbid``); raises :class:`ObligationError`."""
    for name in annotations:
        if name not in KNOWN:
            raise ObligationError(f"@{name} is not known; annotations are {', '.join('@' + known for known in KNOWN)}")
    texts = {name: (value or "").strip() for name, value in annotations.items()}
    for name, text in texts.items():
        if not text:
            raise ObligationError(f'@{name} is empty: write @{name}("...") or leave it out')
    if effect == "permit" and "reason" in texts:
        raise ObligationError("@reason says why something is forbidden; on a permit, use @advice")
    if effect == "forbid" and "mask" in texts:
        raise ObligationError("@mask hides fields of what is permitted; a forbid shows nothing")
    return Obligations(
        texts.get("reason", ""),
        texts.get("advice", ""),
        _approval(texts),
        _listed(texts, "mask"),
    )


def joined(rules: Iterable[ApprovalRule | None]) -> ApprovalRule | None:
    """One rule that satisfies all; ``None`` when none asks. Without a common role its ``roles`` are empty."""
    asked = [rule for rule in rules if rule is not None]
    if not asked:
        return None
    first, *others = asked
    roles = tuple(role for role in first.roles if all(role in other.roles for other in others))
    return ApprovalRule(roles, max(rule.count for rule in asked), any(rule.distinct for rule in asked))


def masked(obligations: Sequence[Obligations]) -> tuple[str, ...]:
    """All that any of them masks."""
    return tuple(sorted({path for obligation in obligations for path in obligation.mask}))


def _approval(texts: Mapping[str, str]) -> ApprovalRule | None:
    if "approval" not in texts:
        for name in ("approval_count", "distinct"):
            if name in texts:
                raise ObligationError(f'@{name} needs @approval("role, role") beside it, which says who approves')
        return None
    count = texts.get("approval_count", "1")
    if not (count.isascii() and count.isdigit() and 1 <= len(count) <= 3 and 1 <= int(count) <= COUNT_MAX):
        raise ObligationError(f'@approval_count("{count}"): write a whole number from 1 to {COUNT_MAX}')
    distinct = texts.get("distinct", "true")
    if distinct not in ("true", "false"):
        raise ObligationError(f'@distinct("{distinct}"): write "true" or "false"')
    return ApprovalRule(_listed(texts, "approval"), int(count), distinct == "true")


def _listed(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    if name not in texts:
        return ()
    names = tuple(dict.fromkeys(part.strip() for part in texts[name].split(",")))
    if "" in names:
        raise ObligationError(f'@{name}("{texts[name]}") has an empty name: write names with commas between them')
    return names
