"""A shard: works out commands, one after the other, into a batch that is committed whole.

Synchronous and without threads, clocks or waiting, so that a test, a scenario and the loop all drive the same code.
What belongs to one instance is worked out by the kernel; deployments, messages and signals by ``starts.py`` and
``messages.py``; the gate is asked in between, so that its ruling is in the same entry as what it allows.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from clearance.engine import archiving, calls, job_requests, messages, passing, starts
from clearance.engine.job_requests import Release
from clearance.engine.ports import Gate
from clearance.engine.settings import EngineSettings
from clearance.engine.state import loader, neighbours
from clearance.engine.state.indexes import Indexes, index
from clearance.engine.state.registry import Registry
from clearance.engine.state.stream import Stream, loaded
from clearance.kernel import migration
from clearance.kernel.state import Instance
from clearance.kernel.step import begin, rule, work_out
from clearance.kernel.working import Limits
from clearance.ledger import chain, numbering
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import SHARD_STREAM, Batch, InstanceRow, ParcelRow
from clearance.ledger.store import Store, StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Command, InstanceCommand, Refusal
from clearance.model.effects import Effect, NeedClearance, RunJob, SendMessage, SendSignal
from clearance.model.events import Event
from clearance.model.graph import Graph
from clearance.model.values import Data
from clearance.model.work import Actor, Failed

log = logging.getLogger("clearance.engine")

_FOR_SHARD: dict[type, Callable[..., Answer | Refusal]] = {
    commands.DeployProcess: starts.deploy,
    commands.DeployDecisions: starts.deploy_decisions,
    commands.StartInstance: starts.start,
    commands.FireStart: starts.fire,
    commands.PublishMessage: messages.publish,
    commands.BroadcastSignal: messages.broadcast,
    commands.EvaluateConditions: starts.evaluate,
    commands.ExpireMessages: messages.expire,
    commands.ArchiveInstances: archiving.archive,
    commands.TakeParcel: neighbours.take,
    commands.NoteArrival: neighbours.note_arrival,
    commands.DeliverAgain: neighbours.deliver_again,
}
"""Commands that are for no single instance."""


class Cut(msgspec.Struct):
    """A batch with what may happen once it is committed."""

    batch: Batch
    releases: list[Release]
    parcels: list[ParcelRow] = []
    """What leaves for other shards."""
    arrived: dict[int, int] = {}
    """Other shards, with the last number of theirs that has been taken here: they are told."""
    caused: list[tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = []
    """Each parcel that was taken, by its shard and number, with those that follow from it."""

    @property
    def posted(self) -> list[tuple[int, int]]:
        """All parcels that are new with it, by the shard that they are for and their number."""
        return list(self.batch.parcels_set)


class Shard:
    """All state of one shard: hot instances, what is deployed, and the batch under work."""

    def __init__(
        self,
        store: Store,
        gate: Gate,
        registry: Registry,
        actors: Mapping[str, Actor],
        settings: EngineSettings | None = None,
    ) -> None:
        self.store = store
        self.gate = gate
        self.registry = registry
        self.actors = actors
        self.settings = settings or EngineSettings()
        self.limits = Limits(self.settings.repeats_max, self.settings.loop_items_max)
        self.now = 0
        self.position = 0
        self.next_key = 0
        self.installation = ""
        self.streams: OrderedDict[int, Stream] = OrderedDict()
        self.batch = Batch()
        self.releases: list[Release] = []
        self.indexes = Indexes(store)
        self.own = Stream(SHARD_STREAM)
        self.neighbours: neighbours.Neighbours | None = None
        """The other shards; None when there are none."""
        self._follow_ups: deque[tuple[int, Callable[[], object]]] = deque()
        self._depth = 0
        self._given: dict[int, tuple[dict[str, Data], str]] = {}
        """What the actors of the jobs get that are ruled on just now: most of them leave next."""
        self.fetched: loader.Found = {}
        """What the commands at hand are for, as the store has it; whoever is worked out goes from here to streams."""
        self.dropped: set[int] = set()
        """Instances whose state was dropped, not kept: open batches may hold entries that their rows do not cover."""
        self.calls = 0
        """Called instances that the command at work has led to so far."""
        self._load()

    # ---- commands in, batches out ------------------------------------------------------------------------------------

    def work(self, command: Command, now: int) -> Answer | Refusal:
        """Work out one command; its answer holds once the batch that :meth:`cut` returns is committed.

        An exception leaves the batch half done: drop it with :meth:`reset`, and work out the other commands again.
        """
        self.now = now
        handler = _FOR_SHARD.get(type(command))
        answer = self.advance(command) if handler is None else handler(self, command)  # type: ignore[arg-type]
        while self._follow_ups:
            self._depth, follow_up = self._follow_ups.popleft()
            follow_up()
        if self.neighbours is not None:
            answer = self.neighbours.send(self, command, answer)
        self._depth = 0
        self._given.clear()
        self.calls = 0
        return answer

    def cut(self) -> Cut:
        """Take the batch under work; it stays visible to look-ups until :meth:`committed`."""
        self._evict()
        self.fetched.clear()
        self.batch.next_key = self.next_key
        cut = Cut(self.batch, self.releases)
        self.batch, self.releases = Batch(), []
        self.indexes.open(self.batch)
        if self.neighbours is not None:
            self.neighbours.hand_over(cut)
        return cut

    def committed(self, batch: Batch) -> None:
        """The batch is in the store."""
        self.indexes.close(batch)

    def reset(self) -> None:
        """Forget everything that is not in the store: a commit has failed."""
        self._load()

    # ---- instances ---------------------------------------------------------------------------------------------------

    def advance(self, command: InstanceCommand) -> Answer | Refusal:
        """One command on one instance: step, settle what the gate must rule on, record one entry."""
        if type(command) is commands.Create:
            stream: Stream | None = self.create(command)
        else:
            stream = self.stream(command.instance)  # type: ignore[union-attr]
        if stream is None or stream.graph is None:
            return self._unknown(_key_of(command))
        graph = stream.graph
        if type(command) is commands.MigrateInstance and command.dry_run:
            return self._rehearse(stream, command)
        try:
            passage = passing.work_out(self, graph, stream.instance, command)
            if passage is None:
                waited = self.neighbours.waits(stream.instance) if self.neighbours is not None else {}
                recorded, effects, refusal = self._step(stream, command)
        except Exception as error:
            log.exception("a defect while working out %s on instance %s", type(command).__name__, stream.key)
            return self._contain(stream, command, error)
        if passage is not None:
            return passing.record(self, stream, graph, command, passage)
        if refusal is not None:
            return refusal
        if not recorded:
            return Answer(stream.key, self.position)
        return self._record(stream, command, recorded, effects, waited)

    def _record(
        self,
        stream: Stream,
        command: InstanceCommand,
        recorded: list[Event],
        effects: list[Effect],
        waited: dict[int, tuple[str, str, str]],
    ) -> Answer:
        """One entry, what it changes in the rows, and what follows from it."""
        graph, instance = stream.graph, stream.instance
        assert graph is not None
        assert instance is not None
        first = not stream.sequence
        self.write(stream, summary(command), recorded)
        migrated = instance.definition != graph.definition
        if migrated:
            graph = stream.graph = self.registry.graph(instance.definition)
        subscribed = index(self.batch, instance, stream.working, recorded, graph)
        if self.neighbours is not None:
            self.neighbours.tell(waited, instance)
        if first or migrated or instance.status != "active" or self.snapshot_due(stream, instance):
            self.keep(stream)
        position = self.position
        for effect in effects:
            if isinstance(effect, SendMessage | SendSignal):
                self._follow(partial(messages.send, self, instance, effect), self._depth + 1)
            elif isinstance(effect, calls.EFFECTS):
                self._follow(partial(calls.follow, self, instance, effect), self._depth)
        if subscribed:
            self._follow(partial(messages.correlate_buffered, self, recorded, graph, stream.key), self._depth)
        if instance.status != "active":
            self.ended(instance, graph)
        return Answer(stream.key, position)

    def ended(self, instance: Instance, graph: Graph) -> None:
        """It leaves the memory; who waits for its end follows."""
        self.streams.pop(instance.key, None)
        if messages.start_names(graph):
            self._follow(partial(messages.ended, self, instance, graph), self._depth)
        if instance.parent and instance.status == "terminated":
            self._follow(partial(calls.terminated, self, instance), self._depth)

    def _unknown(self, key: int) -> Refusal:
        if numbering.is_key(key) and self.store.archived(key) is not None:
            return Refusal("not-found", f"instance {key} has ended and is archived: nothing about it can change")
        return Refusal("not-found", f"there is no process instance {key}")

    @property
    def depth(self) -> int:
        """How many messages and signals, one leading to the next, have led to what is worked out now."""
        return self._depth

    def deepen(self, depth: int) -> None:
        """What led to what is worked out now has happened on another shard."""
        self._depth = depth

    def _follow(self, follow_up: Callable[[], object], depth: int) -> None:
        """Do this in the same batch, once the instance at hand is done: never nested, however long the chain gets."""
        self._follow_ups.append((depth, follow_up))

    def create(self, command: commands.Create) -> Stream:
        """The stream of an instance that is about to begin."""
        stream = Stream(command.key, graph=self.registry.graph(command.definition))
        self.streams[command.key] = stream
        return stream

    def stream(self, key: int) -> Stream | None:
        """An instance's stream with its state, from memory or from the store."""
        stream = self.streams.get(key)
        if stream is not None:
            self.streams.move_to_end(key)
            return stream
        found = self.fetched.pop(key, None)
        if found is None:
            row = self._row(key) if numbering.is_key(key) else None
            if row is None:
                return None
            found = row, loader.tail(self, row)
        stream = self.streams[key] = loaded(*found, self.registry.graph)
        return stream

    def fetch(self, asked: Iterable[Command]) -> None:
        """Read what these commands, which come next, are for: with few questions to the store, not two for each."""
        streams = self.streams
        absent = {key for command in asked if (key := getattr(command, "instance", SHARD_STREAM)) not in streams}
        if absent:
            self.fetched = loader.fetch(self, absent)

    def new_key(self, count: int = 1) -> int:
        """The first of so many new keys."""
        key = self.next_key
        self.next_key += count
        return key

    def write(self, stream: Stream, told: dict[str, Data], recorded: list[Event]) -> None:
        """Append one entry to the stream."""
        self.position += 1
        entry = chain.link(self.position, stream.key, stream.sequence + 1, self.now, told, recorded, stream.hash)
        stream.position, stream.sequence, stream.hash = entry.position, entry.sequence, entry.hash
        self.batch.entries.append(entry)

    def write_shard(self, told: dict[str, Data], recorded: list[Event]) -> None:
        """Append one entry to the shard's own stream."""
        own = self.own
        self.write(own, told, recorded)
        self.batch.instances[SHARD_STREAM] = InstanceRow(
            SHARD_STREAM, "", "", "active", own.position, own.sequence, own.hash, b""
        )

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _load(self) -> None:
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
        self.position = head.position
        self.next_key = max(head.next_key, numbering.first_key(self.settings.shard))
        self.installation = head.installation
        self.streams.clear()
        self.batch, self.releases = Batch(), []
        self._given.clear()
        self._follow_ups.clear()
        self.fetched.clear()
        self.dropped.clear()
        self._depth = 0
        self.calls = 0
        self.indexes = Indexes(self.store)
        self.indexes.open(self.batch)
        self.registry.clear()
        self.registry.load(list(self.store.definitions()), list(self.store.decisions()))
        if self.settings.shards > 1:
            links = list(self.store.links())
            self.neighbours = neighbours.Neighbours(self.settings.shard, self.settings.shards, links)
        row = self.store.instance(SHARD_STREAM)
        self.own = Stream(SHARD_STREAM, row.position, row.sequence, row.hash) if row else Stream(SHARD_STREAM)

    def _row(self, key: int) -> InstanceRow | None:
        for batch in reversed(self.indexes.batches):
            if key in batch.instances:
                return batch.instances[key]
        return self.store.instance(key)

    def _step(self, stream: Stream, command: InstanceCommand) -> tuple[list[Event], list[Effect], Refusal | None]:
        """The command, then the gate's rulings on the jobs that it leads to."""
        assert stream.graph is not None
        target = self._target(command) if type(command) is commands.MigrateInstance else None
        decisions = self.registry.decisions
        working = begin(stream.graph, stream.instance, command, self.now, self.next_key, decisions, self.limits, target)
        instance = working.instance
        refusal = work_out(working, command)
        left: list[Effect] = []
        released: list[Release] = []
        while working.effects and refusal is None:
            pending, working.effects = working.effects, []
            for effect in pending:
                if isinstance(effect, NeedClearance):
                    if effect.job in instance.jobs:
                        refusal = refusal or rule(working, self._ruled(stream, instance, effect.job))
                elif isinstance(effect, RunJob):
                    released.append(self.release_of(stream, instance, effect.job))
                else:
                    left.append(effect)
        if refusal is not None:
            return [], [], refusal
        stream.instance = instance
        self.next_key = working.next_key
        self.releases.extend(released)
        return working.events, left, None

    def _target(self, command: commands.MigrateInstance) -> Graph | None:
        """The graph that a migration leads to; None when it is not deployed."""
        return self.registry.graph(command.definition) if self.registry.knows(command.definition) else None

    def _rehearse(self, stream: Stream, command: commands.MigrateInstance) -> Answer | Refusal:
        """What a migration would do."""
        target = self._target(command)
        if target is None:
            return Refusal("not-found", f"definition {command.definition} is not deployed")
        assert stream.graph is not None
        assert stream.instance is not None
        if stream.instance.status != "active":
            return Refusal("not-found", f"instance {stream.key} has ended ({stream.instance.status})")
        plan = migration.plan(stream.graph, target, stream.instance, command.elements)
        return Answer(stream.key, self.position, report=plan.report())

    def _ruled(self, stream: Stream, instance: Instance, key: int) -> commands.Clear:
        assert stream.graph is not None
        job = instance.jobs[key]
        actor = self.actors.get(job.type)
        given, label = job_requests.given(instance, stream.graph, job, actor)
        self._given[key] = (given, label)
        ruling = self.gate.rule(job_requests.request(instance, stream.graph, job, actor, given))
        return commands.Clear(instance=instance.key, job=key, ruling=ruling, parameters=given)

    def release_of(self, stream: Stream, instance: Instance, key: int) -> Release:
        """What leaves for a cleared job."""
        graph = stream.graph
        assert graph is not None
        job = instance.jobs[key]
        known = self._given.pop(key, None)
        given, label = known or job_requests.given(instance, graph, job, self.actors.get(job.type))
        return job_requests.release(instance, graph, key, given, label)

    def _contain(self, stream: Stream, command: InstanceCommand, error: Exception) -> Refusal:
        """A defect stops one instance: drop its half-changed state, and say so on it."""
        del self.streams[stream.key]
        self.dropped.add(stream.key)
        instead = in_its_stead(command, error)
        if instead is not None:
            self.advance(instead)
        return Refusal("defect", f"{type(error).__name__}: {error}")

    def snapshot_due(self, stream: Stream, instance: Instance) -> bool:
        """Large states are written less often: what a step costs must not grow with what else there is."""
        return stream.sequence - stream.kept >= max(self.settings.snapshot_every, len(instance.elements))

    def keep(self, stream: Stream) -> None:
        """Write the instance's row with its snapshot."""
        self.batch.instances[stream.key] = stream.row()
        stream.kept = stream.sequence

    def _evict(self) -> None:
        """Instances that have not been asked for lately live in the store alone."""
        while len(self.streams) > self.settings.instances_cached_max:
            _, stream = self.streams.popitem(last=False)
            if stream.sequence > stream.kept:
                self.keep(stream)


def in_its_stead(command: Command, error: Exception) -> InstanceCommand | None:
    """What makes a defect an incident that a person can resolve; None when even that has failed.

    A job whose outcome cannot be worked out has failed: trying again runs it again, with the same idempotency key.
    """
    if not isinstance(command, InstanceCommand) or isinstance(command, commands.Create | commands.Faulted):
        return None
    message = f"{type(error).__name__} while working out {command.__struct_config__.tag}: {error}"
    if isinstance(command, commands.FinishJob) and not isinstance(command.outcome, Failed):
        return msgspec.structs.replace(command, outcome=Failed(message, retryable=False))
    return commands.Faulted(instance=command.instance, element=command.instance, message=message)


def _key_of(command: InstanceCommand) -> int:
    return command.key if isinstance(command, commands.Create) else command.instance
