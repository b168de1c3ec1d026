"""One life of the engine: what a process holds in memory, put together as ``engine/runtime`` does, without threads.

Loop, intake, shard, kernel, gate and store are the real ones. The simulation decides whose turn it is: the loop works
out a batch (:meth:`Loop.turn`), the committer commits one (:meth:`Unit.settle`), a worker runs a job
(:meth:`Hands.work`), an outcome arrives (:meth:`Hands.deliver`), shards hear of one another (:meth:`Post.deliver`).
Threads could take their turns in any such order.
"""

import random
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from clearance.engine.job_requests import Release
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Gate
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.dispatcher import backoff_ms, job_of, perform
from clearance.engine.runtime.engine import unfinished
from clearance.engine.runtime.intake import Intake, Reply
from clearance.engine.runtime.loop import Loop, WorkedOut
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Cut, Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.retention import Retention, RetentionSettings
from clearance.ledger.ledgers import agree
from clearance.ledger.rows import Batch, Entry
from clearance.model.commands import Answer, Command, FinishJob, Refusal
from clearance.model.work import Actor, Completed, Failed, Outcome, Waiting
from clearance.stores.blobs import MemoryBlobs
from clearance.testing.simulation import outside
from clearance.testing.simulation.files import FileSystem, SimulatedStore
from clearance.testing.simulation.observer import Broken
from clearance.testing.simulation.outside import Behaviour, SystemOfRecord
from clearance.testing.simulation.post import Door, Post

SETTINGS = EngineSettings(
    batch_max=4,
    queue_max=50,
    instances_cached_max=1,
    snapshot_every=3,
    payload_max=outside.PAYLOAD_MAX,
    repeats_max=50,
    hops_max=10,
    loop_items_max=20,
    timers_per_turn=2,
)
"""Small bounds, so that they are met."""

LEDGER = "ledger.sqlite"
_HANDED_MAX = 2
_ARCHIVED_AT_ONCE = 20
PATIENCE = 5
_TURNS_MAX = 1000
_IDLE_MAX = 20
"""So many turns without work are waited for a timer that is due; one whose instance has an incident may stay."""
_LOOP_LOOKS_AGAIN_MS = 25

_BEHAVIOURS: tuple[tuple[int, Behaviour], ...] = (
    (50, outside.works),
    (8, outside.fails),
    (8, outside.fails_after_its_effect),
    (6, outside.raises_a_business_error),
    (3, outside.hands_over),
    (3, outside.leaves_it_open),
    (12, outside.lies),
)


class Turns:
    """Between working out and committing, when nobody can wait for the other."""

    def __init__(self) -> None:
        self.batches: deque[WorkedOut] = deque()
        self.settle: Callable[[WorkedOut], None] = lambda batch: None

    def put(self, item: WorkedOut | None) -> None:
        if item is not None:
            self.batches.append(item)

    def get(self) -> WorkedOut | None:
        return self.batches.popleft()

    def task_done(self) -> None:
        """Nobody counts."""

    def join(self) -> None:
        while self.batches:
            self.settle(self.batches.popleft())


class Mail(msgspec.Struct):
    """An outcome on its way."""

    due: int
    command: FinishJob
    remote: bool
    """It comes through the API, and outlives the engine's process."""


class Hands:
    """Does what the dispatcher does: runs jobs, watches their time, brings outcomes back."""

    def __init__(
        self,
        chance: random.Random,
        actors: Mapping[str, Actor],
        record: SystemOfRecord,
        intake: Door,
        installation: str,
        time: Callable[[], int],
        mail: list[Mail],
    ) -> None:
        self._chance = chance
        self._actors = actors
        self._record = record
        self._intake = intake
        self._installation = installation
        self._time = time
        self._blobs = MemoryBlobs()
        self.mail = mail
        self.queue: list[Release] = []
        self.running: dict[tuple[int, int], tuple[int, Release]] = {}
        """Attempts with their deadlines."""
        self.open: dict[int, Release] = {}
        """Jobs whose outcome comes from outside, some day."""
        self.left: Callable[[Release], None] = lambda release: None
        """Told of each job that leaves."""
        self.answered: Callable[[FinishJob, Answer], None] = lambda command, answer: None
        """Told of each outcome from outside that was taken."""

    def release(self, releases: list[Release]) -> None:
        self.queue.extend(releases)

    def holds(self, job: int) -> bool:
        """Whether anything will ever come of this job."""
        return (
            job in self.open
            or any(key == job for key, _ in self.running)
            or any(release.job == job for release in self.queue)
        )

    def work(self, *, calm: bool = False) -> None:
        """A worker takes a job and does it."""
        release = self.queue.pop(self._chance.randrange(len(self.queue)))
        self.left(release)
        actor = self._actors.get(release.type)
        if actor is None:
            self.open[release.job] = release
            return
        behaviour = outside.works if calm else self._behaviour()
        performed = msgspec.structs.replace(actor, run=lambda job: behaviour(self._record, job, self._chance))
        job = job_of(release, self._blobs, self._installation)
        outcome = perform(performed, job, SETTINGS.payload_max)
        if isinstance(outcome, Waiting):
            self.open[release.job] = release
            return
        deadline = self._time() + round(actor.timeout_s * 1000)
        self.running[release.job, release.attempt] = (deadline, release)
        fate = 1.0 if calm else self._chance.random()
        if fate < 0.08:
            return  # it hangs
        slow = deadline + self._chance.randrange(1, 200_000) if fate < 0.16 else 0
        self._send(actor, release, outcome, slow)
        if fate > 0.9 and not calm:
            self._send(actor, release, Completed({"n": 0}), self._chance.choice((0, slow + 5000)))

    def answer_from_outside(self, *, calm: bool = False) -> None:
        """A remote worker, or a callback, finishes a job; or vanishes, which nobody notices."""
        for job in sorted(self.open) if calm else [self._chance.choice(sorted(self.open))]:
            release = self.open[job]
            good = calm or self._chance.random() < 0.7
            outcome: Outcome = Completed({"n": 1, "r": release.attempt}) if good else Failed("remote", False)
            delay = 0 if calm else self._chance.choice((0, 0, 10_000, 4_000_000))
            self.mail.append(Mail(self._time() + delay, self._command(None, release, outcome), remote=True))

    def deliver(self, *, calm: bool = False) -> None:
        """Outcomes arrive, in any order; those of attempts whose time is up become failures."""
        now = self._time()
        for key in [key for key, (deadline, _) in self.running.items() if deadline <= now]:
            _, release = self.running.pop(key)
            actor = self._actors[release.type]
            self._intake.push([self._command(actor, release, Failed(f"no outcome within {actor.timeout_s:g} s"))])
        arriving = [mail for mail in self.mail if mail.due <= now or calm]
        self._chance.shuffle(arriving)
        for mail in arriving:
            self.mail.remove(mail)
            key = mail.command.job, mail.command.attempt
            if mail.remote:
                for _ in range(2 if not calm and self._chance.random() < 0.2 else 1):
                    self._intake.submit(mail.command).add_done_callback(partial(self._told, mail.command))
            elif self.running.pop(key, None) is not None or self._chance.random() < 0.3:
                self._intake.push([mail.command])

    def _told(self, command: FinishJob, reply: Reply) -> None:
        """Remote workers try again what was not taken."""
        answer = reply.result()
        if isinstance(answer, Answer):
            self.answered(command, answer)
        release = self.open.get(command.job)
        taken = not (isinstance(answer, Refusal) and answer.kind == "busy")
        if taken and release is not None and release.attempt == command.attempt:
            del self.open[command.job]

    def _behaviour(self) -> Behaviour:
        weights = [weight for weight, _ in _BEHAVIOURS]
        return self._chance.choices([behaviour for _, behaviour in _BEHAVIOURS], weights)[0]

    def _send(self, actor: Actor, release: Release, outcome: Outcome, due: int) -> None:
        self.mail.append(Mail(due, self._command(actor, release, outcome), remote=False))

    def _command(self, actor: Actor | None, release: Release, outcome: Outcome) -> FinishJob:
        return FinishJob(
            instance=release.instance,
            job=release.job,
            attempt=release.attempt,
            outcome=outcome,
            retry_in=backoff_ms(actor, release.attempt, self._chance.random()) if actor else 0,
            attempts=actor.retries + 1 if actor else 1,
            label=release.label,
        )


class Unit:
    """One shard with its loop."""

    def __init__(
        self,
        number: int,
        settings: EngineSettings,
        store: SimulatedStore,
        gate: Gate,
        actors: Mapping[str, Actor],
        intake: Intake,
    ) -> None:
        self.number = number
        self.store = store
        self.intake = intake
        self.registry = Registry(Feel(), read_decisions)
        self.shard = Shard(store, gate, self.registry, actors, settings)
        self.turns = Turns()
        self.loop: Loop
        self.retention: Retention
        self.patience = PATIENCE
        """So many turns of the loop whoever archives waits for an answer."""

    def run(
        self,
        clock: SteadyClock,
        release: Callable[[list[Release]], None],
        carry: Callable[[Cut], None] | None,
    ) -> None:
        """Put its loop together."""
        self.loop = Loop(
            self.shard,
            self.store,
            self.intake,
            clock,
            release,
            lambda position: None,
            carry=carry,
            handover=self.turns,
            idle_s=0.0,
            pause_after_failure_s=0.0,
        )
        self.turns.settle = self.loop.settle
        self.retention = Retention(self.store.reader(), self._ask, RetentionSettings(entries_max=_ARCHIVED_AT_ONCE))

    def _ask(self, command: Command) -> Answer | Refusal:
        """As the thread that archives does: it waits for its answer, but not for ever."""
        reply = self.intake.submit(command)
        for _ in range(self.patience):
            self.turns.join()
            self.loop.turn()
            self.turns.join()
            if reply.done():
                return reply.result()
        raise TimeoutError("no answer")

    def at_work(self) -> list[int]:
        """Jobs that would leave again with the next start."""
        streams = (self.shard.stream(key) for key in self.store.at_work())
        return [job for stream in streams if stream is not None for job in sorted(stream.working)]

    @property
    def may_turn(self) -> bool:
        """Whether the loop has room to hand another batch over."""
        return len(self.turns.batches) < _HANDED_MAX

    def settle(self) -> None:
        if self.turns.batches:
            self.loop.settle(self.turns.batches.popleft())


def _name(store: SimulatedStore, installation: str) -> None:
    """A new installation names itself by chance, and archives say whose they are; here the seed alone decides."""
    head = store.head()
    if not head.position and head.installation != installation:
        store.commit(Batch(next_key=head.next_key, installation=installation))


class Machine:
    """The engine between two crashes."""

    def __init__(
        self,
        files: FileSystem,
        gate: Gate,
        actors: Mapping[str, Actor],
        clock: Callable[[], int],
        confirmed: Callable[[int, list[Entry]], None],
        hands: Callable[[Door, str], Hands],
        wait: Callable[[int], None],
        post: Callable[[list[Intake]], Post],
        shards: int,
    ) -> None:
        """Go on where the disk is; raises StoreError. ``confirmed`` is told what a commit of a shard has promised to
        keep.
        """
        self._wait = wait
        self.stores: list[SimulatedStore] = []
        self.units: list[Unit] = []
        intakes = [Intake(SETTINGS.queue_max) for _ in range(shards)]
        self.door = Door(intakes)
        self.post = post(intakes)
        self._next = 0
        try:
            for number in range(shards):
                name = LEDGER if number == 0 else f"{number}-{LEDGER}"
                self.stores.append(SimulatedStore(name, files, partial(confirmed, number)))
                _name(self.stores[number], f"simulation-{number}")
            if shards > 1:
                agree(self.stores)
            for number, store in enumerate(self.stores):
                settings = msgspec.structs.replace(SETTINGS, shards=shards, shard=number)
                self.units.append(Unit(number, settings, store, gate, actors, intakes[number]))
            self.hands = hands(self.door, self.units[0].shard.installation)
            self.clock = SteadyClock(clock)
            left = []
            for unit in self.units:
                carry = partial(self.post.carry, unit.number) if shards > 1 else None
                unit.run(self.clock, self.hands.release, carry)
                left.append(unfinished(unit.shard, actors))
        except BaseException:
            self.abandon()
            raise
        for releases, undecided in left:
            self.door.push(undecided)
            self.hands.release(releases)

    def abandon(self) -> None:
        """Let go of the disk as a crash does."""
        for store in self.stores:
            store.abandon()

    def close(self) -> None:
        for store in self.stores:
            store.close()

    def one(self, chance: random.Random) -> Unit:
        """Any of the shards."""
        return self.units[0] if len(self.units) == 1 else chance.choice(self.units)

    def drain(self) -> None:
        """Until the loops have nothing to do; they look for timers every few milliseconds, so a little time passes."""
        idle = 0
        for _ in range(_TURNS_MAX):
            for unit in self.units:
                unit.loop.turn()
                unit.turns.join()
            self.post.deliver()
            self._wait(_LOOP_LOOKS_AGAIN_MS)
            idle = 0 if self.door.waiting or self.trouble else idle + 1
            due = any(unit.store.due(self.clock.now(), 1) for unit in self.units)
            if idle > 1 and not (idle < _IDLE_MAX and due):
                return
        raise Broken(f"the loop finds no end: {self.door.waiting} commands wait, {self.trouble or 'nothing is wrong'}")

    @property
    def trouble(self) -> str:
        return next((unit.loop.trouble for unit in self.units if unit.loop.trouble), "")

    def stop(self) -> None:
        """A clean stop: what has arrived is worked out and committed, unless the disk will not have it."""
        for unit in self.units:
            unit.intake.close()
            while unit.intake.waiting and not unit.loop.trouble:
                unit.loop.turn()
                unit.turns.join()
            unit.turns.join()
