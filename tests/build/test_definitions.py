"""Several processes in one file, and the messages between them."""

import pytest
from lxml import etree

from clearance.build import AuthorError, Definitions, events
from clearance.model import definition as model


def shop() -> Definitions:
    shop = Definitions("Shop")
    sign = shop.shared.person("Sign", roles="manager")
    buyer = shop.process("Buyer")
    buyer.throws("Order", events.signal("x"), events.message("order", "number"))
    buyer.calls("Sign for it", process=sign)
    buyer.waits("Goods", message="goods", key="number")
    seller = shop.process("Seller")
    seller.starts("An order", message="order")
    seller.calls("Sign for it", process=sign)
    seller.ends("Sent", message="goods", key="number")
    return shop


def test_what_one_sends_and_another_awaits_is_a_message_flow():
    definitions = shop().definitions()
    collaboration = etree.fromstring(definitions.carried[0])
    flows = [
        (flow.get("name"), flow.get("sourceRef"), flow.get("targetRef"))
        for flow in collaboration.iter("{*}messageFlow")
    ]
    assert flows == [("order", "order", "an-order"), ("goods", "sent", "goods")]
    assert [pool.get("processRef") for pool in collaboration.iter("{*}participant")] == ["buyer", "seller"]


def test_ids_are_distinct_in_the_whole_file():
    definitions = shop().definitions()
    ids = [part.id for process in definitions.processes for part, _ in model.walk(process)]
    assert len(ids) == len(set(ids))


def test_tasks_that_processes_share_are_global():
    definitions = shop().definitions()
    assert [(type(task), task.name) for task in definitions.global_tasks] == [(model.UserTask, "Sign")]
    calls = [
        part for process in definitions.processes for part in process.elements if isinstance(part, model.CallActivity)
    ]
    assert {call.process for call in calls} == {"sign"}


def test_two_processes_need_two_names():
    shop = Definitions("Shop")
    shop.process("Buyer")
    with pytest.raises(AuthorError, match="is taken"):
        shop.process("Buyer")


def test_a_file_needs_a_process():
    with pytest.raises(AuthorError, match="has no process"):
        Definitions("Empty").definitions()
