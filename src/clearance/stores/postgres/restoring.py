"""A restore into a database is all or nothing: from its first moment to its last every shard that it makes is marked,
and whoever opens one of them is refused.

The mark is set in the transaction that makes the tables. Taking it away is one transaction for all shards, once the
data folder is in place too. Whatever happens in between, the next restore begins anew.
"""

from collections.abc import Mapping
from typing import Any

from clearance.ledger.store import StoreError
from clearance.stores.postgres.connecting import Connector
from clearance.stores.rows import COLUMNS

_MARK = "restoring"
_STAYS = ("version", "epoch", "installation")
"""What of ``meta`` is not the ledger's."""


def refuse(meta: Mapping[str, str], named: str) -> None:
    """Raise StoreError when what is here is not whole."""
    if _MARK in meta:
        raise StoreError(
            f"{named}: a restore into this database has not come to its end. If it was broken off, run `clearance "
            "restore` again, which begins anew; or give another database"
        )


def begin(connection: Any, meta: Mapping[str, str], named: str) -> None:
    """Within the transaction that makes a shard's tables: mark it, without what an earlier restore has left."""
    if _MARK in meta:
        tables = COLUMNS.keys() - {"meta"} | {"archive_files"}
        connection.execute(f"TRUNCATE {', '.join(sorted(tables))}")
        connection.execute("DELETE FROM meta WHERE name <> ALL(%s)", (list(_STAYS),))
    elif "position" in meta:
        raise StoreError(f"{named}: the database holds a ledger already: give one that is new")
    connection.execute("INSERT INTO meta VALUES (%s, '')", (_MARK,))


def end(address: str, shards: int) -> None:
    """All shards are whole, at once."""
    connector = Connector(address, 0)
    with connector.explained(None):
        connection = connector.connect("restore")
    try:
        with connector.explained(connection), connection.transaction():
            for shard in range(shards):
                schema = Connector(address, shard).schema
                connection.execute(f"DELETE FROM {schema}.meta WHERE name = %s", (_MARK,))
    finally:
        connection.close()
