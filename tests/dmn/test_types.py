"""Item definitions: structure, collections and constraints, enforced on inputs and outputs."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal


def item(name: str, content: str, *, collection: bool = False) -> str:
    return f'<itemDefinition name="{name}" isCollection="{str(collection).lower()}">{content}</itemDefinition>'


def typed(reference: str, allowed: str = "", constraint: str = "") -> str:
    parts = f"<typeRef>{reference}</typeRef>"
    parts += f"<allowedValues><text>{allowed}</text></allowedValues>" if allowed else ""
    return parts + (f"<typeConstraint><text>{constraint}</text></typeConstraint>" if constraint else "")


STATUS = item("Status", typed("string", '"open", "closed"'))
NUMBERS = item("Numbers", typed("number", "[0..10]", "count(?) &lt;= 2"), collection=True)
PERSON = item(
    "Person",
    '<itemComponent name="born"><typeRef>date</typeRef></itemComponent>'
    '<itemComponent name="status"><typeRef>Status</typeRef></itemComponent>',
)
ALL = STATUS + NUMBERS + PERSON


def passed(type_ref: str, value: object) -> dmn.Result:
    """What a decision sees of an input of some type."""
    model = definitions(ALL + input_data("x", type_ref) + decision("it", literal("x"), needs="in_x"))
    return dmn.read(model).evaluate("it", {"x": value})


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("Status", "open"),
        ("Numbers", [1, 10]),
        ("number", Decimal("1.5")),
        ("boolean", False),
        ("", {"any": "thing"}),
        ("Any", [None]),
        ("list&lt;number>", [1]),
    ],
)
def test_values_that_fit_arrive_unchanged(type_ref: str, value: object) -> None:
    result = passed(type_ref, value)
    assert result.value == value
    assert result.problems == ()


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("Status", "lost"),
        ("Status", 1),
        ("Numbers", [1, 11]),
        ("Numbers", [1, 2, 3]),
        ("Numbers", ["1"]),
        ("number", "1"),
        ("number", True),
        ("date", "31.12.2024"),
        ("Person", {"born": "2000-01-01"}),
        ("Person", {"born": "2000-01-01", "status": "lost"}),
    ],
)
def test_values_that_do_not_fit_are_null_with_a_problem_that_names_the_input(type_ref: str, value: object) -> None:
    result = passed(type_ref, value)
    assert result.value is None
    assert 'the input "x" is' in str(result.problems[0])


def test_iso_text_and_pythons_own_dates_become_dates_where_dates_are_declared() -> None:
    assert passed("date", "2024-02-29").data == passed("date", date(2024, 2, 29)).data == "2024-02-29"
    assert passed("date and time", datetime(2024, 2, 29, 12)).data == "2024-02-29T12:00:00"
    assert passed("Person", {"born": "2000-01-31", "status": "open"}).value["born"].day == 31
    assert passed("", "2024-02-29").value == "2024-02-29"


def test_a_single_item_becomes_a_list_and_a_list_of_one_its_item() -> None:
    assert passed("Numbers", 3).value == [3]
    assert passed("number", [3]).value == 3


def test_a_date_becomes_midnight_utc_where_a_date_and_time_is_declared() -> None:
    assert passed("date and time", date(2024, 2, 29)).data == "2024-02-29T00:00:00Z"


def test_floats_arrive_as_the_decimals_that_they_are_written_as() -> None:
    assert passed("number", 0.1).value == Decimal("0.1")


def test_a_result_of_the_wrong_type_is_null_with_a_problem_that_names_the_decision() -> None:
    result = dmn.read(definitions(STATUS + decision("it", literal('"lost"'), type_ref="Status"))).evaluate("it", {})
    assert result.value is None
    assert 'decision "it"' in str(result.problems[0])
    assert "not of type Status" in str(result.problems[0])


def test_an_expression_that_is_a_knowledge_models_result_is_converted_too() -> None:
    model = (
        '<businessKnowledgeModel id="f" name="f"><variable name="f"/><encapsulatedLogic>'
        f"{literal(chr(34) + 'a' + chr(34), 'number')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert dmn.read(definitions(model)).invoke("f", {}).value is None


def test_instance_of_asks_for_the_type_and_not_for_allowed_values() -> None:
    model = definitions(ALL + decision("it", literal('"lost" instance of Status and not(1 instance of Status)')))
    assert dmn.read(model).evaluate("it", {}).value is True


def test_an_unknown_type_is_refused_where_it_is_used() -> None:
    with pytest.raises(dmn.DmnError, match=r'input data "x"|x.*unknown type Nowhere'):
        dmn.read(definitions(input_data("x", "Nowhere") + decision("it", literal("x"), needs="in_x")))


def test_a_type_that_holds_itself_can_be_used() -> None:
    tree = item(
        "Tree",
        '<itemComponent name="label"><typeRef>string</typeRef></itemComponent>'
        '<itemComponent name="children" isCollection="true"><typeRef>Tree</typeRef></itemComponent>',
    )
    model = definitions(tree + input_data("t", "Tree") + decision("it", literal("t.children.label"), needs="in_t"))
    value = {"label": "root", "children": [{"label": "leaf", "children": []}]}
    assert dmn.read(model).evaluate("it", {"t": value}).value == ["leaf"]
