"""What timer and subscription events do to the state."""

from clearance.kernel.appliers.table import Table
from clearance.kernel.state import ConditionState, Instance, SubscriptionState, TimerState
from clearance.model import events
from clearance.model.graph import Graph


def _timer_set(instance: Instance, event: events.TimerSet, graph: Graph) -> None:
    instance.timers[event.key] = TimerState(
        event.element, event.node, event.due, event.repetitions, event.interval, event.trigger
    )
    instance.elements[event.element].waits.append(event.key)


def _timer_gone(instance: Instance, event: events.TimerFired | events.TimerCanceled, graph: Graph) -> None:
    timer = instance.timers.pop(event.key)
    instance.elements[timer.element].waits.remove(event.key)


def _subscribed(instance: Instance, event: events.Subscribed, graph: Graph) -> None:
    instance.subscriptions[event.key] = SubscriptionState(
        event.element, event.node, event.kind, event.name, event.correlation_key, event.trigger
    )
    instance.elements[event.element].waits.append(event.key)


def _correlated(instance: Instance, event: events.Correlated, graph: Graph) -> None:
    """The subscription stays until it is closed: a non-interrupting boundary event may be reached again."""


def _unsubscribed(instance: Instance, event: events.Unsubscribed, graph: Graph) -> None:
    subscription = instance.subscriptions.pop(event.key)
    instance.elements[subscription.element].waits.remove(event.key)


def _condition(instance: Instance, event: events.ConditionOpened, graph: Graph) -> None:
    instance.conditions[event.key] = ConditionState(event.element, event.node, event.trigger)
    instance.elements[event.element].waits.append(event.key)


def _met(instance: Instance, event: events.ConditionMet, graph: Graph) -> None:
    instance.conditions[event.key].held = True


def _lapsed(instance: Instance, event: events.ConditionLapsed, graph: Graph) -> None:
    instance.conditions[event.key].held = False


def _condition_closed(instance: Instance, event: events.ConditionClosed, graph: Graph) -> None:
    condition = instance.conditions.pop(event.key)
    instance.elements[condition.element].waits.remove(event.key)


def _seen(instance: Instance, event: events.TriggerSeen, graph: Graph) -> None:
    element = instance.elements[event.element]
    element.seen.append((event.node, event.trigger))
    if event.values:
        element.early[event.node] = {**element.early.get(event.node, {}), **event.values}


def _reset(instance: Instance, event: events.TriggersReset, graph: Graph) -> None:
    element = instance.elements[event.element]
    element.seen = [(node, trigger) for node, trigger in element.seen if node != event.node]
    element.early.pop(event.node, None)


APPLIERS: Table = {
    events.ConditionOpened: _condition,
    events.ConditionMet: _met,
    events.ConditionLapsed: _lapsed,
    events.ConditionClosed: _condition_closed,
    events.TriggerSeen: _seen,
    events.TriggersReset: _reset,
    events.TimerSet: _timer_set,
    events.TimerFired: _timer_gone,
    events.TimerCanceled: _timer_gone,
    events.Subscribed: _subscribed,
    events.Correlated: _correlated,
    events.Unsubscribed: _unsubscribed,
}
