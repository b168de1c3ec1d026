"""What policies tell before any is evaluated: which actions they are about, what they read, and where they ask.

Cedar looks at every policy of the set and at every attribute of the context that it is given, so each action has a set
of its own: the policies whose head names it, a group that it is in, or all actions. No other policy can determine the
ruling or fail in it; and what none of them reads need not be told.

Whether somebody who has acted already may approve is what ``@distinct`` says about a place. Who gives an approval is
ruled on like everybody else, by policies that read ``context.distinct``. A request to approve names the place and not
the policies that asked, so every ``@approval`` policy whose head may cover the place counts, and one that wants other
people is enough. Where none covers it, other people are wanted too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import cedarpy
import msgspec

from clearance.governance.context import ATTRIBUTES, Reading
from clearance.governance.entities import resource_of
from clearance.governance.files import Policy
from clearance.governance.types import Action
from clearance.model.clearance import Request

_CONTEXT = {"Var": "context"}


class ActionPolicies(msgspec.Struct, frozen=True):
    """The policies that may be about an action, under their own ids."""

    handle: cedarpy.PolicySet
    reads: frozenset[str]
    """The attributes of the context that any of them mentions."""
    reading: Reading


def by_action(policies: Iterable[Policy], actions: Mapping[str, Action]) -> dict[str, ActionPolicies]:
    """For each action, the policies that may be about it."""
    sets = {}
    for action in actions:
        names = _with_groups(action, actions)
        content = {policy.id: policy.content for policy in policies if _is_about(policy.content["action"], names)}
        document = {"staticPolicies": content, "templates": {}, "templateLinks": []}
        reads = frozenset(name for policy in content.values() for name in _reads(policy["conditions"]))
        sets[action] = ActionPolicies(cedarpy.PolicySet.from_json_str(json.dumps(document)), reads, Reading(reads))
    return sets


def _reads(expression: Any) -> Iterator[str]:
    """The attributes of the context that an expression of Cedar's JSON form mentions; all, when it takes it whole."""
    if isinstance(expression, list):
        for part in expression:
            yield from _reads(part)
    elif isinstance(expression, dict):
        for operator, operands in expression.items():
            if operator in (".", "has") and operands.get("left") == _CONTEXT:
                yield operands["attr"]
            elif operator == "Var" and operands == "context":
                yield from ATTRIBUTES
            else:
                yield from _reads(operands)


def _with_groups(action: str, actions: Mapping[str, Action]) -> frozenset[str]:
    """The action, the groups that it is in, and those that they are in."""
    found: set[str] = set()
    waiting = [action]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(actions[name].groups)
    return frozenset(found)


def _is_about(head: Mapping[str, Any], names: frozenset[str]) -> bool:
    if head["op"] == "All":
        return True
    entities = head["entities"] if "entities" in head else [head["entity"]]
    return any(entity["id"] in names for entity in entities)


class ApprovalScopes:
    """The heads of all policies that ask for approvals."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._asking = [
            (policy.content["resource"], policy.obligations.approval.distinct)
            for policy in policies
            if policy.obligations.approval is not None
        ]

    def distinct(self, request: Request) -> bool:
        """Whether the approval at this place must come from somebody who has not acted in the instance."""
        element = resource_of(request.process, request.element)
        process = resource_of(request.process, "")
        wanted = [distinct for head, distinct in self._asking if _covers(head, element, process)]
        return any(wanted) or not wanted


def _covers(head: Mapping[str, Any], element: Mapping[str, str], process: Mapping[str, str]) -> bool:
    """Whether a policy's resource condition can hold for the element."""
    if head["op"] == "is" and head["entity_type"] != element["type"]:
        return False
    within = head.get("in", head if head["op"] in ("==", "in") else None)
    if within is None:
        return True
    if head["op"] == "==":
        return bool(within["entity"] == element)
    return within["entity"] in (element, process)
