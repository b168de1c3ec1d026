"""What the gate says to people, in one place: why not, and what to write so that it is permitted."""

import json
from collections.abc import Sequence

from clearance.governance.entities import resource_of
from clearance.governance.files import Policy
from clearance.model.clearance import Request, Ruling

NAME_LENGTH_MAX = 200


def nothing_permits(request: Request) -> str:
    """No policy says anything about it."""
    if request.principal_kind == "Person" and request.needed_roles:
        return f"{_who(request)} may not {_short(request.action)} this: it is for {_listed(request.needed_roles)}"
    resource = resource_of(request.process, request.element)
    return (
        f"no policy permits {_who(request)} to {_short(request.action)} {_where(request)}; to permit it, write "
        f"permit (principal == {request.principal_kind}::{_quoted(request.principal)}, "
        f"action == Action::{_quoted(request.action)}, resource == {resource['type']}::{_quoted(resource['id'])});"
    )


def undeclared(request: Request) -> str:
    """No schema knows the action."""
    return (
        f"no schema declares the action {_short(request.action)}: declare it in a .cedarschema file, as in action "
        f"{_quoted(request.action)} appliesTo {{ principal: {_short(request.principal_kind)}, resource: Element }};, "
        "and permit it in a .cedar file"
    )


def misplaced(action: str, how: str, declared: Sequence[str], found: str) -> str:
    """The action is declared for another kind of principal or resource."""
    return f"{_short(action)} is {how} {_listed(declared)}, not {_short(found)}"


def explanation(request: Request, ruling: Ruling, determining: Sequence[Policy]) -> str:
    """The ruling for a person, a line each: verdict, reasons, what is hidden, and the policies with their places."""
    verdicts = {"permit": "may", "deny": "may not", "approval": "may, once it is approved,"}
    lines = [f"{_who(request)} {verdicts[ruling.decision]} {_short(request.action)} {_where(request)}."]
    lines.extend(f"Because: {reason}" for reason in ruling.reasons)
    if ruling.approval is not None:
        rule = ruling.approval
        people = "one person" if rule.count == 1 else f"{rule.count} different people"
        others = ", who have not acted in this case yet" if rule.distinct else ""
        given = "given" if ruling.permits else "needed"
        lines.append(f"Approval {given}: {people} with the role {_listed(rule.roles)}{others}.")
    if ruling.mask:
        lines.append(f"Hidden: {', '.join(ruling.mask)}.")
    lines.extend(f"Policy {policy.id} ({policy.effect}), {policy.file}:{policy.line}" for policy in determining)
    return "\n".join(lines)


def _who(request: Request) -> str:
    return f"{request.principal_kind.lower()[:20]} {_short(request.principal)}"


def _where(request: Request) -> str:
    place = "/".join(_short(part) for part in (request.process, request.element) if part)
    return f"at {place}" if place else "anywhere"


def _listed(names: Sequence[str]) -> str:
    *first, last = (_short(name) for name in names)
    return f"{', '.join(first)} or {last}" if first else last


def _short(name: str) -> str:
    """A name on one line and of bounded length, whatever it holds."""
    line = " ".join("".join(char if char.isprintable() else " " for char in name[:NAME_LENGTH_MAX]).split())
    return line if len(name) <= NAME_LENGTH_MAX else f"{line}…"


def _quoted(name: str) -> str:
    return json.dumps(_short(name), ensure_ascii=False)
