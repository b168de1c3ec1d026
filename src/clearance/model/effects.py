"""What the kernel asks the engine to do after a decision; carried out only once the decision is committed.

A :class:`NeedClearance` is settled by the gate within the same transaction; the others leave the instance.
"""

from collections.abc import Mapping

import msgspec

from clearance.model.values import Data, Value


class NeedClearance(msgspec.Struct, frozen=True, gc=False):
    """A job waits for the gate."""

    job: int


class RunJob(msgspec.Struct, frozen=True, gc=False):
    """A cleared job may leave."""

    job: int


class SendMessage(msgspec.Struct, frozen=True, gc=False):
    name: str
    correlation_key: str
    message_id: str
    time_to_live: int
    variables: Mapping[str, Data]


class SendSignal(msgspec.Struct, frozen=True, gc=False):
    name: str
    variables: Mapping[str, Data]


class CallProcess(msgspec.Struct, frozen=True, gc=False):
    """Begin an instance under this key for a call activity."""

    element: int
    child: int
    process: str
    binding: str
    version_tag: str
    version: int
    variables: Mapping[str, Value]


class LeaveCall(msgspec.Struct, frozen=True, gc=False):
    """A called instance has completed: its variables go back to the caller."""

    variables: Mapping[str, Value]


class RaiseToCaller(msgspec.Struct, frozen=True, gc=False):
    """Nothing in a called instance catches an error or escalation: the call activity may."""

    kind: str
    code: str
    message: str
    variables: Mapping[str, Data]
    label: str


class CancelCalled(msgspec.Struct, frozen=True, gc=False):
    """The caller has ended before the called instance."""

    child: int


Effect = NeedClearance | RunJob | SendMessage | SendSignal | CallProcess | LeaveCall | RaiseToCaller | CancelCalled
