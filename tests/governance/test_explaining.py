"""What a person reads who asks why."""

from pathlib import Path

from clearance.governance import PolicyGate
from tests.governance.helpers import gate, paying, person


def test_a_permit_names_its_policy_and_place():
    told = PolicyGate.load().explain(person("audit", "auditor", element=""))
    assert told.splitlines() == ["person anna may audit at buying.", f"Policy auditors-see (permit), {_line()}"]


def test_a_denial_says_why():
    told = PolicyGate.load().explain(person("complete", "clerk", needed_roles=("manager",)))
    assert told == (
        "person anna may not complete at buying/look.\nBecause: person anna may not complete this: it is for manager"
    )


def test_a_question_says_who_may_answer_it_and_an_answered_one_that_it_is(tmp_path: Path):
    rules = gate(
        tmp_path,
        '@id("big") @approval("a, b, c") @approval_count("2") @distinct("false")'
        ' permit (principal, action == Action::"pay", resource);',
    )
    assert rules.explain(paying()).splitlines() == [
        "actor payer may, once it is approved, pay at buying/pay.",
        "Approval needed: 2 different people with the role a, b or c.",
        "Policy big (permit), own.cedar:1",
    ]
    assert "Approval given: 2 different people" in rules.explain(paying([("x", "a"), ("y", "b")]))


def test_what_is_hidden_is_told(tmp_path: Path):
    policy = '@mask("iban, salary") permit (principal, action == Action::"see", resource);'
    assert "Hidden: iban, salary." in gate(tmp_path, policy).explain(person("see"))


def test_what_to_write_so_that_it_is_permitted_can_be_pasted(tmp_path: Path):
    rules = gate(tmp_path, "")
    (reason,) = rules.rule(paying()).reasons
    advised = reason[reason.index("permit (") :]
    assert gate(tmp_path, advised).rule(paying()).permits


def _line() -> str:
    policy = next(one for one in PolicyGate.load().files.policies if one.id == "auditors-see")
    return f"default.cedar:{policy.line}"
