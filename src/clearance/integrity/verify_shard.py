"""Verification of what belongs to no instance: deployments, what start events wait for, messages, locks, keys.

All of it was derived from the shard's own stream, so that stream is read once more and the tables are compared with
what it leads to. Messages that are still kept are held in memory while this goes on.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping

from clearance.engine.commands import start_events
from clearance.engine.state.registry import Registry
from clearance.integrity import verify_archives
from clearance.integrity.verify_exchange import Exchange, Found, same_json
from clearance.kernel.working import Fault
from clearance.ledger.chain import Transition
from clearance.ledger.rows import Definition, MessageRow, SubscriptionRow, TimerRow
from clearance.ledger.store import Store
from clearance.model import events


class ShardRecord:
    """What the shard's own stream says, as it is read."""

    def __init__(self, locked: Iterable[int] = ()) -> None:
        """``locked``: instances that hold a lock; what reached them is remembered."""
        self._locked = frozenset(locked)
        self.definitions: dict[int, events.ProcessDeployed] = {}
        self.deployed_at: dict[int, int] = {}
        self.decisions: dict[str, events.DecisionsDeployed] = {}
        self.messages: dict[int, tuple[events.MessagePublished, tuple[str, ...]]] = {}
        self.fired: dict[int, events.StartTimerFired] = {}
        self.archives: dict[int, events.InstancesArchived] = {}
        """By the position that records them."""
        self.exchange = Exchange()
        self.keys_max = 0
        self._last: events.MessagePublished | None = None
        self._reached: dict[int, tuple[str, str]] = {}
        """Instances that a message with a correlation key has reached, with the process and that key."""

    def note(self, event: events.Event, said: Transition) -> None:
        """The next event, in order, with its entry."""
        at = said.at
        if isinstance(event, events.ProcessDeployed):
            self.definitions[event.key] = event
            self.deployed_at[event.key] = event.at or at
        elif isinstance(event, events.DecisionsDeployed):
            self.decisions[event.name] = event
        elif isinstance(event, events.MessagePublished):
            self._last = event
            if max(event.expires, event.forget) > at or (event.message_id and not event.forget):
                self.messages[event.key] = (event, ())
        elif isinstance(event, events.MessageCorrelated):
            self._correlated(event)
        elif isinstance(event, events.MessageExpired):
            self.messages.pop(event.key, None)
        elif isinstance(event, events.StartTimerFired):
            self.fired[event.key] = event
        elif isinstance(event, events.InstancesArchived):
            self.archives[said.position] = event
        else:
            self._note_offers(event)
            self.exchange.note(event)

    def held(self, instance: int) -> tuple[str, str] | None:
        """The process and key under which a message last reached the instance."""
        return self._reached.get(instance)

    def _note_offers(self, event: events.Event) -> None:
        """While an offer is open its message is kept, and counts as having reached the process."""
        if isinstance(event, events.MessageOffered):
            if event.key not in self.messages and self._last is not None:
                self.messages[event.key] = (self._last, ())
            message, reached = self.messages[event.key]
            self.messages[event.key] = (message, (*reached, event.process))
            self.exchange.offered(event)
        elif isinstance(event, events.MessageDeclined):
            message, reached = self.messages[event.key]
            self.messages[event.key] = (message, tuple(one for one in reached if one != event.process))
            self.exchange.answered(event.key, event.process)

    def _correlated(self, event: events.MessageCorrelated) -> None:
        if self.exchange.answered(event.key, event.process):
            return
        message, reached = self.messages.get(event.key, (self._last, ()))
        if message is None:
            return
        if event.key in self.messages:
            self.messages[event.key] = (message, (*reached, event.process))
        if message.correlation_key and event.instance in self._locked:
            self._reached.setdefault(event.instance, (event.process, message.correlation_key))


def compare(
    store: Store,
    registry: Registry,
    record: ShardRecord,
    start_subscriptions: Iterable[SubscriptionRow],
    start_timers: Iterable[TimerRow],
    found: Found,
) -> None:
    """Compare all tables that belong to no instance with the record."""
    _definitions(store, record, found)
    _decisions(store, record, found)
    _starts(registry, record, start_subscriptions, start_timers, found)
    _messages(store, record, found)
    verify_archives.compare(store, dict(record.archives), found)
    for process, key, instance in store.locks():
        row = store.instance(instance)
        if row is None or row.status != "active" or record.held(instance) != (process, key):
            found(0, instance, f"instance {instance} does not hold the lock of {process} under {key!r}")
    next_key = store.head().next_key
    if record.keys_max and next_key <= record.keys_max:
        found(0, 0, f"the next key would be {next_key}, but {record.keys_max} has been given already")


def _definitions(store: Store, record: ShardRecord, found: Found) -> None:
    kept = {row.key: row for row in store.definitions()}
    for key, event in record.definitions.items():
        said = Definition(
            key,
            event.process,
            event.name,
            event.version,
            event.definition,
            event.content.encode(),
            event.xml,
        )
        if kept.pop(key, None) != said:
            found(0, 0, f"version {event.version} of process {event.process} is not kept as it was deployed")
    for key in kept:
        found(0, 0, f"definition {key} was never deployed")


def _decisions(store: Store, record: ShardRecord, found: Found) -> None:
    kept = {row.name: row for row in store.decisions()}
    for name, event in record.decisions.items():
        row = kept.pop(name, None)
        try:
            content = base64.b64decode(event.content, validate=True)
        except binascii.Error:
            content = b""
        digest = hashlib.sha256(content).hexdigest()
        if row is None or (row.key, row.sha256, row.content) != (event.key, digest, content):
            found(0, 0, f"the decision file {name} is not kept as it was deployed")
    for name in kept:
        found(0, 0, f"the decision file {name} was never deployed")


def _starts(
    registry: Registry,
    record: ShardRecord,
    subscriptions: Iterable[SubscriptionRow],
    timers: Iterable[TimerRow],
    found: Found,
) -> None:
    """The start events of the latest versions wait as they say; timers say themselves what they were set to."""
    wanted: dict[int, SubscriptionRow] = {}
    may_fire: set[int] = set()
    for process in registry.processes():
        latest = registry.latest(process)
        assert latest is not None
        try:
            at = record.deployed_at.get(latest.key, 0)
            opened = start_events.start_rows(registry.graph(latest.hash), latest.hash, latest.key, at)
        except (KeyError, ValueError, Fault):
            continue  # the definition has been found to be damaged
        wanted.update(opened[0])
        may_fire.update(opened[1])
    _same_starts(wanted, {row.key: row for row in subscriptions}, found)
    left = {key: event.again for key, event in record.fired.items() if event.again and key in may_fire}
    for timer in timers:
        said = record.fired.get(timer.key)
        if timer.key not in may_fire:
            found(0, 0, f"start timer {timer.key} is of no start event of a latest version")
        elif not start_events.sealed(timer) or (said is not None and timer.due != said.again):
            found(0, 0, f"start timer {timer.key} is not set as it was")
        left.pop(timer.key, None)
    for key in left:
        found(0, 0, f"start timer {key} is not in the index: it would never fire")


def _same_starts(wanted: Mapping[int, SubscriptionRow], kept: Mapping[int, SubscriptionRow], found: Found) -> None:
    for key in sorted(wanted.keys() | kept.keys()):
        if wanted.get(key) != kept.get(key):
            row = wanted.get(key) or kept[key]
            found(0, 0, f"the start event of {row.process} that waits for {row.name} is not in the index as deployed")


def _messages(store: Store, record: ShardRecord, found: Found) -> None:
    left = dict(record.messages)
    for row in store.kept_messages():
        if row.offered != record.exchange.offers.get(row.key, ()):
            found(0, 0, f"message {row.key} is not kept with the offers that were made of it")
        published, correlated = left.pop(row.key, (None, ()))
        if published is None:
            found(0, 0, f"message {row.key} is kept, but was never published, or has expired")
        elif not _is(row, published, correlated):
            found(0, 0, f"message {row.key} ({published.name}) is not kept as it was published")
    for published, _ in left.values():
        if published.forget or not published.message_id:  # earlier releases did not record how long ids are kept
            found(0, 0, f"message {published.key} ({published.name}) is not kept: it is lost, or could come twice")


def _is(row: MessageRow, published: events.MessagePublished, correlated: tuple[str, ...]) -> bool:
    said = (published.name, published.correlation_key, published.message_id, published.expires)
    forget = published.forget or row.forget
    return (
        (row.name, row.correlation_key, row.message_id, row.expires) == said
        and row.forget == forget
        and row.correlated == correlated
        and same_json(row.variables, published.variables)
    )
