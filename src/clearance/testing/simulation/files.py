"""SQLite on a simulated disk: a file system for it (a VFS), and a connection that the SQLite store takes for its own.

The VFS needs apsw, which carries a SQLite of its own (``pip install "clearance[simulation]"``). The write-ahead log
lives without shared memory, so there is one connection, which keeps the file to itself.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import apsw

from clearance.ledger.rows import Batch, Entry
from clearance.stores.archives import Past
from clearance.stores.sqlite import SqliteStore
from clearance.testing.simulation.archives import SimulatedArchives
from clearance.testing.simulation.disk import DiskError, DiskFull, File, SimulatedDisk

_SECTOR = 4096
_LOG_PAGES = 20
"""Far fewer than SQLite's 1000, so that there is a checkpoint now and then."""


def _ignore(entries: list[Entry]) -> None:
    """Nobody wants to know."""


class SimulatedStore(SqliteStore):
    """The SQLite store on a simulated disk; readers share its one connection."""

    def __init__(self, path: str, system: "FileSystem", confirmed: Callable[[list[Entry]], None] = _ignore) -> None:
        """``confirmed`` is told of the entries of every commit that has succeeded."""
        super().__init__(path, disk=system.connect)
        self._past = Past(SimulatedArchives(system.disk, f"{path}.archives"), self.archives)
        self._confirmed = confirmed

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        self._confirmed(batch.entries)

    def reader(self) -> SqliteStore:
        shared = copy(self)
        shared.close = lambda: None  # type: ignore[method-assign]
        return shared

    def abandon(self) -> None:
        """What is left of it after a crash is taken away; its files stay as they are."""
        self._db.abandon()


class FileSystem(apsw.VFS):
    """Files of a simulated disk, as SQLite wants them."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.deaf = False
        """Nothing that SQLite wants reaches the disk: a connection is being put away after a crash."""
        self.vfs_name = f"clearance-simulation-{id(self)}"
        super().__init__(self.vfs_name, base="")

    def connect(self, path: Path, readonly: bool) -> "Connection":
        """What :class:`SqliteStore` opens a file with."""
        with _as_sqlite3():
            return Connection(self, apsw.Connection(str(path), vfs=self.vfs_name))

    def xFullPathname(self, name: str) -> str:  # noqa: N802 (SQLite's names, here and below)
        return name

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        return self.disk.exists(pathname)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        if not self.deaf:
            with _as_apsw():
                self.disk.delete(filename)

    def excepthook(self, kind: object, error: object, trace: object) -> bool:
        """SQLite does without this operation (a look at the log, a close), as it does on a real disk."""
        return True

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802
        return bytes(numbytes)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        with _as_apsw():
            named = name.filename() if isinstance(name, apsw.URIFilename) else name
            file = self.disk.open(named) if named is not None else File()
            flags[1] = flags[0]
            return Handle(self, file)


class Handle:
    """An open file; dead once the machine has stopped."""

    def __init__(self, system: FileSystem, file: File) -> None:
        self._system = system
        self._disk = system.disk
        self._file = file
        self._life = self._disk.life

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        if self._cut_off:
            return bytes(self._file.content[offset : offset + amount])
        with _as_apsw():
            return self._disk.read(self._file, offset, amount)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if not self._cut_off:
            with _as_apsw():
                self._disk.write(self._file, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """SQLite does not always look at what comes of it; whether it worked shows at the next operation."""
        if not self._cut_off:
            with contextlib.suppress(DiskError):
                self._disk.truncate(self._file, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if not self._cut_off:
            with _as_apsw():
                self._disk.sync(self._file)

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.content)

    def xLock(self, level: int) -> None:  # noqa: N802
        """There is nobody else."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """There is nobody else."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return _SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:  # noqa: N802
        """Nothing is held."""

    def excepthook(self, kind: object, error: object, trace: object) -> bool:
        """SQLite does without this operation (a look at the log, a close), as it does on a real disk."""
        return True

    @property
    def _cut_off(self) -> bool:
        """What it does no longer counts: it belongs to a machine that has stopped."""
        return self._system.deaf or self._life != self._disk.life


class Connection:
    """What the store uses of ``sqlite3.Connection``, on apsw's."""

    def __init__(self, system: FileSystem, connection: apsw.Connection) -> None:
        self._system = system
        self._connection = connection
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.set_wal_hook(_checkpoint)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Sequence[Any] = ()) -> "Rows":
        with _as_sqlite3():
            return Rows(self._connection.execute(sql, tuple(values)))

    def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        with _as_sqlite3():
            self._connection.executemany(sql, values)

    def executescript(self, sql: str) -> None:
        with _as_sqlite3():
            self._connection.execute(sql)

    def close(self) -> None:
        """As the standard library does: that the log could not be written back is not worth a word, it stays."""
        if self._system.disk.stopped:
            self.abandon()
            return
        try:
            self._connection.close()
        except apsw.Error:
            self.abandon()

    def abandon(self) -> None:
        """Let go of it as a crash does: without a word to the disk."""
        self._system.deaf = True
        try:
            self._connection.close()
        finally:
            self._system.deaf = False


def _checkpoint(connection: apsw.Connection, name: str, pages: int) -> int:
    """Write the log back once it is long. A commit stands whatever comes of that: SQLite itself would do the same, but
    apsw lets the commit fail with what the disk said.
    """
    if pages >= _LOG_PAGES:
        with contextlib.suppress(apsw.Error):
            connection.wal_checkpoint(name)
    return apsw.SQLITE_OK


class Rows:
    """What the store uses of ``sqlite3.Cursor``."""

    def __init__(self, cursor: apsw.Cursor) -> None:
        self._cursor = cursor

    def fetchall(self) -> list[Any]:
        with _as_sqlite3():
            return self._cursor.fetchall()

    def fetchone(self) -> Any:
        with _as_sqlite3():
            return self._cursor.fetchone()

    def __iter__(self) -> Iterator[Any]:
        with _as_sqlite3():
            yield from self._cursor


@contextmanager
def _as_apsw() -> Iterator[None]:
    """Errors of the disk, as SQLite understands them."""
    try:
        yield
    except DiskFull as error:
        raise apsw.FullError(str(error)) from error
    except DiskError as error:
        raise apsw.IOError(str(error)) from error


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """Errors of SQLite, as the standard library names them."""
    try:
        yield
    except apsw.Error as error:
        kind = sqlite3.OperationalError if isinstance(error, apsw.IOError | apsw.FullError) else sqlite3.DatabaseError
        raise kind(str(error)) from error
