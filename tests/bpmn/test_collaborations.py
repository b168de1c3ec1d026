"""Pools that talk to each other: what one throws is what the other catches, whoever names the message."""

from clearance import bpmn
from clearance.model.definition import MessageDefinition
from tests.bpmn.files import NAMESPACES, without_diagrams

THROWS = '<messageEventDefinition id="{}d"/>'


def file_of(flows: str, buyer: str, seller: str, roots: str = "") -> bytes:
    """A file with two pools; what flows between them is given."""
    return (
        f'<definitions {NAMESPACES} id="d" targetNamespace="urn:test">{roots}<collaboration id="c">'
        f'<participant id="a" processRef="buyer"/><participant id="b" processRef="seller"/>{flows}</collaboration>'
        f'<process id="buyer">{buyer}</process><process id="seller">{seller}</process></definitions>'
    ).encode()


def message_flow(identifier: str, source: str, target: str, more: str = "") -> str:
    return f'<messageFlow id="{identifier}" sourceRef="{source}" targetRef="{target}" {more}/>'


def names(content: bytes) -> dict[str, str]:
    """The message of every element that has one; writing changes none of them."""
    definitions = bpmn.read(content)
    assert without_diagrams(bpmn.read(bpmn.write(definitions))) == without_diagrams(definitions)
    found: dict[str, str] = {}
    for process in definitions.processes:
        for element in process.elements:
            message = getattr(element, "message", None) or getattr(element, "definition", None)
            if isinstance(message, MessageDefinition):
                found[element.id] = message.name
    return found


SEND, RECEIVE = '<sendTask id="send"/>', '<receiveTask id="receive"/>'
ORDER = '<message id="m" name="order"/>'


def test_both_ends_take_the_message_of_the_flow():
    flows = message_flow("f", "send", "receive", 'messageRef="m"')
    assert names(file_of(flows, SEND, RECEIVE, ORDER)) == {"send": "order", "receive": "order"}


def test_an_end_without_a_message_takes_that_of_the_other():
    flows = message_flow("f", "send", "receive", 'name="whatever"')
    receive = RECEIVE.replace("/>", ' messageRef="m"/>')
    assert names(file_of(flows, SEND, receive, ORDER)) == {"send": "order", "receive": "order"}


def test_without_any_message_the_name_of_the_flow_is_the_message_and_else_its_id():
    assert names(file_of(message_flow("f", "send", "receive", 'name="Offer"'), SEND, RECEIVE)) == {
        "send": "Offer",
        "receive": "Offer",
    }
    assert names(file_of(message_flow("f", "send", "receive"), SEND, RECEIVE)) == {"send": "f", "receive": "f"}


def test_two_senders_to_one_receiver_send_the_same_message():
    flows = message_flow("f1", "send", "receive", 'name="One"') + message_flow("f2", "end", "receive", 'name="Two"')
    buyer = SEND + f'<endEvent id="end">{THROWS.format("end")}</endEvent>'
    assert names(file_of(flows, buyer, RECEIVE)) == {"send": "One", "end": "One", "receive": "One"}


def test_what_comes_from_a_pool_without_a_process_is_named_by_its_own_flow():
    flows = message_flow("f1", "a", "receive", 'name="One"') + message_flow("f2", "a", "start", 'name="Two"')
    seller = RECEIVE + f'<startEvent id="start">{THROWS.format("start")}</startEvent>'
    assert names(file_of(flows, SEND, seller)) == {"receive": "One", "start": "Two"}


def test_a_message_that_an_element_names_itself_is_left_as_it_is():
    flows = message_flow("f", "send", "receive", 'messageRef="m"')
    receive = RECEIVE.replace("/>", ' messageRef="own"/>')
    roots = ORDER + '<message id="own" name="bill"/>'
    assert names(file_of(flows, SEND, receive, roots)) == {"send": "order", "receive": "bill"}


def test_an_operation_names_the_message_that_invokes_it():
    roots = (
        ORDER + '<interface id="i" name="Shop"><operation id="op" name="Buy"><inMessageRef>m</inMessageRef></operation>'
        "</interface>"
    )
    content = file_of("", SEND.replace("/>", ' operationRef="op"/>'), RECEIVE, roots)
    assert names(content) == {"send": "order", "receive": ""}
    service = file_of("", '<serviceTask id="t" operationRef="op"/>', RECEIVE, roots)
    assert bpmn.read(service).processes[0].elements[0].job.type == "Buy"


def test_a_task_that_sends_nothing_is_not_made_to_by_a_flow():
    flows = message_flow("f", "work", "receive", 'name="Note"')
    assert names(file_of(flows, '<userTask id="work"/>', RECEIVE)) == {"receive": "Note"}
