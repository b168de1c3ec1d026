"""What waits, by name and key: the store's indexes as they will be once the batches that are under way are committed.

A command must see what the commands before it in the same batch have done, and while one batch is being written the
next is already worked out. So every look-up goes through here: first the store, then what the open batches add and
take away.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

from clearance.kernel.state import Instance
from clearance.ledger.rows import Batch, InstanceRow, MessageRow, ParcelRow, SubscriptionRow, TimerRow
from clearance.ledger.store import Store
from clearance.model import events
from clearance.model.graph import Graph

Row = TypeVar("Row", SubscriptionRow, MessageRow)


class Indexes:
    """Look-ups over a store and the batches that are not yet in it, oldest first.

    The committing thread takes a batch out of the list once it is in the store. The list is therefore replaced, never
    changed, and read before the store is: a batch is then seen in one of the two, or in both, which does no harm.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.batches: tuple[Batch, ...] = ()
        self._changing = threading.Lock()

    def open(self, batch: Batch) -> None:
        """The batch is under work from now on."""
        with self._changing:
            self.batches = (*self.batches, batch)

    def close(self, batch: Batch) -> None:
        """The batch is in the store."""
        with self._changing:
            self.batches = tuple([other for other in self.batches if other is not batch])

    def instances(self, keys: Collection[int]) -> dict[int, InstanceRow]:
        """The rows of those that there are."""
        batches = self.batches
        rows = {row.key: row for row in self.store.instances_of(list(keys))}
        for batch in batches:
            rows.update({key: batch.instances[key] for key in batch.instances.keys() & set(keys)})
        return rows

    def subscriptions(self, kind: str, name: str, correlation_key: str | None) -> list[SubscriptionRow]:
        def fits(row: SubscriptionRow) -> bool:
            return row.kind == kind and row.name == name and correlation_key in (None, row.correlation_key)

        batches = self.batches
        stored = self.store.subscriptions(kind, name, correlation_key)
        return _overlay(stored, ((batch.subscriptions_set, batch.subscriptions_gone) for batch in batches), fits)

    def messages(self, name: str, correlation_key: str | None) -> list[MessageRow]:
        def fits(row: MessageRow) -> bool:
            return row.name == name and correlation_key in (None, row.correlation_key)

        batches = self.batches
        stored = self.store.messages(name, correlation_key)
        return _overlay(stored, ((batch.messages_set, batch.messages_gone) for batch in batches), fits)

    def message_with_id(self, name: str, correlation_key: str, message_id: str) -> MessageRow | None:
        batches = self.batches
        for batch in reversed(batches):
            for row in batch.messages_set.values():
                if (row.name, row.correlation_key, row.message_id) == (name, correlation_key, message_id):
                    return row
        stored = self.store.message_with_id(name, correlation_key, message_id)
        gone = stored is not None and any(stored.key in batch.messages_gone for batch in batches)
        return None if gone else stored

    def latest(self, row: MessageRow) -> MessageRow | None:
        """What has become of a message that the store keeps."""
        found: MessageRow | None = row
        for batch in self.batches:
            if row.key in batch.messages_gone:
                found = None
            found = batch.messages_set.get(row.key, found)
        return found

    def parcels(self, shard: int, after: int, limit: int) -> list[ParcelRow]:
        """What is on its way to another shard after a sequence number, in order."""
        batches = self.batches
        rows = {row.sequence: row for row in self.store.parcels(shard, after, limit)}
        for batch in batches:
            for (target, sequence), row in batch.parcels_set.items():
                if target == shard and sequence > after:
                    rows[sequence] = row
        return [rows[sequence] for sequence in sorted(rows)][:limit]

    def due(self, now: int, limit: int) -> list[TimerRow]:
        """What is due and has not been worked out yet, earliest first."""
        batches = self.batches
        hidden = sum(len(batch.timers_gone) + len(batch.timers_set) for batch in batches)
        rows = {row.key: row for row in self.store.due(now, limit + hidden)}
        for batch in batches:
            for key in batch.timers_gone | batch.timers_set.keys():
                rows.pop(key, None)
            rows.update({key: row for key, row in batch.timers_set.items() if row.due <= now})
        return sorted(rows.values(), key=lambda row: (row.due, row.key))[:limit]

    def next_due(self, after: int) -> int | None:
        """When the first of those is due, at the earliest, that are due after this moment."""
        batches = self.batches
        stored = self.store.next_due(after)
        moments = [row.due for batch in batches for row in batch.timers_set.values() if row.due > after]
        return min(moments if stored is None else [stored, *moments], default=None)

    def timer(self, key: int) -> TimerRow | None:
        for batch in reversed(self.batches):
            if key in batch.timers_set:
                return batch.timers_set[key]
            if key in batch.timers_gone:
                return None
        return self.store.timer(key)

    def lock(self, process: str, correlation_key: str) -> int | None:
        wanted = (process, correlation_key)
        for batch in reversed(self.batches):
            if wanted in batch.locks_set:
                return batch.locks_set[wanted]
            if wanted in batch.locks_gone:
                return None
        return self.store.lock(process, correlation_key)

    def lock_of(self, instance: int) -> tuple[str, str] | None:
        for batch in reversed(self.batches):
            for lock, holder in batch.locks_set.items():
                if holder == instance:
                    return lock
        return self.store.lock_of(instance)


def _overlay(
    stored: Iterable[Row],
    changes: Iterable[tuple[dict[int, Row], set[int]]],
    fits: Callable[[Row], bool],
) -> list[Row]:
    rows = {row.key: row for row in stored}
    for added, gone in changes:
        for key in gone:
            rows.pop(key, None)
        rows.update({key: row for key, row in added.items() if fits(row)})
    return [rows[key] for key in sorted(rows)]


def index(batch: Batch, instance: Instance, working: set[int], recorded: Sequence[events.Event], graph: Graph) -> bool:
    """Keep the batch's index changes in step with an instance's events, which have led to its present state.

    ``working``: its jobs at work, kept in step too. Returns whether it waits for something that it did not wait for
    before.
    """
    subscribed = False
    worked = bool(working)
    event: Any
    for event in recorded:
        kind = type(event)
        at_work = _AT_WORK.get(kind)
        if at_work is not None:
            (working.add if at_work else working.discard)(event.key)
        change = _CHANGES.get(kind)
        if change is not None:
            change(batch, instance, event, graph)
            subscribed = subscribed or kind is events.Subscribed
    if worked != bool(working):
        batch.note_work(instance.key, bool(working))
    return subscribed


def jobs_at_work(instance: Instance) -> set[int]:
    """Jobs that were cleared and are not finished; an outcome that is held is no longer worked on."""
    held = {one.key for one in instance.held if one.kind == "job"}
    return {key for key, job in instance.jobs.items() if job.phase == "at-work" and key not in held}


def _timer_set(batch: Batch, instance: Instance, event: events.TimerSet, graph: Graph) -> None:
    batch.set_timer(TimerRow(event.due, event.key, instance.key, "timer"))


def _timer_gone(
    batch: Batch, instance: Instance, event: events.TimerFired | events.TimerCanceled, graph: Graph
) -> None:
    batch.drop_timer(event.key)


def _subscribed(batch: Batch, instance: Instance, event: events.Subscribed, graph: Graph) -> None:
    batch.open_subscription(
        SubscriptionRow(
            event.kind,
            event.name,
            event.correlation_key,
            event.key,
            instance.key,
            graph.process.id,
            graph.definition,
            event.node,
        )
    )


def _unsubscribed(batch: Batch, instance: Instance, event: events.Unsubscribed, graph: Graph) -> None:
    batch.close_subscription(event.key)


def _job_canceled(batch: Batch, instance: Instance, event: events.JobCanceled, graph: Graph) -> None:
    """It may pause until its next attempt."""
    batch.drop_timer(event.key)


def _job_failed(batch: Batch, instance: Instance, event: events.JobFailed, graph: Graph) -> None:
    if event.retry_at:
        batch.set_timer(TimerRow(event.retry_at, event.key, instance.key, "retry"))


def _held(batch: Batch, instance: Instance, event: events.CommandHeld, graph: Graph) -> None:
    """What has been taken in is not due any longer."""
    if event.kind in ("timer", "retry"):
        batch.drop_timer(event.key)


def _migrated(batch: Batch, instance: Instance, event: events.InstanceMigrated, graph: Graph) -> None:
    for key, wait in instance.subscriptions.items():
        batch.open_subscription(
            SubscriptionRow(
                wait.kind,
                wait.name,
                wait.correlation_key,
                key,
                instance.key,
                graph.process.id,
                graph.definition,
                wait.node,
            )
        )


def _job_retried(batch: Batch, instance: Instance, event: events.JobRetried, graph: Graph) -> None:
    batch.drop_timer(event.key)


_AT_WORK = {events.JobCleared: True} | dict.fromkeys(
    (events.JobCompleted, events.JobRaised, events.JobCanceled, events.JobFailed, events.CommandHeld), False
)
"""Whether the job that is their key is at work after these."""
_CHANGES: dict[object, Callable[..., None]] = {
    events.TimerSet: _timer_set,
    events.TimerFired: _timer_gone,
    events.TimerCanceled: _timer_gone,
    events.Subscribed: _subscribed,
    events.Unsubscribed: _unsubscribed,
    events.JobCanceled: _job_canceled,
    events.JobFailed: _job_failed,
    events.JobRetried: _job_retried,
    events.CommandHeld: _held,
    events.InstanceMigrated: _migrated,
}
