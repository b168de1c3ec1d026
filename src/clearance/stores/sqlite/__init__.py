"""The SQLite store: one file, write-ahead log, ``synchronous=FULL``.

``NORMAL`` would lose acknowledged commits on power loss, so it is not offered. One process writes (a lock file beside
the database says who); readers have connections of their own and see the last commit.
"""

from clearance.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
