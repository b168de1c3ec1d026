"""DMN XML as a file from anywhere: versions, and what is refused."""

import pytest

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal, table

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_all_versions_are_read(version: str) -> None:
    model = definitions(input_data("a", "number") + decision("it", literal("a + 1"), needs="in_a"), version=version)
    assert dmn.read(model).evaluate("it", {"a": 1}).value == 2


def test_a_prefix_for_the_namespace_and_types_as_qualified_names_are_read() -> None:
    model = (
        b'<s:definitions xmlns:s="http://www.omg.org/spec/DMN/20151101/dmn.xsd"'
        b' xmlns:f="http://www.omg.org/spec/FEEL/20140401"'
        b' name="m" namespace="urn:m"><s:inputData id="i" name="a"><s:variable name="a" typeRef="f:number"/>'
        b"</s:inputData>"
        b'<s:decision id="d" name="it"><s:variable name="it"/><s:informationRequirement><s:requiredInput href="#i"/>'
        b"</s:informationRequirement><s:literalExpression><s:text>a</s:text></s:literalExpression></s:decision>"
        b"</s:definitions>"
    )
    assert dmn.read(model).evaluate("it", {"a": 7}).value == 7
    assert dmn.read(model).evaluate("it", {"a": "7"}).value is None


def test_a_lone_table_without_declared_inputs_takes_its_variables_by_name() -> None:
    expression = table([(["> limit"], ['"over"']), (["<= limit"], ['"within"'])], inputs=["order.total"])
    decisions = dmn.read(definitions(decision("it", expression)))
    assert decisions.evaluate("it", {"order": {"total": 11}, "limit": 10}).value == "over"
    assert decisions.evaluate("it", {"order": {"total": 9}, "limit": 10}).value == "within"


def test_what_decides_nothing_is_passed_over() -> None:
    extra = (
        '<extensionElements><x:any xmlns:x="urn:x"/></extensionElements><knowledgeSource id="k" name="law"/>'
        '<textAnnotation id="t"><text>note</text></textAnnotation>'
    )
    assert dmn.read(definitions(extra + decision("it", literal("1")))).evaluate("it", {}).value == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<definitions", "is not well-formed XML"),
        (b"<html/>", "is not a DMN model: its root is <html>"),
        (b'<definitions xmlns="urn:else"/>', "namespace urn:else.*DMN 1.1, 1.2, 1.3, 1.4, 1.5 can be read"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document type declaration"),
        (
            b'<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;&e;">]><a>&f;</a>',
            "document type declaration|not well-formed",
        ),
        (definitions(decision("it", literal("1")) * 2), 'decision "it".*has the same id as decision "it"'),
        (definitions("<decision id='x'/>"), "<decision> has no name"),
        (definitions(decision("it", "<invocation/>")), "does not say what it calls"),
        (definitions(decision("it", "<conditional/>")), "has no <if>"),
        (definitions(decision("it", table([], inputs=["a"], policy="BEST"))), "unknown hit policy BEST.*UNIQUE"),
        (
            definitions(decision("it", table([(["1", "2"], ["3"])], inputs=["a"]))),
            "rule 1.*2 input and 1 output entries",
        ),
        (
            definitions(
                decision("it", '<literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>')
            ),
            "is written in groovy, but only FEEL is evaluated",
        ),
        (definitions(decision("it", literal('"a" +'))), r'line 1, literal expression: cannot be read as FEEL: "a" \+'),
        (
            definitions(decision("it", table([(["> "], ["3"])], inputs=["a"]))),
            "line 1, rule 1, input 1: cannot be read as FEEL",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_element_and_remedy(content: bytes, message: str) -> None:
    with pytest.raises(dmn.DmnError, match=message) as caught:
        dmn.read(content, name="rules.dmn")
    assert str(caught.value).startswith("rules.dmn")


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(dmn.DmnError, match="at most 33,554,432 are read"):
        dmn.read(b"<definitions>" + b" " * (33 * 1024 * 1024) + b"</definitions>")


def test_leniently_only_the_expression_that_is_wrong_is_null() -> None:
    model = definitions(decision("bad", literal("1 +")) + decision("good", literal("1")))
    decisions = dmn.read(model, strict=False)
    assert decisions.evaluate("good", {}).value == 1
    result = decisions.evaluate("bad", {})
    assert result.value is None
    assert "cannot be read as FEEL" in str(result.problems[0])
