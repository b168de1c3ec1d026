"""Archiving as the shard does it: entries that a file holds already go from the tables, and one entry says so.

``retention.py`` chooses them and writes the file; what it has chosen cannot change meanwhile, for it has ended.
"""

from clearance.engine.state.shard_state import ShardState
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import SHARD_STREAM, Archive
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import InstancesArchived


def archive(state: ShardState, command: commands.ArchiveInstances) -> Answer | Refusal:
    """Record an archive, in the transaction in which its entries go."""
    under_way = {key for batch in state.indexes.batches for key in batch.archived}
    rows = {row.key: row for row in state.store.instances_of(command.instances)}
    for key in command.instances:
        row = rows.get(key)
        if row is None or key == SHARD_STREAM or key in under_way:
            return Refusal("conflict", f"instance {key} is archived already, or never was")
        if row.status == "active" or row.position > command.last:
            return Refusal("conflict", f"instance {key} has not ended, or is not in the archive to its end")
    before = max((one.shard_sequence for one in _known(state)), default=0)
    if command.shard_sequence and not before < command.shard_sequence <= state.own_sequence:
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
    state.record_own(summary(command), [event])
    state.batch.archive(row_of(event, state.position), event.instances)
    for key in command.instances:
        state.release(key)
    return Answer(0, state.position)


def _known(state: ShardState) -> list[Archive]:
    return [*state.store.archives(), *(one for batch in state.indexes.batches for one in batch.archives)]


def row_of(event: InstancesArchived, position: int) -> Archive:
    """What is kept of an archive that the entry at this position records."""
    return Archive(position, event.sha256, event.first, event.last, event.entries, event.size, event.shard_sequence)
