"""Opens the store that an installation has: a file in the data folder, or PostgreSQL when it is given an address.

The data folder keeps documents, users and views in either case.
"""

from pathlib import Path

import msgspec

from clearance.engine.ports import Store, StoreError
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
        return SqliteStore(_file(data))
    if settings.lease_s < 1:
        raise StoreError(f"[store] lease_s is {settings.lease_s:g}: give it a second at least")
    return PostgresStore(_checked(settings.address), shard=shard, lease_s=settings.lease_s, waiting=waiting)


def find_store(data: Path, address: str = "", *, shard: int = 0) -> Store | None:
    """To read; None when there is no ledger yet. It may be in use."""
    if not address:
        return SqliteStore(_file(data), readonly=True) if _file(data).exists() else None
    try:
        return PostgresStore(_checked(address), shard=shard, readonly=True)
    except NoLedger:
        return None


def where(data: Path, address: str = "") -> str:
    """How a message names the place of the ledger, without the password."""
    return PostgresStore.named(_checked(address)) if address else str(data)


def _file(data: Path) -> Path:
    return data / "ledger.sqlite"


def _checked(address: str) -> str:
    if not address.startswith(_SCHEMES):
        raise StoreError("the address of the store does not begin with postgresql://")
    return address
