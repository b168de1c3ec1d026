"""Static checks: gaps and overlaps with an example, unreachable rules, types; and no alarm where all is well."""

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal, table, workbook


def findings(
    rules: list[tuple[list[str], list[str]]], *, kinds: str = "number", **options: object
) -> list[dmn.Finding]:
    names = ["a", "b", "c"][: len(rules[0][0])]
    data = "".join(input_data(name) for name in names)
    expression = table(rules, inputs=names, **options)  # type: ignore[arg-type]
    model = definitions(data + decision("it", expression, needs=",".join(f"in_{name}" for name in names)))
    return list(dmn.check(dmn.read(model)))


def test_a_complete_table_without_overlap_has_no_findings() -> None:
    rules = [(["< 10", '"x"'], ["1"]), (["< 10", 'not("x")'], ["2"]), ([">= 10", "-"], ["3"])]
    assert findings(rules) == []


def test_a_gap_is_shown_by_an_input_that_falls_through() -> None:
    (gap,) = findings([(["< 10"], ["1"]), (["> 10"], ["2"])])
    assert (gap.kind, gap.example) == ("gap", {"a": 10})
    assert "no rule matches" in str(gap)
    assert "For example: a = 10." in str(gap)


def test_a_gap_between_dates_and_among_strings_and_booleans_is_found() -> None:
    (gap,) = findings([(['< date("2024-02-01")'], ["1"]), (['> date("2024-02-01")'], ["2"])])
    assert gap.example == {"a": "2024-02-01"}
    (gap,) = findings([(['"x"'], ["1"])])
    assert gap.example == {"a": "something else"}
    (gap,) = findings([(["true", "> 1"], ["1"]), (["false", "-"], ["1"]), (["true", "< 1"], ["1"])])
    assert gap.example == {"a": True, "b": 1}


def test_allowed_values_bound_what_can_be_missing() -> None:
    assert findings([(['"x"'], ["1"]), (['"y"'], ["2"])], input_values='"x","y"') == []
    assert findings([(["<= 5"], ["1"]), (["> 5"], ["2"])], input_values="[0..10]") == []
    (gap,) = findings([(["[0..5]"], ["1"]), (["[7..10]"], ["2"])], input_values="[0..10]")
    assert gap.example == {"a": 6}


def test_a_default_output_and_multiple_hit_policies_have_no_gaps() -> None:
    assert findings([(["< 10"], ["1"])], default="0") == []
    assert findings([(["< 10"], ["1"])], policy="COLLECT") == []


def test_an_overlap_names_both_rules_and_an_input_that_both_match() -> None:
    (overlap,) = findings([(["<= 10", '"x"'], ["1"]), ([">= 10", "-"], ["2"]), (["< 10", 'not("x")'], ["3"])])
    assert (overlap.kind, overlap.rules, overlap.example) == ("overlap", (1, 2), {"a": 10, "b": "x"})


def test_any_conflicts_only_where_outputs_differ() -> None:
    assert findings([(["<= 10"], ["1"]), ([">= 10"], ["1"])], policy="ANY") == []
    (conflict,) = findings([(["<= 10"], ["1"]), ([">= 10"], ["2"])], policy="ANY")
    assert (conflict.kind, conflict.rules, conflict.example) == ("conflict", (1, 2), {"a": 10})


def test_first_reports_rules_that_those_above_hide_together() -> None:
    rules = [(["< 5"], ["1"]), ([">= 5"], ["2"]), (["7"], ["3"])]
    (hidden,) = findings(rules, policy="FIRST")
    assert (hidden.kind, hidden.rules) == ("unreachable", (3,))


def test_a_last_rule_that_catches_missing_inputs_is_not_unreachable() -> None:
    assert findings([(["< 5"], ["1"]), ([">= 5"], ["2"]), (["-"], ["3"])], policy="FIRST") == []


def test_a_cell_that_holds_nothing_is_a_type_error_and_its_rule_unreachable() -> None:
    kinds = [finding.kind for finding in findings([(["[10..5]"], ["1"]), (["-"], ["2"])], policy="FIRST")]
    assert kinds == ["type", "unreachable"]


def test_cells_of_another_type_than_their_column_are_named() -> None:
    book = workbook(
        {"T": [["U", "in", "out"], [None, "N", "O"], ["type", "number", "number"], [1, '"x"', 1], [2, "-", '"y"']]}
    )
    found = dmn.check(dmn.read(book, name="t.xlsx"))
    messages = [str(finding) for finding in found if finding.kind == "type"]
    assert 'cell C5, rule 2: "y" is a string, but the output is of type number.' in messages[0]
    assert 'cell B4, rule 1: "x" tests for a string, but N is a number.' in messages[1]


def test_an_output_outside_its_allowed_values_is_named() -> None:
    (finding,) = findings([(["-"], ["3"])], output_values="1,2")
    assert "3 is not among the output's allowed values" in finding.message


def test_cells_that_depend_on_other_inputs_raise_no_false_alarm() -> None:
    found = findings([(["> b", "-"], ["1"]), (["<= b", "-"], ["2"])])
    assert [finding.kind for finding in found] == ["unchecked"]


def test_a_name_that_is_not_required_is_named() -> None:
    text = "amount + rate + count(items[price > amount])"
    model = definitions(
        '<itemDefinition name="Item"><itemComponent name="price"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>"
        + input_data("amount")
        + input_data("items")
        + decision("it", literal(text), needs="in_amount,in_items")
    )
    (finding,) = dmn.check(dmn.read(model))
    assert str(finding).endswith('decision "it" (id it): reads "rate", which it does not require: it is null.')


def test_null_counts_as_a_value_where_a_cell_names_it() -> None:
    (overlap,) = findings([(["null"], ["1"]), (["-"], ["2"])])
    assert (overlap.kind, overlap.example) == ("overlap", {"a": None})
    assert findings([(["null"], ["1"]), (["< 0"], ["2"]), ([">= 0"], ["3"])]) == []


def test_a_large_table_is_checked_quickly() -> None:
    rules = [([f"[{number}..{number + 1})", "-"], ["1"]) for number in range(1000)]
    found = findings(rules)
    assert {finding.kind for finding in found} == {"gap"}
    assert [finding.example["a"] for finding in found] == [-1]


CELLS = st.sampled_from(["-", "1", "< 2", "[2..4]", "> 4", "not(1)", '"x"', "true", "null", "(1..2)"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_every_example_shows_what_its_finding_says(rules: list[tuple[str, str]]) -> None:
    cells = [([one, other], [str(number)]) for number, (one, other) in enumerate(rules, start=1)]
    data = input_data("a") + input_data("b")
    unique = definitions(data + decision("it", table(cells, inputs=["a", "b"]), needs="in_a,in_b"))
    ordered = table(cells, inputs=["a", "b"], policy="RULE ORDER")
    matching = dmn.read(definitions(data + decision("it", ordered, needs="in_a,in_b")))
    first = definitions(data + decision("it", table(cells, inputs=["a", "b"], policy="FIRST"), needs="in_a,in_b"))
    decisions = dmn.read(first)
    unused = {finding.rules[0] for finding in dmn.check(decisions) if finding.kind == "unreachable"}
    for one, other in product((None, 0, 1, Decimal("1.5"), 2, 3, 4, 5, "x", "y", True, False), repeat=2):
        assert decisions.evaluate("it", {"a": one, "b": other}).value not in unused
    for finding in dmn.check(dmn.read(unique)):
        matched = matching.evaluate("it", dict(finding.example)).value or []
        if finding.kind == "gap":
            assert matched == []
        elif finding.kind == "overlap":
            assert set(finding.rules) <= set(matched)
