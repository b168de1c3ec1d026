"""What the shipped policies say before anybody has written one."""

import pytest

from clearance.governance import PolicyGate
from clearance.model.clearance import Facts, Request
from tests.governance.helpers import person

GATE = PolicyGate.load()
OPERATING = ("start", "cancel", "resolve", "deploy", "upload", "publish", "broadcast")
CHANGING = (*OPERATING, "claim", "assign", "complete", "approve")


def decision(request: Request) -> str:
    return GATE.rule(request).decision


def test_any_actor_may_run():
    ruling = GATE.rule(Request("Actor", "reader", "run", "buying", "read"))
    assert (ruling.decision, ruling.policies) == ("permit", ("actors-may-run",))


def test_an_actor_may_do_nothing_else_until_a_policy_permits_it_and_is_told_what_to_write():
    ruling = GATE.rule(Request("Actor", "payer", "pay", "buying", "pay"))
    assert ruling.decision == "deny"
    assert 'action "pay" appliesTo { principal: Actor, resource: Element };' in ruling.reasons[0]


def test_an_actor_may_not_do_what_people_do():
    ruling = GATE.rule(Request("Actor", "agent", "approve", "buying", "pay", needed_roles=("manager",)))
    assert ruling.decision == "deny"
    assert ruling.reasons == ("approve is for Person, not Actor",)


def test_a_person_may_not_run_what_actors_run():
    assert decision(person("run", "admin")) == "deny"


def test_a_principal_of_an_unknown_kind_is_denied():
    assert decision(Request("Machine", "x", "run", "buying", "read")) == "deny"


@pytest.mark.parametrize("action", ["see", "claim", "complete", "approve", "assign", "resolve"])
def test_who_holds_a_needed_role_may_act_on_the_item(action: str):
    assert decision(person(action, "clerk", needed_roles=("clerk", "manager"))) == "permit"


@pytest.mark.parametrize("action", ["see", "claim", "complete", "approve", "assign", "resolve"])
def test_who_holds_no_needed_role_may_not_and_is_told_who_may(action: str):
    ruling = GATE.rule(person(action, "clerk", needed_roles=("approver", "manager")))
    assert ruling.decision == "deny"
    assert ruling.reasons[0].endswith("it is for approver or manager")


@pytest.mark.parametrize("action", ["see", "claim", "complete", "assign"])
def test_the_assignee_may_act_whatever_the_roles(action: str):
    assert decision(person(action, needed_roles=("manager",), assignee="anna")) == "permit"


@pytest.mark.parametrize("action", ["claim", "complete"])
@pytest.mark.parametrize("role", ["clerk", "admin"])
def test_nobody_completes_or_claims_what_is_assigned_to_somebody_else(action: str, role: str):
    ruling = GATE.rule(person(action, role, needed_roles=("clerk", "admin"), assignee="bert"))
    assert ruling.decision == "deny"
    assert ruling.reasons == ("it is assigned to somebody else: ask them to release it first",)


def test_nobody_but_the_assignee_and_administrators_gives_an_assigned_task_to_others():
    assert decision(person("assign", "clerk", needed_roles=("clerk",), assignee="bert")) == "deny"
    assert decision(person("assign", "admin", needed_roles=("clerk",), assignee="bert")) == "permit"


def test_who_has_acted_may_not_approve():
    ruling = GATE.rule(person("approve", "manager", needed_roles=("manager",), facts=Facts(people=("bert", "anna"))))
    assert (ruling.decision, ruling.policies) == ("deny", ("four-eyes",))
    assert ruling.reasons == ("you have already acted in this case: somebody else must approve",)


def test_who_has_acted_may_still_complete():
    facts = Facts(people=("anna",))
    assert decision(person("complete", "clerk", needed_roles=("clerk",), facts=facts)) == "permit"


@pytest.mark.parametrize("action", OPERATING)
@pytest.mark.parametrize("element", ["", "look"])
def test_administrators_operate(action: str, element: str):
    assert decision(person(action, "admin", element=element)) == "permit"


@pytest.mark.parametrize("action", OPERATING)
def test_others_do_not_operate(action: str):
    assert decision(person(action, "clerk", "manager", element="")) == "deny"


def test_administrators_do_not_decide_for_others():
    assert decision(person("complete", "admin", needed_roles=("clerk",))) == "deny"
    assert decision(person("approve", "admin", needed_roles=("manager",))) == "deny"


def test_administrators_complete_tasks_that_name_nobody():
    assert decision(person("complete", "admin")) == "permit"
    assert decision(person("complete", "clerk")) == "deny"


@pytest.mark.parametrize("role", ["auditor", "admin"])
@pytest.mark.parametrize("action", ["see", "audit"])
@pytest.mark.parametrize(("process", "element"), [("", ""), ("", "document"), ("buying", ""), ("buying", "look")])
def test_auditors_and_administrators_see_everything(role: str, action: str, process: str, element: str):
    assert decision(Request("Person", "anna", action, process, element, roles=(role,))) == "permit"


def test_others_do_not_audit():
    assert decision(person("audit", "manager", element="")) == "deny"


@pytest.mark.parametrize("action", CHANGING)
def test_auditors_change_nothing_even_with_other_roles(action: str):
    request = person(action, "auditor", "admin", "clerk", needed_roles=("clerk", "admin"))
    ruling = GATE.rule(request)
    assert ruling.decision == "deny"
    assert "auditors look and change nothing: log in with another account" in ruling.reasons


def test_a_task_is_not_done_on_a_process():
    assert GATE.rule(person("complete", "admin", element="")).reasons == ("complete is done to Element, not Process",)


def test_a_group_is_no_action():
    assert decision(person("operate", "admin")) == "deny"


def test_somebody_without_roles_may_do_nothing():
    for action in (*CHANGING, "see", "audit"):
        assert decision(person(action, needed_roles=("clerk",))) == "deny"
