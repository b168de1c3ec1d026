"""Reading keeps, understands or refuses; hostile and broken files get one clear message."""

import random

import pytest
from lxml import etree

from clearance import bpmn
from clearance.bpmn import BpmnFileError
from clearance.bpmn.read import SIZE_MAX_BYTES
from clearance.model.definition import DataObject
from tests.bpmn.files import NAMESPACES, SHARED, file_with, read_process, read_twice


def refusal(content: bytes) -> str:
    with pytest.raises(BpmnFileError) as caught:
        bpmn.read(content)
    return str(caught.value)


@pytest.mark.parametrize("prefix", ["", "bpmn:", "bpmn2:", "semantic:"])
def test_the_prefix_of_the_modeller_does_not_matter(prefix):
    declared = f"xmlns{':' + prefix[:-1] if prefix else ''}"
    text = (
        f'<{prefix}definitions {declared}="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">'
        f'<{prefix}process id="p"><{prefix}task id="t" name="Look"/></{prefix}process></{prefix}definitions>'
    )
    assert bpmn.read(text.encode()).processes[0].elements[0].name == "Look"


def test_a_condition_gets_its_leading_equals_sign_with_or_without_one_in_the_file():
    flows = (
        '<sequenceFlow id="f1" sourceRef="g" targetRef="a"><conditionExpression>x &gt; 1</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="f2" sourceRef="g" targetRef="a"><conditionExpression '
        'xsi:type="tFormalExpression"> =x &gt; 1 </conditionExpression></sequenceFlow>'
    )
    process = read_process(f'<exclusiveGateway id="g"/><task id="a"/>{flows}')
    assert [flow.condition for flow in process.flows] == ["=x > 1", "=x > 1"]


def test_conditions_are_tried_in_the_order_of_outgoing_not_in_that_of_the_file():
    process = read_process(
        '<exclusiveGateway id="g"><outgoing>f2</outgoing><outgoing>f1</outgoing></exclusiveGateway>'
        '<task id="a"/><sequenceFlow id="f1" sourceRef="g" targetRef="a"/>'
        '<sequenceFlow id="f2" sourceRef="g" targetRef="a"/>'
    )
    assert [flow.id for flow in process.flows] == ["f2", "f1"]


def test_unknown_extensions_foreign_attributes_lanes_and_annotations_are_kept():
    process = read_process(
        '<laneSet id="l"><lane id="l1"><flowNodeRef>t</flowNodeRef></lane></laneSet>'
        '<task id="t" acme:colour="red"><extensionElements><acme:note a="1">hear <acme:b/>this</acme:note>'
        '</extensionElements></task><textAnnotation id="n"><text>Mind</text></textAnnotation>'
    )
    task = process.elements[0]
    assert task.attributes == (("{urn:acme}colour", "red"),)
    assert task.extensions == ('<acme:note xmlns:acme="urn:acme" a="1">hear <acme:b></acme:b>this</acme:note>',)
    assert [text.partition(" ")[0] for text in process.carried] == ["<laneSet", "<textAnnotation"]


def test_pools_and_their_messages_are_carried_with_their_ids():
    roots = (
        '<message id="m1" name="order" itemRef="i"/><itemDefinition id="i"/>'
        '<collaboration id="c"><participant id="a" processRef="p"/>'
        '<messageFlow id="mf" sourceRef="a" targetRef="r" messageRef="m1"/></collaboration>'
    )
    definitions = read_twice(file_with('<receiveTask id="r" messageRef="m1"/>', roots))
    assert len(definitions.carried) == 3
    assert b'messageRef="m1"' in bpmn.write(definitions)
    assert bpmn.write(definitions).count(b"<message ") + bpmn.write(definitions).count(b"<bpmn:message ") == 1


def test_a_process_is_executable_unless_the_file_denies_it():
    assert read_process("<task id='t'/>").executable
    denied = file_with("<task id='t'/>").replace(b'isExecutable="true"', b'isExecutable="false"')
    assert not bpmn.read(denied).processes[0].executable


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('<choreographyTask id="x" name="Ask"/>', "choreographyTask is not supported"),
        ('<eventBasedGateway id="x" name="Ask" eventGatewayType="Both"/>', 'eventGatewayType="Both" is not known'),
        ('<adHocSubProcess id="x" name="Ask" ordering="Any"/>', 'ordering="Any" is not known'),
        ('<transaction id="x" name="Ask" method="##Store"/>', 'method="##Store" is not supported'),
        (
            '<callActivity id="x" name="Ask" calledElement="a"><extensionElements><zeebe:calledElement processId="b"/>'  # noqa: ISC004
            "</extensionElements></callActivity>",
            'it calls both "b" and "a"',
        ),
        (
            '<task id="x" name="Ask"><multiInstanceLoopCharacteristics behavior="Some"/></task>',
            'behavior="Some" is not known',
        ),
        (
            '<startEvent id="x" name="Ask"><eventDefinitionRef>no</eventDefinitionRef></startEvent>',
            "no event definition",
        ),
        (
            '<userTask id="x" name="Ask"><extensionElements><zeebe:taskDefinition type="a"/></extensionElements>'  # noqa: ISC004
            "</userTask>",
            "zeebe:taskDefinition is not supported here",
        ),
        ('<task id="x" name="Ask" startQuantity="2"/>', 'startQuantity="2" is not supported'),
        ('<task id="x" name="Ask"><whatever/></task>', "whatever is not supported"),
        (
            '<serviceTask id="x" name="Ask"><extensionElements><zeebe:executionListeners>'  # noqa: ISC004
            '<zeebe:executionListener eventType="end"/></zeebe:executionListeners></extensionElements></serviceTask>',
            "the attribute type is missing",
        ),
        (
            '<sequenceFlow id="x" name="Ask" sourceRef="a" targetRef="b"><extensionElements><zeebe:executionListeners/>'  # noqa: ISC004
            "</extensionElements></sequenceFlow>",
            "zeebe:executionListeners is not supported",
        ),
        ('<endEvent id="x" name="Ask"><errorEventDefinition errorRef="no"/></endEvent>', "refers to no error"),
        (
            '<scriptTask id="x" name="Ask" scriptFormat="groovy"><script>a = 1</script></scriptTask>',
            "the script is in groovy",
        ),
        ('<boundaryEvent id="x" name="Ask"/>', "the attribute attachedToRef is missing"),
        ('<boundaryEvent id="x" name="Ask" attachedToRef="t" cancelActivity="maybe"/>', "neither true nor false"),
    ],
)
def test_what_cannot_run_is_refused_with_line_element_and_remedy(content, problem):
    message = refusal(file_with(content))
    assert problem in message
    assert "line 5" in message
    assert '"Ask" (x)' in message
    assert message.endswith(".")


def test_an_outside_file_is_never_opened():
    text = '<!DOCTYPE definitions [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert "DOCTYPE" in refusal(
        file_with("<task id='t' name='&x;'/>").replace(b"<definitions", text.encode() + b"<definitions")
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_is_refused_before_it_grows(encoding):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom" * 10}">' for n in range(12))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!-- <a --><!DOCTYPE d [{entities}]>'
        f"<definitions {NAMESPACES} name='&e11;'/>"
    )
    assert refusal(text.encode(encoding))


def test_a_file_over_the_limit_is_refused_without_being_parsed(tmp_path):
    path = tmp_path / "big.bpmn"
    with path.open("wb") as file:
        file.truncate(SIZE_MAX_BYTES + 1)
    with pytest.raises(BpmnFileError, match=r"big\.bpmn.*the limit is 52,428,800"):
        bpmn.read(path)


def test_sub_processes_nested_without_end_are_refused():
    depth = 5000
    content = "".join(f'<subProcess id="s{n}">' for n in range(depth)) + "</subProcess>" * depth
    assert "not well-formed" in refusal(file_with(content))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not well-formed"),
        (b"PK\x03\x04 a zip", "not well-formed"),
        (b"<html/>", "not a BPMN 2.0 file"),
        (b"<definitions/>", "not a BPMN 2.0 file"),
        (file_with("<task id='t'>"), "not well-formed"),
        (file_with("").replace(b"<process", b"<collaboration").replace(b"</process", b"</collaboration"), "no process"),
    ],
)
def test_what_is_no_bpmn_is_named(content, problem):
    assert problem in refusal(content)


def test_a_missing_file_is_named():
    with pytest.raises(BpmnFileError, match=r"nowhere\.bpmn: cannot be read \(No such file"):
        bpmn.read("nowhere.bpmn")


def test_lines_say_where_each_element_stands():
    assert bpmn.lines(file_with('<task id="a"/>\n<task id="b"/>')) == {"d": 2, "p": 4, "a": 5, "b": 6}


def test_parts_in_another_order_than_the_schema_s_survive():
    process = read_process('<textAnnotation id="n"/><task id="t"/><laneSet id="l"/><dataObject id="o"/>')
    assert [text.partition(" ")[0] for text in process.carried] == ["<laneSet", "<textAnnotation"]
    assert process.data == (DataObject(id="o"),)


@pytest.mark.skipif(not (SHARED / "miwg").exists(), reason="the OMG's model interchange files are not here")
@pytest.mark.parametrize("seed", range(150))
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(seed):
    chance = random.Random(seed)
    root = etree.parse(
        SHARED / "miwg" / chance.choice(["A.2.1.bpmn", "A.3.0.bpmn", "A.4.1.bpmn", "B.2.0.bpmn"])
    ).getroot()
    for _ in range(3):
        part, other = chance.choices(list(root.iter("*")), k=2)
        damage = chance.choice(["remove", "attribute", "value", "text", "tag"])
        if damage == "remove" and part.getparent() is not None:
            part.getparent().remove(part)
        elif damage == "attribute" and part.attrib:
            del part.attrib[chance.choice(list(part.attrib))]
        elif damage == "value" and part.attrib:
            part.set(chance.choice(list(part.attrib)), chance.choice(["", "x", "true", "=", "a:b"]))
        elif damage == "text":
            part.text = chance.choice(["", "x", "=", "P1D"])
        elif damage == "tag":
            part.tag = other.tag
    try:
        definitions = bpmn.read(etree.tostring(root))
    except BpmnFileError as error:
        assert error.problem  # noqa: PT017
        assert error.remedy  # noqa: PT017
    else:
        for process in definitions.processes:
            bpmn.validate(process)
        assert bpmn.read(bpmn.write(definitions)).processes == definitions.processes
