"""Conversion between DMN, Excel and CSV: the round trip keeps meaning."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance import dmn
from clearance.dmn.convert import write
from clearance.dmn.loading import read_definitions
from tests.dmn.models import decision, definitions, input_data, literal, table, workbook
from tests.dmn.test_sheets import ROUTING

INPUTS = [
    {"Amount": amount, "Customer status": status}
    for amount in (None, 0, 999, 1000, 10000, 10001)
    for status in (None, "gold", "silver", "iron")
]


def answers(decisions: dmn.Decisions, name: str) -> list[object]:
    return [decisions.evaluate(name, inputs).value for inputs in INPUTS]


def test_excel_to_dmn_to_excel_means_the_same(tmp_path: Path) -> None:
    source, middle, target = tmp_path / "routing.xlsx", tmp_path / "routing.dmn", tmp_path / "again.xlsx"
    source.write_bytes(workbook({"Routing": ROUTING}))
    dmn.convert(source, middle)
    dmn.convert(middle, target)
    expected = answers(dmn.read(source), "Routing")
    assert any(expected)
    assert answers(dmn.read(middle), "Routing") == answers(dmn.read(target), "Routing") == expected
    assert answers(dmn.read(target), "Approver") == answers(dmn.read(source), "Approver")


def test_dmn_to_csv_to_dmn_means_the_same(tmp_path: Path) -> None:
    rules = [(["> 10", '"a", "b"'], ['"x" + "y"']), (["-", "-"], ["null"])]
    expression = table(rules, inputs=["n", "s"], policy="FIRST", default='"none"', output_values='"xy","none"')
    model = definitions(input_data("n", "number") + input_data("s") + decision("it", expression, needs="in_n,in_s"))
    (tmp_path / "a.dmn").write_bytes(model)
    dmn.convert(tmp_path / "a.dmn", tmp_path / "it.csv")
    dmn.convert(tmp_path / "it.csv", tmp_path / "b.dmn")
    for inputs in ({"n": 11, "s": "b"}, {"n": 11, "s": "c"}, {"n": "wrong", "s": "a"}):
        expected = dmn.read(tmp_path / "a.dmn").evaluate("it", inputs).value
        assert dmn.read(tmp_path / "it.csv").evaluate("it", inputs).value == expected
        assert dmn.read(tmp_path / "b.dmn").evaluate("it", inputs).value == expected


def test_writing_and_reading_dmn_gives_the_same_model_for_every_file_of_the_kit(kit_models: list[Path]) -> None:
    for path in kit_models:
        model = read_definitions(path)
        again = read_definitions(write(model, ".dmn"), path.name)
        assert without_places(again) == without_places(model), path.name


def without_places(node: object) -> object:
    if hasattr(node, "__struct_fields__"):
        names = [name for name in node.__struct_fields__ if name != "where"]
        return type(node).__name__, [(name, without_places(getattr(node, name))) for name in names]
    return [without_places(item) for item in node] if isinstance(node, tuple) else node


def test_defined_types_become_plain_types_and_allowed_values() -> None:
    item = (
        '<itemDefinition name="Level"><typeRef>string</typeRef>'
        '<allowedValues><text>"high", "low"</text></allowedValues></itemDefinition>'
    )
    expression = table([(['"high"'], ["1"]), (['"low"'], ["2"])], inputs=["level"])
    model = read_definitions(
        definitions(item + input_data("level", "Level") + decision("it", expression, needs="in_level"))
    )
    decisions = dmn.read(write(model, ".xlsx"), name="it.xlsx")
    assert decisions.evaluate("it", {"level": "low"}).value == 2
    assert decisions.evaluate("it", {"level": "other"}).value is None


def test_a_single_expression_becomes_a_table_without_inputs() -> None:
    model = read_definitions(
        definitions(input_data("a b") + decision("twice", literal("a b * 2", "number"), needs="in_a_b"))
    )
    decisions = dmn.read(write(model, ".xlsx"), name="t.xlsx")
    assert decisions.evaluate("twice", {"a b": Decimal("1.5")}).value == 3


@pytest.mark.parametrize("name", ["a" * 40, "x/y: z?"])
def test_decision_names_that_no_sheet_can_have_are_kept(name: str) -> None:
    model = read_definitions(
        definitions(f'<decision id="i" name="{name}"><variable name="{name}"/>{literal("1")}</decision>')
    )
    assert dmn.read(write(model, ".xlsx"), name="t.xlsx").evaluate(name, {}).value == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (decision("it", "<context/>"), 'decision "it".*holds a Context, which cannot be written as a spreadsheet'),
        (decision("it", f"<list>{literal('1')}</list>"), "holds a ListOf"),
        (
            '<businessKnowledgeModel id="f" name="f"><variable name="f"/></businessKnowledgeModel>',
            'business knowledge model "f".*cannot be written as a spreadsheet',
        ),
    ],
)
def test_what_a_spreadsheet_cannot_say_is_refused_by_name(body: str, message: str) -> None:
    with pytest.raises(dmn.DmnError, match=message):
        write(read_definitions(definitions(body)), ".xlsx")


def test_a_csv_file_holds_one_table() -> None:
    model = read_definitions(definitions(decision("a", literal("1")) + decision("b", literal("2"))))
    with pytest.raises(dmn.DmnError, match=r"a CSV file holds one table, but the model has 2 \(a, b\)"):
        write(model, ".csv")


def test_names_that_a_model_without_inputs_leaves_open_are_kept() -> None:
    expression = table([(["> limit"], ["fallback"]), (["-"], ['"none"'])], inputs=["total"], policy="FIRST")
    model = read_definitions(definitions(decision("it", expression)))
    decisions = dmn.read(write(model, ".csv"), name="it.csv")
    assert decisions.evaluate("it", {"total": 2, "limit": 1, "fallback": "a person"}).value == "a person"


def test_a_cell_that_a_spreadsheet_would_read_differently_is_refused() -> None:
    expression = table([(["-"], ["1 + 2"])], inputs=["a"]).replace("<output>", '<output typeRef="string">')
    model = read_definitions(definitions(input_data("a") + decision("it", expression, needs="in_a")))
    with pytest.raises(dmn.DmnError, match=r'rule 1, output 1: 1 \+ 2 would be read from a spreadsheet as "1 \+ 2"'):
        write(model, ".xlsx")


def test_a_control_character_is_refused_for_a_workbook() -> None:
    model = read_definitions(definitions(decision("it", literal('"x"'))))
    spoiled = model.decisions[0].expression
    broken = msgspec.structs.replace(spoiled, text='"\x01"')
    changed = msgspec.structs.replace(
        model, decisions=(msgspec.structs.replace(model.decisions[0], expression=broken),)
    )
    with pytest.raises(dmn.DmnError, match='sheet "it", cell B3: holds a control character'):
        write(changed, ".xlsx")


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(definitions(decision("a", literal("1"))))
    with pytest.raises(dmn.DmnError, match=r'"\.pdf" is not a kind of decision file'):
        dmn.convert(tmp_path / "a.dmn", tmp_path / "a.pdf")


def test_a_mistake_in_the_source_is_told_when_converting(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(definitions(decision("a", literal("1 +"))))
    with pytest.raises(dmn.DmnError, match="cannot be read as FEEL"):
        dmn.convert(tmp_path / "a.dmn", tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


NUMBER_CELLS = st.sampled_from(["-", "< 3", "[2..5)", "not(4)", "1, 7", "> 6", "null", "<= limit"])
TEXT_CELLS = st.sampled_from(["-", '"gold"', '"gold","iron"', 'not("gold")', '"a ""quoted"""', "null"]).filter(
    lambda cell: '""' not in cell
)
OUTPUT_CELLS = st.sampled_from(['"x"', "1", "number + 1", "null", "limit", '"two words"', 'date("2024-05-01")', "true"])
POLICIES = st.sampled_from(["UNIQUE", "ANY", "FIRST", "RULE ORDER", "COLLECT"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules=st.lists(st.tuples(NUMBER_CELLS, TEXT_CELLS, OUTPUT_CELLS), min_size=1, max_size=5), policy=POLICIES)
def test_any_table_means_the_same_after_a_round_trip_through_excel_and_csv(
    rules: list[tuple[str, str, str]], policy: str
) -> None:
    cells = [([number, text], [output]) for number, text, output in rules]
    data = input_data("number") + input_data("text") + input_data("limit")
    expression = table(cells, inputs=["number", "text"], policy=policy)
    model = definitions(data + decision("it", expression, needs="in_number,in_text,in_limit"))
    original = dmn.read(model)
    for suffix in (".xlsx", ".csv", ".dmn"):
        again = dmn.read(write(read_definitions(model), suffix), name=f"it{suffix}")
        for number in (None, 1, 2, 4, 5, 7):
            for text in (None, "gold", "iron", "tin"):
                inputs = {"number": number, "text": text, "limit": 2}
                assert again.evaluate("it", inputs).value == original.evaluate("it", inputs).value
