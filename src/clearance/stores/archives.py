"""Archives beside the ledger, and reading across both: whoever asks a store for entries need not know where they are.

An archive is written whole under another name, synced, and renamed to the SHA-256 of its content before any entry goes
from the tables; a file that no ledger names is what a crash has left, and the next retention removes it.
"""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from clearance.ledger import archive_format
from clearance.ledger.rows import SHARD_STREAM, Archive, Entry
from clearance.ledger.store import ArchiveFiles, StoreError
from clearance.stores.blobs import PARTIAL, keep_whole

_SUFFIX = ".jsonl.xz"
_OPEN_MAX = 4
"""Archives whose entries are kept in memory for the next question."""


class FolderArchives:
    """One file an archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            keep_whole(path, content)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror or error}: nothing was archived") from error
        return sha256

    def read(self, sha256: str) -> bytes:
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def drop(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def names(self) -> Sequence[str]:
        return sorted(path.name.removesuffix(_SUFFIX) for path in self.folder.glob(f"*{_SUFFIX}"))

    def sweep(self) -> None:
        for path in self.folder.glob(f"{PARTIAL}*"):
            path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}{_SUFFIX}"


class MemoryArchives:
    """The same, in memory."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self._content[sha256] = content
        return sha256

    def read(self, sha256: str) -> bytes:
        return self._content[sha256]

    def drop(self, sha256: str) -> None:
        self._content.pop(sha256, None)

    def names(self) -> Sequence[str]:
        return sorted(self._content)

    def sweep(self) -> None:
        """Nothing is written in part."""


class Past:
    """The entries in archives, for one handle on a store."""

    def __init__(self, files: ArchiveFiles, known: Callable[[], Sequence[Archive]]) -> None:
        """``known``: the archives that are recorded now."""
        self.files = files
        self._known = known
        self._open: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
        self._positions: dict[str, array[int]] = {}

    def filled(self, present: Sequence[Entry], after: int, limit: int) -> Sequence[Entry]:
        """A page of entries with those among them that are in archives; ``present``: those that are not.

        Positions have no gaps, so that the page can only be the next ``limit`` positions.
        """
        if not limit or (present and present[-1].position - after == len(present)):
            return present
        last = after + limit
        page = {entry.position: entry for entry in present if entry.position <= last}
        for archive in self._known():
            if archive.first <= last and archive.last > after:
                page = {entry.position: entry for entry in self._between(archive, after, last)} | page
        return [page[position] for position in sorted(page)] or present

    def continued(
        self, present: Sequence[Entry], stream: int, after: int, limit: int, archived: Callable[[int], int | None]
    ) -> Sequence[Entry]:
        """The next entries of a stream; ``present``: those that are not in archives, ``archived``: says which has it.

        An instance is archived whole, of the shard's own stream each archive may hold the next piece.
        """
        if not limit or (present and present[0].sequence == after + 1):
            return present
        if stream == SHARD_STREAM:
            return self._own(present, after, limit)
        place = None if present else archived(stream)
        archive = next((one for one in self._known() if one.position == place), None)
        if archive is None:
            return present
        found = [one for one in self._entries(archive) if one.stream == stream and one.sequence > after]
        return found[:limit] or present

    def _own(self, present: Sequence[Entry], after: int, limit: int) -> Sequence[Entry]:
        """A page of the shard's own stream, as full as it can be, across as many archives as it takes."""
        page: list[Entry] = []
        for archive in self._known():
            if archive.shard_sequence > after and len(page) < limit:
                page.extend(
                    one for one in self._entries(archive) if one.stream == SHARD_STREAM and one.sequence > after
                )
                after = archive.shard_sequence
        page.extend(one for one in present if one.sequence > after)
        return page[:limit]

    def _between(self, archive: Archive, after: int, last: int) -> Sequence[Entry]:
        positions = self._positions.get(archive.sha256)
        if positions is None:
            positions = array("q", [entry.position for entry in self._entries(archive)])
            self._positions[archive.sha256] = positions
        start, end = bisect_right(positions, after), bisect_left(positions, last + 1)
        return self._entries(archive)[start:end] if start < end else ()

    def _entries(self, archive: Archive) -> tuple[Entry, ...]:
        entries = self._open.get(archive.sha256)
        if entries is not None:
            self._open.move_to_end(archive.sha256)
            return entries
        entries = opened(self.files, archive).entries
        self._open[archive.sha256] = entries
        if len(self._open) > _OPEN_MAX:
            self._open.popitem(last=False)
        return entries


def opened(files: ArchiveFiles, archive: Archive) -> archive_format.Content:
    """What a recorded archive holds; raises :class:`StoreError` when it is missing or not what was recorded."""
    name = f"archive {archive.sha256} (entries {archive.first} to {archive.last})"
    try:
        return archive_format.check(archive, files.read(archive.sha256))
    except KeyError:
        raise StoreError(f"{name} is missing: put it back from a backup") from None
    except archive_format.Damaged as error:
        raise StoreError(f"{name} is damaged: {error}. Put it back from a backup") from None
    except OSError as error:
        raise StoreError(f"{name} cannot be read: {error.strerror or error}") from error
