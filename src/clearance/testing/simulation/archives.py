"""Archives on a simulated disk, kept as :class:`clearance.stores.archives.FolderArchives` keeps them on a real one:
written under another name, synced, renamed, and the folder synced before anybody is told.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from clearance.ledger.store import StoreError
from clearance.stores.blobs import PARTIAL
from clearance.testing.simulation.disk import DiskError, SimulatedDisk

_PIECE = 512
"""So many bytes are written at once, so that a crash can come in between."""


class SimulatedArchives:
    """One file an archive."""

    def __init__(self, disk: SimulatedDisk, folder: str) -> None:
        self._disk = disk
        self._folder = folder

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with _explained():
            if not self._disk.exists(self._name(sha256)):
                self._write(self._name(PARTIAL), self._name(sha256), content)
            self._disk.sync_names()
        return sha256

    def read(self, sha256: str) -> bytes:
        file = self._disk.files.get(self._name(sha256))
        if file is None:
            raise KeyError(sha256)
        return bytes(file.content)

    def drop(self, sha256: str) -> None:
        with _explained():
            self._disk.delete(self._name(sha256))

    def names(self) -> Sequence[str]:
        prefix = self._name("")
        names = (name.removeprefix(prefix) for name in self._disk.files if name.startswith(prefix))
        return sorted(name for name in names if not name.startswith(PARTIAL))

    def sweep(self) -> None:
        with _explained():
            if self._disk.exists(self._name(PARTIAL)):
                self._disk.delete(self._name(PARTIAL))

    def _name(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _write(self, partial: str, name: str, content: bytes) -> None:
        file = self._disk.open(partial)
        try:
            for offset in range(0, len(content), _PIECE):
                self._disk.write(file, offset, content[offset : offset + _PIECE])
            self._disk.sync(file)
            self._disk.rename(partial, name)
        except DiskError:
            with contextlib.suppress(DiskError):
                self._disk.delete(partial)
            raise


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DiskError as error:
        raise StoreError(f"nothing was archived: {error}") from error
