"""Rebuilding: a store takes over the entries that another holds, and every table is made from what they say.

Backups, restoring to a moment, moving to another kind of store and repairing a damaged index are all this: entries go
in, in order, page by page, and out come the rows that the engine wrote when it made them. Nothing is decided anew. What
the engine decides is done by appliers (``kernel/appliers``), ``engine/state/indexes.py`` and
``engine/commands/start_events.py``, which are shared; what ``engine/commands/messages.py`` does with messages and locks
is told from the events here. Verification, which compares tables with states, knows nothing of either.

Not in the entries are: where one commit ended and the next began, the next key, the installation's name and the number
of shards. Commands of one commit have the same time, so that a ledger may be cut where the time changes (:func:`cut`).
"""

import base64
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from clearance.engine.commands import archive, start_events
from clearance.engine.settings import EngineSettings
from clearance.engine.state.indexes import Indexes, index
from clearance.engine.state.registry import Registry
from clearance.engine.state.stream import Stream, loaded
from clearance.integrity.verify_exchange import guest
from clearance.kernel.appliers import replay
from clearance.ledger import chain
from clearance.ledger.chain import Transition
from clearance.ledger.rows import (
    SHARD_STREAM,
    Batch,
    DecisionFile,
    Definition,
    Entry,
    Head,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
)
from clearance.ledger.store import Store, StoreError
from clearance.model import events
from clearance.model.definition import TimerDefinition
from clearance.model.values import to_json

KEYS_SKIPPED = 2**32
"""Where keys may have been given that no entry here names: more than any installation has given since; a shard has 2 to
the power of 50."""
_PAGE = 1000
_SNAPSHOT_EVERY = EngineSettings().snapshot_every
_CACHED_MAX = EngineSettings().instances_cached_max
_IDS_KEPT_MS = EngineSettings().message_ids_kept_s * 1000


class Follower:
    """Takes entries into a store; what it has taken before, it goes on from."""

    def __init__(self, store: Store, registry: Registry, bring: Callable[[str], None]) -> None:
        """``bring``: sees to it that the store has the archive of this SHA-256."""
        self.store = store
        self.registry = registry
        self._bring = bring
        registry.clear()
        registry.load(list(store.definitions()), [])
        head = store.head()
        self.position = head.position
        self.next_key = head.next_key
        self._links = {link.shard: link for link in store.links()}
        self._batch = Batch()
        self._indexes = Indexes(store)
        self._streams: OrderedDict[int, Stream] = OrderedDict()
        self._latest: MessageRow | None = None
        """The message that was published last, whether it is kept or not."""
        self._created: tuple[int, object] = (0, 0)
        """The instance that the last entry created, and the message that did."""
        self._fired = 0
        """The start timer of the last entry, if that was about one."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Take the next entries, in one commit; raises :class:`StoreError` when they do not follow."""
        self._batch = Batch()
        self._indexes = Indexes(self.store)
        self._indexes.open(self._batch)
        for entry in entries:
            self._take(entry)
        self._evict()
        self._batch.entries = list(entries)
        self._batch.next_key = self.next_key
        self.store.commit(self._batch)

    # ---- one entry ---------------------------------------------------------------------------------------------------

    def _take(self, entry: Entry) -> None:
        said = chain.read(entry)
        stream = self._stream(entry.stream)
        own = (entry.position, entry.stream, entry.sequence)
        expected = (self.position + 1, stream.key, stream.sequence + 1)
        if own != expected or own != (said.position, said.stream, said.sequence):
            raise StoreError(f"entry {self.position + 1} is missing, or not where it belongs: verify the ledger")
        if not chain.follows(entry, stream.hash):
            raise StoreError(f"entry {entry.position}: its hash is wrong: verify the ledger")
        self.position = stream.position = entry.position
        stream.sequence, stream.hash = entry.sequence, entry.hash
        fired, self._fired = self._fired, 0
        if entry.stream == SHARD_STREAM:
            self._shard(stream, said)
        else:
            self._instance(stream, said, fired)

    def _instance(self, stream: Stream, said: Transition, fired: int) -> None:
        first = stream.instance is None
        before = stream.graph
        instance = stream.instance = replay(said.events, self.registry.graph, stream.instance)
        assert instance is not None
        graph = stream.graph = self.registry.graph(instance.definition)
        index(self._batch, instance, stream.working, said.events, graph)
        if first:
            self._created = (stream.key, said.command.get("message", 0))
            if not said.command.get("message") and not instance.parent:
                self._fired_unsaid(stream, said, fired)
        enough = max(_SNAPSHOT_EVERY, len(instance.elements))
        changed = first or graph is not before or instance.status != "active"
        if changed or stream.sequence - stream.kept >= enough:
            self._keep(stream)
        if instance.status != "active":
            del self._streams[stream.key]
            lock = self._indexes.lock_of(stream.key) if start_events.start_messages(graph) else None
            if lock is not None:
                self._batch.unlock(*lock)

    def _fired_unsaid(self, stream: Stream, said: Transition, fired: int) -> None:
        """Earlier releases did not record that a start timer was due; that an instance began there says it."""
        assert stream.graph is not None
        entered = {event.node for event in said.events if isinstance(event, events.ElementActivating)}
        version = self.registry.version_of(stream.graph.definition)
        for key, node, trigger in start_events.waits(stream.graph, version.key):
            if node.index not in entered or not isinstance(trigger.definition, TimerDefinition) or key == fired:
                continue
            row = self._indexes.timer(key)
            if row is not None and row.due <= said.at:
                start_events.set_again(self._batch, row, start_events.next_firing(self.registry, row, row.due))
                return

    def _shard(self, own: Stream, said: Transition) -> None:
        row = InstanceRow(SHARD_STREAM, "", "", "active", own.position, own.sequence, own.hash, b"")
        self._batch.instances[SHARD_STREAM] = row
        for event in said.events:
            match event:
                case events.ProcessDeployed():
                    self._deployed(event, said.at)
                case events.DecisionsDeployed():
                    content = base64.b64decode(event.content)
                    self._batch.decisions.append(DecisionFile(event.key, event.name, event.sha256, content))
                case events.StartTimerFired():
                    self._timer(event)
                case events.InstancesArchived():
                    self._archived(event)
                case events.MessagePublished():
                    self._message(event, said.at)
                case events.MessageCorrelated():
                    self._correlated(event, said.at)
                case events.MessageExpired():
                    self._expired(event.key)
                case _:
                    self._exchanged(event)

    def _deployed(self, event: events.ProcessDeployed, at: int) -> None:
        """What was deployed on another shard keeps its schedule there."""
        latest = self.registry.latest(event.process)
        if latest is not None:
            start_events.close_starts(self._batch, latest.key, self.registry.graph(latest.hash))
        definition = Definition(
            event.key, event.process, event.name, event.version, event.definition, event.content.encode(), event.xml
        )
        self.registry.add(definition)
        graph = self.registry.graph(event.definition)
        subscriptions, timers = start_events.start_rows(graph, event.definition, event.key, event.at or at)
        self._batch.deploy(definition, subscriptions, {} if event.at else timers)

    # ---- messages ----------------------------------------------------------------------------------------------------

    def _message(self, event: events.MessagePublished, at: int) -> None:
        forget = event.forget or max(event.expires, at + _IDS_KEPT_MS if event.message_id else 0)
        row = MessageRow(
            event.key,
            event.name,
            event.correlation_key,
            event.message_id,
            event.expires,
            forget,
            to_json(event.variables),
        )
        self._keep_message(row, kept=forget > at)

    def _keep_message(self, row: MessageRow, *, kept: bool) -> None:
        if self._latest is None or row.key >= self._latest.key:
            self._latest = row
        if kept:
            self._batch.keep_message(row)

    def _kept(self, key: int) -> MessageRow | None:
        if self._latest is not None and self._latest.key == key:
            return self._latest
        return self._batch.messages_set.get(key) or self.store.message(key)

    def _correlated(self, event: events.MessageCorrelated, at: int) -> None:
        row = self._kept(event.key)
        if row is None:
            return
        offered = tuple(one for one in row.offered if one[0] != event.process)
        if offered != row.offered:  # it was on its way, and counted as having reached the process since
            self._keep_message(msgspec.structs.replace(row, offered=offered), kept=True)
            return
        row = msgspec.structs.replace(row, correlated=(*row.correlated, event.process))
        self._keep_message(row, kept=bool(row.forget > at or row.offered))
        runs = event.instance in self._streams
        if row.correlation_key and runs and self._created == (event.instance, event.key):
            self._batch.lock(event.process, row.correlation_key, event.instance)

    def _expired(self, key: int) -> None:
        self._batch.forget_message(key)
        if self._latest is not None and self._latest.key == key:
            self._latest = None

    # ---- other shards ------------------------------------------------------------------------------------------------

    def _exchanged(self, event: events.Event) -> None:
        batch = self._batch
        match event:
            case events.ParcelSent():
                content = to_json(event.parcel)
                batch.send_parcel(ParcelRow(event.shard, event.sequence, event.depth, content))
                self._link(event.shard, sent=event.sequence)
            case events.ParcelTaken():
                self._link(event.shard, taken=event.sequence)
            case events.ParcelsArrived():
                batch.drop_parcels(event.shard, event.sequence)
                self._link(event.shard, arrived=event.sequence)
            case events.SubscriptionOpened():
                batch.open_subscription(guest(event))
            case events.SubscriptionClosed():
                batch.close_subscription(event.key)
            case events.MessageOffered() | events.MessageDeclined():
                self._offered(event)

    def _link(self, shard: int, **changed: int) -> None:
        link = msgspec.structs.replace(self._links.get(shard, LinkRow(shard, 0, 0, 0)), **changed)
        self._links[shard] = self._batch.links[shard] = link

    def _offered(self, event: events.MessageOffered | events.MessageDeclined) -> None:
        """A message on its way to another shard is kept until that has answered."""
        row = self._kept(event.key)
        if row is None:
            raise StoreError(f"message {event.key} was offered, but is not kept: verify the ledger")
        offer = (event.process, event.subscription)
        if isinstance(event, events.MessageOffered):
            row = msgspec.structs.replace(
                row, correlated=(*row.correlated, event.process), offered=(*row.offered, offer)
            )
        else:
            self._batch.close_subscription(event.subscription)
            row = msgspec.structs.replace(
                row,
                correlated=tuple(process for process in row.correlated if process != event.process),
                offered=tuple(one for one in row.offered if one != offer),
            )
        self._keep_message(row, kept=True)

    # ---- start timers and archives -----------------------------------------------------------------------------------

    def _timer(self, event: events.StartTimerFired) -> None:
        self._fired = event.key
        row = self._indexes.timer(event.key)
        if row is not None:
            start_events.set_again(self._batch, row, event)

    def _archived(self, event: events.InstancesArchived) -> None:
        self._bring(event.sha256)
        self._batch.archive(archive.row_of(event, self.position), event.instances)

    # ---- streams -----------------------------------------------------------------------------------------------------

    def _stream(self, key: int) -> Stream:
        stream = self._streams.get(key)
        if stream is not None:
            self._streams.move_to_end(key)
            return stream
        row = self.store.instance(key)
        if row is None:
            stream = Stream(key)
        elif key == SHARD_STREAM:
            stream = Stream(key, row.position, row.sequence, row.hash, row.sequence)
        else:
            stream = loaded(row, self._later(row), self.registry.graph)
        self._streams[key] = stream
        return stream

    def _later(self, row: InstanceRow) -> Iterator[Entry]:
        """What the row's snapshot does not cover."""
        last = row.sequence
        while page := self.store.history(row.key, last, _PAGE):
            yield from page
            last = page[-1].sequence

    def _keep(self, stream: Stream) -> None:
        self._batch.instances[stream.key] = stream.row()
        stream.kept = stream.sequence

    def _evict(self) -> None:
        """Within a page all that it touches stays in memory; afterwards only what was touched last."""
        while len(self._streams) > _CACHED_MAX:
            key, stream = self._streams.popitem(last=False)
            if key != SHARD_STREAM and stream.sequence > stream.kept:
                self._keep(stream)


def follow(
    source: Store,
    target: Store,
    registry: Registry,
    *,
    until: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Bring a store up to a position of another (None: its end), from wherever it stands; how many entries that took.

    Raises :class:`StoreError` when the two do not agree on what both have. The caller finishes
    (:func:`finish`), for only it knows whether keys were given beyond that position.
    """
    until = source.head().position if until is None else until
    _same(source, target, until)
    follower = Follower(target, registry, lambda sha256: _bring(source, target, sha256))
    before = follower.position
    for page in _pages(source, before, until):
        follower.take(page)
        if progress is not None:
            progress(follower.position)
    if follower.position != until:
        raise StoreError(f"entry {follower.position + 1} is missing: verify the ledger")
    return until - before


def finish(store: Store, like: Head, skipped: int = 0) -> None:
    """What is not in the entries: which key comes next, whose ledger it is, and how many shards it has."""
    next_key = max(store.head().next_key, like.next_key + skipped)
    store.commit(Batch(next_key=next_key, installation=like.installation, shards=like.shards))


def _same(source: Store, target: Store, until: int) -> None:
    """Both hold the same last common entry."""
    at = target.head().position
    if at > until:
        raise StoreError(f"it holds {at} entries already, the ledger only {until}: choose a new place")
    if at:
        ours, theirs = target.entries(at - 1, 1), source.entries(at - 1, 1)
        if not ours or not theirs or ours[0].hash != theirs[0].hash:
            raise StoreError(f"its entry {at} is not the ledger's: it is of another one; choose a new place")


def _pages(source: Store, after: int, until: int) -> Iterator[Sequence[Entry]]:
    while after < until and (page := source.entries(after, min(_PAGE, until - after))):
        yield page
        after = page[-1].position


def _bring(source: Store, target: Store, sha256: str) -> None:
    files = target.archive_files
    if sha256 not in files.names():
        try:
            files.keep(source.archive_files.read(sha256))
        except KeyError:
            raise StoreError(f"archive {sha256} is missing: put it back from a backup") from None


# ---- where a ledger may be cut ---------------------------------------------------------------------------------------


def cut(store: Store, *, position: int | None = None, time: int | None = None) -> int:
    """The last position, not after the given position or time (milliseconds since 1970), at which a commit ended.

    What one commit wrote belongs together, such as a message with the instance that it started, and has one time.
    """
    last = store.head().position
    if time is not None:
        last = _last_until(store, time)
    if position is not None:
        last = min(last, max(position, 0))
    following = store.entries(last, 1)
    while last and following and _at(store, last) == chain.read(following[0]).at:
        last -= 1
    return last


def _last_until(store: Store, time: int) -> int:
    low, high = 0, store.head().position + 1
    while low + 1 < high:
        middle = (low + high) // 2
        if _at(store, middle) <= time:
            low = middle
        else:
            high = middle
    return low


def _at(store: Store, position: int) -> int:
    return chain.read(store.entries(position - 1, 1)[0]).at
