"""Starting and cancelling instances."""

from typing import Any

from clearance.kernel.shared import correlation
from clearance.kernel.shared.ending import terminate
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import receive
from clearance.kernel.shared.waits import begin_at, open_event_sub_processes
from clearance.kernel.working import Fault, Step
from clearance.model.commands import CancelInstance, Create
from clearance.model.definition import MessageDefinition, StartEvent
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    IncidentRaised,
    InstanceCanceled,
    TriggerSeen,
    VariablesSet,
)
from clearance.model.graph import PROCESS, Node
from clearance.model.values import Value


def _create(step: Step, command: Create) -> None:
    """The instance was created with its first event, see ``kernel/step.py``; here its life begins."""
    root = command.key
    step.record(ElementActivating(root, PROCESS, 0))
    label = command.label
    start = step.graph.nodes[command.node]
    happened = start.index != PROCESS and bool(start.triggers) and not isinstance(start.element, StartEvent)
    if command.variables and (not start.outputs or happened):
        step.record(
            VariablesSet(
                root,
                {
                    name: Value(data, command.labels.get(name, label), "", root)
                    for name, data in command.variables.items()
                },
            )
        )
    step.record(ElementActivated(root))
    for trigger in start.triggers if step.graph.conversations else ():
        if isinstance(trigger.definition, MessageDefinition):
            correlation.note(step, trigger.definition.name, command.variables)
    if step.graph.nodes[PROCESS].event_starts:
        _listen(step, root)
    if happened:
        _begin_at(step, command, start)
        return
    if start.index == PROCESS:
        for index in start.starts:
            enter(step, index, root)
        return
    key = enter(step, command.node, root)
    if start.parallel:
        step.record(TriggerSeen(key, start.index, command.trigger))
    if start.outputs:
        receive(step, step.instance.elements[key], start, command.variables, label, root)


def _begin_at(step: Step, command: Create, node: Node) -> None:
    """A receive task, or an event after an event-based gateway, that starts the process has happened."""
    gateways = (step.graph.nodes[edge.source] for edge in node.incoming)
    gateway = next((one for one in gateways if getattr(one.element, "instantiate", False)), None)
    try:
        begin_at(step, command.key, gateway, node, command.variables, command.label, command.key)
    except Fault as fault:
        step.record(IncidentRaised(step.key(), command.key, fault.kind, fault.message))


def _listen(step: Step, root: int) -> None:
    """Event sub-processes of the process wait from its beginning on; one that cannot is an incident."""
    try:
        open_event_sub_processes(step, step.instance.elements[root], step.graph.nodes[PROCESS])
    except Fault as fault:
        step.record(IncidentRaised(step.key(), root, fault.kind, fault.message))


def _cancel(step: Step, command: CancelInstance) -> None:
    step.record(InstanceCanceled(command.by.name if command.by else "", command.reason))
    terminate(step, step.instance.elements[step.instance.key])


HANDLERS: dict[Any, Any] = {Create: _create, CancelInstance: _cancel}
