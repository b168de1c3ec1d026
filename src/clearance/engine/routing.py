"""Where a command goes when there are several shards. Pure: the same for every process and every machine, for ever.

A key carries its shard in the high bits, so what is for an instance goes to the shard of its key. A message has its
home on the shard of its correlation key, where those wait for it, and where its id, its lock and itself are kept; a
message without a key, and every conversation, has its home on the first shard, because who does not know its
conversation yet must meet all messages of it. Deployments are decided by the first shard; schedules live there too.
What starts an instance, and signals, may go to any.
"""

import zlib

from clearance.kernel.shared.correlation import PREFIX
from clearance.model import commands
from clearance.model.commands import Command

SHARD_BITS = 50
"""Keys of one shard: a thousand a second for 35,000 years."""
POSITION_BITS = 42
"""Ledger entries of one shard. Positions travel as JSON numbers, which are exact up to 2 to the power of 53."""
SHARDS_MAX = 2048
FIRST = 0

_DECIDED_BY_THE_FIRST = (commands.DeployProcess, commands.DeployDecisions, commands.FireStart, commands.ExpireMessages)


def shard_of(key: int) -> int:
    """The shard that gave the key."""
    return key >> SHARD_BITS


def age_of(key: int) -> int:
    """What orders keys of any shards by when they were given, about: what is left of one without its shard."""
    return key & ((1 << SHARD_BITS) - 1)


def is_key(key: int) -> bool:
    """Whether any shard may ever give it. No store can look for what is longer than 64 bits."""
    return 0 < key < SHARDS_MAX << SHARD_BITS


def first_key(shard: int) -> int:
    return (shard << SHARD_BITS) + 1


def home(correlation_key: str, shards: int) -> int:
    """Where the messages with this key are, and those who wait for them."""
    if not correlation_key or correlation_key.startswith(PREFIX):
        return FIRST
    return zlib.crc32(correlation_key.encode()) % shards


def spread(key: int, shards: int) -> int:
    """Some shard for what may live on any, evenly and always the same for a key."""
    return zlib.crc32(str(key).encode()) % shards


def place_of(position: int, shard: int) -> int:
    """A position in one shard's ledger as a number that no other shard's has."""
    return (shard << POSITION_BITS) + position


def shard_at(place: int) -> int:
    """The shard of a place."""
    return place >> POSITION_BITS


def position_at(place: int) -> int:
    """The position in its shard's ledger."""
    return place & ((1 << POSITION_BITS) - 1)


def route(command: Command, shards: int) -> int | None:
    """The shard that a command is for; None: any will do."""
    if isinstance(command, commands.PublishMessage):
        return home(command.correlation_key, shards)
    if isinstance(command, _DECIDED_BY_THE_FIRST):
        return FIRST
    if isinstance(command, commands.ArchiveInstances):
        return command.shard
    if isinstance(command, commands.Create):
        return shard_of(command.key)
    instance = getattr(command, "instance", None)
    return None if instance is None else shard_of(instance)
