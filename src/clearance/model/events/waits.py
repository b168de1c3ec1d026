"""Time, messages, signals: what an instance waits for and what it throws."""

from collections.abc import Mapping

from clearance.model.events.base import Recorded
from clearance.model.values import Data, Value


class TimerSet(Recorded, frozen=True, tag="timer"):
    key: int
    element: int
    """The element instance that waits."""
    node: int
    """The event that fires: a boundary event, a gateway's target, or the waiting element itself."""
    due: int
    repetitions: int
    """How often it fires, this time included; -1: without end."""
    interval: str
    """ISO 8601 duration or cron expression that repeats it, empty for one-shot timers."""
    trigger: int = 0
    """Which trigger of the event."""


class ConditionOpened(Recorded, frozen=True, tag="condition"):
    """An element waits for a condition to become true."""

    key: int
    element: int
    node: int
    trigger: int = 0


class ConditionMet(Recorded, frozen=True, tag="condition-met"):
    """It has become true; it must become false before it can happen again."""

    key: int


class ConditionLapsed(Recorded, frozen=True, tag="condition-lapsed"):
    key: int


class ConditionClosed(Recorded, frozen=True, tag="condition-closed"):
    key: int


class TriggerSeen(Recorded, frozen=True, tag="trigger-seen"):
    """One of the triggers that a parallel multiple event needs has happened."""

    element: int
    node: int
    trigger: int
    values: Mapping[str, Value] = {}
    """What it brought: kept with the event until all of them have happened."""


class TriggersReset(Recorded, frozen=True, tag="triggers-reset"):
    """All of them have."""

    element: int
    node: int


class TimerFired(Recorded, frozen=True, tag="timer-fired"):
    key: int


class TimerCanceled(Recorded, frozen=True, tag="timer-canceled"):
    key: int


class Subscribed(Recorded, frozen=True, tag="subscribed"):
    key: int
    element: int
    node: int
    kind: str
    """message or signal."""
    name: str
    correlation_key: str
    trigger: int = 0


class Correlated(Recorded, frozen=True, tag="correlated"):
    """A message or signal reached the subscription; its variables follow in their own event."""

    key: int
    message: int


class Unsubscribed(Recorded, frozen=True, tag="unsubscribed"):
    key: int


class MessageThrown(Recorded, frozen=True, tag="message-thrown"):
    element: int
    name: str
    correlation_key: str
    message_id: str
    time_to_live: int
    variables: dict[str, Data]


class SignalThrown(Recorded, frozen=True, tag="signal-thrown"):
    element: int
    name: str
    variables: dict[str, Data]
