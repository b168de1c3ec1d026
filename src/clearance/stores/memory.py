"""A store in memory, for tests and scenarios: the same contract, nothing survives the process."""

import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from clearance.ledger.rows import (
    SHARD_STREAM,
    Archive,
    Batch,
    DecisionFile,
    Definition,
    Entry,
    Head,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
    SubscriptionRow,
    TimerRow,
)
from clearance.ledger.store import ArchiveFiles, StoreError
from clearance.stores.archives import MemoryArchives, Past

Row = TypeVar("Row")


class MemoryStore:
    """Tables as dictionaries; readers share them."""

    def __init__(self, installation: str = "memory") -> None:
        self._lock = threading.RLock()
        self._installation = installation
        self._next_key = 0
        self._entries: list[Entry] = []
        self._streams: dict[int, list[Entry]] = {}
        self._instances: dict[int, InstanceRow] = {}
        self._timers: dict[int, TimerRow] = {}
        self._work: set[int] = set()
        self._subscriptions: dict[int, SubscriptionRow] = {}
        self._messages: dict[int, MessageRow] = {}
        self._locks: dict[tuple[str, str], int] = {}
        self._definitions: list[Definition] = []
        self._decisions: dict[str, DecisionFile] = {}
        self._archives: list[Archive] = []
        self._archived: dict[int, int] = {}
        self._position = 0
        self._past = Past(MemoryArchives(), self.archives)
        self._parcels: dict[tuple[int, int], ParcelRow] = {}
        self._links: dict[int, LinkRow] = {}
        self._shards = 0

    def head(self) -> Head:
        with self._lock:
            return Head(self._position, self._next_key, self._installation, self._position, self._shards)

    def commit(self, batch: Batch) -> None:
        with self._lock:
            for expected, entry in enumerate(batch.entries, self._position + 1):
                if entry.position != expected:
                    raise StoreError(f"entry {entry.position} does not follow entry {expected - 1}")
            for entry in batch.entries:
                self._position = entry.position
                self._entries.append(entry)
                self._streams.setdefault(entry.stream, []).append(entry)
            self._instances.update(batch.instances)
            _change(self._timers, batch.timers_gone, batch.timers_set)
            self._work = (self._work - batch.work_gone) | batch.work_set
            _change(self._subscriptions, batch.subscriptions_gone, batch.subscriptions_set)
            _change(self._messages, batch.messages_gone, batch.messages_set)
            for lock in batch.locks_gone:
                self._locks.pop(lock, None)
            self._locks.update(batch.locks_set)
            self._definitions.extend(batch.definitions)
            for file in batch.decisions:
                self._decisions[file.name] = file
            for key in [key for key in self._parcels if key[1] <= batch.parcels_gone.get(key[0], 0)]:
                del self._parcels[key]
            self._parcels.update(batch.parcels_set)
            self._links.update(batch.links)
            self._shards = batch.shards or self._shards
            if batch.archives:
                self._archive(batch)
            self._installation = batch.installation or self._installation
            self._next_key = batch.next_key

    def instance(self, key: int) -> InstanceRow | None:
        return self._instances.get(key)

    def instances_of(self, keys: Sequence[int]) -> Sequence[InstanceRow]:
        with self._lock:
            return [self._instances[key] for key in keys if key in self._instances]

    def tails(self, after: Mapping[int, int], limit: int = 1000) -> Sequence[Entry]:
        with self._lock:
            streams = [(self._streams.get(stream, []), after[stream]) for stream in sorted(after)]
            return list(islice((one for entries, last in streams for one in entries if one.sequence > last), limit))

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        with self._lock:
            rows = [row for row in self._timers.values() if row.due <= now]
        return sorted(rows, key=lambda row: (row.due, row.key))[:limit]

    def next_due(self, after: int = -1) -> int | None:
        with self._lock:
            return min((row.due for row in self._timers.values() if row.due > after), default=None)

    def at_work(self) -> Sequence[int]:
        with self._lock:
            return sorted(self._work)

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        with self._lock:
            rows = list(self._subscriptions.values())
        fitting = (
            row
            for row in rows
            if row.kind == kind and row.name == name and correlation_key in (None, row.correlation_key)
        )
        return sorted(fitting, key=lambda row: row.key)

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        with self._lock:
            rows = list(self._messages.values())
        fitting = (row for row in rows if row.name == name and correlation_key in (None, row.correlation_key))
        return sorted(fitting, key=lambda row: row.key)

    def message(self, key: int) -> MessageRow | None:
        return self._messages.get(key)

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        for row in self.messages(name, correlation_key):
            if row.message_id == message_id:
                return row
        return None

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        with self._lock:
            rows = [row for row in self._messages.values() if row.forget <= now]
        return sorted(rows, key=lambda row: row.key)[:limit]

    def lock(self, process: str, correlation_key: str) -> int | None:
        return self._locks.get((process, correlation_key))

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        with self._lock:
            for lock, holder in self._locks.items():
                if holder == instance:
                    return lock
        return None

    def definitions(self) -> Sequence[Definition]:
        return list(self._definitions)

    def decisions(self) -> Sequence[DecisionFile]:
        return list(self._decisions.values())

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        with self._lock:
            return self._past.filled(self.unarchived(after, limit), after, limit)

    def unarchived(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        with self._lock:
            start = bisect_right(self._entries, after, key=lambda entry: entry.position)
            return self._entries[start : start + limit]

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        with self._lock:
            entries = self._streams.get(stream, [])
            start = bisect_right(entries, after, key=lambda entry: entry.sequence)
            return self._past.continued(entries[start : start + limit], stream, after, limit, self.archived)

    @property
    def archive_files(self) -> ArchiveFiles:
        return self._past.files

    def ended(self, after: int, position: int, limit: int) -> Sequence[InstanceRow]:
        with self._lock:
            rows = sorted(self._instances.values(), key=lambda row: row.key)
        fitting = (row for row in rows if row.key > after and row.status != "active" and row.position <= position)
        return list(islice(fitting, limit))

    def archives(self) -> Sequence[Archive]:
        return list(self._archives)

    def archived(self, instance: int) -> int | None:
        return self._archived.get(instance)

    def archived_instances(self) -> Iterator[tuple[int, int]]:
        yield from sorted(self._archived.items())

    def instances(self) -> Iterator[InstanceRow]:
        with self._lock:
            rows = [self._instances[key] for key in sorted(self._instances)]
        yield from rows

    def timer(self, key: int) -> TimerRow | None:
        return self._timers.get(key)

    def timers(self) -> Iterator[TimerRow]:
        with self._lock:
            rows = sorted(self._timers.values(), key=lambda row: (row.instance, row.key))
        yield from rows

    def waiting(self) -> Iterator[SubscriptionRow]:
        with self._lock:
            rows = sorted(self._subscriptions.values(), key=lambda row: (row.instance, row.key))
        yield from rows

    def kept_messages(self) -> Iterator[MessageRow]:
        with self._lock:
            rows = [self._messages[key] for key in sorted(self._messages)]
        yield from rows

    def locks(self) -> Iterator[tuple[str, str, int]]:
        with self._lock:
            rows = [(process, key, instance) for (process, key), instance in sorted(self._locks.items())]
        yield from rows

    def links(self) -> Sequence[LinkRow]:
        with self._lock:
            return [self._links[shard] for shard in sorted(self._links)]

    def parcels(self, shard: int, after: int = 0, limit: int = 1000) -> Sequence[ParcelRow]:
        with self._lock:
            rows = [row for row in self._parcels.values() if row.shard == shard and row.sequence > after]
        return sorted(rows, key=lambda row: row.sequence)[:limit]

    def damage(self) -> Sequence[str]:
        return ()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        with self._lock:
            yield

    def reader(self) -> "MemoryStore":
        return self

    def close(self) -> None:
        """Nothing is held."""

    def _archive(self, batch: Batch) -> None:
        self._archives.extend(batch.archives)
        self._archived.update(batch.archived)
        for instance in batch.archived:
            del self._streams[instance]
            del self._instances[instance]
        shard = max(archive.shard_sequence for archive in batch.archives)
        own = self._streams.get(SHARD_STREAM, [])
        self._streams[SHARD_STREAM] = [entry for entry in own if entry.sequence > shard]
        kept = (entry for entries in self._streams.values() for entry in entries)
        self._entries = sorted(kept, key=lambda entry: entry.position)


def _change(table: dict[int, Row], gone: set[int], added: dict[int, Row]) -> None:
    for key in gone:
        table.pop(key, None)
    table.update(added)
