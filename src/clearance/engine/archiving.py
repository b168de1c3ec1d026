"""Archiving as the shard does it: entries that a file holds already go from the tables, and one entry says so.

``retention.py`` chooses them and writes the file; what it has chosen cannot change meanwhile, for it has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearance.ledger.command_summary import summary
from clearance.ledger.rows import SHARD_STREAM, Archive
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import InstancesArchived

if TYPE_CHECKING:
    from clearance.engine.shard import Shard


def archive(shard: Shard, command: commands.ArchiveInstances) -> Answer | Refusal:
    """Record an archive, in the transaction in which its entries go."""
    under_way = {key for batch in shard.indexes.batches for key in batch.archived}
    rows = {row.key: row for row in shard.store.instances_of(command.instances)}
    for key in command.instances:
        row = rows.get(key)
        if row is None or key == SHARD_STREAM or key in under_way:
            return Refusal("conflict", f"instance {key} is archived already, or never was")
        if row.status == "active" or row.position > command.last:
            return Refusal("conflict", f"instance {key} has not ended, or is not in the archive to its end")
    before = max((one.shard_sequence for one in _known(shard)), default=0)
    if command.shard_sequence and not before < command.shard_sequence <= shard.own.sequence:
        return Refusal("conflict", f"the shard's own stream is archived up to entry {before} already")
    event = InstancesArchived(
        command.sha256,
        command.first,
        command.last,
        command.entries,
        command.size,
        command.instances,
        command.shard_sequence,
    )
    shard.write_shard(summary(command), [event])
    record(shard.batch.archives, shard.batch.archived, event, shard.position)
    for key in command.instances:
        shard.streams.pop(key, None)
    return Answer(0, shard.position)


def _known(shard: Shard) -> list[Archive]:
    return [*shard.store.archives(), *(one for batch in shard.indexes.batches for one in batch.archives)]


def record(archives: list[Archive], archived: dict[int, int], event: InstancesArchived, position: int) -> None:
    """What the event, recorded at this position, adds to a batch."""
    said = (event.sha256, event.first, event.last, event.entries, event.size, event.shard_sequence)
    archives.append(Archive(position, *said))
    archived.update(dict.fromkeys(event.instances, position))
