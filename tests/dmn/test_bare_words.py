"""Words without quotes in columns of texts: either they mean the text, or the check reports them with both cures."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal, workbook

COLUMNS = ("invoice.kind", "customer", "invoice.totals.gross", "order")
TYPES = ("text", "text", "number", "number")


def table(cell: str = "-", output: str = "x", *, typed: bool = True, more: tuple[str, ...] = ()) -> dmn.Decisions:
    rows = [
        ["F", "inputs", "", "", "", "outputs"],
        ["", *COLUMNS, "Out"],
        *([["type", *TYPES, "text"]] if typed else []),
        ["1", cell, "-", "-", "-", output],
        *(["2", other, "-", "-", "-", "x"] for other in more),
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return dmn.read(text.getvalue().encode(), name="rules.csv")


def reported(decisions: dmn.Decisions) -> list[str]:
    return [str(each) for each in dmn.check(decisions) if each.kind == "ambiguous"]


def test_a_negated_word_that_names_a_column_is_reported_with_its_cell_and_cure() -> None:
    (message,) = reported(table("not(invoice)"))
    assert message.startswith('rules.csv, sheet "rules", cell B4, rule 1: not(invoice) is in a column of texts')
    assert 'Write not("invoice") if the text is meant; what has that name is no text.' in message


def test_the_name_of_a_text_input_is_as_doubtful_and_has_two_cures() -> None:
    (message,) = reported(table("not(customer)"))
    assert 'Write not("customer") if the text is meant, or ? != customer if the value' in message


def test_the_cured_cell_decides_what_its_author_meant() -> None:
    inputs = {"invoice": {"kind": "credit note", "totals": {"gross": 1}}, "customer": "c", "order": 1}
    assert table('not("invoice")').evaluate("rules", inputs).value == "x"
    assert table('not("credit note")').evaluate("rules", inputs).value is None
    assert table("? != customer").evaluate("rules", inputs).value == "x"


@pytest.mark.parametrize(
    ("cell", "cure"),
    [
        ("invoice", '"invoice"'),
        ("not((invoice))", 'not(("invoice"))'),
        ('"gold", silver', '"gold", "silver"'),
        ('not("gold", invoice)', 'not("gold", "invoice")'),
        ("gold, > order", '"gold", > order'),
        ("starts with(?, invoice)", 'starts with(?, "invoice")'),
        ("starts with(?, count)", 'starts with(?, "count")'),
        ("starts with(string: ?, match: inv)", 'starts with(string: ?, match: "inv")'),
        ("list contains([invoice, order], ?)", 'list contains(["invoice", "order"], ?)'),
        ("? in (invoice, order)", '? in ("invoice", "order")'),
        ("? in invoice", '? in "invoice"'),
        ("[gold, silver]", '["gold", "silver"]'),
        ("[a..m]", '["a".."m"]'),
        ("Sales/invoice", '"Sales/invoice"'),
        ("invoice - copy", '"invoice - copy"'),
        ("invoice + copy", '"invoice + copy"'),
        ("(invoice or credit)", '"(invoice or credit)"'),
        ("not(not(invoice))", '"not(not(invoice))"'),
        ("Pay (now)", '"Pay (now)"'),
        ("starts with(invoice)", '"starts with(invoice)"'),
    ],
)
def test_every_way_to_mistake_a_word_in_an_input_cell_is_reported(cell: str, cure: str) -> None:
    (message,) = reported(table(cell))
    assert f"Write {cure} if the text is meant" in message
    assert reported(table(cure)) == []


@pytest.mark.parametrize(
    "cell",
    [
        *("gold", "not(gold)", "gold, invoice", "count", "not(count)", "if", "null", "not(null)", '"invoice"'),
        *("? = customer", "? != customer", "> customer", "invoice.kind", "not(invoice.kind)", "= customer"),
        *("starts with(?, string(customer))", 'starts with(?, "inv")', "starts with(?, invoice.prefix)"),
        *("list contains(kinds, ?)", "? in (invoice.kind)", "some x in kinds satisfies starts with(?, x)"),
        *("count(lines) > 3", 'lower case(?) = "gold"', 'not(starts with(?, "a"))'),
    ],
)
def test_clear_input_cells_are_not_reported(cell: str) -> None:
    assert reported(table(cell)) == []


@pytest.mark.parametrize(
    ("cell", "cure"),
    [
        ("invoice", '"invoice"'),
        ("customer", '"customer"'),
        ("not(gold)", '"not(gold)"'),
        ("if order > 5 then low else high", 'if order > 5 then "low" else "high"'),
        ('if customer in (gold, silver) then "a" else "b"', 'if customer in ("gold", "silver") then "a" else "b"'),
        ("Sales/invoice", '"Sales/invoice"'),
        ("order > 5", '"order > 5"'),
        ("Pay (now)", '"Pay (now)"'),
        ("starts with(customer, order)", 'starts with(customer, "order")'),
    ],
)
def test_words_that_an_output_of_texts_takes_for_names_are_reported(cell: str, cure: str) -> None:
    (message,) = reported(table(output=cell))
    assert "cell F4" in message
    assert f"Write {cure} if the text is meant" in message


@pytest.mark.parametrize(
    "cell",
    [
        *("gold", "customer too late", "string(order)", "string(customer)", "upper case(customer)", "invoice.kind"),
        *('"Dear " + customer', "customer + customer", 'if order > 5 and urgent then "a" else "b"', "null"),
        *('for x in lines return x + "!"', 'if order in band then "a" else "b"'),
    ],
)
def test_clear_output_cells_are_not_reported(cell: str) -> None:
    assert reported(table(output=cell)) == []


def test_a_column_without_a_type_is_of_texts_when_its_constants_are() -> None:
    assert reported(table("not(invoice)", typed=False, more=("gold", "not(silver)")))
    assert not reported(table("order", typed=False, more=("1", "> 2")))
    assert not reported(table("not(order)", typed=False))


def test_allowed_values_and_defaults_are_cells_too() -> None:
    rows = [
        ["F", "inputs", None, "outputs"],
        [None, "kind", "gold.price", "Out"],
        ["type", "text", "number", "text"],
        ["values", "gold", None, None],
        ["default", None, None, "gold"],
        [1, "-", "-", "x"],
    ]
    first, second = reported(dmn.read(workbook({"T": rows}), name="t.xlsx"))
    assert "cell B4, allowed values" in first
    assert "cell D5, default" in second


def model(test: str, *, of: str = "number", kind: str = "string") -> list[str]:
    """What is reported of a DMN model with one cell that may name ``invoice``."""
    rules = f"<rule><inputEntry><text>{test}</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
    column = f'<input><inputExpression typeRef="{kind}"><text>kind</text></inputExpression></input>'
    expression = f'<decisionTable hitPolicy="FIRST">{column}<output/>{rules}</decisionTable>'
    body = input_data("kind", kind) + input_data("invoice", of) + decision("it", expression, needs="in_kind,in_invoice")
    return reported(dmn.read(definitions(body)))


def test_a_model_is_told_only_of_names_that_can_be_no_text() -> None:
    (message,) = model("not(invoice)")
    assert 'Write not("invoice") if the text is meant; what has that name is no text.' in message
    assert model("starts with(?, invoice)")
    for of in ("string", "Any", "", "boolean", "list"):
        assert model("not(invoice)", of=of) == []
    for test in ("? = invoice", "string(invoice)", "count([invoice])", "list contains([invoice], ?)", "gold"):
        assert model(test.replace("<", "&lt;")) == []
    assert model("invoice", kind="number") == []


def test_a_decision_with_several_outputs_is_no_text() -> None:
    parts = "".join(f'<output name="{name}"/>' for name in ("a", "b"))
    cells = "<inputEntry><text>-</text></inputEntry>" + "<outputEntry><text>1</text></outputEntry>" * 2
    column = '<input><inputExpression typeRef="string"><text>kind</text></inputExpression></input>'
    other = f'<decisionTable hitPolicy="FIRST">{column}{parts}<rule>{cells}</rule></decisionTable>'
    rule = "<inputEntry><text>not(invoice)</text></inputEntry><outputEntry><text>1</text></outputEntry>"
    expression = f'<decisionTable hitPolicy="FIRST">{column}<output/><rule>{rule}</rule></decisionTable>'
    body = (
        input_data("kind", "string")
        + decision("invoice", other, needs="in_kind")
        + decision("it", expression, needs="in_kind,invoice")
        + decision("unrelated", literal("1"))
    )
    assert len(reported(dmn.read(definitions(body)))) == 1


def test_the_technology_compatibility_kit_has_none(kit_models: list[Path]) -> None:
    found = []
    for path in kit_models:
        try:
            decisions = dmn.read(path, strict=False)
        except dmn.DmnError:
            continue
        found.extend(reported(decisions))
    assert found == []


WORDS = st.sampled_from(
    ("invoice", "customer", "order", "gold", "credit note", "count", "string", "not", "if", "null x", "item", "x")
)
FORMS = st.sampled_from(
    (
        *("{}", "not({})", "not({}, {})", "{}, {}", '"a", {}', "({})", "[{}, {}]", "? in ({}, {})", "not(({}))"),
        *("list contains([{}, {}], ?)", "not(list contains([{}], ?))", "[{}..{}]"),
    )
)


@settings(max_examples=300, deadline=None)
@given(FORMS, st.lists(WORDS, min_size=2, max_size=2), st.booleans())
def test_a_cell_means_its_words_as_texts_or_is_reported_or_is_refused(form: str, words: list[str], typed: bool) -> None:
    """What the quoted cell means is what the bare one means, for every word and value, unless something is said."""
    cell = form.format(*words)
    try:
        bare = table(cell, typed=typed, more=("gold",))
    except dmn.DmnError:
        return
    messages = reported(bare)
    if messages:
        cure = re.search(r"Write (.*?) if the text is meant", messages[0])
        assert cure is not None
        assert reported(table(cure[1], typed=typed, more=("gold",))) == []
        return
    quoted = table(form.format(*(f'"{word}"' for word in words)), typed=typed)
    for kind in (*words, "gold", "something else", "a"):
        inputs = {"invoice": {"kind": kind, "totals": {"gross": 1}}, "customer": "c", "order": 2}
        fired = [1 in [each.rule for each in one.evaluate("rules", inputs).rules] for one in (bare, quoted)]
        assert fired[0] == fired[1], (cell, kind)
