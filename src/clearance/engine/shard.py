"""A shard: works out commands, one after the other, into a batch that is committed whole.

Synchronous and without threads, clocks or waiting, so that a test, a scenario and the loop all drive the same code.
What a command does to one instance is worked out by the kernel; what is for no single instance, and what follows from a
step, by the handlers in ``engine/commands`` and ``engine/exchange``, which say as data what instances have to do. The
gate is asked in between, so that its ruling is in the same entry as what it allows. ``state/`` is what a shard holds.
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from clearance.engine import job_requests, passing
from clearance.engine.commands import follow_ups, start_events
from clearance.engine.commands.steps import Result, Steps
from clearance.engine.commands.table import COMMANDS, FOLLOW_UPS
from clearance.engine.exchange import parcels
from clearance.engine.job_requests import Release
from clearance.engine.ports import Gate
from clearance.engine.settings import EngineSettings
from clearance.engine.state.indexes import index
from clearance.engine.state.registry import Registry
from clearance.engine.state.shard_state import ShardState
from clearance.engine.state.stream import Stream
from clearance.kernel import migration
from clearance.kernel.state import Instance
from clearance.kernel.step import begin, rule, work_out
from clearance.kernel.working import Limits
from clearance.ledger import numbering
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import Batch, ParcelRow, TimerRow
from clearance.ledger.store import Store
from clearance.model import commands
from clearance.model.commands import Answer, Command, InstanceCommand, Refusal
from clearance.model.effects import Effect, NeedClearance, RunJob, SendMessage, SendSignal
from clearance.model.events import Event
from clearance.model.graph import Graph
from clearance.model.values import Data
from clearance.model.work import Actor, Failed

log = logging.getLogger("clearance.engine")

_HANDLERS = {**COMMANDS, **parcels.COMMANDS}
"""Commands that are for no single instance; all others are for the kernel."""


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
    """Runs commands over the state of one shard, with what follows from them."""

    def __init__(
        self,
        store: Store,
        gate: Gate,
        registry: Registry,
        actors: Mapping[str, Actor],
        settings: EngineSettings | None = None,
    ) -> None:
        self.settings = settings or EngineSettings()
        self._gate = gate
        self._actors = actors
        self._limits = Limits(self.settings.repeats_max, self.settings.loop_items_max)
        self._releases: list[Release] = []
        """Jobs that leave with the batch under work."""
        self._follow_ups: deque[tuple[int, follow_ups.FollowUp]] = deque()
        """What is still to be done in this batch, with its depth (:attr:`ShardState.depth`)."""
        self._given: dict[int, tuple[dict[str, Data], str]] = {}
        """What the actors of the jobs get that are ruled on just now: most of them leave next."""
        self._state = ShardState(store, registry, self.settings)

    # ---- commands in, batches out ------------------------------------------------------------------------------------

    def fetch(self, asked: Iterable[Command]) -> None:
        """Read what these commands, which come next, are for: with few questions to the store, not two for each."""
        self._state.fetch(asked)

    def work(self, command: Command, now: int) -> Answer | Refusal:
        """Work out one command; its answer holds once the batch that :meth:`cut` returns is committed.

        An exception leaves the batch half done: drop it with :meth:`reset`, and work out the other commands again.
        """
        state = self._state
        state.now = now
        handler = _HANDLERS.get(type(command))
        if handler is None:
            answer = self._advance(command)  # type: ignore[arg-type]
        else:
            handled = handler(state, command)
            answer = handled if isinstance(handled, Answer | Refusal) else self._run(handled)
        while self._follow_ups:
            state.depth, follow_up = self._follow_ups.popleft()
            self._run(FOLLOW_UPS[type(follow_up)](state, follow_up))
        if state.neighbours is not None:
            answer = parcels.send(state, command, answer)
        state.depth = state.calls = 0
        self._given.clear()
        return answer

    def cut(self) -> Cut:
        """Take the batch under work; it stays visible to look-ups until :meth:`committed`."""
        cut = Cut(self._state.cut(), self._releases)
        self._releases = []
        if self._state.neighbours is not None:
            self._state.neighbours.hand_over(cut)
        return cut

    def committed(self, batch: Batch) -> None:
        """The batch is in the store."""
        self._state.indexes.close(batch)

    def reset(self) -> None:
        """Forget everything that is not in the store: a commit has failed."""
        self._releases = []
        self._given.clear()
        self._follow_ups.clear()
        self._state.load()

    # ---- what others may know ----------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        return self._state.store

    @property
    def registry(self) -> Registry:
        """What is deployed."""
        return self._state.registry

    @property
    def position(self) -> int:
        """Of the last entry, committed or not."""
        return self._state.position

    @property
    def next_key(self) -> int:
        return self._state.next_key

    @property
    def installation(self) -> str:
        """The name that idempotency keys begin with."""
        return self._state.installation

    @property
    def parcels_under_way(self) -> int:
        """The most that any other shard has not taken yet."""
        neighbours = self._state.neighbours
        return neighbours.under_way if neighbours is not None else 0

    def due(self, now: int, limit: int) -> Sequence[TimerRow]:
        """Timers that are due and have not been worked out yet, earliest first."""
        return self._state.indexes.due(now, limit)

    def next_due(self, after: int) -> int | None:
        """When the first of those timers is due, at the earliest, that are due after this moment."""
        return self._state.indexes.next_due(after)

    def stream(self, key: int) -> Stream | None:
        """An instance's stream with its state; None when there is no such instance in the tables."""
        return self._state.stream(key)

    def release_of(self, stream: Stream, instance: Instance, key: int) -> Release:
        """What leaves for a cleared job."""
        graph = stream.graph
        assert graph is not None
        job = instance.jobs[key]
        known = self._given.pop(key, None)
        given, label = known or job_requests.given(instance, graph, job, self._actors.get(job.type))
        return job_requests.release(instance, graph, key, given, label)

    # ---- instances ---------------------------------------------------------------------------------------------------

    def _run(self, steps: Steps[Result]) -> Result:
        """Do step by step what a handler asks of instances, and tell it what came of each."""
        try:
            command = next(steps)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        while True:
            answer = self._advance(command)
            try:
                command = steps.send(answer)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]

    def _advance(self, command: InstanceCommand) -> Answer | Refusal:
        """One command on one instance: step, settle what the gate must rule on, record one entry."""
        state = self._state
        if type(command) is commands.Create:
            stream: Stream | None = state.begin(command.key, state.registry.graph(command.definition))
        else:
            stream = state.stream(command.instance)  # type: ignore[union-attr]
        if stream is None or stream.graph is None:
            return self._unknown(_key_of(command))
        graph = stream.graph
        if type(command) is commands.MigrateInstance and command.dry_run:
            return self._rehearse(stream, command)
        try:
            passed = passing.work_out(state, self._gate, self._actors, self._limits, graph, stream.instance, command)
            if passed is None:
                waited = state.neighbours.waits(stream.instance) if state.neighbours is not None else {}
                recorded, effects, refusal = self._step(stream, command)
        except Exception as error:
            log.exception("a defect while working out %s on instance %s", type(command).__name__, stream.key)
            return self._contain(stream, command, error)
        if passed is not None:
            passage, release = passed
            if release is not None:
                self._releases.append(release)
            answer = passing.record(state, stream, command, passage)
            if not passage.job:
                self._ended(passage.instance, graph)
            return answer
        if refusal is not None:
            return refusal
        if not recorded:
            return Answer(stream.key, state.position)
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
        state, graph, instance = self._state, stream.graph, stream.instance
        assert graph is not None
        assert instance is not None
        first = not stream.sequence
        state.record(stream, summary(command), recorded)
        migrated = instance.definition != graph.definition
        if migrated:
            graph = stream.graph = state.registry.graph(instance.definition)
        subscribed = index(state.batch, instance, stream.working, recorded, graph)
        if state.neighbours is not None:
            state.neighbours.tell(waited, instance)
        if first or migrated or instance.status != "active" or state.snapshot_due(stream, instance):
            state.keep(stream)
        for effect in effects:
            if isinstance(effect, SendMessage | SendSignal):
                self._follow_ups.append((state.depth + 1, follow_ups.Sent(instance, effect)))
            elif not isinstance(effect, NeedClearance | RunJob):
                self._follow_ups.append((state.depth, follow_ups.Call(instance, effect)))
        if subscribed:
            self._follow_ups.append((state.depth, follow_ups.Subscribed(stream.key, graph, recorded)))
        if instance.status != "active":
            self._ended(instance, graph)
        return Answer(stream.key, state.position)

    def _ended(self, instance: Instance, graph: Graph) -> None:
        """It leaves the memory; what waits for its end follows."""
        self._state.release(instance.key)
        if start_events.start_messages(graph):
            self._follow_ups.append((self._state.depth, follow_ups.Ended(instance, graph)))
        if instance.parent and instance.status == "terminated":
            self._follow_ups.append((self._state.depth, follow_ups.CalledTerminated(instance)))

    def _unknown(self, key: int) -> Refusal:
        if numbering.is_key(key) and self._state.store.archived(key) is not None:
            return Refusal("not-found", f"instance {key} has ended and is archived: nothing about it can change")
        return Refusal("not-found", f"there is no process instance {key}")

    def _step(self, stream: Stream, command: InstanceCommand) -> tuple[list[Event], list[Effect], Refusal | None]:
        """The command, then the gate's rulings on the jobs that it leads to."""
        assert stream.graph is not None
        state, graph = self._state, stream.graph
        target = self._target(command) if type(command) is commands.MigrateInstance else None
        decisions = state.registry.decisions
        working = begin(graph, stream.instance, command, state.now, state.next_key, decisions, self._limits, target)
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
        state.next_key = working.next_key
        self._releases.extend(released)
        return working.events, left, None

    def _target(self, command: commands.MigrateInstance) -> Graph | None:
        """The graph that a migration leads to; None when it is not deployed."""
        registry = self._state.registry
        return registry.graph(command.definition) if registry.knows(command.definition) else None

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
        return Answer(stream.key, self._state.position, report=plan.report())

    def _ruled(self, stream: Stream, instance: Instance, key: int) -> commands.Clear:
        assert stream.graph is not None
        job = instance.jobs[key]
        actor = self._actors.get(job.type)
        given, label = job_requests.given(instance, stream.graph, job, actor)
        self._given[key] = (given, label)
        ruling = self._gate.rule(job_requests.request(instance, stream.graph, job, actor, given))
        return commands.Clear(instance=instance.key, job=key, ruling=ruling, parameters=given)

    def _contain(self, stream: Stream, command: InstanceCommand, error: Exception) -> Refusal:
        """A defect stops one instance: drop its half-changed state, and say so on it."""
        self._state.drop(stream.key)
        instead = in_its_stead(command, error)
        if instead is not None:
            self._advance(instead)
        return Refusal("defect", f"{type(error).__name__}: {error}")


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
