"""Requirements, knowledge models, services and imports: who sees what, and under which name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal, slug, table


def knowledge(name: str, text: str, *, parameters: dict[str, str], knows: str = "", type_ref: str = "") -> str:
    formal = "".join(f'<formalParameter name="{each}" typeRef="{kind}"/>' for each, kind in parameters.items())
    required = f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return (
        f'<businessKnowledgeModel id="{slug(name)}" name="{name}"><variable name="{name}"{typed}/>'
        f"<encapsulatedLogic>{formal}{literal(text)}</encapsulatedLogic>{required}</businessKnowledgeModel>"
    )


def service(name: str, *, outputs: str, decisions: str = "", inputs: str = "") -> str:
    parts = "".join(f'<outputDecision href="#{each}"/>' for each in outputs.split(","))
    parts += "".join(f'<inputDecision href="#{each}"/>' for each in filter(None, decisions.split(",")))
    parts += "".join(f'<inputData href="#{each}"/>' for each in filter(None, inputs.split(",")))
    return f'<decisionService id="{slug(name)}" name="{name}"><variable name="{name}"/>{parts}</decisionService>'


def test_a_decision_sees_what_it_requires_and_nothing_else() -> None:
    model = definitions(
        input_data("a")
        + input_data("b")
        + decision("sum", literal("a + b"), needs="in_a,in_b")
        + decision("half", literal("a + b"), needs="in_a")
    )
    decisions = dmn.read(model)
    assert decisions.evaluate("sum", {"a": 1, "b": 2}).value == 3
    result = decisions.evaluate("half", {"a": 1, "b": 2})
    assert result.value is None
    assert "no variable 'b'" in str(result.problems[0])


def test_names_with_spaces_and_symbols_are_read_from_what_is_required() -> None:
    model = definitions(
        input_data("pre-bureau risk")
        + input_data("a - b")
        + decision("total", literal("pre-bureau risk + a - b"), needs="in_pre-bureau_risk,in_a_-_b")
    )
    assert dmn.read(model).evaluate("total", {"pre-bureau risk": 10, "a - b": 5}).value == 15


def test_decisions_are_found_by_name_or_id_and_others_are_refused_with_the_names_there_are() -> None:
    decisions = dmn.read(definitions(decision("The Answer", literal("42"))))
    assert decisions.evaluate("The Answer", {}).value == decisions.evaluate("The_Answer", {}).value == 42
    with pytest.raises(dmn.DmnError, match=r'no decision "Answer".*"The Answer"'):
        decisions.evaluate("Answer", {})


def test_a_missing_input_is_null_and_said_to_be_missing() -> None:
    model = definitions(input_data("a") + decision("it", literal("a = null"), needs="in_a"))
    result = dmn.read(model).evaluate("it", {"other": 1})
    assert result.value is True
    assert 'the input "a" is missing' in str(result.problems[0])


def test_decisions_that_depend_on_themselves_are_refused_with_the_circle() -> None:
    model = definitions(decision("a", literal("b"), needs="b") + decision("b", literal("a"), needs="a"))
    with pytest.raises(dmn.DmnError, match="depends on itself: a → b → a"):
        dmn.read(model)


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(dmn.DmnError, match="refers to #nowhere, which does not exist"):
        dmn.read(definitions(decision("a", literal("1"), needs="nowhere")))


def test_a_knowledge_model_is_a_function_and_may_call_itself() -> None:
    model = definitions(
        knowledge("power of", "if n = 0 then 1 else base * power of(base, n - 1)", parameters={"base": "", "n": ""})
        + decision("it", literal("power of(2, 10)"), knows="power_of")
    )
    decisions = dmn.read(model)
    assert decisions.evaluate("it", {}).value == 1024
    assert decisions.invoke("power of", {"base": 3, "n": 2}).value == 9


def test_knowledge_models_use_those_that_they_require() -> None:
    model = definitions(
        knowledge("outer", "inner(x) + 1", parameters={"x": ""}, knows="inner")
        + knowledge("inner", "x * 10", parameters={"x": ""})
        + decision("it", literal("outer(4)"), knows="outer")
    )
    assert dmn.read(model).evaluate("it", {}).value == 41


def test_an_argument_of_the_wrong_type_is_null_without_calling() -> None:
    model = definitions(
        knowledge("f", "true", parameters={"x": "number"}) + decision("it", literal('f("text")'), knows="f")
    )
    result = dmn.read(model).evaluate("it", {})
    assert result.value is None
    assert "'x' is a string, not number" in str(result.problems[0])


SERVICE = definitions(
    input_data("amount", "number")
    + decision("rate", literal("2"))
    + decision("fee", literal("amount * rate"), needs="in_amount,rate")
    + decision("total", literal("amount + fee"), needs="in_amount,fee")
    + service("one", outputs="total", inputs="in_amount")
    + service("both", outputs="total,fee", inputs="in_amount", decisions="rate")
    + decision("caller", literal("both(10, 5).fee + one(amount: 1)"), knows="both,one")
)


def test_a_service_with_one_output_answers_with_its_value() -> None:
    assert dmn.read(SERVICE).invoke("one", {"amount": 10}).value == 30


def test_a_service_with_several_outputs_answers_with_a_context_and_takes_input_decisions_as_given() -> None:
    assert dmn.read(SERVICE).invoke("both", {"amount": 10, "rate": 7}).value == {"total": 80, "fee": 70}


def test_a_service_is_a_function_of_its_input_data_then_its_input_decisions() -> None:
    assert dmn.read(SERVICE).evaluate("caller", {}).value == 53


def test_a_service_does_not_see_the_callers_inputs_nor_leave_traces_in_them() -> None:
    model = definitions(
        input_data("x")
        + decision("inner", literal("x"), needs="in_x")
        + service("s", outputs="inner", inputs="in_x")
        + decision("outer", literal("[x, s(2), x, inner]"), needs="in_x,inner", knows="s")
    )
    assert dmn.read(model).evaluate("outer", {"x": 1}).value == [1, 2, 1, 1]


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(dmn.DmnError, match='no decision service "none"'):
        dmn.read(SERVICE).invoke("none", {})


def test_now_is_the_time_that_is_passed_and_null_without() -> None:
    decisions = dmn.read(definitions(decision("it", literal("now().year"))))
    assert decisions.evaluate("it", {}, now=datetime(2031, 5, 1, tzinfo=UTC)).value == 2031
    assert decisions.evaluate("it", {}).value is None


IMPORTED = definitions(
    '<itemDefinition name="Person"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    "</itemDefinition>"
    + input_data("limit", "number")
    + decision("doubled", literal("limit * 2"), needs="in_limit")
    + knowledge("greet", '"Hello " + p.full name', parameters={"p": "Person"}),
    namespace="urn:other",
    name="other",
)


def importing(name: str, location: str = "") -> bytes:
    prefix = f"{name}." if name else ""
    located = f' locationURI="{location}"' if location else ""
    imported = f'<import name="{name}" namespace="urn:other" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"{located}/>'
    text = f"[{prefix}doubled, {prefix}greet(someone)]"
    return definitions(
        imported
        + input_data("someone", f"{prefix}Person")
        + decision("it", literal(text), needs="in_someone,urn:other#doubled", knows="urn:other#greet")
    )


INPUTS = {"someone": {"full name": "Ann"}}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("lib", {"lib.limit": 4}),
        ("lib", {"lib": {"limit": 4}}),
        ("lib", {"limit": 4}),
        ("lib", {"{urn:other}limit": 4}),
        ("my lib", {"my lib.limit": 4}),
        ("", {"limit": 4}),
    ],
)
def test_imported_elements_are_seen_under_the_imports_name(name: str, inputs: dict[str, object]) -> None:
    decisions = dmn.read(importing(name), imports=[IMPORTED])
    assert decisions.evaluate("it", {**INPUTS, **inputs}).value == [8, "Hello Ann"]


def test_an_imported_decision_can_be_asked_for_by_its_qualified_name() -> None:
    assert dmn.read(importing("lib"), imports=[IMPORTED]).evaluate("lib.doubled", {"limit": 3}).value == 6


def test_a_missing_import_is_refused_with_a_remedy() -> None:
    with pytest.raises(dmn.DmnError, match=r"urn:other was not found.*imports="):
        dmn.read(importing("lib"))


def test_imports_are_found_by_location_and_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "library.dmn").write_bytes(IMPORTED)
    (tmp_path / "main.dmn").write_bytes(importing("lib", "sub/library.dmn"))
    assert dmn.read(tmp_path / "main.dmn").evaluate("it", {**INPUTS, "limit": 1}).value == [2, "Hello Ann"]
    (tmp_path / "sub" / "main.dmn").write_bytes(importing("lib"))
    assert dmn.read(tmp_path / "sub" / "main.dmn").evaluate("it", {**INPUTS, "limit": 1}).value == [2, "Hello Ann"]


@pytest.mark.parametrize("location", ["../library.dmn", "http://example.org/library.dmn", "/etc/passwd"])
def test_imports_never_leave_the_files_directory(tmp_path: Path, location: str) -> None:
    (tmp_path / "library.dmn").write_bytes(IMPORTED)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "main.dmn").write_bytes(importing("lib", location))
    with pytest.raises(dmn.DmnError, match="was not found"):
        dmn.read(tmp_path / "sub" / "main.dmn")


def test_an_explanation_names_the_rules_and_what_their_cells_saw() -> None:
    expression = table([(["> 5", "-"], ['"big"']), (["-", '"x"'], ['"small"'])], inputs=["a", "b"], policy="FIRST")
    model = definitions(
        input_data("a")
        + input_data("b")
        + decision("size", expression, needs="in_a,in_b")
        + decision("it", literal("size"), needs="size")
    )
    explanation = dmn.read(model).explain("it", {"a": 1, "b": "x"})
    assert explanation.value == "small"
    (fired,) = explanation.rules
    assert (fired.decision, fired.rule, fired.output) == ("size", 2, "small")
    assert [(cell.input, cell.test, cell.value) for cell in fired.cells] == [("a", "-", 1), ("b", '"x"', "x")]
    assert 'size, rule 2 gives small: a = 1 matches -, b = x matches "x"' in str(explanation)
