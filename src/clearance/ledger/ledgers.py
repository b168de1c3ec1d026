"""The ledgers of all shards, to be read as one.

Entries of different shards have no order among each other, so they are numbered by places
(:func:`clearance.ledger.numbering.place_of`): first all of the first shard, then all of the next. A list is followed
shard by shard.
"""

from collections.abc import Callable, Sequence

from clearance.ledger import numbering
from clearance.ledger.rows import Batch, Entry
from clearance.ledger.store import Store, StoreError


class Ledgers:
    """Reader handles, one a shard; one thread at a time may use them."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self.stores = tuple(stores)

    def of(self, key: int) -> Store:
        """Where the key is from; the first shard's for one that nobody can have given."""
        shard = numbering.shard_of(key)
        return self.stores[shard if shard < len(self.stores) else numbering.FIRST]

    def heads(self) -> list[int]:
        """The place of the last entry of each shard."""
        return [numbering.place_of(store.head().position, shard) for shard, store in enumerate(self.stores)]

    def entries(self, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Entries after a place, with theirs."""
        found: list[tuple[int, Entry]] = []
        position = numbering.position_at(after)
        for shard in range(numbering.shard_at(after), len(self.stores)):
            entries = self.stores[shard].entries(position, limit - len(found))
            found.extend((numbering.place_of(entry.position, shard), entry) for entry in entries)
            if len(found) >= limit:
                break
            position = 0
        return found

    def history(self, stream: int, after: int, limit: int, shard: int = numbering.FIRST) -> list[tuple[int, Entry]]:
        """Entries of an instance, or of a shard's own stream, after a sequence number, with their places."""
        number = numbering.shard_of(stream) if stream else shard
        if number >= len(self.stores):
            return []
        entries = self.stores[number].history(stream, after, limit)
        return [(numbering.place_of(entry.position, number), entry) for entry in entries]

    def reader(self) -> "Ledgers":
        """Handles for another thread."""
        return Ledgers([store.reader() for store in self.stores])

    def close(self) -> None:
        for store in self.stores:
            store.close()


def all_of(opened: Callable[[int], Store], count: Callable[[Store], int]) -> list[Store]:
    """The stores of all shards of a ledger, given how one is opened by its number, and how the first tells how many."""
    stores = [opened(numbering.FIRST)]
    try:
        stores.extend(opened(shard) for shard in range(1, count(stores[0])))
    except BaseException:
        for store in stores:
            store.close()
        raise
    return stores


def count_of(first: Store, wanted: int = 0) -> int:
    """How many shards the ledger has to which this first store belongs; 0: it is new, and nobody wants a number.

    Raises StoreError when another number is wanted than it has.
    """
    head = first.head()
    known = head.shards or (1 if head.position else 0)
    if known and wanted and known != wanted:
        raise StoreError(
            f"this ledger has {known} shard{'s' if known > 1 else ''}, not {wanted}: the number is fixed when a ledger "
            f"is made, so set shards to {known}, or begin a new ledger"
        )
    if not 0 <= wanted <= numbering.SHARDS_MAX:
        raise StoreError(f"there cannot be {wanted} shards: set shards to a number from 1 to {numbering.SHARDS_MAX}")
    return known or wanted


def agree(stores: Sequence[Store]) -> None:
    """Let new stores know how many shards there are; raises StoreError when they know of another number.

    The first store is told last: once it knows, all others do.
    """
    if count_of(stores[0], len(stores)) != stores[0].head().shards:
        for number, store in reversed(list(enumerate(stores))):
            key = max(store.head().next_key, numbering.first_key(number))
            store.commit(Batch(next_key=key, shards=len(stores)))
