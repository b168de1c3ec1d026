"""Instances from the store: where their rows stand, and the entries that their snapshots do not cover.

What a batch of commands is for is loaded together (:func:`fetch`): with each question to the store the interpreter's
lock goes to the thread that commits, and the question waits for what the database does for that one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from clearance.engine.ports import SHARD_STREAM, Entry, InstanceRow, Interrupted, Store, StoreError
from clearance.engine.stream import loaded

if TYPE_CHECKING:
    from clearance.engine.shard import Shard

log = logging.getLogger("clearance.engine")

_PAGE = 1000


def fetch(shard: Shard, keys: Iterable[int]) -> None:
    """Load those of these instances that are not in memory, with few questions to the store.

    What cannot be loaded is left out, and nothing is said: whoever asks for it with :meth:`Shard.stream` meets what is
    wrong with that one, and no other is touched by it.
    """
    wanted = sorted({key for key in keys if key != SHARD_STREAM and key not in shard.streams} - shard.dropped)
    if len(wanted) < 2:
        return
    try:
        rows = shard.indexes.instances(wanted)
        for stream, entries in groupby(_after(shard.store, rows.values()), key=lambda entry: entry.stream):
            _load(shard, rows.pop(stream), list(entries))
        for row in rows.values():
            _load(shard, row, ())
    except Interrupted:
        raise
    except StoreError as error:
        log.warning("instances could not be loaded together, so each is loaded alone: %s", error)


def _load(shard: Shard, row: InstanceRow, entries: Sequence[Entry]) -> None:
    with suppress(Exception):  # it comes up again, and is told, when a command for this one is worked out
        shard.streams[row.key] = loaded(row, entries, shard.registry.graph)


def tail(shard: Shard, row: InstanceRow) -> Iterator[Entry]:
    """What the row's snapshot does not cover: committed entries, then those that are under way."""
    last = row.sequence
    batches = shard.indexes.batches if row.key in shard.dropped else ()
    for entry in _after(shard.store, [row]):
        last = entry.sequence
        yield entry
    for batch in batches:
        for entry in batch.entries:
            if entry.stream == row.key and entry.sequence > last:
                last = entry.sequence
                yield entry


def _after(store: Store, rows: Iterable[InstanceRow]) -> Iterator[Entry]:
    """Committed entries after these rows, by stream; who has a row has nothing in archives."""
    after = {row.key: row.sequence for row in rows}
    while after:
        page = store.tails(after, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]
        after = {stream: sequence for stream, sequence in after.items() if stream > last.stream}
        after[last.stream] = last.sequence
