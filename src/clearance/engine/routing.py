"""Where a command goes when there are several shards. Pure: the same for every process and every machine, for ever.

What is for an instance goes to the shard that its key carries (``ledger/numbering.py``). A message has its
home on the shard of its correlation key, where those wait for it, and where its id, its lock and itself are kept; a
message without a key, and every conversation, has its home on the first shard, because who does not know its
conversation yet must meet all messages of it. Deployments are decided by the first shard; schedules live there too.
What starts an instance, and signals, may go to any.
"""

import zlib

from clearance.kernel.shared.correlation import PREFIX
from clearance.ledger.numbering import FIRST, shard_of
from clearance.model import commands
from clearance.model.commands import Command

_DECIDED_BY_THE_FIRST = (commands.DeployProcess, commands.DeployDecisions, commands.FireStart, commands.ExpireMessages)


def home(correlation_key: str, shards: int) -> int:
    """Where the messages with this key are, and those who wait for them."""
    if not correlation_key or correlation_key.startswith(PREFIX):
        return FIRST
    return zlib.crc32(correlation_key.encode()) % shards


def spread(key: int, shards: int) -> int:
    """Some shard for what may live on any, evenly and always the same for a key."""
    return zlib.crc32(str(key).encode()) % shards


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
