"""Decision tables in Excel and CSV: the layout, what is forgiven, and errors that name sheet and cell."""

import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from clearance import dmn
from tests.dmn.models import workbook

ROUTING: list[list[object]] = [
    ["F", "inputs", None, "outputs", None, "annotations"],
    [None, "Amount", "Customer status", "Approver", "Reason", "Why"],
    ["type", "number", "text"],
    [1, "> 10000", "-", "manager", "large amount", "policy 4"],
    [2, "[1000..10000]", "gold, silver", "clerk", "known customer", None],
    [3, None, "not(gold)", "clerk", "", "everyone else"],
    [4, None, None, "nobody", "gold and small", None],
]


def sheet(rows: list[list[object]], name: str = "Routing") -> dmn.Decisions:
    return dmn.read(workbook({name: rows}), name="rules.xlsx")


def csv_text(text: str, name: str = "rules.csv") -> dmn.Decisions:
    return dmn.read(text.encode(), name=name)


@pytest.mark.parametrize(
    ("amount", "status", "approver", "rule"),
    [(10001, "gold", "manager", 1), (10000, "silver", "clerk", 2), (5, "iron", "clerk", 3), (5, "gold", "nobody", 4)],
)
def test_an_excel_table_decides(amount: int, status: str, approver: str, rule: int) -> None:
    result = sheet(ROUTING).evaluate("Routing", {"Amount": amount, "Customer status": status})
    assert result.value["Approver"] == approver
    assert [fired.rule for fired in result.rules] == [rule]


def test_an_output_can_be_asked_for_by_its_name() -> None:
    assert sheet(ROUTING).evaluate("Reason", {"Amount": 20000, "Customer status": "x"}).value == "large amount"


def test_a_rules_annotations_come_with_the_explanation() -> None:
    explanation = sheet(ROUTING).explain("Routing", {"Amount": 20000, "Customer status": "x"})
    assert explanation.rules[0].annotations == ("policy 4",)
    assert explanation.rules[0].where.cell == "B4"


def test_sheets_use_what_other_sheets_decide_by_sheet_or_output_name() -> None:
    book = workbook(
        {
            "Notes": [["This workbook routes invoices."], ["Ask finance before changing it."]],
            "Risk": [["U", "in", "out"], [None, "Amount", "Level"], [1, "> 100", "high"], [2, "<= 100", "low"]],
            "Route": [
                ["U", "when", None, "then", None],
                [None, "Level", "Urgent", "Desk", "Limit"],
                [1, "high", "true", "chief", "Amount * 2"],
                [2, "high", "false", "senior", 0],
                [3, "low", None, "junior", "Amount"],
            ],
            "Letter": [
                ["F", "if", "then"],
                [None, "Route.Desk", "Text"],
                [1, "chief", '"Dear chief, " + Level'],
                [2, "-", "Hello"],
            ],
        }
    )
    decisions = dmn.read(book, name="rules.xlsx")
    assert decisions.evaluate("Route", {"Amount": 200, "Urgent": True}).value == {"Desk": "chief", "Limit": 400}
    assert decisions.evaluate("Desk", {"Amount": 5, "Urgent": True}).value == "junior"
    assert decisions.evaluate("Letter", {"Amount": 200, "Urgent": True}).value == "Dear chief, high"
    assert [data.name for data in decisions.definitions.inputs] == ["Amount", "Urgent"]


def test_a_csv_table_may_use_commas_semicolons_or_tabs() -> None:
    for separator in ",;\t":
        text = "U,inputs,outputs\n,Status,Fee\n1,open,10.5\n2,closed,0\n".replace(",", separator)
        assert csv_text(text, "fees.csv").evaluate("fees", {"Status": "open"}).value == Decimal("10.5")


def test_a_csv_file_as_excel_writes_it_is_read() -> None:
    assert (
        dmn.read("U,in,out\n,Stadt,Gebühr\n,München,1\n".encode("cp1252"), name="t.csv")
        .evaluate("t", {"Stadt": "München"})
        .value
        == 1
    )
    assert (
        dmn.read("\ufeffU,in,out\n,Stadt,Fee\n,Köln,1\n".encode(), name="t.csv").evaluate("t", {"Stadt": "Köln"}).value
        == 1
    )


@pytest.mark.parametrize(
    ("corner", "expected"),
    [
        ("first", 1),
        ("F", 1),
        ("Rule Order", [1, 2]),
        ("rule_order", [1, 2]),
        ("Collect", [1, 2]),
        ("C+", 3),
        ("C #", 2),
        ("collect (max)", 2),
        ("COLLECT MIN", 1),
    ],
)
def test_the_corner_takes_letters_names_and_operators(corner: str, expected: object) -> None:
    assert csv_text(f"{corner},in,out\n,A,B\n,> 1,1\n,> 0,2\n").evaluate("rules", {"A": 5}).value == expected


def test_an_empty_corner_means_unique_and_there_may_be_no_corner_at_all() -> None:
    for text in (",in,out\n,A,B\n,> 1,1\n,> 0,2\n", "in,out\nA,B\n> 1,1\n> 0,2\n"):
        decisions = csv_text(text)
        assert decisions.evaluate("rules", {"A": 5}).value is None
        assert decisions.evaluate("rules", {"A": 1}).value == 2


def test_spreadsheet_values_keep_their_kind() -> None:
    rows: list[list[object]] = [
        ["U", "inputs", None, None, "outputs"],
        [None, "Day", "Open", "Number", "Out"],
        [1, datetime.datetime(2024, 5, 1), True, 3, 0.1],
        [2, datetime.date(2024, 5, 2), False, 2.5, datetime.time(9, 30)],
    ]
    decisions = sheet(rows)
    assert decisions.evaluate("Routing", {"Day": datetime.date(2024, 5, 1), "Open": True, "Number": 3}).data == Decimal(
        "0.1"
    )
    assert (
        decisions.evaluate("Routing", {"Day": datetime.date(2024, 5, 2), "Open": False, "Number": 2.5}).data
        == "09:30:00"
    )


def test_numbers_in_a_text_column_are_text() -> None:
    rows: list[list[object]] = [
        ["U", "in", "out"],
        [None, "Code", "Name"],
        ["type", "text", "text"],
        [1, 4711, 12],
        [2, "A-1", "x, y"],
    ]
    assert sheet(rows).evaluate("Routing", {"Code": "4711"}).value == "12"
    assert sheet(rows).evaluate("Routing", {"Code": "A-1"}).value == "x, y"


@pytest.mark.parametrize(
    "cell", ["“gold”", "gold", '"gold"', " gold ", "gold, silver", "not(silver)", "–", "", "not(“silver”, iron)"]
)
def test_what_people_and_spreadsheet_programs_write_for_gold(cell: str) -> None:
    assert sheet([["U", "in", "out"], [None, "S", "Out"], [1, cell, 1]]).evaluate("Routing", {"S": "gold"}).value == 1


@pytest.mark.parametrize(
    ("cell", "value"), [("≤ 5", 5), ("≥5", 5), ("−3", -3), ("[1..5)", 1), ("<0, >3", 4), ("not(5)", 4)]
)
def test_what_people_write_for_numbers(cell: str, value: int) -> None:
    assert sheet([["U", "in", "out"], [None, "N", "Out"], [1, cell, 1]]).evaluate("Routing", {"N": value}).value == 1


def test_words_that_begin_with_a_name_stay_words_and_expressions_are_expressions() -> None:
    rows: list[list[object]] = [
        ["F", "in", "out", None],
        [None, "Amount", "Text", "Number"],
        [1, "> 10", "Amount too high", "Amount - 10"],
        [2, None, "if Amount > 5 then 1 else 2", "Amount"],
    ]
    decisions = sheet(rows)
    assert decisions.evaluate("Routing", {"Amount": 11}).value == {"Text": "Amount too high", "Number": 1}
    assert decisions.evaluate("Routing", {"Amount": 6}).value == {"Text": 1, "Number": 6}


def test_cells_may_compare_with_other_inputs() -> None:
    rows: list[list[object]] = [
        ["F", "in", None, "out"],
        [None, "Amount", "Limit", "Out"],
        [1, "> Limit", "-", "over"],
        [2, None, None, "within"],
    ]
    assert sheet(rows).evaluate("Routing", {"Amount": 11, "Limit": 10}).value == "over"
    assert sheet(rows).evaluate("Routing", {"Amount": 10, "Limit": 10}).value == "within"


def test_input_columns_may_be_paths_and_expressions() -> None:
    rows: list[list[object]] = [
        ["U", "in", None, "out"],
        [None, "Invoice.total", "count(Lines)", "Out"],
        [1, "> 5", ">= 2", "yes"],
    ]
    decisions = sheet(rows)
    assert [data.name for data in decisions.definitions.inputs] == ["Invoice", "Lines"]
    assert decisions.evaluate("Routing", {"Invoice": {"total": 6}, "Lines": [1, 2]}).value == "yes"


def test_hyphens_and_apostrophes_belong_to_names() -> None:
    rows: list[list[object]] = [
        ["U", "in", None, "out"],
        [None, "Follow-up", "Customer's age", "Out"],
        [1, "yes", "> 17", "Follow-up"],
    ]
    assert sheet(rows).evaluate("Routing", {"Follow-up": "yes", "Customer's age": 18}).value == "yes"


def test_rows_of_types_values_defaults_and_labels_describe_the_columns() -> None:
    rows: list[list[object]] = [
        ["decision", "Rate of the customer"],
        [],
        ["P", "inputs", "outputs"],
        [None, "Status", "Rate"],
        ["label", "Customer's status", "Rate in %"],
        ["type", "text", "number"],
        ["values", "gold, silver, iron", "1, 2, 3"],
        ["default", None, 3],
        [1, "gold, silver", 2],
        [2, "gold", 1],
    ]
    decisions = sheet(rows)
    assert decisions.evaluate("Rate of the customer", {"Status": "gold"}).value == 1
    assert decisions.evaluate("Rate of the customer", {"Status": "iron"}).value == 3
    assert decisions.evaluate("Rate of the customer", {"Status": "lead"}).value is None


def test_truth_values_as_people_and_programs_write_them() -> None:
    typed = csv_text("U,in,out\n,Open,Out\ntype,yes/no,yes/no\n,yes,NO\n,FALSE,true\n")
    assert typed.evaluate("rules", {"Open": True}).value is False
    assert typed.evaluate("rules", {"Open": False}).value is True
    assert csv_text("U,in,out\n,Open,Out\n,TRUE,yes\n").evaluate("rules", {"Open": True}).value == "yes"


def test_merged_cells_hold_their_value_in_every_row() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(
            workbook({"T": [["U", "in", None, "out"], [None, "A", "B", "O"], [1, "x", "> 1", 1], [2, None, "<= 1", 2]]})
        )
    )
    book["T"].merge_cells("B3:B4")
    buffer = io.BytesIO()
    book.save(buffer)
    decisions = dmn.read(buffer.getvalue(), name="t.xlsx")
    assert decisions.evaluate("T", {"A": "x", "B": 0}).value == 2
    assert decisions.evaluate("T", {"A": "y", "B": 0}).value is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [["Q", "in", "out"], [None, "A", "B"], [1, 1, 1]],
            r'sheet "Routing", cell A1: "Q" is not a hit policy.*U \(unique\)',
        ),
        ([["U", "in", "wrong", "out"], [None, "A", "B", "C"], [1, 1, 1, 1]], r'cell C1: "wrong" is not a group'),
        ([["U", "in", "out"]], "cell A1: the table has no row of names"),
        ([["U", "in", "out"], [None, "A", "B"]], "cell A1.*has no rules"),
        ([["U", "in", "out"], [None, "A", None], [1, 1, 1]], "cell C2: column C has no name"),
        ([["U", "in", "out", None], [None, "A", "B", "B"], [1, 1, 1, 1]], 'cell D2: there are two outputs named "B"'),
        ([["U", "in", "out"], [None, "A", "B"], ["type", "nombre"], [1, 1, 1]], 'cell B3: "nombre" is not a type'),
        ([["U", "in", "out"], [None, "A", "B"], [1, 1, None]], "cell C3: rule 1 has no output"),
        ([["U", "in", "out"], [None, "A", "B"], [1, "> ", 1]], r"cell B3, rule 1: cannot be read as FEEL: >"),
        ([["U", "in", "out"], [None, "A", "B"], [1, 1, "1 +"]], r"cell C3, rule 1: cannot be read as FEEL"),
        ([["U", "in", "notes"], [None, "A", "B"], [1, 1, 1]], "cell A1: the table has no outputs"),
        ([["nothing", "here"]], "holds no decision table.*inputs"),
        ([["U", "in", "out"], [None, "Amount (EUR)", "B"], [1, 1, 1]], r"cell B2.*neither a name nor an expression"),
        ([["U", "in", "out"], [None, "A +", "B"], [1, 1, 1]], 'cell B2, input "A \\+": cannot be read as FEEL'),
    ],
)
def test_mistakes_are_named_with_sheet_and_cell(rows: list[list[object]], message: str) -> None:
    with pytest.raises(dmn.DmnError, match=message):
        sheet(rows)


def test_two_sheets_for_one_decision_are_refused() -> None:
    table: list[list[object]] = [["decision", "Same"], ["U", "in", "out"], [None, "A", "B"], [1, 1, 1]]
    with pytest.raises(dmn.DmnError, match='sheet "Two", cell A2: decides "Same", as does sheet "One"'):
        dmn.read(workbook({"One": table, "Two": table}), name="t.xlsx")


def test_one_input_with_two_types_is_refused() -> None:
    one: list[list[object]] = [["U", "in", "out"], [None, "A", "B"], ["type", "number"], [1, 1, 1]]
    two: list[list[object]] = [["U", "in", "out"], [None, "A", "C"], ["type", "text"], [1, 1, 1]]
    with pytest.raises(dmn.DmnError, match=r'sheet "Two", cell B2.*string here and number in t.xlsx, sheet "One"'):
        dmn.read(workbook({"One": one, "Two": two}), name="t.xlsx")


def test_a_formula_without_a_stored_result_is_refused_with_its_cell() -> None:
    with pytest.raises(dmn.DmnError, match='sheet "Routing", cell C3: holds a formula without a stored result'):
        sheet([["U", "in", "out"], [None, "A", "B"], [1, 1, "=1+1"]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 not really a zip", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"),
        (b"\x00\x01\x02binary", "not a CSV file"),
        (b"just text", "holds no decision table"),
        (b'U,"in,out\n', "not well-formed CSV"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(dmn.DmnError, match=message):
        dmn.read(content, name="file")


def test_a_zip_bomb_and_a_document_type_are_refused() -> None:
    def packed(name: str, content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return buffer.getvalue()

    with pytest.raises(dmn.DmnError, match="unpacks to more than is read"):
        dmn.read(packed("xl/workbook.xml", b" " * (257 * 1024 * 1024)), name="bomb.xlsx")
    with pytest.raises(dmn.DmnError, match="document type"):
        dmn.read(packed("xl/workbook.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), name="entity.xlsx")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(dmn.DmnError, match=r"missing\.xlsx: cannot be read: No such file"):
        dmn.read(tmp_path / "missing.xlsx")
