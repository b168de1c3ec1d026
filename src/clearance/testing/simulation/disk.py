"""A disk that loses what was not synced, as real ones do.

A write changes what the system shows at once, and the medium some time before the next sync, in any order, sector by
sector. When the power goes, any of the sectors that were not synced may be on the medium, whole or torn, or not.
When only the process dies, everything that it wrote stays.

The disk also fills up, is slow, answers with errors and, where a simulation says so, loses what it had confirmed.
It counts its operations, so that a crash can be planned for any of them.
"""

import random
from collections.abc import Callable
from enum import Enum

_SECTOR = 512


class Moment(Enum):
    """When, seen from an operation of the disk, everything stops."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class DiskError(Exception):
    """The operation failed; nothing of it is to be relied upon."""


class DiskFull(DiskError):
    """There is no room for it."""


class File:
    """Content as the system shows it, content on the medium, and what lies between them."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.medium = bytearray()
        self.known = False
        """Whether its name would be there after the power was gone."""
        self.changes: list[tuple[int, bytes] | int] = []
        """Writes (offset, bytes) and truncations (size) since the last sync."""

    def write(self, offset: int, data: bytes) -> None:
        _write(self.content, offset, data)
        self.changes.append((offset, data))

    def truncate(self, size: int) -> None:
        _truncate(self.content, size)
        self.changes.append(size)

    def sync(self) -> None:
        for change in self.changes:
            if isinstance(change, int):
                _truncate(self.medium, change)
            else:
                _write(self.medium, *change)
        self.changes.clear()
        self.known = True

    def lose_power(self, chance: random.Random) -> None:
        """Some of what was not synced is on the medium, some is not, some is torn."""
        kept = chance.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.changes:
            if isinstance(change, int):
                if chance.random() < kept:
                    _truncate(self.medium, change)
                continue
            for offset, sector in _sectors(*change):
                if chance.random() < kept:
                    torn = chance.random() < 0.1
                    _write(self.medium, offset, sector[: chance.randrange(len(sector))] if torn else sector)
        self.changes.clear()
        self.content = bytearray(self.medium)


class SimulatedDisk:
    """Files by name, with faults that are switched on from outside."""

    def __init__(self, chance: random.Random, waited: Callable[[int], None] = lambda milliseconds: None) -> None:
        """``waited`` is told how long a sync has taken."""
        self._chance = chance
        self._waited = waited
        self.files: dict[str, File] = {}
        self._renamed: list[tuple[str, str]] = []
        """Old and new names since the folder was synced last; without power any of them may be the old one again."""
        self.operations = 0
        self.life = 0
        """Counts up with every crash; handles of an earlier life are dead."""
        self.stopped = False
        """The machine stands still: nothing works until :meth:`restart`."""
        self.stop_at: tuple[int, Moment] | None = None
        """The operation at which it stops."""
        self.room: int | None = None
        """Bytes that all files may have together."""
        self.failing = 0
        """So many of the next writes and syncs fail."""
        self.sync_ms = 0
        """How long a sync takes."""
        self.lies = False
        """It confirms syncs that it has not made: what it then loses nobody can keep, but it must be noticed."""

    def restart(self, *, power_lost: bool) -> None:
        """The machine comes up again."""
        if power_lost:
            for old, new in reversed(self._renamed):
                if new in self.files and self._chance.random() < 0.5:
                    self.files[old] = self.files.pop(new)
            self._renamed.clear()
            for name in list(self.files):
                file = self.files[name]
                if file.known:
                    file.lose_power(self._chance)
                else:
                    del self.files[name]
        self.life += 1
        self.stopped, self.stop_at = False, None

    def open(self, name: str) -> File:
        self._operate()
        return self.files.setdefault(name, File())

    def exists(self, name: str) -> bool:
        return name in self.files

    def delete(self, name: str) -> None:
        self._operate()
        self.files.pop(name, None)
        self._finish()

    def rename(self, old: str, new: str) -> None:
        self._operate()
        self._fail()
        self.files[new] = self.files.pop(old)
        self._renamed.append((old, new))
        self._finish()

    def sync_names(self) -> None:
        """What was renamed keeps its new name."""
        self._operate()
        self._waited(self.sync_ms)
        self._fail()
        if not self.lies:
            self._renamed.clear()
        self._finish()

    def read(self, file: File, offset: int, amount: int) -> bytes:
        """Always works: what a machine that has stopped reads matters to nobody."""
        return bytes(file.content[offset : offset + amount])

    def write(self, file: File, offset: int, data: bytes) -> None:
        moment = self._operate()
        self._fail()
        grown = max(offset + len(data) - len(file.content), 0)
        if self.room is not None and grown and self.used + grown > self.room:
            raise DiskFull("database or disk is full")
        if moment is Moment.DURING:
            file.write(offset, data[: self._chance.randrange(len(data) + 1)])
            self._stop()
        file.write(offset, data)
        self._finish()

    def truncate(self, file: File, size: int) -> None:
        self._operate()
        self._fail()
        file.truncate(size)
        self._finish()

    def sync(self, file: File) -> None:
        moment = self._operate()
        self._waited(self.sync_ms)
        self._fail()
        if moment is Moment.DURING:
            # the medium has all or a part of it, and nobody was told
            if self._chance.random() < 0.5:
                file.sync()
            self._stop()
        if not self.lies:
            file.sync()
        self._finish()

    def damage(self, name: str) -> None:
        """One sector of a file is not what was written."""
        file = self.files[name]
        file.sync()
        if file.content:
            offset = self._chance.randrange(len(file.content))
            file.write(offset, bytes([file.content[offset] ^ (1 << self._chance.randrange(8))]))
            file.sync()

    @property
    def used(self) -> int:
        return sum(len(file.content) for file in self.files.values())

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _alive(self) -> None:
        if self.stopped:
            raise DiskError("the machine has stopped")

    def _operate(self) -> Moment | None:
        """Count an operation; the moment at which everything stops, if that is in it."""
        self._alive()
        self.operations += 1
        if self.stop_at is None or self.operations < self.stop_at[0]:
            return None
        if self.stop_at[1] is Moment.BEFORE:
            self._stop()
        return self.stop_at[1]

    def _finish(self) -> None:
        if self.stop_at is not None and self.operations >= self.stop_at[0]:
            self._stop()

    def _fail(self) -> None:
        if self.failing:
            self.failing -= 1
            raise DiskError("disk I/O error")

    def _stop(self) -> None:
        self.stopped = True
        raise DiskError("the machine has stopped")


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _truncate(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _sectors(offset: int, data: bytes) -> list[tuple[int, bytes]]:
    """The write, cut at the boundaries of sectors."""
    cut = []
    while data:
        length = _SECTOR - offset % _SECTOR
        cut.append((offset, data[:length]))
        offset, data = offset + length, data[length:]
    return cut
