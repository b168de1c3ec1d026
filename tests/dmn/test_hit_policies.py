"""Every hit policy and aggregator (8.2.10): what the matching rules make of a table."""

import pytest

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, table

RULES = [(["> 10"], ["3"]), (["> 20"], ["1"]), (["> 30"], ["2"])]


def decided(amount: int | None, *, rules: list[tuple[list[str], list[str]]] = RULES, **options: str) -> dmn.Result:
    expression = table(rules, inputs=["amount"], **options)  # type: ignore[arg-type]
    model = definitions(input_data("amount", "number") + decision("rating", expression, needs="in_amount"))
    return dmn.read(model).evaluate("rating", {"amount": amount})


@pytest.mark.parametrize(
    ("policy", "options", "expected"),
    [
        ("FIRST", {}, 3),
        ("RULE ORDER", {}, [3, 1, 2]),
        ("COLLECT", {}, [3, 1, 2]),
        ("PRIORITY", {"output_values": "1,2,3"}, 1),
        ("PRIORITY", {"output_values": "2,3,1"}, 2),
        ("OUTPUT ORDER", {"output_values": "3,2,1"}, [3, 2, 1]),
        ("COLLECT", {"aggregation": "SUM"}, 6),
        ("COLLECT", {"aggregation": "MIN"}, 1),
        ("COLLECT", {"aggregation": "MAX"}, 3),
        ("COLLECT", {"aggregation": "COUNT"}, 3),
    ],
)
def test_all_rules_match_and_the_policy_decides(policy: str, options: dict[str, str], expected: object) -> None:
    assert decided(31, policy=policy, **options).value == expected


def test_unique_gives_the_one_match() -> None:
    assert decided(15).value == 3


def test_unique_with_two_matches_is_null_and_names_the_rules() -> None:
    result = decided(25)
    assert result.value is None
    assert "rules 1, 2 match, but the hit policy UNIQUE allows only one" in str(result.problems[0])


def test_any_gives_what_all_matches_agree_on() -> None:
    assert decided(31, policy="ANY", rules=[(["> 10"], ["1.0"]), (["> 20"], ["1"])]).value == 1


def test_any_with_different_outputs_is_null() -> None:
    result = decided(31, policy="ANY")
    assert result.value is None
    assert "different outputs" in str(result.problems[0])


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"])
def test_no_match_is_null_without_a_default_and_the_default_with_one(policy: str) -> None:
    assert decided(5, policy=policy).value is None
    assert decided(5, policy=policy, default="99").value == 99


def test_a_count_of_no_matches_is_zero() -> None:
    assert decided(5, policy="COLLECT", aggregation="COUNT").value == 0


def test_priority_takes_the_order_of_the_outputs_type() -> None:
    item = (
        '<itemDefinition name="risk"><typeRef>string</typeRef>'
        '<allowedValues><text>"high", "low"</text></allowedValues></itemDefinition>'
    )
    rules = [(["-"], ['"low"']), (["> 10"], ['"high"'])]
    expression = table(rules, inputs=["amount"], policy="PRIORITY")
    model = item + input_data("amount") + decision("rating", expression, needs="in_amount", type_ref="risk")
    assert dmn.read(definitions(model)).evaluate("rating", {"amount": 11}).value == "high"


def test_several_outputs_make_a_context_and_cannot_be_aggregated() -> None:
    rules = [(["> 10"], ["1", '"a"']), (["> 20"], ["2", '"b"'])]
    both = table(rules, inputs=["amount"], outputs=["fee", "text"], policy="COLLECT")
    summed = table(rules, inputs=["amount"], outputs=["fee", "text"], policy="COLLECT", aggregation="SUM")
    model = definitions(
        input_data("amount") + decision("all", both, needs="in_amount") + decision("sum", summed, needs="in_amount")
    )
    decisions = dmn.read(model)
    assert decisions.evaluate("all", {"amount": 21}).value == [{"fee": 1, "text": "a"}, {"fee": 2, "text": "b"}]
    assert decisions.evaluate("sum", {"amount": 21}).value is None


def test_results_do_not_share_state_between_evaluations() -> None:
    expression = table([(["-"], ["1", "2"])], inputs=["amount"], outputs=["a", "b"])
    decisions = dmn.read(definitions(input_data("amount") + decision("rating", expression, needs="in_amount")))
    decisions.evaluate("rating", {"amount": 1}).value["a"] = "changed by a caller"
    assert decisions.evaluate("rating", {"amount": 1}).value == {"a": 1, "b": 2}


def test_an_output_outside_its_allowed_values_is_null_with_a_reason() -> None:
    result = decided(15, output_values="1,2")
    assert result.value is None
    assert "not among its allowed values" in str(result.problems[0])


def test_an_input_outside_its_allowed_values_makes_the_result_null_with_a_reason() -> None:
    result = decided(500, input_values="[0..100]", default="7")
    assert result.value is None
    assert "the value of amount is not among its allowed values" in str(result.problems[0])
