"""What the engine needs of the floors above: a store, a gate and a clock.

The store's contract is :class:`Store`; ``clearance.testing.store_suite`` is the suite that every store must pass.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import msgspec

from clearance.model.clearance import Request, Ruling


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One transition, as the ledger keeps it."""

    position: int
    """1, 2, 3 … without a gap within a shard."""
    stream: int
    """The instance's key, or the shard's own stream (:data:`SHARD_STREAM`)."""
    sequence: int
    """1, 2, 3 … within the stream."""
    hash: bytes
    """SHA-256 over the previous entry's hash in the stream and ``content``; see ``engine/chain.py``."""
    content: bytes
    """JSON: see ``engine/chain.py`` for its fields."""


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
    """A file that entries were moved to; ``engine/archive.py`` says what is in it."""

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


class ArchiveFiles(Protocol):
    """Where archives are kept, each under the SHA-256 of its content."""

    def keep(self, content: bytes) -> str:
        """Keep it for good and say its SHA-256; raises :class:`StoreError`."""
        ...

    def read(self, sha256: str) -> bytes:
        """Raises KeyError when it is not there; whether it is what its name says is for the reader to look at."""
        ...

    def drop(self, sha256: str) -> None:
        """Remove one that no ledger names."""
        ...

    def names(self) -> Sequence[str]:
        """The SHA-256 of each."""
        ...

    def sweep(self) -> None:
        """Remove what was being written when somebody was killed; nobody may be writing."""
        ...


class Store(Protocol):
    """A shard's durable memory. One writer; any number of readers through :meth:`reader`."""

    @property
    def archive_files(self) -> ArchiveFiles: ...

    def head(self) -> Head: ...

    def commit(self, batch: Batch) -> None:
        """Apply the batch; when this returns it survives power loss. Raises :class:`StoreError` and changes nothing;
        or :class:`Interrupted`, after which the same batch is to be committed again; or :class:`StoreLost`.
        """
        ...

    def instance(self, key: int) -> InstanceRow | None: ...

    def instances_of(self, keys: Sequence[int]) -> Sequence[InstanceRow]:
        """The rows of those that there are, in any order; each key is given once."""
        ...

    def tails(self, after: Mapping[int, int], limit: int = 1000) -> Sequence[Entry]:
        """Of each of these instances the entries after a sequence number, by stream and sequence, without those in
        archives; fewer than ``limit`` only at the end.
        """
        ...

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        """What is due at or before ``now``, earliest first."""
        ...

    def next_due(self, after: int = -1) -> int | None:
        """When the first of those is due that are due after this moment."""
        ...

    def at_work(self) -> Sequence[int]:
        """Instances with jobs that were cleared and are not finished, in the order of their keys.

        Which jobs these are is in their state. A row for each job would have to be written and taken away with every
        step.
        """
        ...

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> Sequence[SubscriptionRow]:
        """Oldest first; ``None`` matches every correlation key."""
        ...

    def messages(self, name: str, correlation_key: str | None) -> Sequence[MessageRow]:
        """Oldest first; ``None`` matches every correlation key."""
        ...

    def message(self, key: int) -> MessageRow | None: ...

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None: ...

    def expired(self, now: int, limit: int) -> Sequence[MessageRow]:
        """Messages whose ids need not be remembered any longer."""
        ...

    def lock(self, process: str, correlation_key: str) -> int | None: ...

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        """The (process, correlation key) that the instance holds."""
        ...

    def definitions(self) -> Sequence[Definition]: ...

    def decisions(self) -> Sequence[DecisionFile]:
        """The latest of each name."""
        ...

    def entries(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """Entries after a position, in order, those in archives among them; fewer than ``limit`` or not, empty only at
        the end.

        Raises :class:`StoreError` when an archive is missing or is not what was recorded, as :meth:`history` does.
        """
        ...

    def history(self, stream: int, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """Entries of one stream after a sequence number, in the same way."""
        ...

    def unarchived(self, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """Entries after a position, in order, without those in archives."""
        ...

    def ended(self, after: int, position: int, limit: int) -> Sequence[InstanceRow]:
        """Instances with a greater key that have ended, at this position at the latest, by key."""
        ...

    def archives(self) -> Sequence[Archive]:
        """All that are recorded, in this order."""
        ...

    def archived(self, instance: int) -> int | None:
        """The position of the archive that holds the instance."""
        ...

    def archived_instances(self) -> Iterator[tuple[int, int]]:
        """Every (instance, position of its archive), by instance."""
        ...

    def timer(self, key: int) -> TimerRow | None: ...

    def instances(self) -> Iterator[InstanceRow]:
        """Every row by key, for verification, as are the three that follow."""
        ...

    def timers(self) -> Iterator[TimerRow]:
        """Every row, by instance and key."""
        ...

    def waiting(self) -> Iterator[SubscriptionRow]:
        """Every subscription, by instance and key."""
        ...

    def kept_messages(self) -> Iterator[MessageRow]:
        """Every message that is kept, or whose id is, by key."""
        ...

    def locks(self) -> Iterator[tuple[str, str, int]]:
        """Every (process, correlation key, instance) of instances that a message started and that still run."""
        ...

    def links(self) -> Sequence[LinkRow]:
        """Every other shard that anything was exchanged with, by its number."""
        ...

    def parcels(self, shard: int, after: int = 0, limit: int = 1000) -> Sequence[ParcelRow]:
        """What has not arrived at a shard after a sequence number, in order."""
        ...

    def damage(self) -> Sequence[str]:
        """What is wrong with the medium itself, in words: pages, indexes, values that are not what they must be."""
        ...

    def frozen(self) -> AbstractContextManager[None]:
        """Reads inside see the store as one commit left it; for readers, and not while committing."""
        ...

    def reader(self) -> "Store":
        """A second handle that another thread may read through; it cannot commit."""
        ...

    def close(self) -> None: ...


class StoreError(Exception):
    """The store could not do it; the message says what to do (disk full, read-only, in use)."""


class Damaged(StoreError):
    """What is kept cannot be read for what it is: its file is damaged, not merely out of reach."""


class Interrupted(StoreError):
    """The store cannot be reached just now. Whether a batch was committed may not be known: committing the same batch
    again, before any other, finds that out and applies it at most once.
    """


class StoreLost(StoreError):
    """The store is no longer this engine's, and never will be again: another one has taken over."""


@runtime_checkable
class Leased(Protocol):
    """A store that may be taken over by another engine."""

    def when_lost(self, told: Callable[[str], None]) -> None:
        """Have it told once, from any thread and with the reason, that the store is another engine's."""
        ...

    def held(self) -> bool:
        """Whether no other engine can have taken over by now, as far as this one can know."""
        ...

    @property
    def silence(self) -> str:
        """Why the store is not heard from just now; empty while it is."""
        ...


class Gate(Protocol):
    """Rules on one action at a time; pure, so that a ruling can be explained and repeated."""

    def rule(self, request: Request) -> Ruling: ...


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970 (UTC)."""
        ...
