"""Waiting for time, messages and signals, and what happens when they come.

A wait belongs to an element instance and names the node that fires: the waiting element itself, a boundary event on
it, or an event after an event-based gateway.
"""

from collections.abc import Mapping

from clearance.kernel.shared import flows, times
from clearance.kernel.shared.ending import terminate
from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance, TimerState
from clearance.kernel.working import COMPLETE, Fault, Step
from clearance.model.definition import (
    BoundaryEvent,
    MessageDefinition,
    ReceiveTask,
    SignalDefinition,
    TimerDefinition,
)
from clearance.model.events import (
    Correlated,
    ElementActivated,
    ElementActivating,
    Subscribed,
    TimerCanceled,
    TimerFired,
    TimerSet,
    Unsubscribed,
)
from clearance.model.graph import Node
from clearance.model.values import Data


def open_wait(step: Step, element: ElementInstance, node: Node, scope: int) -> None:
    """Wait on behalf of ``element`` for the event of ``node``; texts are evaluated in ``scope``."""
    definition = (
        node.element.message if isinstance(node.element, ReceiveTask) else getattr(node.element, "definition", None)
    )
    if isinstance(definition, TimerDefinition):
        _set_timer(step, element, node, scope)
    elif isinstance(definition, MessageDefinition):
        name = text(step, node.texts["message.name"], scope, "message name")
        compiled = node.texts.get("message.correlation_key")
        key = text(step, compiled, scope, f"correlation key of {node.label}") if compiled is not None else ""
        step.record(Subscribed(step.key(), element.key, node.index, "message", name, key))
    elif isinstance(definition, SignalDefinition):
        name = text(step, node.texts["signal.name"], scope, "signal name")
        step.record(Subscribed(step.key(), element.key, node.index, "signal", name, ""))


def open_boundaries(step: Step, element: ElementInstance, node: Node) -> None:
    """The events on an activity's border wait from its activation on."""
    for index in node.boundaries:
        open_wait(step, element, step.graph.nodes[index], element.scope)


def close_waits(step: Step, element: ElementInstance) -> None:
    """The element waits for nothing any longer."""
    for key in list(element.waits):
        if key in step.instance.timers:
            step.record(TimerCanceled(key))
        else:
            step.record(Unsubscribed(key))


def fire_timer(step: Step, key: int) -> None:
    """A timer is due."""
    timer = step.instance.timers[key]
    step.record(TimerFired(key))
    _set_again(step, timer)
    _trigger(step, step.instance.elements[timer.element], step.graph.nodes[timer.node], {}, key)


def correlate(step: Step, key: int, message: int, variables: Mapping[str, Data], label: str = "") -> None:
    """A message or signal has reached a subscription."""
    subscription = step.instance.subscriptions[key]
    step.record(Correlated(key, message))
    element = step.instance.elements[subscription.element]
    _trigger(step, element, step.graph.nodes[subscription.node], variables, message, label)


def _trigger(
    step: Step, element: ElementInstance, node: Node, variables: Mapping[str, Data], source: int, label: str = ""
) -> None:
    if node.index == element.node:
        receive(step, element, node, variables, label, source)
        step.follow(COMPLETE, element.key)
    elif isinstance(node.element, BoundaryEvent):
        catch_at(step, element, node, variables, label, source)
    else:
        _choose(step, element, node, variables, label, source)


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


def _choose(
    step: Step, gateway: ElementInstance, node: Node, variables: Mapping[str, Data], label: str, source: int
) -> None:
    """The first event after an event-based gateway wins; the others are no longer waited for."""
    edge = next(edge for edge in step.node_of(gateway).outgoing if edge.target == node.index)
    scope = gateway.scope
    flows.leave_by(step, gateway, edge)
    caught = _enter(step, node, scope)
    receive(step, caught, node, variables, label, source)
    step.follow(COMPLETE, caught.key)


def _enter(step: Step, node: Node, scope: int) -> ElementInstance:
    key = step.key()
    step.record(ElementActivating(key, node.index, scope))
    step.record(ElementActivated(key))
    return step.instance.elements[key]


def _set_timer(step: Step, element: ElementInstance, node: Node, scope: int) -> None:
    what = f"timer of {node.label}"
    repetitions, interval = 1, ""
    if "timer.date" in node.texts:
        due = times.due_date(text(step, node.texts["timer.date"], scope, what), what)
    elif "timer.duration" in node.texts:
        due = times.after(step.moment, text(step, node.texts["timer.duration"], scope, what), what)
    elif "timer.cycle" in node.texts:
        due, repetitions, interval = times.cycle(step.moment, text(step, node.texts["timer.cycle"], scope, what), what)
        if repetitions == 0:
            return
    else:
        raise Fault("timer", f"{what} has no date, duration or cycle")
    step.record(TimerSet(step.key(), element.key, node.index, due, repetitions, interval))


def _set_again(step: Step, timer: TimerState) -> None:
    """A cycle on a non-interrupting event goes on; its rhythm follows the due times, not when they were noticed."""
    element = step.graph.nodes[timer.node].element
    if not timer.interval or timer.repetitions == 1:
        return
    if not isinstance(element, BoundaryEvent) or element.interrupting:
        return
    left = timer.repetitions - 1 if timer.repetitions > 0 else -1
    base = step.moment.fromtimestamp(timer.due / 1000, step.moment.tzinfo)
    due = times.after(base, timer.interval, "timer cycle")
    step.record(TimerSet(step.key(), timer.element, timer.node, due, left, timer.interval))
