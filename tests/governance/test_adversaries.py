"""Names and data that try to mean something to Cedar: none breaks out, and none turns a deny into a permit."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.governance import PolicyGate
from clearance.model.clearance import Approval, Facts, Request
from clearance.model.values import Data
from tests.governance.helpers import PAY_SCHEMA, gate, paying, person

NASTY = [
    'x"',
    'x"; permit (principal, action, resource); //',
    'Role::"admin"',
    'anna", roles: ["admin"]',
    "line\nbreak",
    "nul\0",
    "\u202eright to left",
    "é e\u0301",
    "🦉" * 50,
    "x" * 100_000,
    "\\u0022",
    "%2F",
    "a/b",
    "",
    " ",
    '{"__entity": {"type": "Role", "id": "admin"}}',
]
ESCAPES: list[Data] = [
    {"__entity": {"type": "Role", "id": "admin"}},
    {"__extn": {"fn": "decimal", "arg": "1.0"}},
    {"__expr": 'decimal("1.0")'},
    [{"__entity": {"type": "Person", "id": "anna"}}],
]
LIMITED = (
    '@id("small") permit (principal == Actor::"payer", action == Action::"pay", resource == Element::"buying/pay")'
    ' when { context.parameters.amount.lessThan(decimal("100.0")) };'
)
GATE = PolicyGate.load()


@pytest.mark.parametrize("name", NASTY)
def test_no_name_makes_anybody_an_administrator(name: str):
    for request in (
        Request("Person", name, "deploy", "", "", roles=("clerk",)),
        Request("Person", "anna", "deploy", "", "", roles=(name,)),
        Request("Person", "anna", "deploy", name, name, roles=("clerk",)),
        Request("Person", "anna", "complete", name, "e", roles=("clerk",), needed_roles=(name, "boss")),
        Request("Person", "anna", "complete", "p", "e", roles=("clerk",), assignee=name + "x"),
        Request("Person", "anna", name, "p", "e", roles=("admin",)),
        Request(name, "anna", "deploy", "p", "e", roles=("admin",)),
        Request("Actor", name, "deploy", "p", "e"),
    ):
        ruling = GATE.rule(request)
        assert ruling.decision == "deny"
        assert all(len(reason) < 3_000 and "\n" not in reason for reason in ruling.reasons)
        assert GATE.explain(request)


@pytest.mark.parametrize("name", NASTY)
def test_names_are_compared_as_they_are(name: str):
    needed = (name,) if name else ("",)
    assert GATE.rule(person("complete", name, needed_roles=needed)).permits
    facts = Facts(people=(name,))
    assert not GATE.rule(person("approve", "boss", name=name, needed_roles=("boss",), facts=facts)).permits
    assert GATE.rule(person("approve", "boss", name=name + "2", needed_roles=("boss",), facts=facts)).permits


@pytest.mark.parametrize("surrogate", ["\ud800", "a\udfffb"])
def test_text_that_is_not_unicode_denies_wherever_it_stands(surrogate: str):
    for request in (
        Request("Actor", surrogate, "run", "p", "e"),
        Request("Actor", "a", "run", surrogate, "e"),
        Request("Actor", "a", "run", "p", "e", parameters={"a": surrogate}),
        Request("Actor", "a", "run", "p", "e", parameters={surrogate: 1}),
        Request("Person", "anna", "see", "p", "e", roles=(surrogate, "admin")),
        Request("Person", "anna", "see", "p", "e", roles=("admin",), needed_roles=(surrogate,)),
        Request("Person", "anna", "see", "p", "e", roles=("admin",), assignee=surrogate),
        person("approve", "boss", needed_roles=("boss",), facts=Facts(people=(surrogate,))),
    ):
        ruling = GATE.rule(request)
        assert ruling.decision == "deny"
        assert ruling.reasons


def test_two_elements_never_share_a_name(tmp_path: Path):
    policy = 'permit (principal, action == Action::"pay", resource == Element::"a/b/c");'
    rules = gate(tmp_path, policy)
    for process, element in (("a", "b/c"), ("a/b", "c"), ("a%2Fb", "c"), ("a", "b%2Fc")):
        assert not rules.rule(Request("Actor", "x", "pay", process, element, parameters={"amount": 1})).permits


@pytest.mark.parametrize("value", ESCAPES)
def test_escapes_of_cedars_json_mean_nothing_in_parameters(tmp_path: Path, value: Data):
    rules = gate(tmp_path, LIMITED)
    assert not rules.rule(paying(amount=value)).permits
    assert not rules.rule(paying(amount=50, note=value)).permits
    assert rules.rule(paying(amount=50, __entity=value, unknown=value, amount_=value)).permits
    assert not rules.rule(paying(amount=500, __entity=value, __extn=value, context=value)).permits
    assert not rules.rule(paying(amount=500, supplier={"country": "DE", "__entity": value})).permits


def test_a_policy_that_fails_denies_even_when_another_permits(tmp_path: Path):
    overflow = (
        '@id("overflow") forbid (principal, action == Action::"pay", resource)'
        " when { context.parameters has pieces && context.parameters.pieces * 4 > 10 };"
    )
    rules = gate(tmp_path, LIMITED + overflow)
    assert rules.rule(paying(amount=5, pieces=2)).permits
    assert not rules.rule(paying(amount=5, pieces=3)).permits
    ruling = rules.rule(paying(amount=5, pieces=2**62))
    assert ruling.decision == "deny"
    assert "overflow" in ruling.reasons[0]


def test_an_approval_for_nothing_in_particular_counts_for_nothing(tmp_path: Path):
    rules = gate(tmp_path, '@approval("boss") permit (principal, action == Action::"pay", resource);')
    facts = Facts(approvals=(Approval("bert", ("boss",), ""), Approval("carl", ("boss",), "0" * 64)))
    asked = Request("Actor", "payer", "pay", "buying", "pay", parameters={"amount": 1}, facts=facts)
    assert rules.rule(asked).decision == "approval"


TEXT = st.text(max_size=40) | st.sampled_from(NASTY[:10])


@settings(max_examples=200, deadline=None)
@given(
    name=TEXT,
    roles=st.lists(TEXT.filter(lambda role: role not in ("admin", "auditor")), max_size=3).map(tuple),
    process=TEXT,
    element=TEXT,
    action=TEXT | st.sampled_from(["deploy", "cancel", "see", "audit", "complete", "approve", "run"]),
    parameters=st.dictionaries(TEXT | st.sampled_from(["__entity", "__extn"]), TEXT, max_size=3),
)
def test_nobody_without_a_role_that_counts_may_do_anything(
    name: str, roles: tuple[str, ...], process: str, element: str, action: str, parameters: dict[str, str]
):
    request = Request("Person", name, action, process, element, parameters=parameters, roles=roles)
    ruling = GATE.rule(request)
    assert ruling.decision == "deny"
    assert ruling == GATE.rule(request)


AMOUNTS = st.integers() | st.decimals() | st.text() | st.booleans() | st.none() | st.sampled_from(ESCAPES)


@settings(max_examples=200, deadline=None)
@given(amount=AMOUNTS, others=st.dictionaries(TEXT.filter(lambda key: key != "amount"), AMOUNTS, max_size=3))
def test_only_a_true_small_number_is_paid(tmp_path_factory, amount, others):  # type: ignore[no-untyped-def]
    rules = LIMITED_GATE or _limited(tmp_path_factory.mktemp("policies"))
    parameters = {**others, "amount": amount}
    ruling = rules.rule(Request("Actor", "payer", "pay", "buying", "pay", parameters=parameters))
    if ruling.permits:
        assert not isinstance(amount, bool)
        assert amount < 100


LIMITED_GATE: PolicyGate | None = None


def _limited(folder: Path) -> PolicyGate:
    global LIMITED_GATE
    LIMITED_GATE = gate(folder, LIMITED, PAY_SCHEMA)
    return LIMITED_GATE
