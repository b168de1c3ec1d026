"""Asking an action's own policies with what they read gives the answer of all policies with everything."""

import itertools
import json
from pathlib import Path

import cedarpy
import pytest

import invoice_to_pay
from clearance.governance import PolicyGate
from clearance.governance.context import ATTRIBUTES, Reading, parameters_of
from clearance.governance.entities import reference, resource_of
from clearance.model.clearance import Facts, Request
from clearance.model.values import Data
from tests.governance.helpers import gate, paying

GATE = PolicyGate.load(Path(invoice_to_pay.__file__).with_name("policies"))
ALL_FACTS = Reading(ATTRIBUTES)
WHOLE = cedarpy.PolicySet.from_json_str(
    json.dumps(
        {
            "staticPolicies": {policy.id: policy.content for policy in GATE.files.policies},
            "templates": {},
            "templateLinks": [],
        }
    )
)
ASKED = [action.name for action in GATE.files.actions.values() if action.principals]
PLACES = ["", "pay-it", "approve-the-invoice", "post-it-in-the-erp"]
PARAMETERS: dict[str, Data] = {"amount": 20_000, "currency": "EUR", "iban": "DE1", "name": "invoice received"}


@pytest.mark.parametrize("action", ASKED)
def test_what_is_left_out_does_not_matter(action: str):
    declared = GATE.files.actions[action]
    asked = 0
    for kind, element, roles, assignee, people in itertools.product(
        declared.principals,
        PLACES,
        [(), ("clerk",), ("manager", "approver"), ("auditor",), ("admin",)],
        ["", "anna", "bert"],
        [(), ("anna",)],
    ):
        name = "anna" if kind == "Person" else "pay-invoice"
        request = Request(
            kind,
            name,
            action,
            "invoice-to-pay",
            element,
            parameters=PARAMETERS,
            roles=roles,
            needed_roles=("clerk", "manager"),
            assignee=assignee,
            facts=Facts(people=people),
        )
        if resource_of(request.process, request.element)["type"] not in declared.resources:
            continue
        parameters = parameters_of(request, declared.parameters)
        whole = cedarpy.is_authorized(
            {
                "principal": reference(kind, name),
                "action": reference("Action", action),
                "resource": resource_of(request.process, request.element),
                "context": ALL_FACTS.text(ALL_FACTS.facts(request, parameters, 0, True)),
            },
            WHOLE,
            GATE._entities.of(kind, name, roles, request.process, request.element),
            cedarpy.Schema.from_str(GATE.files.schema),
        )
        assert whole.diagnostics.errors == []
        answer = GATE._answer(request, parameters, 0)
        assert (answer.permits, {policy.id for policy in answer.policies}) == (
            whole.allowed,
            set(whole.diagnostics.reasons),
        )
        asked += 1
    assert asked


def test_records_named_like_operators_confuse_nobody(tmp_path: Path):
    condition = '{"Var": "context", ".": 1, "has": context.risk}["has"] == "low" && context.tenant like "*default*"'
    policy = f'permit (principal, action == Action::"pay", resource) when {{ {condition} }};'
    assert gate(tmp_path, policy).rule(paying()).permits
