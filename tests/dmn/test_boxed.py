"""Boxed expressions, each by itself."""

import pytest

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal


def value_of(expression: str, **inputs: object) -> object:
    data = "".join(input_data(name) for name in inputs)
    needs = ",".join(f"in_{name}" for name in inputs)
    return dmn.read(definitions(data + decision("it", expression, needs=needs))).evaluate("it", inputs).value


def entry(name: str, expression: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{expression}</contextEntry>"


def test_a_context_sees_the_entries_before_and_is_a_context() -> None:
    boxed = f"<context>{entry('net price', literal('100'))}{entry('gross', literal('net price * 1.2'))}</context>"
    assert value_of(boxed) == {"net price": 100, "gross": 120}


def test_a_context_with_a_result_is_the_result() -> None:
    boxed = f"<context>{entry('a', literal('2'))}{entry('', literal('a * a'))}</context>"
    assert value_of(boxed) == 4


def test_a_function_in_a_context_may_call_itself() -> None:
    body = literal("if n <= 1 then 1 else n * factorial(n - 1)")
    function = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{body}</functionDefinition>'
    assert value_of(f"<context>{entry('factorial', function)}{entry('', literal('factorial(5)'))}</context>") == 120


def test_an_invocation_passes_arguments_by_name() -> None:
    function = (
        '<functionDefinition><formalParameter name="a"/><formalParameter name="b"/>'
        f"{literal('a - b')}</functionDefinition>"
    )
    call = (
        f"<invocation>{literal('minus')}"
        f'<binding><parameter name="b"/>{literal("1")}</binding>'
        f'<binding><parameter name="a"/>{literal("10")}</binding></invocation>'
    )
    assert value_of(f"<context>{entry('minus', function)}{entry('', call)}</context>") == 9


def test_an_invocation_of_a_built_in_function_works_too() -> None:
    call = (
        f"<invocation>{literal('substring')}"
        f'<binding><parameter name="string"/>{literal(chr(34) + "clear" + chr(34))}</binding>'
        f'<binding><parameter name="start position"/>{literal("3")}</binding></invocation>'
    )
    assert value_of(call) == "ear"


def test_an_invocation_of_something_else_is_null() -> None:
    assert value_of(f"<invocation>{literal('1')}</invocation>") is None


def test_a_list_holds_its_items_in_order() -> None:
    assert value_of(f"<list>{literal('1')}{literal('x')}<list>{literal('3')}</list></list>", x="two") == [1, "two", [3]]


def test_a_relation_is_a_list_of_contexts() -> None:
    rows = f"<row>{literal('1')}{literal('x')}</row><row>{literal('2')}{literal('null')}</row>"
    boxed = f'<relation><column name="number"/><column name="first name"/>{rows}</relation>'
    assert value_of(boxed, x="Ann") == [{"number": 1, "first name": "Ann"}, {"number": 2, "first name": None}]


def test_a_relation_with_too_few_cells_is_refused_when_read() -> None:
    boxed = f'<relation><column name="a"/><column name="b"/><row>{literal("1")}</row></relation>'
    with pytest.raises(dmn.DmnError, match="a row has 1 cells for 2 columns"):
        value_of(boxed)


@pytest.mark.parametrize(("condition", "expected"), [(True, "yes"), (False, "no"), (None, "no"), ("text", None)])
def test_a_conditional_wants_true_false_or_null(condition: object, expected: str | None) -> None:
    boxed = (
        f"<conditional><if>{literal('c')}</if><then>{literal(chr(34) + 'yes' + chr(34))}</then>"
        f"<else>{literal(chr(34) + 'no' + chr(34))}</else></conditional>"
    )
    assert value_of(boxed, c=condition) == expected


def test_a_filter_sees_the_item_and_its_entries() -> None:
    items = [{"price": 5, "name": "a"}, {"price": 50, "name": "b"}]
    condition = literal('price > 10 and item.name = "b"')
    boxed = f"<filter><in>{literal('items')}</in><match>{condition}</match></filter>"
    assert value_of(boxed, items=items) == [items[1]]


def test_a_filter_whose_condition_is_no_condition_is_null() -> None:
    assert value_of(f"<filter><in>{literal('[1, 2]')}</in><match>{literal('1')}</match></filter>") is None


def test_an_items_own_entry_hides_a_variable_of_that_name() -> None:
    boxed = f"<filter><in>{literal('items')}</in><match>{literal('limit = 1')}</match></filter>"
    assert value_of(boxed, items=[{"limit": 1}, {"limit": 2}, {}], limit=1) == [{"limit": 1}, {}]


def iteration(kind: str, source: str, body: str) -> str:
    inner = "return" if kind == "for" else "satisfies"
    return f'<{kind} iteratorVariable="the item"><in>{literal(source)}</in><{inner}>{literal(body)}</{inner}></{kind}>'


def test_for_maps_a_list_and_a_range_and_sees_what_it_made() -> None:
    assert value_of(iteration("for", "[1, 2, 3]", "the item * 2")) == [2, 4, 6]
    assert value_of(iteration("for", "[1..3]", "the item")) == [1, 2, 3]
    assert value_of(iteration("for", "[1, 2, 3]", "the item + count(partial)")) == [1, 3, 5]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("some", "the item > 2", True),
        ("some", "the item > 3", False),
        ("every", "the item > 0", True),
        ("every", "the item > 1", False),
        ("some", "if the item = 3 then true else null", True),
        ("every", "if the item = 3 then true else null", None),
        ("some", '"no condition"', None),
    ],
)
def test_some_and_every_are_ternary(kind: str, body: str, expected: bool | None) -> None:
    assert value_of(iteration(kind, "[1, 2, 3]", body)) is expected


def test_some_of_nothing_is_false_and_every_of_nothing_true() -> None:
    assert value_of(iteration("some", "[]", "true")) is False
    assert value_of(iteration("every", "[]", "false")) is True


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_external_functions_are_refused_clearly_and_not_run(kind: str) -> None:
    body = f"<context>{entry('class', literal(chr(34) + 'java.lang.Math' + chr(34)))}</context>"
    function = f'<functionDefinition kind="{kind}"><formalParameter name="a"/>{body}</functionDefinition>'
    model = definitions(decision("it", f"<context>{entry('f', function)}{entry('', literal('f(1)'))}</context>"))
    decisions = dmn.read(model)
    result = decisions.evaluate("it", {})
    assert result.value is None
    assert any(f"external {kind} functions are not run" in str(problem) for problem in result.problems)
    assert [finding.kind for finding in dmn.check(decisions)] == ["unsupported"]


def test_a_bound_stops_an_endless_decision_with_a_problem() -> None:
    body = literal("f(n + 1)")
    function = f'<functionDefinition><formalParameter name="n"/>{body}</functionDefinition>'
    model = definitions(decision("it", f"<context>{entry('f', function)}{entry('', literal('f(1)'))}</context>"))
    result = dmn.read(model).evaluate("it", {})
    assert result.value is None
    assert any("stopped" in str(problem) for problem in result.problems)
