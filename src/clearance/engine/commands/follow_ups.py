"""What follows from a step of an instance, as data: the shard works these off in the same batch, one after the other.

They are never nested, however long a chain gets: what follows from a follow-up goes to the end of the queue.
"""

from collections.abc import Sequence

import msgspec

from clearance.kernel.state import Instance
from clearance.model.effects import CallProcess, CancelCalled, LeaveCall, RaiseToCaller, SendMessage, SendSignal
from clearance.model.events import Event
from clearance.model.graph import Graph


class Sent(msgspec.Struct, frozen=True):
    """The instance throws a message or a signal."""

    instance: Instance
    effect: SendMessage | SendSignal


class Call(msgspec.Struct, frozen=True):
    """The instance asks something of its caller, or of an instance that it calls."""

    instance: Instance
    effect: CallProcess | LeaveCall | RaiseToCaller | CancelCalled


class Subscribed(msgspec.Struct, frozen=True):
    """The instance waits for messages that may have been published before; ``events`` say for which."""

    instance: int
    graph: Graph
    events: Sequence[Event]


class Ended(msgspec.Struct, frozen=True):
    """An instance that a message may have started is over."""

    instance: Instance
    graph: Graph


class CalledTerminated(msgspec.Struct, frozen=True):
    """A called instance was cancelled."""

    instance: Instance


FollowUp = Sent | Call | Subscribed | Ended | CalledTerminated
