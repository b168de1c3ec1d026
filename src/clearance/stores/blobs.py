"""Large things beside the ledger, under the SHA-256 of their content: in a folder, or in memory for tests."""

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from clearance.ledger.store import StoreError
from clearance.model.work import BlobRef

_SIZE_MAX = 512 * 1024 * 1024
"""Far above what any actor reads: what is too large for it should reach a person, not vanish."""

PARTIAL = ".partial-"
"""How the names of files begin that are not whole yet."""


class FolderBlobs:
    """One file a blob, in folders by the first two digits; written whole, synced, then renamed into place."""

    def __init__(self, folder: Path, size_max: int = _SIZE_MAX) -> None:
        self._folder = folder
        self._size_max = size_max

    def read(self, sha256: str) -> bytes:
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def keep(self, content: bytes, media_type: str, name: str = "") -> BlobRef:
        if len(content) > self._size_max:
            raise ValueError(f"{name or 'the document'} has {len(content)} bytes; at most {self._size_max} are kept")
        reference = BlobRef(hashlib.sha256(content).hexdigest(), media_type, len(content), name)
        path = self._path(reference.sha256)
        try:
            keep_whole(path, content)
            keep_whole(path.with_suffix(".json"), msgspec.json.encode(reference))
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror or error}: the document was not kept") from error
        return reference

    def about(self, sha256: str) -> BlobRef:
        """Media type, size and name; raises KeyError."""
        try:
            return msgspec.json.decode(self._path(sha256).with_suffix(".json").read_bytes(), type=BlobRef)
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not all(digit in "0123456789abcdef" for digit in sha256):
            raise KeyError(sha256)
        return self._folder / sha256[:2] / sha256


class MemoryBlobs:
    """The same, in memory."""

    def __init__(self) -> None:
        self._content: dict[str, tuple[bytes, BlobRef]] = {}

    def read(self, sha256: str) -> bytes:
        return self._content[sha256][0]

    def keep(self, content: bytes, media_type: str, name: str = "") -> BlobRef:
        reference = BlobRef(hashlib.sha256(content).hexdigest(), media_type, len(content), name)
        self._content.setdefault(reference.sha256, (content, reference))
        return reference

    def about(self, sha256: str) -> BlobRef:
        return self._content[sha256][1]


def keep_whole(path: Path, content: bytes) -> None:
    """See to it that the file is there for good. One that is there already was written whole, but whoever wrote it may
    have been killed before its name was synced.
    """
    if path.exists():
        _sync_folder(path.parent)
    else:
        write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens: under another name, synced, renamed."""
    make_folder(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=PARTIAL, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)  # it would take the room that is lacking
            raise
    _sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """A folder, and those above it, that are there after the power was gone."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
