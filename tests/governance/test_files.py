"""Mistakes in policy files: each is told with file, line or policy, and what to do."""

from pathlib import Path

import pytest

from clearance.governance import Finding, PolicyError, PolicyGate, check_policies
from clearance.governance.files import FILE_BYTES_MAX
from clearance.governance.statements import Statement, statements
from clearance.model.clearance import Request
from tests.governance.helpers import PAY_SCHEMA, gate, paying

PERMIT = 'permit (principal, action == Action::"pay", resource);'


def finding(folder: Path, policies: str, schema: str = PAY_SCHEMA) -> Finding:
    """The one mistake that is found."""
    (folder / "own.cedar").write_text(policies, encoding="utf-8")
    (folder / "own.cedarschema").write_text(schema, encoding="utf-8")
    found = check_policies(folder)
    assert len(found) == 1, found
    return found[0]


def test_the_shipped_policies_are_without_fault(tmp_path: Path):
    assert check_policies(tmp_path) == ()


def test_a_policy_without_a_name_is_called_by_its_place(tmp_path: Path):
    rules = gate(tmp_path, f"// a comment; with a semicolon\n\n{PERMIT}")
    assert rules.rule(paying()).policies == ("own.cedar:3",)


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ('@approvel("manager")', "@approvel is not known"),
        ('@obligation("x")', "annotations are @id, @reason, @advice, @approval"),
        ("@approval", "@approval is empty"),
        ('@approval(" ")', "@approval is empty"),
        ('@approval("a,,b")', "has an empty name"),
        ('@approval("a") @approval_count("0")', "whole number from 1 to 20"),
        ('@approval("a") @approval_count("21")', "whole number from 1 to 20"),
        ('@approval("a") @approval_count("two")', "whole number from 1 to 20"),
        ('@approval("a") @approval_count("²")', "whole number from 1 to 20"),
        ('@approval("a") @distinct("no")', 'write "true" or "false"'),
        ('@approval_count("2")', "needs @approval"),
        ('@distinct("false")', "needs @approval"),
        ('@reason("why")', "on a permit, use @advice"),
    ],
)
def test_an_annotation_that_is_not_understood_is_refused(tmp_path: Path, annotation: str, said: str):
    found = finding(tmp_path, f'\n@id("mine") {annotation}\n{PERMIT}')
    assert (found.file, found.line, found.policy) == ("own.cedar", 2, "mine")
    assert said in found.message


def test_a_forbid_masks_nothing(tmp_path: Path):
    policy = '@mask("iban") forbid (principal, action == Action::"pay", resource);'
    assert "@mask hides fields of what is permitted" in finding(tmp_path, policy).message


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("permit (principal, action, resource)", "unexpected end of input"),
        ("permit (principal, action, resource) when { whatever };", "invalid variable: whatever"),
        ("nonsense;", "this is not a Cedar policy"),
        ("permit (principal == ?principal, action, resource);", "a template with ? slots is never used"),
    ],
)
def test_what_is_no_policy_is_told_with_its_line_and_hides_nothing_else(tmp_path: Path, policy: str, said: str):
    (tmp_path / "own.cedarschema").write_text(PAY_SCHEMA)
    (tmp_path / "own.cedar").write_text(f'{PERMIT}\n@id("b") @nonsense("x") {PERMIT}\n\n{policy}')
    found = check_policies(tmp_path)
    assert [one.line for one in found] == [2, 4]
    assert said in found[1].message


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ('permit (principal, action == Action::"payy", resource);', "declare the action in a .cedarschema file"),
        ('permit (principal == User::"x", action, resource);', "entity types are Actor, Person, Role"),
        (f"{PERMIT[:-1]} when {{ context.parameters.amont > 1 }};", "declare in a .cedarschema file the parameters"),
        (f'{PERMIT[:-1]} when {{ context.parameters.note == "x" }};', "ask first with has"),
        (f"{PERMIT[:-1]} when {{ context.parameters.amount > 5 }};", "expected Long but saw decimal"),
        (f'{PERMIT[:-1]} when {{ context.approvals == "1" }};', "Long"),
        ('permit (principal, action, resource) when { context.parameters.amount == decimal("1.0") };', "amount"),
    ],
)
def test_a_policy_that_does_not_fit_the_schema_is_refused(tmp_path: Path, policy: str, said: str):
    (tmp_path / "own.cedarschema").write_text(PAY_SCHEMA)
    (tmp_path / "own.cedar").write_text(f'@id("mine")\n{policy}')
    found = check_policies(tmp_path)
    assert found
    assert {(one.file, one.line, one.policy) for one in found} == {("own.cedar", 1, "mine")}
    assert any(said in one.message for one in found), found


def test_an_id_is_used_once_across_all_files(tmp_path: Path):
    (tmp_path / "a.cedar").write_text(f'@id("x") {PERMIT}')
    (tmp_path / "own.cedarschema").write_text(PAY_SCHEMA)
    (tmp_path / "b.cedar").write_text(f'\n@id("x") {PERMIT}')
    (found,) = check_policies(tmp_path)
    assert str(found) == "b.cedar:2: policy x: a.cedar:1 has the same @id: give each policy one of its own"


def test_the_id_of_a_shipped_policy_is_taken(tmp_path: Path):
    assert "default.cedar" in finding(tmp_path, f'@id("actors-may-run") {PERMIT}').message


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("action pay appliesTo {", "unexpected"),
        ("action pay appliesTo { principal: Robot, resource: Element };", "the gate's own entity types are"),
        ("entity Robot;", "entity Robot: the gate makes"),
        ("entity Actor;", "declared twice"),
        ("namespace Own { action pay; }", "outside any namespace"),
        ("action pay appliesTo { principal: Actor, resource: Element, context: { risk: String } };", "parameters only"),
        ("action pay appliesTo { principal: Actor, resource: Element, context: { parameters: Long } };", "a record"),
        ("action pay appliesTo { principal: Actor, resource: Element, context: { parameters?: {} } };", "a record"),
        (
            "action pay appliesTo { principal: Actor, resource: Element, context: { parameters: {a: ipaddr} } };",
            "ipaddr",
        ),
        ("action pay appliesTo { principal: Actor, resource: Element, context: { parameters: {a: Role} } };", "Role"),
        (
            'action pay appliesTo { principal: Actor, resource: Element, context: {parameters: {"__entity": Long}} };',
            "do not start with __",
        ),
        (
            'action pay appliesTo { principal: Actor, resource: Element, context: { parameters: {"a\\"b": Long} } };',
            "names are made of letters",
        ),
        (
            "action pay appliesTo { principal: Actor, resource: Element, context: {parameters: {a: Set<Set<Long>>}} };",
            "nothing nested",
        ),
        ("action run appliesTo { principal: Person, resource: Element };", "action run is for Actor on Element"),
        ("action pay in [spend] appliesTo { principal: Actor, resource: Element };", "spend"),
    ],
)
def test_a_schema_that_cannot_be_used_is_told(tmp_path: Path, schema: str, said: str):
    (tmp_path / "own.cedarschema").write_text(schema)
    found = check_policies(tmp_path)
    assert [one.file for one in found] == ["own.cedarschema"], found
    assert said in found[0].message


def test_an_action_is_declared_once(tmp_path: Path):
    (tmp_path / "a.cedarschema").write_text(PAY_SCHEMA)
    (tmp_path / "b.cedarschema").write_text(PAY_SCHEMA)
    (found,) = check_policies(tmp_path)
    assert (found.file, "declare it once" in found.message) == ("b.cedarschema", True)


def test_a_schema_in_one_folder_serves_policies_in_another(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "x.cedarschema").write_text(PAY_SCHEMA)
    (tmp_path / "b" / "x.cedar").write_text(PERMIT)
    assert PolicyGate.load(tmp_path / "b", tmp_path / "a").rule(paying()).permits


def test_parts_of_a_schema_may_be_named_and_grouped(tmp_path: Path):
    schema = """
    @doc("what suppliers are") type Supplier = { country: String, limit?: Money };
    type Money = __cedar::Long; // in cents
    action spend;
    @doc("pays") action pay, "transfer now" in [spend] appliesTo {
      principal: [Actor, Person], resource: Element, context: { parameters: { amount: decimal, supplier?: Supplier } }
    };
    """
    policy = (
        'permit (principal, action in Action::"spend", resource) when { context.parameters has supplier'
        " && context.parameters.supplier has limit && context.parameters.supplier.limit < 5 };"
    )
    rules = gate(tmp_path, policy, schema)
    assert rules.rule(paying(supplier={"country": "DE", "limit": 4})).permits
    assert not rules.rule(paying(supplier={"country": "DE", "limit": 5})).permits
    assert not rules.rule(paying(supplier={"country": "DE"})).permits


def test_a_shipped_action_may_be_given_parameters(tmp_path: Path):
    schema = (
        "action run appliesTo { principal: Actor, resource: Element, context: { parameters: { amount?: decimal } } };"
    )
    policy = (
        'forbid (principal, action == Action::"run", resource) when'
        ' { context.parameters has amount && context.parameters.amount.greaterThan(decimal("9.0")) };'
    )
    rules = gate(tmp_path, policy, schema)
    assert rules.rule(running(9)).permits
    assert not rules.rule(running(10)).permits


def running(amount: int) -> Request:
    return Request("Actor", "reader", "run", "buying", "read", parameters={"amount": amount})


def test_a_missing_folder_is_told(tmp_path: Path):
    with pytest.raises(PolicyError, match=r"there is no folder .*nowhere: name one that holds"):
        PolicyGate.load(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "own.cedar").write_bytes(b"// fine\n// \xff\n")
    (found,) = check_policies(tmp_path)
    assert str(found) == "own.cedar:2: it is not UTF-8: save it with that encoding"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path):
    (tmp_path / "own.cedar").write_bytes(b"\xef\xbb\xbf// fine\n")
    assert check_policies(tmp_path) == ()


def test_a_file_beyond_bounds_is_told(tmp_path: Path):
    (tmp_path / "own.cedar").write_bytes(b"/" * (FILE_BYTES_MAX + 1))
    assert "split it" in check_policies(tmp_path)[0].message


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path):
    (tmp_path / "own.cedar").mkdir()
    assert "cannot be read" in check_policies(tmp_path)[0].message


def test_the_error_names_the_first_mistake_and_has_all(tmp_path: Path):
    (tmp_path / "own.cedar").write_text("nonsense;\nnonsense;")
    with pytest.raises(PolicyError, match=r"^own\.cedar:1: .*\(and 1 more\)$") as caught:
        PolicyGate.load(tmp_path)
    assert [one.line for one in caught.value.findings] == [1, 2]
    assert isinstance(caught.value, ValueError)


def test_statements_end_at_semicolons_outside_strings_and_comments():
    source = '// a;\none "x;\\";" // b;\n two;\n\n  three;// c\n/ four'
    assert list(statements(source)) == [
        Statement('one "x;\\";" // b;\n two;', 2),
        Statement("three;", 5),
        Statement("/ four", 6),
    ]
    assert list(statements("  // only a comment")) == []
