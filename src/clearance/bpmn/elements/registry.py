"""The table of elements: XML name, model type, reader, writer."""

from collections.abc import Callable
from typing import Any, NamedTuple

from lxml import etree

from clearance.bpmn.elements import (
    ad_hoc_sub_process,
    boundary_event,
    business_rule_task,
    call_activity,
    complex_gateway,
    end_event,
    event_based_gateway,
    exclusive_gateway,
    global_task,
    inclusive_gateway,
    intermediate_catch_event,
    intermediate_throw_event,
    manual_task,
    parallel_gateway,
    receive_task,
    script_task,
    send_task,
    service_task,
    start_event,
    sub_process,
    task,
    transaction,
    user_task,
)
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document
from clearance.model import definition


class Codec(NamedTuple):
    """How one element is read and written."""

    local: str
    type: type
    read: Callable[[Node], definition.Element]
    write: Callable[[Any, etree._Element, Document], None]


ELEMENTS = (
    Codec("startEvent", definition.StartEvent, start_event.read, start_event.write),
    Codec("endEvent", definition.EndEvent, end_event.read, end_event.write),
    Codec(
        "intermediateCatchEvent",
        definition.IntermediateCatchEvent,
        intermediate_catch_event.read,
        intermediate_catch_event.write,
    ),
    Codec(
        "intermediateThrowEvent",
        definition.IntermediateThrowEvent,
        intermediate_throw_event.read,
        intermediate_throw_event.write,
    ),
    Codec("boundaryEvent", definition.BoundaryEvent, boundary_event.read, boundary_event.write),
    Codec("exclusiveGateway", definition.ExclusiveGateway, exclusive_gateway.read, exclusive_gateway.write),
    Codec("inclusiveGateway", definition.InclusiveGateway, inclusive_gateway.read, inclusive_gateway.write),
    Codec("parallelGateway", definition.ParallelGateway, parallel_gateway.read, parallel_gateway.write),
    Codec("eventBasedGateway", definition.EventBasedGateway, event_based_gateway.read, event_based_gateway.write),
    Codec("complexGateway", definition.ComplexGateway, complex_gateway.read, complex_gateway.write),
    Codec("task", definition.Task, task.read, task.write),
    Codec("manualTask", definition.ManualTask, manual_task.read, manual_task.write),
    Codec("serviceTask", definition.ServiceTask, service_task.read, service_task.write),
    Codec("sendTask", definition.SendTask, send_task.read, send_task.write),
    Codec("receiveTask", definition.ReceiveTask, receive_task.read, receive_task.write),
    Codec("userTask", definition.UserTask, user_task.read, user_task.write),
    Codec("scriptTask", definition.ScriptTask, script_task.read, script_task.write),
    Codec("businessRuleTask", definition.BusinessRuleTask, business_rule_task.read, business_rule_task.write),
    Codec("subProcess", definition.SubProcess, sub_process.read, sub_process.write),
    Codec("transaction", definition.Transaction, transaction.read, transaction.write),
    Codec("adHocSubProcess", definition.AdHocSubProcess, ad_hoc_sub_process.read, ad_hoc_sub_process.write),
    Codec("callActivity", definition.CallActivity, call_activity.read, call_activity.write),
)

BY_LOCAL_NAME = {codec.local: codec for codec in ELEMENTS}
BY_TYPE = {codec.type: codec for codec in ELEMENTS}

GLOBAL_TASKS = {local: BY_LOCAL_NAME[like]._replace(local=local) for local, like in global_task.LOCAL_NAMES.items()}
"""Global tasks by their XML names."""
GLOBAL_TASKS_BY_TYPE = {codec.type: codec for codec in GLOBAL_TASKS.values()}

REFUSED = {
    "implicitThrowEvent": "Use an intermediate throw event; only multi-instance behaviours throw implicitly",
    "event": "Use a start, intermediate or end event",
    "choreographyTask": "Draw a process with pools and messages",
    "subChoreography": "Draw a process with pools and messages",
    "callChoreography": "Draw a process with pools and messages",
}
"""Elements of the standard that no process can execute, with what to do instead."""
