"""What a shard's process and whoever runs it say to each other, over a pipe, in lists of messages that each stand for
themselves.

Pickled by the pipe: both ends are the same program on the same machine.
"""

from typing import NamedTuple

import msgspec

from clearance.engine.runtime.engine import Left
from clearance.ledger.rows import ParcelRow
from clearance.model.commands import Answer, Command, Refusal


class Submit(NamedTuple):
    """A command from outside; answered by a :class:`Replied` of the same number."""

    number: int
    command: Command


class Push(NamedTuple):
    """Commands of other shards; nobody waits for an answer."""

    commands: list[Command]


class Stop(NamedTuple):
    """Finish what runs, commit what has arrived, and end."""


class Stopped(NamedTuple):
    """It has finished what it could; what it has left for the next start."""

    left: Left


class Started(NamedTuple):
    """The shard goes on where its store was."""


class Failed(NamedTuple):
    """The shard cannot run, and why."""

    reason: str


class Replied(NamedTuple):
    number: int
    answer: Answer | Refusal


class Committed(NamedTuple):
    position: int


class Carried(msgspec.Struct):
    """What is for other shards, as a :class:`~clearance.engine.runtime.shards.Committed`."""

    parcels: list[ParcelRow]
    arrived: dict[int, int] = {}
    caused: list[tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = []
    posted: list[tuple[int, int]] = []


class State(NamedTuple):
    """How the shard is, whenever that changes."""

    trouble: str
    lost: str
    waiting: int
