"""Starting and cancelling instances."""

from typing import Any

from clearance.kernel.shared.ending import terminate
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import receive
from clearance.kernel.shared.waits import open_event_sub_processes
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.commands import CancelInstance, Create
from clearance.model.definition import EventBasedGateway, StartEvent
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    IncidentRaised,
    InstanceCanceled,
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
    if command.variables and not start.outputs:
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
    if step.graph.nodes[PROCESS].event_starts:
        _listen(step, root)
    if not isinstance(start.element, StartEvent):
        _begin_in(step, command, start)
        return
    key = enter(step, command.node, root)
    if start.outputs:
        receive(step, step.instance.elements[key], start, command.variables, label, root)


def _begin_in(step: Step, command: Create, start: Node) -> None:
    """A receive task, or an event after an instantiating gateway, has happened: the instance begins by completing it.

    After a parallel gateway the instance waits for the other events too (10.6.6, 13.4.4).
    """
    root = command.key
    key = step.key()
    step.record(ElementActivating(key, start.index, root))
    step.record(ElementActivated(key))
    if start.outputs:
        receive(step, step.instance.elements[key], start, command.variables, command.label, root)
    step.follow(COMPLETE, key)
    for edge in start.incoming:
        gateway = step.graph.nodes[edge.source]
        if isinstance(gateway.element, EventBasedGateway) and gateway.element.parallel:
            for other in gateway.outgoing:
                if other.target != start.index:
                    enter(step, other.target, root)


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
