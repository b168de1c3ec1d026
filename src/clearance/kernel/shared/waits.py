"""Waiting for time, messages, signals and conditions, on behalf of an element, its border events or its scope.

Whatever is waited for belongs to one element instance and names the event (a node) and which of its triggers that is:
the element itself (a catching event, a receive task), an event on its border, the event after an event-based gateway,
or the start event of an event sub-process in the scope that the element is.
"""

from collections.abc import Mapping

from clearance.kernel.shared import correlation, event_sub_processes, flows, times
from clearance.kernel.shared.ending import close_wait, terminate
from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance, TimerState
from clearance.kernel.working import COMPLETE, Step
from clearance.model.definition import (
    BoundaryEvent,
    ConditionalDefinition,
    MessageDefinition,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
)
from clearance.model.events import (
    ConditionMet,
    ConditionOpened,
    Correlated,
    ElementActivated,
    ElementActivating,
    FlowTaken,
    Subscribed,
    TimerFired,
    TimerSet,
    TriggerSeen,
    TriggersReset,
)
from clearance.model.graph import Edge, Node
from clearance.model.values import Data, Value, join_labels


def open_wait(step: Step, element: ElementInstance, node: Node, scope: int) -> None:
    """Wait on behalf of ``element`` for the event of ``node``; texts are evaluated in ``scope``."""
    for number in range(len(node.triggers)):
        if (node.index, number) not in element.seen:
            _open(step, element, node, number, scope)


def open_boundaries(step: Step, element: ElementInstance, node: Node) -> None:
    """The events on an activity's border wait from its activation on."""
    for index in node.boundaries:
        open_wait(step, element, step.graph.nodes[index], element.scope)


def open_event_sub_processes(step: Step, element: ElementInstance, node: Node) -> None:
    """The start events of event sub-processes wait as long as their scope is active."""
    for index in node.event_starts:
        open_wait(step, element, step.graph.nodes[index], element.key)


def close_waits(step: Step, element: ElementInstance) -> None:
    """The element waits for nothing any longer."""
    for key in list(element.waits):
        close_wait(step, key)


def fire_timer(step: Step, key: int) -> None:
    """A timer is due."""
    timer = step.instance.timers[key]
    step.record(TimerFired(key))
    _set_again(step, timer)
    element = step.instance.elements[timer.element]
    _trigger(step, element, step.graph.nodes[timer.node], timer.trigger, {}, key)


def correlate(step: Step, key: int, message: int, variables: Mapping[str, Data], label: str = "") -> None:
    """A message or signal has reached a subscription."""
    subscription = step.instance.subscriptions[key]
    step.record(Correlated(key, message))
    if step.graph.conversations:
        correlation.note(step, subscription.name, variables)
    element = step.instance.elements[subscription.element]
    node = step.graph.nodes[subscription.node]
    if node.parallel:
        close_wait(step, key)
    _trigger(step, element, node, subscription.trigger, variables, message, label)
    if step.graph.conversations:
        correlation.settle(step)


def meet(step: Step, key: int) -> None:
    """A condition has become true."""
    condition = step.instance.conditions[key]
    step.record(ConditionMet(key))
    element, node = step.instance.elements[condition.element], step.graph.nodes[condition.node]
    if node.parallel:
        close_wait(step, key)
    _trigger(step, element, node, condition.trigger, {}, key)


def catch_at(
    step: Step, element: ElementInstance, node: Node, variables: Mapping[str, Data], label: str = "", source: int = 0
) -> None:
    """A boundary event is reached; when it interrupts, the activity that it sits on ends."""
    scope = element.scope
    assert isinstance(node.element, BoundaryEvent)
    caught = _enter(step, node, scope)
    if node.element.interrupting:
        terminate(step, element)
    receive(step, caught, node, variables, label, source)
    step.follow(COMPLETE, caught.key)


def _open(step: Step, element: ElementInstance, node: Node, number: int, scope: int) -> None:
    trigger = node.triggers[number]
    definition, texts = trigger.definition, trigger.texts
    if isinstance(definition, TimerDefinition):
        _set_timer(step, element, node, number, scope)
    elif isinstance(definition, MessageDefinition):
        name = text(step, texts["message.name"], scope, "message name")
        compiled = texts.get("message.correlation_key")
        if compiled is not None:
            key = text(step, compiled, scope, f"correlation key of {node.label}")
        else:
            key = correlation.key_of_instance(step, scope, name)
        step.record(Subscribed(step.key(), element.key, node.index, "message", name, key, number))
    elif isinstance(definition, SignalDefinition):
        name = text(step, texts["signal.name"], scope, "signal name")
        step.record(Subscribed(step.key(), element.key, node.index, "signal", name, "", number))
    elif isinstance(definition, ConditionalDefinition):
        step.record(ConditionOpened(step.key(), element.key, node.index, number))


def _trigger(
    step: Step,
    element: ElementInstance,
    node: Node,
    number: int,
    variables: Mapping[str, Data],
    source: int,
    label: str = "",
) -> None:
    """One of the triggers has happened; of a parallel multiple event all of them must.

    What the earlier ones have brought stays with the event until then, and passes on together.
    """
    if node.parallel:
        values = {name: Value(data, label, "", source) for name, data in variables.items()}
        step.record(TriggerSeen(element.key, node.index, number, values))
        if sum(event == node.index for event, _ in element.seen) < len(node.triggers):
            return
        early = element.early.get(node.index, {})
        variables = {name: value.data for name, value in early.items()}
        for value in early.values():
            label = join_labels(label, value.label)
        step.record(TriggersReset(element.key, node.index))
        if _happens_again(node):
            open_wait(step, element, node, element.key)
    _happen(step, element, node, variables, label, source)


def _happen(
    step: Step, element: ElementInstance, node: Node, variables: Mapping[str, Data], label: str, source: int
) -> None:
    if node.index == element.node:
        receive(step, element, node, variables, label, source)
        step.follow(COMPLETE, element.key)
    elif isinstance(node.element, BoundaryEvent):
        catch_at(step, element, node, variables, label, source)
    elif isinstance(node.element, StartEvent):
        event_sub_processes.begin(step, element, node, variables, label, source)
    else:
        _choose(step, element, node, variables, label, source)


def _choose(
    step: Step, gateway: ElementInstance, node: Node, variables: Mapping[str, Data], label: str, source: int
) -> None:
    """The first event after an event-based gateway wins; after a parallel one each of them happens."""
    edge = next(edge for edge in step.node_of(gateway).outgoing if edge.target == node.index)
    scope = gateway.scope
    if getattr(step.node_of(gateway).element, "parallel", False):
        _take_one(step, gateway, edge)
    else:
        flows.leave_by(step, gateway, edge)
    caught = _enter(step, node, scope)
    receive(step, caught, node, variables, label, source)
    step.follow(COMPLETE, caught.key)


def _take_one(step: Step, gateway: ElementInstance, edge: Edge) -> None:
    """Of a parallel event-based gateway: one of its events has happened; with the last one it is done."""
    for key in list(gateway.waits):
        wait = step.instance.timers.get(key) or step.instance.subscriptions.get(key) or step.instance.conditions[key]
        if wait.node == edge.target:
            close_wait(step, key)
    if gateway.waits:
        step.record(FlowTaken(edge.index, gateway.scope))
    else:
        flows.leave_by(step, gateway, edge)


def begin_at(
    step: Step, scope: int, gateway: Node | None, node: Node, variables: Mapping[str, Data], label: str, source: int
) -> None:
    """An instance begins at an event that has happened: at a receive task, or after an event-based gateway."""
    if gateway is not None:
        element = _enter(step, gateway, scope)
        edge = next(edge for edge in gateway.outgoing if edge.target == node.index)
        others = [step.graph.nodes[other.target] for other in gateway.outgoing if other is not edge]
        for other in others if getattr(gateway.element, "parallel", False) else ():
            open_wait(step, element, other, element.key)
        if element.waits:
            step.record(FlowTaken(edge.index, scope))
        else:
            flows.leave_by(step, element, edge)
    caught = _enter(step, node, scope)
    receive(step, caught, node, variables, label, source)
    step.follow(COMPLETE, caught.key)


def _enter(step: Step, node: Node, scope: int) -> ElementInstance:
    key = step.key()
    step.record(ElementActivating(key, node.index, scope))
    step.record(ElementActivated(key))
    return step.instance.elements[key]


def _set_timer(step: Step, element: ElementInstance, node: Node, number: int, scope: int) -> None:
    what = f"timer of {node.label}"
    trigger = node.triggers[number]
    written = {name: text(step, compiled, scope, what) for name, compiled in trigger.texts.items() if "timer." in name}
    due, repetitions, interval = times.schedule(step.moment, written, step.graph.calendars, what)
    if repetitions:
        step.record(TimerSet(step.key(), element.key, node.index, due, repetitions, interval, number))


def _set_again(step: Step, timer: TimerState) -> None:
    """A cycle on a non-interrupting event goes on; its rhythm follows the due times, not when they were noticed."""
    node = step.graph.nodes[timer.node]
    if not timer.interval or timer.repetitions == 1 or node.parallel or not _happens_again(node):
        return
    left = timer.repetitions - 1 if timer.repetitions > 0 else -1
    base = step.moment.fromtimestamp(timer.due / 1000, step.moment.tzinfo)
    definition = node.triggers[timer.trigger].definition
    assert isinstance(definition, TimerDefinition)
    business = step.graph.calendars.get(definition.calendar)
    due = times.next_time(base, step.moment, timer.interval, business, "timer cycle")
    if due is not None:
        step.record(TimerSet(step.key(), timer.element, timer.node, due, left, timer.interval, timer.trigger))


def _happens_again(node: Node) -> bool:
    """A non-interrupting event may be reached several times."""
    return isinstance(node.element, BoundaryEvent | StartEvent) and not node.element.interrupting
