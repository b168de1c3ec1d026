"""The store contract: what a shard's durable memory must do, and how it says that it cannot.

:class:`Store` is the contract; ``clearance.testing.store_suite`` is the suite that every store must pass, ``rows.py``
has what is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from clearance.ledger.rows import (
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
