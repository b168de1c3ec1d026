"""What the kernel asks the engine to do after a decision; carried out only once the decision is committed.

A :class:`NeedClearance` is settled by the gate within the same transaction; the others leave the instance.
"""

from collections.abc import Mapping

import msgspec

from clearance.model.values import Data


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


Effect = NeedClearance | RunJob | SendMessage | SendSignal
