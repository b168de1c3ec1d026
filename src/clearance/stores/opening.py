"""Opens the stores that an installation has, one a shard: files in the data folder, or schemas of a PostgreSQL database
when it is given an address.

The data folder keeps documents, users and views in either case.
"""

from pathlib import Path

import msgspec

from clearance.ledger.ledgers import all_of, count_of
from clearance.ledger.numbering import FIRST
from clearance.ledger.store import Store, StoreError
from clearance.model.bounds import Span
from clearance.stores.postgres import PostgresStore, restoring
from clearance.stores.postgres.connecting import NoLedger
from clearance.stores.postgres.lease import LEASE_S, Waiting
from clearance.stores.sqlite import SqliteStore

_SCHEMES = ("postgresql://", "postgres://")


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str = ""
    """postgresql://USER@HOST:PORT/DATABASE; empty: SQLite in the data folder. The password comes as libpq takes it."""
    lease_s: Span = LEASE_S
    """Seconds without a sign of life after which a standby takes over from an engine that is still connected."""


def open_stores(
    data: Path,
    settings: StoreSettings = StoreSettings(),
    *,
    shards: int = 0,
    waiting: Waiting | None = None,
    restores: bool = False,
) -> list[Store]:
    """The stores of all shards, in the order of their numbers, to write; made when they are not there: so many, or one.

    ``waiting``: how to wait while another engine has them (PostgreSQL). ``restores``: nobody can open them before
    :func:`restored`, if they are in a database; files are put in place by whoever makes them. Raises StoreError when
    there is another number of them.
    """
    if settings.lease_s < 1:
        raise StoreError(f"[store] lease_s is {settings.lease_s:g}: give it a second at least")

    replaced: set[str] = set()

    def opened(shard: int) -> Store:
        return open_store(data, settings, shard=shard, waiting=waiting, replaced=replaced, restores=restores)

    return all_of(opened, lambda first: count_of(first, shards) or 1)


def open_store(
    data: Path,
    settings: StoreSettings = StoreSettings(),
    *,
    shard: int = FIRST,
    waiting: Waiting | None = None,
    replaced: set[str] | None = None,
    restores: bool = False,
) -> Store:
    """One of them; ``replaced`` is what those of one tower share."""
    if not settings.address:
        return SqliteStore(ledger_path(data, shard))
    return PostgresStore(
        _checked(settings.address),
        shard=shard,
        lease_s=settings.lease_s,
        waiting=waiting,
        replaced=replaced,
        restores=restores,
    )


def restored(address: str, shards: int) -> None:
    """What was opened to restore into a database is whole: all shards of it, or none."""
    restoring.end(_checked(address), shards)


def find_stores(data: Path, address: str = "") -> list[Store]:
    """The stores of all shards, to read; none when there is no ledger yet. They may be in use."""

    def opened(shard: int) -> Store:
        if address:
            return PostgresStore(_checked(address), shard=shard, readonly=True)
        path = ledger_path(data, shard)
        if not path.exists():
            raise StoreError(f"{path} is missing: restore the ledger from a backup")
        return SqliteStore(path, readonly=True)

    if not address and not ledger_path(data).exists():
        return []
    try:
        return all_of(opened, lambda first: count_of(first) or 1)
    except NoLedger:
        return []


def ledger_path(data: Path, shard: int = FIRST) -> Path:
    """The file of a shard in a data folder."""
    return data / ("ledger.sqlite" if shard == FIRST else f"ledger-{shard}.sqlite")


def where(data: Path, address: str = "") -> str:
    """How a message names the place of the ledger, without the password."""
    return PostgresStore.named(_checked(address)) if address else str(data)


def _checked(address: str) -> str:
    if not address.startswith(_SCHEMES):
        raise StoreError("the address of the store does not begin with postgresql://")
    return address
