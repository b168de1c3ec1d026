"""The gate: rules on one action at a time by Cedar policies, and says which policies determined the ruling and why.

Cedar decides permit or forbid; what lies beyond yes and no is in annotations (``obligations.py``) and decided here:

1. Policies see ``context.approvals == 0`` first. What they permit is permitted, unless a determining permit says
   ``@approval`` and too few people who hold one of its roles have approved exactly this action (same SHA-256).
2. What they deny stays denied, unless every determining forbid says ``@approval`` and the same request would be
   permitted with the approvals granted. Only approvals by people of the asked roles count, so nobody else can lift a
   forbid.
3. Whatever cannot be decided denies: an undeclared action, a parameter that does not fit its declaration, a policy that
   fails in evaluation (Cedar would skip it, and a skipped forbid would permit), obligations that exclude each other.

A ruling rests on nothing but the request and the policies, so it can be repeated and explained at any time. What Cedar
said is remembered for exactly the same principal, action, resource and what its policies read of the context.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import cedarpy
import msgspec

from clearance.governance import context, obligations, texts
from clearance.governance.context import Unfit
from clearance.governance.entities import EntityCache, reference, resource_of
from clearance.governance.errors import Finding, PolicyError
from clearance.governance.files import Policy, PolicyFiles, read_folders
from clearance.governance.scopes import ApprovalScopes, by_action
from clearance.governance.types import Action
from clearance.model.clearance import ApprovalRule, Request, Ruling

REMEMBERED_MAX = 20_000
_ROUNDS_MAX = 4
NOT_UNICODE = "it holds text that is not Unicode: it can be neither ruled on nor recorded"


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What Cedar says: the determining policies, or the error that keeps it from saying anything."""

    permits: bool
    policies: tuple[Policy, ...] = ()
    error: str = ""
    plain: Ruling | None = None
    """The ruling when it permits and asks for nothing: all but the action's digest."""


class PolicyGate:
    """Rules by the shipped policies and those of any number of folders; safe to use from several threads."""

    def __init__(self, files: PolicyFiles) -> None:
        self.files = files
        self._policies = {policy.id: policy for policy in files.policies}
        self._sets = by_action(files.policies, files.actions)
        self._entities = EntityCache(files.actions.values())
        self._scopes = ApprovalScopes(files.policies)
        self._declared = {
            (action.name, kind, place): action.parameters
            for action in files.actions.values()
            for kind in action.principals
            for place in action.resources
        }
        """What policies may be asked: the parameters of each action, by who does it and what it is done to."""
        self._ask = lru_cache(REMEMBERED_MAX)(self._evaluate)

    @classmethod
    def load(cls, *folders: str | Path) -> "PolicyGate":
        """The gate with the policies of these folders beside the shipped ones; raises :class:`PolicyError`."""
        return cls(read_folders(Path(folder) for folder in folders))

    def rule(self, request: Request) -> Ruling:
        """The ruling on exactly this action."""
        try:
            digest = request.digest()
        except (ValueError, ArithmeticError) as error:
            why = NOT_UNICODE if isinstance(error, UnicodeEncodeError) else f"it has no canonical form: {error}"
            return Ruling("deny", "", reasons=(why,))
        place = "Element" if request.element else "Process"
        declared = self._declared.get((request.action, request.principal_kind, place))
        if declared is None:
            return Ruling("deny", digest, reasons=(_refusal(request, self.files.actions.get(request.action)),))
        try:
            parameters = context.parameters_of(request, declared) if declared.fields else {}
        except Unfit as error:
            return Ruling("deny", digest, reasons=(str(error),))
        answer = self._answer(request, parameters, 0)
        plain = answer.plain
        if plain is not None:
            return Ruling("permit", digest, plain.policies, plain.reasons, None, plain.mask)
        if answer.permits:
            return self._with_obligations(request, digest, answer)
        if answer.error or not answer.policies or any(one.obligations.approval is None for one in answer.policies):
            return self._denied(request, digest, answer)
        return self._escalated(request, digest, answer, parameters)

    def explain(self, request: Request) -> str:
        """The ruling in sentences, for the person who wonders about it."""
        ruling = self.rule(request)
        determining = [self._policies[name] for name in ruling.policies]
        return texts.explanation(request, ruling, determining)

    def _with_obligations(self, request: Request, digest: str, answer: Answer) -> Ruling:
        rule = obligations.joined(policy.obligations.approval for policy in answer.policies)
        return _settled(request, digest, answer.policies, rule)

    def _escalated(self, request: Request, digest: str, denial: Answer, parameters: Mapping[str, Any]) -> Ruling:
        """What forbids that say ``@approval`` deny: permitted once approved, if nothing else stands against it."""
        forbids = denial.policies
        rule = obligations.joined(policy.obligations.approval for policy in forbids)
        for _ in range(_ROUNDS_MAX):
            assert rule is not None
            granted = self._answer(request, parameters, rule.count)
            if not granted.permits:
                if granted.error or granted.policies:
                    return self._denied(request, digest, granted)
                return self._denied(request, digest, Answer(False, forbids))
            needed = obligations.joined((rule, *(policy.obligations.approval for policy in granted.policies)))
            assert needed is not None
            if needed.count == rule.count:
                return _settled(request, digest, (*granted.policies, *forbids), needed)
            rule = needed
        return self._denied(request, digest, Answer(False, forbids))

    def _denied(self, request: Request, digest: str, answer: Answer) -> Ruling:
        if answer.error:
            reasons: tuple[str, ...] = (answer.error,)
        elif answer.policies:
            reasons = tuple(policy.obligations.reason or f"{policy.id} forbids it" for policy in answer.policies)
        else:
            reasons = (texts.nothing_permits(request),)
        return Ruling("deny", digest, _ids(answer.policies), reasons)

    def _answer(self, request: Request, parameters: Mapping[str, Any], approvals: int) -> Answer:
        distinct = request.action != "approve" or self._scopes.distinct(request)
        try:
            facts = self._sets[request.action].reading.facts(request, parameters, approvals, distinct)
        except UnicodeEncodeError:
            return Answer(False, error=NOT_UNICODE)
        return self._ask(
            request.principal_kind,
            request.principal,
            request.roles,
            request.action,
            request.process,
            request.element,
            facts,
        )

    def _evaluate(
        self,
        kind: str,
        principal: str,
        roles: tuple[str, ...],
        action: str,
        process: str,
        element: str,
        facts: tuple[Any, ...],
    ) -> Answer:
        try:
            asked = {
                "principal": reference(kind, principal),
                "action": reference("Action", action),
                "resource": resource_of(process, element),
                "context": self._sets[action].reading.text(facts),
            }
            entities = self._entities.of(kind, principal, roles, process, element)
            result = cedarpy.is_authorized(asked, self._sets[action].handle, entities)
        except UnicodeEncodeError:
            return Answer(False, error=NOT_UNICODE)
        except ValueError as error:
            return Answer(False, error=f"the request cannot be decided: {error}")
        diagnostics = result.diagnostics
        if diagnostics.errors or result.decision is cedarpy.Decision.NoDecision:
            told = "; ".join(sorted(diagnostics.errors)) or "Cedar has not decided"
            return Answer(False, error=f"the request cannot be decided: {told}")
        determining = tuple(self._policies[name] for name in sorted(diagnostics.reasons))
        if result.allowed and not any(policy.obligations.approval for policy in determining):
            return Answer(True, determining, plain=_permitted("", determining))
        return Answer(result.allowed, determining)


def _place(request: Request) -> str:
    return "Element" if request.element else "Process"


def _refusal(request: Request, action: Action | None) -> str:
    """Why policies cannot even be asked."""
    if action is None or not action.principals:
        return texts.undeclared(request)
    if request.principal_kind not in action.principals:
        return texts.misplaced(request.action, "for", action.principals, request.principal_kind)
    return texts.misplaced(request.action, "done to", action.resources, _place(request))


def _settled(request: Request, digest: str, policies: tuple[Policy, ...], rule: ApprovalRule | None) -> Ruling:
    """Permitted, or waiting for the approvals that are missing."""
    permitted = _permitted(digest, policies)
    if rule is None:
        return permitted
    names = permitted.policies
    if not rule.roles:
        why = f"{', '.join(names)} ask for approval by different roles: no single role satisfies all"
        return Ruling("deny", digest, names, (why,))
    given = {
        approval.person
        for approval in request.facts.approvals
        if approval.action_sha256 == digest and not set(rule.roles).isdisjoint(approval.roles)
    }
    decision = "permit" if len(given) >= rule.count else "approval"
    return Ruling(decision, digest, names, permitted.reasons, rule, permitted.mask)


def _permitted(digest: str, policies: tuple[Policy, ...]) -> Ruling:
    told = [policy.obligations.reason or policy.obligations.advice for policy in policies]
    reasons = tuple(dict.fromkeys(text for text in told if text))
    mask = obligations.masked([policy.obligations for policy in policies])
    return Ruling("permit", digest, _ids(policies), reasons, mask=mask)


def _ids(policies: tuple[Policy, ...]) -> tuple[str, ...]:
    return tuple(policy.id for policy in policies)


def check_policies(folder: str | Path) -> tuple[Finding, ...]:
    """All mistakes in a folder of policies; empty when the gate can use it."""
    try:
        PolicyGate.load(folder)
    except PolicyError as error:
        return error.findings
    return ()
