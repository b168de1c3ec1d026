"""The PostgreSQL store: one schema a shard, ``synchronous_commit=on``, one writer that an epoch fences.

Whoever opens a shard to write takes its epoch; every commit looks, within its own transaction, whether the epoch is
still its own. An engine that was paused and replaced can therefore never write. Needs the package psycopg.
"""

from clearance.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
