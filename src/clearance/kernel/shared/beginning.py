"""How an instance begins: its variables, what the process listens to, then the start event that has happened.

Listeners for the start of the process come between its variables and all else; until they have been heard the command
is kept in the instance.
"""

from decimal import Decimal

import msgspec

from clearance.kernel.shared import correlation, listeners
from clearance.kernel.shared.flows import enter
from clearance.kernel.shared.variables import receive
from clearance.kernel.shared.waits import begin_at, open_event_sub_processes
from clearance.kernel.working import Fault, Step
from clearance.model.commands import Create
from clearance.model.definition import MessageDefinition, StartEvent
from clearance.model.events import (
    BeginningHeld,
    ElementActivated,
    ElementActivating,
    IncidentRaised,
    TriggerSeen,
    VariablesSet,
)
from clearance.model.graph import PROCESS, Node
from clearance.model.values import Value

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(Create, float_hook=Decimal)


def create(step: Step, command: Create) -> None:
    """The instance was created with its first event, see ``kernel/step.py``; here its life begins."""
    root = command.key
    step.record(ElementActivating(root, PROCESS, 0))
    start = step.graph.nodes[command.node]
    if command.variables and (not start.outputs or _has_happened(start)):
        values = {
            name: Value(data, command.labels.get(name, command.label), "", root)
            for name, data in command.variables.items()
        }
        step.record(VariablesSet(root, values))
    process = step.graph.nodes[PROCESS]
    if listeners.START in process.listeners:
        step.record(BeginningHeld(_encoder.encode(command).decode()))
        listeners.waits_for(step, step.instance.elements[root], process, listeners.START)
    else:
        _begin(step, command)


def begin_held(step: Step) -> None:
    """The listeners for the start of the process have been heard."""
    _begin(step, _decoder.decode(step.instance.begins))


def _begin(step: Step, command: Create) -> None:
    root = command.key
    start = step.graph.nodes[command.node]
    step.record(ElementActivated(root))
    for trigger in start.triggers if step.graph.conversations else ():
        if isinstance(trigger.definition, MessageDefinition):
            correlation.note(step, trigger.definition.name, command.variables)
    if step.graph.nodes[PROCESS].event_starts:
        _listen(step, root)
    if _has_happened(start):
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
        receive(step, step.instance.elements[key], start, command.variables, command.label, root)


def _has_happened(start: Node) -> bool:
    """Whether it begins at what has happened: a receive task, or an event after an event-based gateway."""
    return start.index != PROCESS and bool(start.triggers) and not isinstance(start.element, StartEvent)


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
