"""Two pools of one file, in plain BPMN without any extension, run and hear each other."""

from clearance.testing import Scenario
from tests.bpmn.test_collaborations import file_of, message_flow

THROW = '<messageEventDefinition id="{}"/>'
BUYER = (
    '<startEvent id="s"/><sendTask id="order"/><receiveTask id="wait"/><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="order"/><sequenceFlow id="f2" sourceRef="order" targetRef="wait"/>'
    '<sequenceFlow id="f3" sourceRef="wait" targetRef="e"/>'
)
SELLER = (
    f'<startEvent id="ordered">{THROW.format("d1")}</startEvent><endEvent id="sent">{THROW.format("d2")}</endEvent>'
    '<sequenceFlow id="g1" sourceRef="ordered" targetRef="sent"/>'
)


def test_an_order_goes_to_the_other_pool_and_its_answer_comes_back():
    flows = message_flow("m1", "order", "ordered", 'name="Order"') + message_flow("m2", "sent", "wait")
    scenario = Scenario()
    assert len(scenario.deploy(file_of(flows, BUYER, SELLER))) == 2
    run = scenario.start("buyer")
    assert run.path == ["s", "order", "wait", "e"]
    assert [other.path for other in scenario.runs if other.process == "seller"] == [["ordered", "sent"]]
