"""What ``clearance doctor`` asks of a PostgreSQL server: whether what it confirms survives, and how long that takes."""

import statistics
import time
from typing import Any

from clearance.ledger.store import StoreError
from clearance.stores.postgres.connecting import Connector

_COMMITS = 15
_SLOW_S = 0.03
_MUST_BE_ON = {
    "fsync": "without it the database is lost when the power fails: set it to on",
    "full_page_writes": "without it a torn page is never noticed: set it to on",
}
_FREE_MIN = 10
"""Connections that are to be free: a tower has about eight, and its standby one."""


def health(address: str, shard: int = 0) -> str:
    """What is well, in words; raises StoreError with what is not, and what to do about it."""
    connector = Connector(address, shard)
    with connector.explained(None):
        connection = connector.connect("doctor")
    try:
        with connector.explained(connection):
            for name, advice in _MUST_BE_ON.items():
                if _one(connection, f"SHOW {name}") != "on":
                    raise StoreError(f"{connector.named}: {name} is off: {advice}")
            used = int(_one(connection, "SELECT count(*) FROM pg_stat_activity WHERE backend_type='client backend'"))
            most = int(_one(connection, "SHOW max_connections"))
            if most - used < _FREE_MIN:
                raise StoreError(
                    f"{connector.named}: {used} of {most} connections are taken: raise max_connections, or end some"
                )
            usual = _commit_s(connection)
            if usual > _SLOW_S:
                advice = "put the server nearer, or its log on a faster disk"
                raise StoreError(f"{connector.named}: a commit takes {usual * 1000:.0f} ms: {advice}")
            version = _one(connection, "SHOW server_version")
            return (
                f"{connector.named}: PostgreSQL {version}, a commit takes {usual * 1000:.1f} ms; {_owner(connection)}"
            )
    finally:
        connection.close()


def _commit_s(connection: Any) -> float:
    """Seconds of a commit that reaches the disk and leaves nothing behind."""
    taken = []
    for _ in range(_COMMITS):
        began = time.perf_counter()
        connection.execute("SELECT pg_logical_emit_message(true, 'clearance', 'doctor')")
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _owner(connection: Any) -> str:
    if _one(connection, "SELECT to_regclass('lease') IS NOT NULL"):
        holder = _one(connection, "SELECT holder FROM lease")
        return f"the last to hold it is {holder}" if holder else "nobody holds it"
    return "there is no ledger yet"


def _one(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchone()[0]
