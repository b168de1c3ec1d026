"""What a shard holds: instances in memory, what is deployed, the batch that is being worked out, its links to others.

Commands change it through the methods here and those of :class:`~clearance.ledger.rows.Batch`; nothing here decides.
Nothing here runs an instance either: ``engine/shard.py`` does, and ``engine/commands`` says what else follows.
"""

from collections import OrderedDict
from collections.abc import Iterable

from clearance.engine.settings import EngineSettings
from clearance.engine.state import loader
from clearance.engine.state.indexes import Indexes
from clearance.engine.state.neighbours import Neighbours
from clearance.engine.state.registry import Registry
from clearance.engine.state.stream import Stream, loaded
from clearance.kernel.state import Instance
from clearance.ledger import chain, numbering
from clearance.ledger.rows import SHARD_STREAM, Batch, InstanceRow
from clearance.ledger.store import Store, StoreError
from clearance.model.commands import Command
from clearance.model.events import Event
from clearance.model.graph import Graph
from clearance.model.values import Data


class ShardState:
    """All state of one shard."""

    def __init__(self, store: Store, registry: Registry, settings: EngineSettings) -> None:
        self.store = store
        self.registry = registry
        self.settings = settings
        self.now = 0
        """When the command at hand is worked out, in milliseconds since 1970."""
        self.depth = 0
        """How many messages and signals, one leading to the next, have led to what is worked out now."""
        self.calls = 0
        """Called instances that the command at hand has led to so far."""
        self.position = 0
        """Of the last entry."""
        self.next_key = 0
        self.installation = ""
        self.batch = Batch()
        """What is being worked out; it stays visible to look-ups until it is committed."""
        self.indexes = Indexes(store)
        self.neighbours: Neighbours | None = None
        """The other shards; None when there are none."""
        self._own = Stream(SHARD_STREAM)
        self._streams: OrderedDict[int, Stream] = OrderedDict()
        """Instances in memory, the one asked for last at the end."""
        self._fetched: loader.Found = {}
        """Rows read ahead for the current batch of commands; each moves into memory when its command comes."""
        self._dropped: set[int] = set()
        """Instances whose state was dropped, not kept: open batches may hold entries that their rows do not cover."""
        self.load()

    def load(self) -> None:
        """Start, or start again, with what is in the store; raises :class:`StoreError` when entries are missing, or a
        later release has written some.
        """
        head = self.store.head()
        if head.recorded > head.position:
            raise StoreError(
                f"the ledger ends at entry {head.position}, but {head.recorded} were committed: "
                "restore it from a backup"
            )
        if head.recorded < head.position:
            raise StoreError(
                f"the ledger ends at entry {head.position}, but only {head.recorded} were committed: the file is "
                "damaged, restore it from a backup"
            )
        for last in self.store.unarchived(head.position - 1, 1):
            chain.check_format(last)  # whatever a later release wrote, its last entry is among it
        self.position = head.position
        self.next_key = max(head.next_key, numbering.first_key(self.settings.shard))
        self.installation = head.installation
        self.batch = Batch()
        self._streams.clear()
        self._fetched.clear()
        self._dropped.clear()
        self.depth = self.calls = 0
        self.indexes = Indexes(self.store)
        self.indexes.open(self.batch)
        self.registry.clear()
        self.registry.load(list(self.store.definitions()), list(self.store.decisions()))
        if self.settings.shards > 1:
            self.neighbours = Neighbours(self.settings.shard, self.settings.shards, self.store.links())
        row = self.store.instance(SHARD_STREAM)
        self._own = Stream(SHARD_STREAM, row.position, row.sequence, row.hash) if row else Stream(SHARD_STREAM)

    # ---- batches and entries -----------------------------------------------------------------------------------------

    def cut(self) -> Batch:
        """The batch under work, and a new one in its place."""
        self._evict()
        self._fetched.clear()
        cut, self.batch = self.batch, Batch()
        cut.next_key = self.next_key
        self.indexes.open(self.batch)
        return cut

    def new_key(self, count: int = 1) -> int:
        """The first of so many new keys."""
        key = self.next_key
        self.next_key += count
        return key

    def record(self, stream: Stream, summary: dict[str, Data], events: list[Event]) -> None:
        """Append one entry to the stream."""
        self.position += 1
        entry = chain.link(self.position, stream.key, stream.sequence + 1, self.now, summary, events, stream.hash)
        stream.position, stream.sequence, stream.hash = entry.position, entry.sequence, entry.hash
        self.batch.entries.append(entry)

    def record_own(self, summary: dict[str, Data], events: list[Event]) -> None:
        """Append one entry to the shard's own stream."""
        own = self._own
        self.record(own, summary, events)
        self.batch.instances[SHARD_STREAM] = InstanceRow(
            SHARD_STREAM, "", "", "active", own.position, own.sequence, own.hash, b""
        )

    @property
    def own_sequence(self) -> int:
        """Of the last entry of the shard's own stream."""
        return self._own.sequence

    # ---- instances ---------------------------------------------------------------------------------------------------

    def begin(self, key: int, graph: Graph) -> Stream:
        """The stream of an instance that is about to begin."""
        stream = self._streams[key] = Stream(key, graph=graph)
        return stream

    def stream(self, key: int) -> Stream | None:
        """An instance's stream with its state, from memory or from the store; None when there is no such instance."""
        stream = self._streams.get(key)
        if stream is not None:
            self._streams.move_to_end(key)
            return stream
        found = self._fetched.pop(key, None)
        if found is None:
            row = self._row(key) if numbering.is_key(key) else None
            if row is None:
                return None
            batches = self.indexes.batches if key in self._dropped else ()
            found = row, loader.tail(self.store, row, batches)
        stream = self._streams[key] = loaded(*found, self.registry.graph)
        return stream

    def in_memory(self, key: int) -> bool:
        """Whether the instance's state is in memory; one that has ended is not."""
        return key in self._streams

    def release(self, key: int) -> None:
        """An instance that has ended or was archived leaves the memory."""
        self._streams.pop(key, None)

    def drop(self, key: int) -> None:
        """Forget an instance's state, which a defect may have left half changed; it is loaded again when needed."""
        del self._streams[key]
        self._dropped.add(key)

    def fetch(self, commands: Iterable[Command]) -> None:
        """Read what these commands, which come next, are for: with few questions to the store, not two for each."""
        streams = self._streams
        absent = {key for command in commands if (key := getattr(command, "instance", SHARD_STREAM)) not in streams}
        if absent:
            self._fetched = loader.fetch(self.indexes, absent, self._dropped)

    def snapshot_due(self, stream: Stream, instance: Instance) -> bool:
        """Large states are written less often: what a step costs must not grow with what else there is."""
        return stream.sequence - stream.kept >= max(self.settings.snapshot_every, len(instance.elements))

    def keep(self, stream: Stream) -> None:
        """Write the instance's row with its snapshot."""
        self.batch.instances[stream.key] = stream.row()
        stream.kept = stream.sequence

    def _row(self, key: int) -> InstanceRow | None:
        for batch in reversed(self.indexes.batches):
            if key in batch.instances:
                return batch.instances[key]
        return self.store.instance(key)

    def _evict(self) -> None:
        """Instances that have not been asked for lately live in the store alone."""
        while len(self._streams) > self.settings.instances_cached_max:
            _, stream = self._streams.popitem(last=False)
            if stream.sequence > stream.kept:
                self.keep(stream)
