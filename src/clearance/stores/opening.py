"""Opens the store that an installation has: a file in the data folder, or PostgreSQL when it is given an address. Of
several shards each has a store of its own; the first says how many there are.

The data folder keeps documents, users and views in either case.
"""

from pathlib import Path

import msgspec

from clearance.engine.ledgers import count_of
from clearance.engine.ports import Store, StoreError
from clearance.engine.routing import FIRST
from clearance.stores.postgres import PostgresStore
from clearance.stores.postgres.connecting import NoLedger
from clearance.stores.postgres.lease import LEASE_S, Waiting
from clearance.stores.sqlite import SqliteStore

_SCHEMES = ("postgresql://", "postgres://")


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str = ""
    """postgresql://USER@HOST:PORT/DATABASE; empty: SQLite in the data folder. The password comes as libpq takes it."""
    lease_s: float = LEASE_S
    """Seconds without a sign of life after which a standby takes over from an engine that is still connected."""


def open_store(
    data: Path, settings: StoreSettings = StoreSettings(), *, shard: int = 0, waiting: Waiting | None = None
) -> Store:
    """To write, made when it is not there. ``waiting``: how to wait while another engine has it (PostgreSQL)."""
    if not settings.address:
        return SqliteStore(ledger_file(data, shard))
    if settings.lease_s < 1:
        raise StoreError(f"[store] lease_s is {settings.lease_s:g}: give it a second at least")
    return PostgresStore(_checked(settings.address), shard=shard, lease_s=settings.lease_s, waiting=waiting)


def open_stores(
    data: Path,
    settings: StoreSettings = StoreSettings(),
    *,
    shards: int = 0,
    shard: int = 0,
    waiting: Waiting | None = None,
) -> list[Store]:
    """The stores of all shards, to write: as many as the ledger has; a new one gets ``shards`` of them, or one, which
    may be given a number. Raises StoreError when it has another number of them.
    """
    stores = [open_store(data, settings, shard=shard, waiting=waiting)]
    try:
        count = count_of(stores[0], shards) or 1
        stores.extend(open_store(data, settings, shard=number, waiting=waiting) for number in range(1, count))
    except BaseException:
        _close(stores)
        raise
    return stores


def find_stores(data: Path, address: str = "") -> list[Store]:
    """The stores of all shards, to read, in the order of their numbers; none when there is no ledger yet."""
    first = find_store(data, address)
    if first is None:
        return []
    stores = [first]
    try:
        for number in range(1, count_of(first)):
            further = find_store(data, address, shard=number)
            if further is None:
                raise StoreError(f"shard {number} of the ledger in {where(data, address)} is missing: restore it")
            stores.append(further)
    except BaseException:
        _close(stores)
        raise
    return stores


def _close(stores: list[Store]) -> None:
    for store in stores:
        store.close()


def find_store(data: Path, address: str = "", *, shard: int = 0) -> Store | None:
    """To read; None when there is no ledger yet. It may be in use."""
    if not address:
        path = ledger_file(data, shard)
        return SqliteStore(path, readonly=True) if path.exists() else None
    try:
        return PostgresStore(_checked(address), shard=shard, readonly=True)
    except NoLedger:
        return None


def where(data: Path, address: str = "") -> str:
    """How a message names the place of the ledger, without the password."""
    return PostgresStore.named(_checked(address)) if address else str(data)


def ledger_file(data: Path, shard: int = FIRST) -> Path:
    """Where a shard's ledger is in a data folder."""
    return data / ("ledger.sqlite" if shard == FIRST else f"ledger-{shard}.sqlite")


def _checked(address: str) -> str:
    if not address.startswith(_SCHEMES):
        raise StoreError("the address of the store does not begin with postgresql://")
    return address
