"""What policies read of parameters: exactly what the schema declares, in its types, and never anything else."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.governance.context import SET_SIZE_MAX, STRING_LENGTH_MAX, Unfit, parameters_of
from clearance.governance.types import Field, Record, Scalar
from clearance.model.clearance import Facts, Request
from clearance.model.values import Data
from tests.governance.helpers import gate, paying

FREE = 'permit (principal, action == Action::"pay", resource);'


def when(condition: str) -> str:
    return f'permit (principal, action == Action::"pay", resource) when {{ {condition} }};'


@pytest.mark.parametrize("amount", [5, Decimal(5), Decimal("5.00"), Decimal("5E0"), Decimal("0.5E1")])
def test_a_decimal_is_one_however_it_is_written(tmp_path: Path, amount: Data):
    rules = gate(tmp_path, when('context.parameters.amount == decimal("5.0")'))
    assert rules.rule(paying(amount=amount)).permits


@pytest.mark.parametrize(
    "amount",
    [
        "5",
        True,
        [5],
        {"__extn": {"fn": "decimal", "arg": "5.0"}},
        Decimal("0.00001"),
        Decimal("1." + "0" * 40 + "1"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        10**15,
        10**4000,
        -(10**15),
    ],
)
def test_what_is_no_decimal_of_four_places_denies(tmp_path: Path, amount: Data):
    rules = gate(tmp_path, FREE)
    ruling = rules.rule(Request("Actor", "payer", "pay", "buying", "pay", parameters={"amount": amount}))
    assert ruling.decision == "deny"
    assert ruling.reasons[0].startswith("parameters.amount must be a number")


@pytest.mark.parametrize("amount", [Decimal("sNaN"), pytest.param(10**5000, id="5,000 digits")])
def test_a_number_that_cannot_be_written_down_denies(tmp_path: Path, amount: Data):
    rules = gate(tmp_path, FREE)
    ruling = rules.rule(Request("Actor", "payer", "pay", "buying", "pay", parameters={"amount": amount}))
    assert (ruling.decision, ruling.action_sha256) == ("deny", "")
    assert ruling.reasons[0].startswith("it has no canonical form: ")


@pytest.mark.parametrize("amount", [None, ...])
def test_a_missing_parameter_denies(tmp_path: Path, amount: object):
    parameters: dict[str, Data] = {} if amount is ... else {"amount": None}
    ruling = gate(tmp_path, FREE).rule(Request("Actor", "payer", "pay", "buying", "pay", parameters=parameters))
    assert (ruling.decision, ruling.reasons) == ("deny", ("parameters.amount is missing",))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"note": 5}, "parameters.note must be a String"),
        ({"note": "x" * (STRING_LENGTH_MAX + 1)}, "more than 10000 characters"),
        ({"urgent": 1}, "parameters.urgent must be a Bool"),
        ({"pieces": Decimal("1.5")}, "parameters.pieces must be a whole number"),
        ({"pieces": 2**63}, "parameters.pieces must be a whole number"),
        ({"pieces": True}, "parameters.pieces must be a whole number"),
        ({"tags": "x"}, "parameters.tags must be a list"),
        ({"tags": ["x", 5]}, "parameters.tags[2] must be a String"),
        ({"tags": ["x"] * (SET_SIZE_MAX + 1)}, "more than 1000 items"),
        ({"supplier": "x"}, "parameters.supplier must be a context with country, rating"),
        ({"supplier": {}}, "parameters.supplier.country is missing"),
        ({"supplier": {"country": "DE", "rating": "A"}}, "parameters.supplier.rating must be a whole number"),
    ],
)
def test_a_parameter_of_another_type_denies_and_is_named(tmp_path: Path, parameters: dict[str, Data], said: str):
    ruling = gate(tmp_path, FREE).rule(paying(**parameters))
    assert ruling.decision == "deny"
    assert said in ruling.reasons[0]


def test_records_sets_and_scalars_reach_the_policy(tmp_path: Path):
    condition = (
        'context.parameters has note && context.parameters.note == "ü\\"" && context.parameters has tags'
        ' && context.parameters.tags.contains("b") && context.parameters has urgent && context.parameters.urgent'
        " && context.parameters has pieces && context.parameters.pieces == 9223372036854775807"
        ' && context.parameters has supplier && context.parameters.supplier.country == "DE"'
    )
    told: dict[str, Data] = {
        "note": 'ü"',
        "tags": ["a", "b"],
        "urgent": True,
        "pieces": 2**63 - 1,
        "supplier": {"country": "DE", "rating": None},
    }
    rules = gate(tmp_path, when(condition))
    assert rules.rule(paying(**told)).permits
    assert not rules.rule(paying(**{**told, "tags": ["a"]})).permits


def test_cents_are_reckoned_and_never_taken_from_the_data(tmp_path: Path):
    rules = gate(tmp_path, when("context.parameters has amount_cents && context.parameters.amount_cents == 1250"))
    assert rules.rule(paying(amount=Decimal("12.50"))).permits
    assert not rules.rule(paying(amount=Decimal("12.501"), amount_cents=1250)).permits
    assert not rules.rule(paying(amount=99, amount_cents=1250)).permits


def test_the_whole_fixed_part_reaches_policies(tmp_path: Path):
    condition = (
        'context.systems.contains("bank") && context.risk == "high" && context.needed_roles.contains(Role::"clerk")'
        ' && context has assignee && context.assignee == Person::"anna" && context.attempt == 3'
        ' && context.people.contains(Person::"bert") && context.approvals == 0 && context.tenant == "north"'
        " && context.distinct"
    )
    request = Request(
        "Actor",
        "payer",
        "pay",
        "buying",
        "pay",
        parameters={"amount": 1},
        systems=("erp", "bank"),
        needed_roles=("clerk",),
        assignee="anna",
        risk="high",
        tenant="north",
        facts=Facts(people=("bert",), attempt=3),
    )
    assert gate(tmp_path, when(condition)).rule(request).permits


def test_policies_that_take_the_context_whole_are_told_all_of_it(tmp_path: Path):
    condition = 'if context == context then context has risk && [context.risk].contains("low") else false'
    assert gate(tmp_path, when(condition)).rule(paying()).permits


def test_only_what_policies_read_makes_a_question_another(tmp_path: Path):
    rules = gate(tmp_path, FREE)
    for attempt in range(1, 6):
        facts = Facts(people=(f"person {attempt}",), attempt=attempt)
        rules.rule(Request("Actor", "reader", "run", "buying", "read", parameters={"n": attempt}, facts=facts))
    assert rules._ask.cache_info().misses == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=True, allow_infinity=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NUMBER = Record({"a": Field(Scalar("decimal"), required=True), "a_cents": Field(Scalar("Long"), required=False)})


@given(value=JSON)
def test_numbers_are_exact_or_refused(value: Data):
    request = Request("Actor", "x", "pay", "p", "e", parameters={"a": value})
    try:
        told = parameters_of(request, NUMBER)
    except Unfit:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            fits = number.is_finite() and abs(number) < 9 * 10**14 and number == round(number, 4)
            assert not fits
        return
    assert Decimal(told["a"]["__extn"]["arg"]) == value
    if "a_cents" in told:
        assert Decimal(told["a_cents"]) == Decimal(value) * 100
