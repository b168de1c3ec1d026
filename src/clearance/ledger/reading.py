"""Entries of instances, read many instances at a time."""

from collections.abc import Iterator, Mapping

from clearance.ledger.rows import Entry
from clearance.ledger.store import Store

_PAGE = 500
"""Entries that are read at once."""


def entries_after(store: Store, after: Mapping[int, int]) -> Iterator[Entry]:
    """Of each of these instances the committed entries after a sequence number, by stream; who has a row has nothing in
    archives.
    """
    while after:
        page = store.tails(after, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]
        after = {stream: sequence for stream, sequence in after.items() if stream > last.stream}
        after[last.stream] = last.sequence
