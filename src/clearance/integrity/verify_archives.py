"""Verification of archives: each is what was recorded, what is in it chains and replays, and nothing is in two places.

Read one after the other, so that no more than one is in memory. What a missing or damaged archive held is known by
number only; that many positions may then be lacking without being complained of one by one.
"""

from collections.abc import Callable

from clearance.engine.state.registry import Registry
from clearance.kernel.appliers import replay
from clearance.kernel.state import Instance
from clearance.ledger import archive_format, chain
from clearance.ledger.chain import Transition
from clearance.ledger.rows import SHARD_STREAM, Archive, Entry
from clearance.ledger.store import Store, StoreError
from clearance.model.events import InstancesArchived

Found = Callable[[int, int, str], None]
"""Position, stream, message."""
Note = Callable[[int, Transition], None]
"""Stream, what an entry of it says."""


class Past:
    """What the archives hold, found on the way."""

    def __init__(self, store: Store, registry: Registry, found: Found, note: Note) -> None:
        self._store = store
        self._registry = registry
        self._found = found
        self._note = note
        self._places = bytearray()
        """1 for each position that is in an archive, up to the last such."""
        self.entries = 0
        """In archives that could be read."""
        self.streams = 0
        self.lost = 0
        """Entries in archives that could not be read."""
        self.shard_sequence = 0
        self.shard_hash: bytes | None = chain.GENESIS
        """Of the last entry of the shard's own stream in an archive; None: it cannot be told."""
        self.shard_whole = True
        """Whether all of the shard's own stream that is in archives could be read."""

    def read(self) -> None:
        """Go through all of them."""
        kept: dict[int, set[int]] = {}
        for instance, place in self._store.archived_instances():
            kept.setdefault(place, set()).add(instance)
            if self._store.instance(instance) is not None:
                self._found(place, instance, f"instance {instance} is in the tables, and in an archive too")
        for one in self._store.archives():
            content = self._content(one)
            if content is None:
                self.lost += one.entries
            elif kept.get(one.position, set()) != set(content.header.instances):
                self._found(one.position, SHARD_STREAM, f"{_name(one)} does not hold the instances that it should")
            if one.shard_sequence > self.shard_sequence and content is None:
                self.shard_sequence, self.shard_hash, self.shard_whole = one.shard_sequence, None, False
            if content is not None:
                self._contents(one, content)
            kept.pop(one.position, None)
        for place in kept:
            self._found(place, SHARD_STREAM, f"instances are in an archive that entry {place} does not record")

    def lacking(self, start: int, end: int) -> tuple[int, int, int]:
        """Of the positions from ``start`` to before ``end`` those that no archive holds: first, last, how many."""
        known = range(start, min(end, len(self._places)))
        nowhere = [place for place in known if not self._places[place]]
        beyond = max(end - max(start, len(self._places)), 0)
        first = nowhere[0] if nowhere else end - beyond
        last = end - 1 if beyond else nowhere[-1] if nowhere else first
        return first, last, len(nowhere) + beyond

    def holds(self, position: int) -> bool:
        return position < len(self._places) and self._places[position] == 1

    def _content(self, one: Archive) -> archive_format.Content | None:
        try:
            content = archive_format.check(one, self._store.archive_files.read(one.sha256))
        except KeyError:
            self._found(one.position, SHARD_STREAM, f"{_name(one)} is missing: put it back from a backup")
            return None
        except (archive_format.Damaged, OSError, StoreError) as error:
            self._found(one.position, SHARD_STREAM, f"{_name(one)} is damaged: {error}; put it back from a backup")
            return None
        if content.header.installation != self._store.head().installation:
            self._found(one.position, SHARD_STREAM, f"{_name(one)} is of another installation")
        return content

    def _contents(self, one: Archive, content: archive_format.Content) -> None:
        before = bytes.fromhex(content.header.shard_hash) or chain.GENESIS
        if one.shard_sequence > self.shard_sequence and self.shard_hash not in (None, before):
            self._found(one.first, SHARD_STREAM, f"{_name(one)} does not continue the shard's own stream")
        streams: dict[int, list[Entry]] = {}
        for entry in content.entries:
            self.entries += 1
            streams.setdefault(entry.stream, []).append(entry)
            if not 0 < entry.position < one.position or self.holds(entry.position):
                self._found(entry.position, entry.stream, f"{_name(one)}: entry {entry.position} has no place there")
            else:
                self._places.extend(bytes(max(entry.position + 1 - len(self._places), 0)))
                self._places[entry.position] = 1
        own = streams.pop(SHARD_STREAM, [])
        if own:
            self._shard(one, own)
        if streams.keys() != set(content.header.instances):
            self._found(one.position, SHARD_STREAM, f"{_name(one)} does not hold the entries of its instances")
        for stream, entries in streams.items():
            self.streams += 1
            self._stream(one, stream, entries)

    def _shard(self, one: Archive, entries: list[Entry]) -> None:
        self._sequence(one, SHARD_STREAM, entries, self.shard_sequence)
        if entries[-1].sequence != one.shard_sequence:
            self._found(one.position, SHARD_STREAM, f"{_name(one)} does not reach as far as is recorded")
        self.shard_sequence, self.shard_hash = entries[-1].sequence, entries[-1].hash
        for entry in entries:
            self._note(SHARD_STREAM, chain.read(entry))

    def _stream(self, one: Archive, stream: int, entries: list[Entry]) -> None:
        """An instance is there from its first entry to its end."""
        self._sequence(one, stream, entries, 0)
        instance: Instance | None = None
        for entry in entries:
            try:
                said = chain.read(entry)
                self._note(stream, said)
                instance = replay(said.events, self._registry.graph, instance)
            except Exception as error:  # noqa: BLE001 (whatever a damaged event does to an applier is a finding)
                self._found(entry.position, stream, f"{_name(one)}: entry {entry.position}: {error!r}")
                return
        if instance is None or instance.status == "active":
            self._found(one.position, stream, f"{_name(one)}: instance {stream} has not ended")

    def _sequence(self, one: Archive, stream: int, entries: list[Entry], after: int) -> None:
        for expected, entry in enumerate(entries, after + 1):
            if entry.sequence != expected:
                self._found(entry.position, stream, f"{_name(one)}: number {expected} of stream {stream} is missing")
                return


def compare(store: Store, recorded: dict[int, InstancesArchived], found: Found) -> None:
    """Hold the tables of archives against the entries that record them, by position."""
    tables: dict[int, set[int]] = {}
    for instance, place in store.archived_instances():
        tables.setdefault(place, set()).add(instance)
    for one in store.archives():
        event = recorded.pop(one.position, None)
        said = event and (event.sha256, event.first, event.last, event.entries, event.size, event.shard_sequence)
        kept = (one.sha256, one.first, one.last, one.entries, one.size, one.shard_sequence)
        if event is None or said != kept or set(event.instances) != tables.get(one.position, set()):
            found(one.position, SHARD_STREAM, f"{_name(one)} is not kept as it was recorded")
    for place, event in recorded.items():
        found(place, SHARD_STREAM, f"archive {event.sha256} was recorded, but the tables do not know it")


def _name(one: Archive) -> str:
    return f"archive {one.sha256} (entries {one.first} to {one.last})"
