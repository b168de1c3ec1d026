"""Archives in the database itself: every engine that may own the shard, on whatever machine, finds them there."""

import hashlib
from collections.abc import Sequence
from typing import Protocol


class Database(Protocol):
    """What is needed of a store."""

    def run(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """One statement in a transaction of its own."""
        ...


class PostgresArchives:
    """One row an archive, in a table beside the entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        kept = "INSERT INTO archive_files (sha256, content) VALUES (%s, %s) ON CONFLICT (sha256) DO NOTHING"
        self._database.run(kept, sha256, content)
        return sha256

    def read(self, sha256: str) -> bytes:
        rows = self._database.run("SELECT content FROM archive_files WHERE sha256=%s", sha256)
        if not rows:
            raise KeyError(sha256)
        content = rows[0][0]
        assert isinstance(content, bytes)
        return content

    def drop(self, sha256: str) -> None:
        self._database.run("DELETE FROM archive_files WHERE sha256=%s", sha256)

    def names(self) -> Sequence[str]:
        return [str(row[0]) for row in self._database.run("SELECT sha256 FROM archive_files ORDER BY sha256")]

    def sweep(self) -> None:
        """Nothing is written in part."""
