"""Instances from the store: where their rows stand, and the entries that their snapshots do not cover.

What a batch of commands is for is read together (:func:`fetch`): with each question to the store the interpreter's
lock goes to the thread that commits, and the question waits for what the database does for that one. It is read only,
and made into state when its command comes: many states at once would keep the garbage collector busy.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from clearance.engine.state.indexes import Indexes
from clearance.ledger import numbering
from clearance.ledger.reading import entries_after
from clearance.ledger.rows import Batch, Entry, InstanceRow
from clearance.ledger.store import Interrupted, Store, StoreError

log = logging.getLogger("clearance.engine")

_TAILS_BYTES_MAX = 64 * 1024 * 1024
"""Of entries that are read together; beyond that each instance's are read when its command comes."""

Found = dict[int, tuple[InstanceRow, Iterable[Entry]]]
"""Instances with the entries that their rows do not cover."""


def fetch(indexes: Indexes, keys: Iterable[int], dropped: Collection[int]) -> Found:
    """What the store has of these instances, none of which is in memory, with few questions to it.

    Who is left out, because the store cannot read all of them together or its state was ``dropped``, is read alone by
    :meth:`ShardState.stream`: what is wrong with one instance then hurts no other.
    """
    wanted = sorted(key for key in keys if numbering.is_key(key) and key not in dropped)
    found: Found = {}
    if len(wanted) < 2:
        return found
    size = 0
    try:
        rows = indexes.instances(wanted)
        covered = {row.key: row.sequence for row in rows.values()}
        for key, group in groupby(entries_after(indexes.store, covered), key=lambda entry: entry.stream):
            entries = list(group)
            found[key] = rows.pop(key), entries
            size += sum(len(entry.content) for entry in entries)
            if size > _TAILS_BYTES_MAX:
                return found
        found.update({key: (row, ()) for key, row in rows.items()})
    except Interrupted:
        raise
    except StoreError as error:
        log.warning("instances cannot be read together, so each is read alone: %s", error)
    return found


def tail(store: Store, row: InstanceRow, batches: Iterable[Batch]) -> Iterator[Entry]:
    """What the row's snapshot does not cover: committed entries, then those of batches that are under way."""
    last = row.sequence
    for entry in entries_after(store, {row.key: row.sequence}):
        last = entry.sequence
        yield entry
    for batch in batches:
        for entry in batch.entries:
            if entry.stream == row.key and entry.sequence > last:
                last = entry.sequence
                yield entry
