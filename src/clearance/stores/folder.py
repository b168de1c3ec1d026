"""The ledger in a data folder: a SQLite file for each shard. The first is ``ledger.sqlite``, whatever follows has its
number in its name.
"""

from pathlib import Path

from clearance.engine.ledgers import all_of, count_of
from clearance.engine.ports import Store, StoreError
from clearance.engine.routing import FIRST
from clearance.stores.sqlite import SqliteStore


def ledger_path(data: Path, shard: int = FIRST) -> Path:
    """Where a shard's ledger is."""
    return data / ("ledger.sqlite" if shard == FIRST else f"ledger-{shard}.sqlite")


def open_stores(data: Path, shards: int = 0) -> list[Store]:
    """The stores of all shards, to be written; made when they are not there: so many, or one.

    Raises StoreError when there is another number of them.
    """
    stores: list[Store] = [SqliteStore(ledger_path(data))]
    try:
        count = count_of(stores[0], shards) or 1
        stores.extend(SqliteStore(ledger_path(data, shard)) for shard in range(1, count))
    except BaseException:
        for store in stores:
            store.close()
        raise
    return stores


def read_stores(data: Path) -> list[Store]:
    """The stores of all shards, to be read, in the order of their numbers; they may be in use."""

    def opened(shard: int) -> Store:
        path = ledger_path(data, shard)
        if not path.exists():
            raise StoreError(f"{path} is missing: restore the ledger from a backup")
        return SqliteStore(path, readonly=True)

    return all_of(opened)
