"""A control tower for tests: the real engine on a store in memory, a gate that tests steer, four people."""

import time
from collections.abc import Mapping
from typing import Any

import argon2
import msgspec

from clearance.model import definition as d
from clearance.model.clearance import ApprovalRule, Request, Ruling
from clearance.model.work import Actor, Completed, Failed, Job, Outcome

BANK_MAY = {"open": True}

INVOICE = d.Process(
    id="invoice",
    name="Invoice to pay",
    subject='= "Invoice " + number',
    elements=(
        d.StartEvent(id="arrives", definition=d.MessageDefinition(name="invoice received")),
        d.StartEvent(id="start"),
        d.ServiceTask(id="read", name="Read invoice", job=d.JobDefinition(type="reader")),
        d.UserTask(
            id="review",
            name="Review invoice",
            assignment=d.Assignment(candidate_groups="clerk"),
            inputs=(
                d.Mapping(
                    source='= {reasons: ["the IBAN changed"], options: ["pay", {value: "reject", label: "Send back",'
                    ' comment_required: true}], fields: [{name: "iban", label: "IBAN", value: supplier.iban}],'
                    " document: scan}",
                    target="brief",
                ),
            ),
        ),
        d.ServiceTask(id="pay", name="Pay supplier", job=d.JobDefinition(type="bank")),
        d.EndEvent(id="end"),
    ),
    flows=(
        d.Flow(id="f0", source="arrives", target="read"),
        d.Flow(id="f1", source="start", target="read"),
        d.Flow(id="f2", source="read", target="review"),
        d.Flow(id="f3", source="review", target="pay"),
        d.Flow(id="f4", source="pay", target="end"),
    ),
)


def read_invoice(job: Job) -> Outcome:
    return Completed({"read": True})


def pay(job: Job) -> Outcome:
    return Completed({"paid": True}) if BANK_MAY["open"] else Failed("the bank is away", retryable=False)


ACTORS: Mapping[str, Actor] = {
    "reader": Actor(type="reader", run=read_invoice, backoff_s=0.0),
    "bank": Actor(type="bank", run=pay, systems=("bank",), retries=0, action="pay", backoff_s=0.0),
}


class Gate:
    """People may do what their roles say; tests add approvals, masks and denials."""

    def __init__(self) -> None:
        self.approval: ApprovalRule | None = None
        self.masks: dict[str, tuple[str, ...]] = {}
        """By role."""
        self.denied: dict[tuple[str, str], str] = {}
        """(person, action) to the reason."""
        self.asked: list[Request] = []

    def rule(self, request: Request) -> Ruling:
        digest = request.digest()
        self.asked.append(request)
        if request.principal_kind == "Actor":
            given = len({approval.person for approval in request.facts.approvals})
            if request.action == "pay" and self.approval is not None and given < self.approval.count:
                return Ruling("approval", digest, ("four-eyes",), ("it is a payment",), self.approval)
            return Ruling("permit", digest, ("actors-may-run",))
        reason = self.denied.get((request.principal, request.action))
        if reason:
            return Ruling("deny", digest, ("told-by-the-test",), (reason,))
        mask = tuple(path for role in request.roles for path in self.masks.get(role, ()))
        if "admin" in request.roles or self._may(request):
            return Ruling("permit", digest, ("people-by-role",), mask=mask)
        return Ruling("deny", digest, (), (f"no policy lets {request.principal} {request.action} this",))

    def _may(self, request: Request) -> bool:
        if request.action in ("see", "audit") and "auditor" in request.roles:
            return True
        if request.action in ("see", "start", "publish", "broadcast", "upload") and not request.needed_roles:
            return "clerk" in request.roles or "approver" in request.roles
        return request.assignee == request.principal or not set(request.roles).isdisjoint(request.needed_roles)


class SystemClock:
    def now(self) -> int:
        return int(time.time() * 1000)


PEOPLE = {
    "cora": ("clerk",),
    "carl": ("clerk",),
    "ann": ("approver",),
    "max": ("manager",),
    "olga": ("auditor",),
    "ada": ("admin",),
}
FAST_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def password_of(name: str) -> str:
    return f"{name}-secret"


def data(response: Any) -> Any:
    """The JSON of an answer, after checking that it is one."""
    assert response.status_code < 300, response.text
    return msgspec.json.decode(response.content)
