"""What a store keeps of a shard: entries, and the rows that are derived from them; and what one commit writes.

The columns of the tables are the fields of these structs (``stores/rows.py``).
"""

from collections.abc import Iterable, Mapping

import msgspec


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One transition, as the ledger keeps it."""

    position: int
    """1, 2, 3 … without a gap within a shard."""
    stream: int
    """The instance's key, or the shard's own stream (:data:`SHARD_STREAM`)."""
    sequence: int
    """1, 2, 3 … within the stream."""
    hash: bytes
    """SHA-256 over the previous entry's hash in the stream and ``content``; see ``ledger/chain.py``."""
    content: bytes
    """JSON: see ``ledger/chain.py`` for its fields."""


SHARD_STREAM = 0
"""Deployments, messages and signals: what belongs to no instance."""


class InstanceRow(msgspec.Struct, frozen=True, gc=False):
    """One row an instance: enough to find it and to load its state without reading its history."""

    key: int
    definition: str
    process: str
    status: str
    """active, completed or terminated."""
    position: int
    """Of the last entry that the snapshot covers; what follows is replayed when the instance is loaded."""
    sequence: int
    """Of that entry."""
    hash: bytes
    """Of that entry."""
    snapshot: bytes
    """The state after it; empty once ended, and for the shard's own stream."""


class TimerRow(msgspec.Struct, frozen=True, gc=False):
    """Something due: a timer of an element, or the next attempt of a job."""

    due: int
    key: int
    instance: int
    """0: the shard's own (a start timer)."""
    kind: str
    """timer, retry or start."""
    detail: str = ""
    """Of a start: JSON that says which definition and node, and what repeats."""


class SubscriptionRow(msgspec.Struct, frozen=True, gc=False):
    kind: str
    """message, signal, start-message or start-signal."""
    name: str
    correlation_key: str
    key: int
    instance: int
    """0: a start event."""
    process: str
    definition: str
    node: int
    """The start event's index; 0 for waiting instances."""
    place: int = 0
    """Of an instance of another shard: its place among those that wait here; 0: the key is its place."""


class MessageRow(msgspec.Struct, frozen=True, gc=False):
    """A message that is kept, or whose id is remembered."""

    key: int
    name: str
    correlation_key: str
    message_id: str
    expires: int
    """Milliseconds since 1970: until then it may correlate."""
    forget: int
    """Until then its id is remembered."""
    variables: bytes
    """JSON."""
    correlated: tuple[str, ...] = ()
    """Processes that it has already reached, or is on its way to."""
    offered: tuple[tuple[str, int], ...] = ()
    """Processes with the subscriptions on other shards (0: start events) that it is on its way to; until they answer it
    is kept."""


class ParcelRow(msgspec.Struct, frozen=True, gc=False):
    """Something for another shard that has not arrived there, as far as is known."""

    shard: int
    sequence: int
    depth: int
    content: bytes
    """JSON of a :data:`clearance.model.parcels.Parcel`."""


class LinkRow(msgspec.Struct, frozen=True, gc=False):
    """How far the exchange with another shard has come."""

    shard: int
    sent: int
    """The last number given to a parcel for it."""
    arrived: int
    """Up to this one it has taken them."""
    taken: int
    """Up to this one its own have been taken here."""


class Definition(msgspec.Struct, frozen=True, gc=False):
    """A deployed version of a process."""

    key: int
    process: str
    name: str
    version: int
    hash: str
    content: bytes
    """The definition's JSON."""
    xml: str


class DecisionFile(msgspec.Struct, frozen=True, gc=False):
    key: int
    name: str
    sha256: str
    content: bytes


class Archive(msgspec.Struct, frozen=True, gc=False):
    """A file that entries were moved to; ``ledger/archive_format.py`` says what is in it."""

    position: int
    """Of the entry that records it; greater than that of any entry in it."""
    sha256: str
    """Of the file's content, and its name."""
    first: int
    """The lowest position in it."""
    last: int
    """The highest."""
    entries: int
    size: int
    """Bytes of the file."""
    shard_sequence: int
    """Up to here the shard's own stream is in this archive or in earlier ones; 0: none of it."""


class Batch(msgspec.Struct):
    """All that one commit writes, in order; the store applies it whole or not at all."""

    entries: list[Entry] = []
    instances: dict[int, InstanceRow] = {}
    timers_set: dict[int, TimerRow] = {}
    timers_gone: set[int] = set()
    work_set: set[int] = set()
    """Instances with jobs that are cleared and at work."""
    work_gone: set[int] = set()
    """Those that have none any longer; applied before ``work_set``."""
    subscriptions_set: dict[int, SubscriptionRow] = {}
    subscriptions_gone: set[int] = set()
    messages_set: dict[int, MessageRow] = {}
    messages_gone: set[int] = set()
    locks_set: dict[tuple[str, str], int] = {}
    """(process, correlation key) to the instance that a message started and that still runs."""
    locks_gone: set[tuple[str, str]] = set()
    """Applied before ``locks_set``."""
    definitions: list[Definition] = []
    decisions: list[DecisionFile] = []
    archives: list[Archive] = []
    archived: dict[int, int] = {}
    """Instance to the position of its archive: its row and its entries go, as do those entries of the shard's own
    stream that the archives say. Applied after everything else."""
    installation: str = ""
    """The name of another installation that this store continues; empty: it keeps its own."""
    parcels_set: dict[tuple[int, int], ParcelRow] = {}
    """By shard and sequence."""
    parcels_gone: dict[int, int] = {}
    """Shard to the last sequence that has arrived there; applied before ``parcels_set``."""
    links: dict[int, LinkRow] = {}
    shards: int = 0
    """Not 0: how many shards there are, which a store is told once."""
    next_key: int = 0

    @property
    def empty(self) -> bool:
        return not self.entries

    def open_subscription(self, row: SubscriptionRow) -> None:
        self.subscriptions_set[row.key] = row

    def close_subscription(self, key: int) -> None:
        self.subscriptions_set.pop(key, None)
        self.subscriptions_gone.add(key)

    def set_timer(self, row: TimerRow) -> None:
        self.timers_set[row.key] = row

    def drop_timer(self, key: int) -> None:
        """A timer of an instance: one that was set in this batch has never been in the store."""
        if self.timers_set.pop(key, None) is None:
            self.timers_gone.add(key)

    def drop_start_timer(self, key: int) -> None:
        """A start timer keeps its key when it is set again, so the store may have it all the same."""
        self.timers_set.pop(key, None)
        self.timers_gone.add(key)

    def keep_message(self, row: MessageRow) -> None:
        self.messages_set[row.key] = row

    def forget_message(self, key: int) -> None:
        self.messages_set.pop(key, None)
        self.messages_gone.add(key)

    def lock(self, process: str, correlation_key: str, instance: int) -> None:
        """A message with the key has started the instance: until it ends, the key starts no other of the process."""
        self.locks_set[process, correlation_key] = instance

    def unlock(self, process: str, correlation_key: str) -> None:
        self.locks_set.pop((process, correlation_key), None)
        self.locks_gone.add((process, correlation_key))

    def deploy(
        self,
        definition: Definition,
        subscriptions: Mapping[int, SubscriptionRow],
        timers: Mapping[int, TimerRow],
    ) -> None:
        """A version, with what its start events wait for."""
        self.definitions.append(definition)
        self.subscriptions_set.update(subscriptions)
        self.timers_set.update(timers)

    def note_work(self, instance: int, has_work: bool) -> None:
        """An instance has jobs at work, or has none any longer."""
        if has_work:
            self.work_set.add(instance)
        else:
            self.work_set.discard(instance)
            self.work_gone.add(instance)

    def archive(self, row: Archive, instances: Iterable[int]) -> None:
        """The instances, and what the row says of the shard's own stream, are in an archive from now on."""
        self.archives.append(row)
        self.archived.update(dict.fromkeys(instances, row.position))

    def send_parcel(self, row: ParcelRow) -> None:
        self.parcels_set[row.shard, row.sequence] = row

    def drop_parcels(self, shard: int, sequence: int) -> None:
        """Those for the shard up to this number have arrived."""
        for key in [key for key in self.parcels_set if key[0] == shard and key[1] <= sequence]:
            del self.parcels_set[key]
        self.parcels_gone[shard] = sequence


class Head(msgspec.Struct, frozen=True):
    """Where the store stands."""

    position: int
    next_key: int
    """0: a new store."""
    installation: str
    """Made once for each new store: keys of two installations never mean the same."""
    recorded: int = 0
    """The last position as the last commit noted it; beyond ``position`` only when entries have been lost."""
    shards: int = 0
    """How many shards there are; 0: nobody has said."""
