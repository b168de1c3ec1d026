"""The engine: a shard with its loop, dispatcher and store, started and stopped as one.

After a start it goes on where it was: timers that fell due meanwhile fire, and jobs that were at work leave again,
with the same idempotency key, because nobody can know whether they were done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from clearance.engine.job_requests import Release
from clearance.engine.ports import Clock, Gate
from clearance.engine.runtime.dispatcher import Dispatcher
from clearance.engine.runtime.intake import Asked, Intake, Reply, submitted
from clearance.engine.runtime.loop import Loop
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Cut, Shard
from clearance.engine.state.registry import Registry
from clearance.ledger.rows import ParcelRow
from clearance.ledger.store import Leased, Store, StoreError
from clearance.model.clearance import Request, Ruling
from clearance.model.commands import (
    Answer,
    BroadcastSignal,
    Command,
    FinishJob,
    PublishMessage,
    Refusal,
    StartInstance,
)
from clearance.model.work import Actor, BlobReader, Failed

ANSWER_WITHIN_S = 60.0


_UNDECIDED = (
    "the engine stopped while this was being done, and doing it twice is not safe: "
    "find out whether it was done, then retry or cancel"
)


class Left(msgspec.Struct, frozen=True):
    """What a stopped engine has left for the next start."""

    instances: int
    """Those with jobs at work, which leave again, with the same idempotency keys; those of remote workers too."""
    running: int
    """Jobs that had not ended when the time was up."""


class Engine:
    """Runs one shard."""

    def __init__(
        self,
        store: Store,
        gate: Gate,
        registry: Registry,
        actors: Mapping[str, Actor],
        blobs: BlobReader,
        clock: Clock,
        settings: EngineSettings | None = None,
        *,
        dispatcher: Dispatcher | None = None,
        carry: Callable[[Cut], None] | None = None,
        installation: str = "",
    ) -> None:
        """One of several shards is given what takes parcels to the others; within one process all share the
        ``dispatcher``, in processes of their own the name of the ``installation``, which idempotency keys begin with.
        """
        self.settings = settings or EngineSettings()
        self.store = store
        self._leased = store if isinstance(store, Leased) else None
        self.blobs = blobs
        self._gate = gate
        self._actors = actors
        self._reader = store.reader()
        self._shard = Shard(self._reader, gate, registry, actors, self.settings)
        self._intake = Intake(self.settings.queue_max)
        self._listeners: list[Callable[[int], None]] = []
        self._own_dispatcher = dispatcher is None
        self._dispatcher = dispatcher or Dispatcher(
            actors,
            blobs,
            self.hand_in,
            installation or self._shard.installation,
            self.settings.workers,
            self.settings.payload_max,
            may_begin(store),
        )
        self._loop = Loop(self._shard, store, self._intake, clock, self._dispatcher.release, self._tell, carry=carry)

    def start(self) -> None:
        """Go on where the store is."""
        releases, undecided = unfinished(self._shard, self._actors)
        self._intake.push(undecided)
        if self._own_dispatcher:
            self._dispatcher.start()
        self._loop.start()
        self._dispatcher.release(releases)
        if self._leased is not None:
            self._leased.when_lost(self._end)

    def stop(self) -> Left:
        """Finish what runs, for as long as the settings say; commit what has arrived; close the store."""
        self.leave_unsaid()
        running = self._dispatcher.stop(self.settings.drain_s) if self._own_dispatcher else 0
        self._loop.stop()
        try:
            instances = len(self.store.at_work())
        except StoreError:
            instances = running  # it cannot be reached, and will say at the next start
        if self._reader is not self.store:
            self._reader.close()
        self.store.close()
        return Left(instances, running)

    def leave_unsaid(self) -> None:
        """Wait for a store that cannot be reached no longer: the engine is about to stop."""
        self._loop.leave_unsaid()

    def submit(self, command: Command) -> Reply:
        """The future is resolved once the command is committed, or refused."""
        return submitted(command, self.bring)

    def bring(self, asked: Iterable[Asked]) -> None:
        """Take in what is asked for, in order; each is answered once it is committed, or refused.

        Everything is refused while the store cannot be reached. What starts new work is refused while the actors are
        too far behind; what goes on with work is not.
        """
        taken: list[Asked] = []
        for command, tell in asked:
            why = self._refused(command)
            if why:
                tell(Refusal("busy", why))
            else:
                taken.append((command, tell))
        self._intake.bring(taken)

    def push(self, commands: Iterable[Command]) -> None:
        """From another shard."""
        self._intake.push(commands)

    def outstanding(self) -> Iterator[ParcelRow]:
        """What was on its way to other shards when the engine stopped; before the start."""
        for link in self._reader.links():
            after = link.arrived
            while rows := self._reader.parcels(link.shard, after):
                yield from rows
                after = rows[-1].sequence

    def hand_in(self, outcomes: list[FinishJob], *, hurries: bool = False) -> None:
        """From the dispatcher: what has become of jobs."""
        self._loop.hand_in(outcomes, hurries=hurries)

    def ask(self, command: Command) -> Answer | Refusal:
        """Submit and wait for the answer."""
        return self.submit(command).result(ANSWER_WITHIN_S)

    def rule(self, request: Request) -> Ruling:
        """What the gate says to a request of a person."""
        return self._gate.rule(request)

    def listen(self, committed: Callable[[int], None]) -> None:
        """Be told the ledger position after each commit, from the committing thread; return quickly."""
        self._listeners.append(committed)

    @property
    def trouble(self) -> str:
        """Why nothing can be committed at the moment; empty when all is well."""
        return self._loop.trouble or self._silence

    @property
    def lost(self) -> str:
        """Why this engine has ended by itself, another one having taken over; empty while it goes on."""
        return self._loop.lost

    @property
    def waiting(self) -> int:
        """Commands in the queue."""
        return self._intake.waiting

    def _refused(self, command: Command) -> str:
        """Why this cannot be taken in at the moment; empty when it can."""
        if self._loop.interrupted or self._silence:
            return f"nothing was changed: {self.trouble}"
        if not isinstance(command, StartInstance | PublishMessage | BroadcastSignal):
            return ""
        waiting = self._dispatcher.waiting
        if waiting >= self.settings.jobs_waiting_max:
            return f"{waiting} jobs wait for their actors: try again in a moment"
        if self._shard.parcels_under_way >= self.settings.parcels_max:
            return "another shard is too far behind: try again in a moment"
        return ""

    @property
    def _silence(self) -> str:
        """Why a store that is not asked for anything would not answer; empty when it would, for all that is known."""
        return self._leased.silence if self._leased is not None else ""

    def _end(self, reason: str) -> None:
        self._dispatcher.halt()
        self._loop.end(reason)

    def _tell(self, position: int) -> None:
        for listener in self._listeners:
            listener(position)


def may_begin(*stores: Store) -> Callable[[], bool] | None:
    """Whether jobs may begin: not while another engine may have taken over one of the stores. None: no other can."""
    leased = [store for store in stores if isinstance(store, Leased)]
    return (lambda: all(store.held() for store in leased)) if leased else None


def unfinished(shard: Shard, actors: Mapping[str, Actor]) -> tuple[list[Release], list[FinishJob]]:
    """What was at work when the engine stopped: jobs that leave again, and outcomes of those that may not."""
    releases: list[Release] = []
    undecided: list[FinishJob] = []
    for key in shard.store.at_work():
        try:
            stream = shard.stream(key)
        except (KeyError, ValueError) as error:
            raise StoreError(
                f"instance {key} cannot be loaded, the ledger is damaged: {error}. See what `clearance ledger verify` "
                "says, and restore it from a backup"
            ) from error
        if stream is None or stream.instance is None:
            continue
        for job in sorted(stream.working):
            release = shard.release_of(stream, stream.instance, job)
            actor = actors.get(release.type)
            if actor is None or actor.idempotent:
                releases.append(release)
            else:
                outcome = Failed(_UNDECIDED, retryable=False)
                undecided.append(FinishJob(instance=key, job=job, attempt=release.attempt, outcome=outcome))
    return releases, undecided
