"""What is written reads back as the same model, whatever it is and whoever drew it."""

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree

from clearance import bpmn
from clearance.model.definition import Definitions, EndEvent, Flow, Process, StartEvent
from tests.bpmn.files import SHARED, file_with, without_diagrams
from tests.bpmn.random_definitions import definitions
from tests.bpmn.schema import schema_errors

MIWG = sorted((SHARED / "miwg").glob("*.bpmn"))


@pytest.mark.skipif(not MIWG, reason="the OMG's model interchange files are not here")
@pytest.mark.parametrize("path", MIWG, ids=lambda path: path.name)
def test_a_reference_model_of_the_omg_survives_with_its_drawing(path):
    read = bpmn.read(path)
    assert bpmn.read(bpmn.write(read)) == read
    assert read.diagram is not None
    drawn = etree.parse(path).getroot().iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape")
    assert len(read.diagram.shapes) == len(list(drawn))
    assert schema_errors(bpmn.write(read)) == []


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # Shrinking whole files takes minutes.
)
@given(definitions())
def test_any_model_survives_writing_and_reading(random):
    written = bpmn.write(random)
    assert without_diagrams(bpmn.read(written)) == without_diagrams(random)


@settings(
    max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
@given(definitions())
def test_whatever_is_written_is_valid_by_the_schema_of_the_omg_and_stable(random):
    # The schema gives the outermost element no extension elements; files that have some keep them all the same.
    written = bpmn.write(msgspec.structs.replace(random, extensions=()))
    assert schema_errors(written) == []
    again = bpmn.write(bpmn.read(written))
    assert bpmn.write(bpmn.read(again)) == again


def test_a_message_that_nobody_refers_to_may_be_wrong_and_is_kept_as_it_is():
    keys = '<zeebe:subscription correlationKey="= a"/><zeebe:subscription correlationKey="= b"/>'
    wrong = f'<message id="m1" name="paid"><extensionElements>{keys}</extensionElements></message>'
    right = '<message id="m2" name="paid"/>'
    begins = '<startEvent id="s"><messageEventDefinition messageRef="m2"/></startEvent>'
    written = bpmn.write(bpmn.read(file_with(begins, wrong + right)))
    assert written.count(b"<zeebe:subscription ") == 2
    assert bpmn.read(written).processes == bpmn.read(file_with(begins, right)).processes


def test_writing_twice_gives_the_same_bytes():
    read = bpmn.read(file_with('<startEvent id="s"/><task id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>'))
    assert bpmn.write(read) == bpmn.write(read)
    assert bpmn.write(bpmn.read(bpmn.write(read))) == bpmn.write(read)


def test_flows_are_listed_at_their_elements_in_the_order_in_which_conditions_are_tried():
    process = Process(
        id="p",
        elements=(StartEvent(id="s"), EndEvent(id="a"), EndEvent(id="b")),
        flows=(Flow(id="f2", source="s", target="b"), Flow(id="f1", source="s", target="a")),
    )
    text = bpmn.write(Definitions(id="d", processes=(process,))).decode()
    assert text.index("<bpmn:outgoing>f2<") < text.index("<bpmn:outgoing>f1<")
    assert text.count("<bpmn:incoming>") == 2


def test_equal_messages_become_one_root_element_and_different_keys_two():
    def message(identifier: str, key: str) -> str:
        subscription = f'<extensionElements><zeebe:subscription correlationKey="{key}"/></extensionElements>'
        return f'<message id="{identifier}" name="paid">{subscription}</message>'

    tasks = "".join(
        f'<receiveTask id="t{number}" messageRef="{reference}"/>' for number, reference in enumerate(("m1", "m1", "m2"))
    )
    root = etree.fromstring(bpmn.write(bpmn.read(file_with(tasks, message("m1", "=a") + message("m2", "=b")))))
    keys = [part.get("correlationKey") for part in root.iter("{http://camunda.org/schema/zeebe/1.0}subscription")]
    assert keys == ["=a", "=b"]


def test_generated_ids_do_not_clash_with_those_of_the_process():
    content = '<task id="message_paid"/><receiveTask id="t" messageRef="m"/>'
    written = etree.fromstring(bpmn.write(bpmn.read(file_with(content, '<message id="m" name="paid"/>'))))
    ids = [part.get("id") for part in written.iter("*") if part.get("id")]
    assert len(ids) == len(set(ids))


def test_a_model_without_a_drawing_gets_one_for_each_process():
    two = (
        Process(id="a", elements=(StartEvent(id="s1"),)),
        Process(id="b", elements=(StartEvent(id="s2"),)),
    )
    read = bpmn.read(bpmn.write(Definitions(id="d", processes=two)))
    assert read.diagram is not None
    assert [read.diagram.plane, *(diagram.plane for diagram in read.further_diagrams)] == ["a", "b"]
