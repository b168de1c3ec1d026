"""Retention: instances that ended long ago move from the ledger's tables to archives, while the engine runs.

A piece at a time: choose whole trees (an instance with those that it called), write their entries to a file that is on
the disk before anything is asked, and ask the shard to record the file and let the entries go, which is one command
among others. What has ended is read many at a time: with every question the interpreter goes to the engine, and comes
back late. A crash before the command leaves a file that nobody names; the next run removes it.

What stays: whatever has not ended, or ended later; what is held (see :attr:`RetentionSettings.hold`); a tree of which
any of that is true of one; an instance that still holds the lock of its correlation key. Of the shard's own stream
(deployments, messages) the oldest entries go along: what they led to is in tables of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from clearance.ledger import archive_format, chain, numbering
from clearance.ledger.reading import entries_after
from clearance.ledger.rows import SHARD_STREAM, Entry, InstanceRow
from clearance.ledger.store import Store, StoreError
from clearance.model.bounds import Count, Span, SpanOrNone
from clearance.model.commands import Answer, ArchiveInstances, Refusal
from clearance.model.events import InstanceCreated, ProcessCalled

_PAGE = 500
_BYTES_MAX = 32 * 1024 * 1024
"""Of the contents of one archive, unless one tree has more."""
_SHARD_WORTH = 1000
"""Entries of the shard's own stream that are worth an archive without any instance."""

Ask = Callable[[ArchiveInstances], Answer | Refusal]


class RetentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    finished_after_days: SpanOrNone = 0.0
    """Instances that ended so long ago are archived; 0: nothing is."""
    every_s: Span = 3600.0
    """Seconds between two looks for such instances."""
    entries_max: Count = 2000
    """Entries of one archive, and so of one commit, unless one instance with all that it called has more."""
    hold: tuple[str, ...] = ()
    """Processes, by id, and instances, by key, that are never archived."""


class Moved(msgspec.Struct):
    """What went, or would go."""

    archives: int = 0
    instances: int = 0
    entries: int = 0
    contents: int = 0
    """Bytes of the entries' contents."""
    size: int = 0
    """Bytes of the archives."""

    def plus(self, other: "Moved") -> "Moved":
        sums = (getattr(self, name) + getattr(other, name) for name in self.__struct_fields__)
        return Moved(*sums)


class _Piece(msgspec.Struct):
    """What is to be one archive."""

    instances: list[int] = []
    entries: list[Entry] = []
    contents: int = 0
    shard_sequence: int = 0

    def add(self, entries: Sequence[Entry]) -> None:
        self.entries.extend(entries)
        self.contents += sum(len(entry.content) for entry in entries)


class Retention:
    """Moves what is old enough."""

    def __init__(self, store: Store, ask: Ask, settings: RetentionSettings) -> None:
        """``store``: a reader of one's own; ``ask``: the engine's way in."""
        self._store = store
        self._ask = ask
        self._settings = settings
        self._unsure: set[str] = set()
        """Archives that were asked for without an answer: they may yet be recorded."""
        self._shard_after = 0

    def run(
        self,
        until: int,
        *,
        dry_run: bool = False,
        progress: Callable[[Moved], None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Moved:
        """Archive what ended at ``until`` (milliseconds since 1970) or before; raises :class:`StoreError`.

        ``progress`` is told after each archive what went so far; ``stopping`` is asked whether to leave the rest.
        """
        if not dry_run:
            self._clean()
        self._shard_after = max((one.shard_sequence for one in self._store.archives()), default=0)
        moved = Moved()
        for piece in self._pieces(self._last_until(until)):
            if not dry_run:
                moved.size += self._move(piece)
            moved.archives += 1
            moved.instances += len(piece.instances)
            moved.entries += len(piece.entries)
            moved.contents += piece.contents
            if progress is not None:
                progress(moved)
            if stopping():
                break
        return moved

    def _clean(self) -> None:
        """Remove what a crash left between writing an archive and recording it."""
        files = self._store.archive_files
        files.sweep()
        named = {one.sha256 for one in self._store.archives()} | self._unsure
        for sha256 in files.names():
            if sha256 in named:
                continue
            try:
                written_for = archive_format.unpack(files.read(sha256)).header.installation
            except archive_format.Damaged:
                continue  # nobody knows whose it is
            if written_for == self._store.head().installation:
                files.drop(sha256)

    def _last_until(self, until: int) -> int:
        """The last position whose entry is not later; times do not fall, but for a clock that was set back."""
        low, high = 0, self._store.head().position  # the last entry stays, as the ledger's end
        while low + 1 < high:
            middle = (low + high) // 2
            found = self._store.unarchived(middle - 1, 1)
            if found and chain.read(found[0]).at <= until:
                low = middle
            else:
                high = middle
        return low

    # ---- choosing ----------------------------------------------------------------------------------------------------

    def _pieces(self, last: int) -> Iterator[_Piece]:
        piece = self._begin(last)
        for tree in self._trees(last):
            piece.instances.extend(tree)
            for entries in tree.values():
                piece.add(entries)
            if len(piece.entries) >= self._settings.entries_max or piece.contents >= _BYTES_MAX:
                yield piece
                piece = self._begin(last)
        while piece.instances or len(piece.entries) >= min(_SHARD_WORTH, self._settings.entries_max):
            yield piece
            piece = self._begin(last)

    def _begin(self, last: int) -> _Piece:
        """A piece with the next entries of the shard's own stream."""
        piece = _Piece()
        for entry in self._history(SHARD_STREAM, self._shard_after):
            if entry.position > last or len(piece.entries) >= self._settings.entries_max:
                break
            piece.add([entry])
            piece.shard_sequence = self._shard_after = entry.sequence
        return piece

    def _trees(self, last: int) -> Iterator[dict[int, list[Entry]]]:
        """Instances that were called by none, each with all below it and all their entries."""
        after = 0
        while rows := self._store.ended(after, last, _PAGE):
            known = {row.key: row for row in rows}
            for key, entries in groupby(entries_after(self._store, dict.fromkeys(known, 0)), key=_stream):
                tree = self._tree(known[key], list(entries), last)
                if tree:
                    yield tree
            after = rows[-1].key

    def _tree(self, root: InstanceRow, entries: list[Entry], last: int) -> dict[int, list[Entry]]:
        """Empty when it is called by another, or when any of it must stay."""
        first = chain.read(entries[0])
        if any(isinstance(event, InstanceCreated) and event.parent for event in first.events):
            return {}
        by_message = bool(first.command.get("message"))  # only these hold locks
        if self._stays(root, last) or (by_message and self._store.lock_of(root.key) is not None):
            return {}
        tree = {root.key: entries}
        pending = [child for entry in entries for child in _called(entry)]
        while pending:
            row = self._store.instance(pending.pop())
            if row is None:
                continue  # it was called, but never began
            if self._stays(row, last):
                return {}
            tree[row.key] = list(self._history(row.key, 0))
            pending.extend(child for entry in tree[row.key] for child in _called(entry))
        return tree

    def _stays(self, row: InstanceRow, last: int) -> bool:
        held = row.process in self._settings.hold or str(row.key) in self._settings.hold
        return row.status == "active" or row.position > last or held

    def _history(self, stream: int, after: int) -> Iterator[Entry]:
        while page := self._store.history(stream, after, _PAGE):
            yield from page
            after = page[-1].sequence

    # ---- moving ------------------------------------------------------------------------------------------------------

    def _move(self, piece: _Piece) -> int:
        """Write the archive, then have it recorded; its size."""
        piece.entries.sort(key=lambda entry: entry.position)
        content = archive_format.pack(
            self._store.head().installation, piece.instances, piece.entries, self._before(piece)
        )
        sha256 = self._store.archive_files.keep(content)
        command = ArchiveInstances(
            sha256=sha256,
            first=piece.entries[0].position,
            last=piece.entries[-1].position,
            entries=len(piece.entries),
            size=len(content),
            instances=tuple(sorted(piece.instances)),
            shard=numbering.shard_of(self._store.head().next_key),
            shard_sequence=piece.shard_sequence,
        )
        asked_before = sha256 in self._unsure
        self._unsure.add(sha256)
        answer = self._ask(command)
        if not asked_before:  # otherwise what was asked for then may still be on its way, whatever is said now
            self._unsure.discard(sha256)
        if isinstance(answer, Refusal):
            raise StoreError(answer.reason)
        return len(content)

    def _before(self, piece: _Piece) -> bytes:
        """The hash of the shard's own entry before the first in the piece."""
        own = next((entry.sequence for entry in piece.entries if entry.stream == SHARD_STREAM), 1)
        return self._store.history(SHARD_STREAM, own - 2, 1)[0].hash if own > 1 else b""


def _stream(entry: Entry) -> int:
    return entry.stream


def _called(entry: Entry) -> list[int]:
    """Instances that a call activity called."""
    if b'"called"' not in entry.content:
        return []
    return [event.child for event in chain.read(entry).events if isinstance(event, ProcessCalled)]
