"""Approvals, masks and advice: what annotations of determining policies demand."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.governance import PolicyGate
from clearance.governance.obligations import joined
from clearance.model.clearance import Approval, ApprovalRule, Facts, Request
from tests.governance.helpers import gate, paying, person

ONE = '@id("one") @approval("approver, manager") permit (principal, action == Action::"pay", resource);'
TWO = '@id("two") @approval("manager") @approval_count("2") permit (principal, action == Action::"pay", resource);'
OTHER = '@id("other") @approval("director") permit (principal, action == Action::"pay", resource);'
FREE = '@id("free") permit (principal, action == Action::"pay", resource);'
LIFTABLE = (
    '@id("large") @reason("large payments are approved") @approval("manager")'
    ' forbid (principal, action == Action::"pay", resource)'
    ' when { context.parameters.amount.greaterThan(decimal("50.0")) } unless { context.approvals >= 1 };'
)
HARD = '@id("never") @reason("never") forbid (principal, action == Action::"pay", resource);'


def test_an_approval_is_asked_for_with_its_rule_and_policies(tmp_path: Path):
    ruling = gate(tmp_path, ONE).rule(paying())
    assert ruling.decision == "approval"
    assert not ruling.permits
    assert ruling.approval == ApprovalRule(("approver", "manager"), 1, True)
    assert ruling.policies == ("one",)


def test_the_approval_of_one_who_holds_a_role_permits(tmp_path: Path):
    assert gate(tmp_path, ONE).rule(paying([("bert", "manager")])).decision == "permit"


def test_the_approval_of_another_role_does_not_count(tmp_path: Path):
    assert gate(tmp_path, ONE).rule(paying([("bert", "clerk")])).decision == "approval"


def test_two_approvals_of_one_person_are_one(tmp_path: Path):
    rules = gate(tmp_path, TWO)
    assert rules.rule(paying([("bert", "manager"), ("bert", "manager")])).decision == "approval"
    assert rules.rule(paying([("bert", "manager"), ("carl", "manager")])).decision == "permit"


def test_an_approval_of_another_action_does_not_count(tmp_path: Path):
    rules = gate(tmp_path, ONE)
    approved = paying([("bert", "manager")], amount=100)
    changed = Request("Actor", "payer", "pay", "buying", "pay", parameters={"amount": 101}, facts=approved.facts)
    assert rules.rule(approved).decision == "permit"
    assert rules.rule(changed).decision == "approval"


def test_several_policies_ask_for_the_most_by_common_roles(tmp_path: Path):
    ruling = gate(tmp_path, ONE + TWO).rule(paying([("bert", "approver"), ("carl", "manager")]))
    assert ruling.decision == "approval"
    assert ruling.approval == ApprovalRule(("manager",), 2, True)
    assert ruling.policies == ("one", "two")


def test_a_permit_without_demands_does_not_lift_those_of_another(tmp_path: Path):
    assert gate(tmp_path, ONE + FREE).rule(paying()).decision == "approval"


def test_policies_that_no_role_satisfies_deny_and_say_so(tmp_path: Path):
    ruling = gate(tmp_path, ONE + OTHER).rule(paying([("bert", "director"), ("carl", "manager")]))
    assert ruling.decision == "deny"
    assert ruling.reasons == ("one, other ask for approval by different roles: no single role satisfies all",)


def test_a_forbid_that_says_so_becomes_a_question(tmp_path: Path):
    rules = gate(tmp_path, FREE + LIFTABLE)
    assert rules.rule(paying(amount=50)).decision == "permit"
    ruling = rules.rule(paying(amount=51))
    assert (ruling.decision, ruling.policies) == ("approval", ("free", "large"))
    assert ruling.reasons == ("large payments are approved",)
    assert rules.rule(paying([("bert", "manager")], amount=51)).decision == "permit"


def test_nobody_without_the_role_lifts_a_forbid(tmp_path: Path):
    assert gate(tmp_path, FREE + LIFTABLE).rule(paying([("bert", "clerk")])).decision == "approval"


def test_a_forbid_stays_when_the_approval_would_not_lift_it(tmp_path: Path):
    stubborn = LIFTABLE.replace(" unless { context.approvals >= 1 }", "")
    ruling = gate(tmp_path, FREE + stubborn).rule(paying([("bert", "manager")]))
    assert (ruling.decision, ruling.policies) == ("deny", ("large",))


def test_a_forbid_stays_when_nothing_permits_anyway(tmp_path: Path):
    assert gate(tmp_path, LIFTABLE).rule(paying([("bert", "manager")])).decision == "deny"


def test_one_forbid_that_does_not_ask_keeps_all_denied(tmp_path: Path):
    ruling = gate(tmp_path, FREE + LIFTABLE + HARD).rule(paying([("bert", "manager")]))
    assert (ruling.decision, ruling.policies) == ("deny", ("large", "never"))


def test_a_lifted_forbid_joins_what_the_permits_ask(tmp_path: Path):
    rules = gate(tmp_path, TWO + LIFTABLE)
    assert rules.rule(paying([("bert", "manager")])).decision == "approval"
    ruling = rules.rule(paying([("bert", "manager"), ("carl", "manager")]))
    assert ruling.decision == "permit"
    assert ruling.approval == ApprovalRule(("manager",), 2, True)


def test_a_permit_that_appears_with_the_approvals_may_ask_for_more(tmp_path: Path):
    later = TWO.replace("resource);", "resource) when { context.approvals >= 1 };")
    ruling = gate(tmp_path, later + FREE + LIFTABLE).rule(paying([("bert", "manager")]))
    assert ruling.decision == "approval"
    assert ruling.approval == ApprovalRule(("manager",), 2, True)


def test_all_masks_hold_together(tmp_path: Path):
    policies = (
        '@id("a") @mask("iban, reading.fields") permit (principal, action == Action::"see", resource);'
        '@id("b") @mask("salary, iban") permit (principal, action == Action::"see", resource);'
        '@id("c") @mask("unseen") permit (principal == Person::"bert", action == Action::"see", resource);'
    )
    ruling = gate(tmp_path, policies).rule(person("see"))
    assert (ruling.decision, ruling.mask) == ("permit", ("iban", "reading.fields", "salary"))


def test_advice_is_told(tmp_path: Path):
    policy = ONE.replace("@approval(", '@advice("ask early") @approval(')
    assert gate(tmp_path, policy).rule(paying()).reasons == ("ask early",)


def test_every_reason_of_every_forbid_is_told(tmp_path: Path):
    unnamed = 'forbid (principal, action == Action::"pay", resource);'
    ruling = gate(tmp_path, FREE + HARD + unnamed).rule(paying())
    assert set(ruling.reasons) == {"never", "own.cedar:1 forbids it"}


def test_who_has_acted_may_approve_only_where_every_policy_says_so(tmp_path: Path):
    policy = ONE.replace("@approval(", '@distinct("false") @approval(')
    acted = person("approve", "manager", element="pay", needed_roles=("manager",), facts=Facts(people=("anna",)))
    assert gate(tmp_path, policy).rule(acted).decision == "permit"
    assert gate(tmp_path, policy + TWO).rule(acted).decision == "deny"


def test_a_policy_about_another_place_does_not_matter_for_who_approves(tmp_path: Path):
    here = ONE.replace("@approval(", '@distinct("false") @approval(').replace(
        "resource)", 'resource == Element::"buying/pay")'
    )
    elsewhere = TWO.replace("resource)", 'resource in Process::"selling")')
    rules = gate(tmp_path, here + elsewhere)
    facts = Facts(people=("anna",))
    assert rules.rule(person("approve", "x", element="pay", needed_roles=("x",), facts=facts)).decision == "permit"
    assert rules.rule(person("approve", "x", element="look", needed_roles=("x",), facts=facts)).decision == "deny"


ROLES = st.sampled_from(["clerk", "approver", "manager"])
RULES = st.builds(ApprovalRule, st.lists(ROLES, min_size=1, unique=True).map(tuple), st.integers(1, 3), st.booleans())
GIVEN = st.lists(st.tuples(st.sampled_from("abcd"), ROLES, st.booleans()), max_size=6)


def model(rules: list[ApprovalRule], given: list[tuple[str, str, bool]]) -> str:
    """The rule said anew, over sets: enough people, each of whom satisfies every policy's roles."""
    accepted = set.intersection(*(set(rule.roles) for rule in rules))
    if not accepted:
        return "deny"
    people = {who for who, role, same_action in given if same_action and role in accepted}
    return "permit" if all(len(people) >= rule.count for rule in rules) else "approval"


@settings(max_examples=150, deadline=None)
@given(rules=st.lists(RULES, min_size=1, max_size=3), given_approvals=GIVEN)
def test_approvals_follow_the_model(tmp_path_factory, rules, given_approvals):  # type: ignore[no-untyped-def]
    policies = "".join(
        f'@approval("{", ".join(rule.roles)}") @approval_count("{rule.count}")'
        f' @distinct("{str(rule.distinct).lower()}") @id("p{index}")'
        ' permit (principal, action == Action::"pay", resource);'
        for index, rule in enumerate(rules)
    )
    rules_gate = gate(tmp_path_factory.mktemp("policies"), policies)
    plain = paying()
    approvals = tuple(
        Approval(who, (role,), plain.digest() if same else "0" * 64) for who, role, same in given_approvals
    )
    request = Request("Actor", "payer", "pay", "buying", "pay", parameters={"amount": 100}, facts=Facts(approvals))
    ruling = rules_gate.rule(request)
    assert ruling.decision == model(rules, given_approvals)
    assert ruling == rules_gate.rule(request)
    assert ruling.policies == tuple(f"p{index}" for index in range(len(rules)))


@given(st.lists(RULES, min_size=1, max_size=4))
def test_the_order_of_rules_matters_only_for_the_order_of_roles(rules: list[ApprovalRule]):
    forward, backward = joined(rules), joined(reversed(rules))
    assert forward is not None
    assert backward is not None
    assert set(forward.roles) == set(backward.roles)
    assert (forward.count, forward.distinct) == (backward.count, backward.distinct)


def test_rulings_are_the_same_in_every_gate_and_order(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first: PolicyGate = gate(tmp_path / "a", ONE + TWO + FREE)
    second = gate(tmp_path / "b", FREE + TWO + ONE)
    requests = [paying(), paying([("bert", "manager")]), paying(amount=7)]
    assert [first.rule(one) for one in requests] == [second.rule(one) for one in reversed(requests)][::-1]
