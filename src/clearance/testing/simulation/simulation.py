"""One run: a random application, a random history with everything that goes wrong, then calm, then judgement.

All is drawn from one seed: the same seed gives the same ledger, byte for byte.
"""

import contextlib
import logging
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from clearance.bpmn import read
from clearance.engine.job_requests import Release
from clearance.engine.runtime.intake import Intake
from clearance.governance import PolicyGate
from clearance.ledger.store import StoreError
from clearance.model.definition import Process
from clearance.testing.simulation import judge
from clearance.testing.simulation.clients import Clients
from clearance.testing.simulation.disk import Moment, SimulatedDisk
from clearance.testing.simulation.files import FileSystem
from clearance.testing.simulation.machine import PATIENCE, Hands, Machine, Mail
from clearance.testing.simulation.observer import Broken, Observer
from clearance.testing.simulation.outside import Actors, SystemOfRecord
from clearance.testing.simulation.post import Door, Post
from clearance.testing.simulation.processes import called_process, random_process
from clearance.views.projector import Projector

STEPS = 500
_BEGINNING = 1_767_225_600_000
"""2026-01-01, in milliseconds since 1970."""
_CALM_ROUNDS = 25
_CALM_TURNS = 20
_ENTRIES_MAX = 2000
"""A process may go round and round for ever; beyond this nobody waits for its end."""
_STARTS_MAX = 50
"""So often is starting tried; half way the disk is mended."""
_ARCHIVINGS = 10
_HOUR = 3_600_000
_SEVERAL = 3
_LOOKS = 4
_A_WHILE = 11_000
"""After so long a shard sends again what has not arrived."""


class Report(msgspec.Struct, frozen=True):
    """What a run came to."""

    seed: int
    digest: str
    """SHA-256 of the whole ledger: the same for the same seed."""
    entries: int
    instances: int
    effects: int
    crashes: int
    operations: int
    """Of the disk."""


class Simulation:
    """A run with its seed; ``sources`` are BPMN files to run instead of random ones.

    Without ``faults`` nothing goes wrong by itself: whoever wants to see one fault everywhere sets ``disk.stop_at``.
    """

    def __init__(
        self, seed: int, sources: Sequence[bytes] = (), steps: int = STEPS, *, faults: bool = True, shards: int = 0
    ) -> None:
        """``shards``: so many; 0: every third seed has three."""
        self.seed = seed
        self.shards = shards or (_SEVERAL if seed % _SEVERAL == 0 else 1)
        self.steps = steps
        self._faults = faults
        self._actions = (*_ACTIONS, *_FAULTS) if faults else _ACTIONS
        self.chance = random.Random(seed)
        self.time = 0
        """Milliseconds that have truly passed."""
        self.wrong = 0
        """How far the machine's clock is off."""
        self.disk = SimulatedDisk(self.chance, self._wait)
        self.files = FileSystem(self.disk)
        self.observer = Observer(self.shards)
        self.record = SystemOfRecord()
        self.actors = Actors(self.chance)
        self.gate = _gate()
        self.processes = [one for source in sources for one in read(source).processes] or self._draw()
        self.clients = Clients(self.chance, self.observer, self.gate, self.processes, self.now)
        self.remote_mail: list[Mail] = []
        self.machine: Machine | None = None
        self.crashes = 0
        self.trusted = self.chance.random() > 0.03 or not faults
        """False: the disk confirms what it does not keep, so all that can be asked is that nobody is told otherwise."""
        self._departures: dict[tuple[int, int], int] = {}
        """Attempts that have left, with the start of the engine after which they did."""
        self._starts = 0
        self._calm = False
        self._folder = Path()
        self._views: Projector | None = None

    def run(self) -> Report:
        """Run it; raises :class:`Broken` when something does not hold."""
        self._folder = Path(tempfile.mkdtemp(prefix="clearance-simulation-"))
        try:
            with _defects_are_failures(), contextlib.suppress(_Noticed):
                for _ in range(self.steps):
                    self._step()
                self._end()
        finally:
            self._abandon()
            self.files.unregister()
            shutil.rmtree(self._folder)
        return Report(
            self.seed,
            self.observer.bytes.hexdigest(),
            self.observer.entries,
            len(self.observer.instances),
            len(self.record.effects),
            self.crashes,
            self.disk.operations,
        )

    def now(self) -> int:
        """What the machine's clock shows."""
        return _BEGINNING + self.time + self.wrong

    # ---- what happens ------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        if self.machine is None:
            self._boot()
            return
        weights = [weight for weight, _ in self._actions]
        chosen = self.chance.choices([action for _, action in self._actions], weights)[0]
        chosen(self, self.machine)
        self._notice()

    def _notice(self) -> None:
        """A planned crash may have come true; answers that nobody could send any more were not sent."""
        if self.disk.stopped:
            self._crash(power_lost=self.chance.random() < 0.6)
        else:
            self.clients.read_answers()

    def _turn(self, machine: Machine) -> None:
        unit = machine.one(self.chance)
        if unit.may_turn:
            unit.loop.turn()

    def _settle(self, machine: Machine) -> None:
        machine.one(self.chance).settle()

    def _ask(self, machine: Machine) -> None:
        self.clients.ask(machine.door)

    def _work(self, machine: Machine) -> None:
        if machine.hands.queue:
            machine.hands.work()

    def _answer_from_outside(self, machine: Machine) -> None:
        if machine.hands.open:
            machine.hands.answer_from_outside()

    def _deliver(self, machine: Machine) -> None:
        machine.hands.deliver()
        machine.post.deliver()

    def _pass_time(self, machine: Machine) -> None:
        self._wait(self.chance.choice((1, 50, 1000, 20_000, 600_000, _HOUR)))

    def _set_clock(self, machine: Machine) -> None:
        """Somebody, or a time service, sets the machine's clock: a bit or wildly, forth or back."""
        step = self.chance.choice((100, 5000, _HOUR, 30 * 24 * _HOUR, 3650 * 24 * _HOUR))
        self.wrong = self.chance.choice((0, self.wrong + step, self.wrong - step))

    def _plan_crash(self, machine: Machine) -> None:
        within = self.chance.choice((1, 5, 20, 100))
        moment = self.chance.choice(list(Moment))
        self.disk.stop_at = (self.disk.operations + self.chance.randint(1, within), moment)

    def _crash_now(self, machine: Machine) -> None:
        self.disk.stopped = True

    def _stop_cleanly(self, machine: Machine) -> None:
        machine.stop()
        if not self.disk.stopped:
            self.clients.read_answers()
            machine.close()
            self._forget()

    def _fill_disk(self, machine: Machine) -> None:
        self.disk.room = self.disk.used + self.chance.choice((0, 4096, 50_000))

    def _fail_disk(self, machine: Machine) -> None:
        self.disk.failing = self.chance.randint(1, 4)

    def _slow_disk(self, machine: Machine) -> None:
        self.disk.sync_ms = self.chance.choice((0, 5, 3000, 90_000))

    def _mend_disk(self, machine: Machine) -> None:
        self._mend()

    def _distrust(self, machine: Machine) -> None:
        self.disk.lies = not self.trusted

    def _archive(self, machine: Machine) -> None:
        """What has ended, lately or a while ago, moves to archives."""
        unit = machine.one(self.chance)
        until = machine.clock.now() - self.chance.choice((0, 60_000, _HOUR))
        unit.patience = self.chance.choice((0, PATIENCE, PATIENCE))
        with contextlib.suppress(StoreError, TimeoutError):
            unit.retention.run(until, stopping=lambda: self.disk.stopped)

    def _look(self, machine: Machine) -> None:
        """Views are projected now and then."""
        if not self.disk.failing:
            self._projector(machine).catch_up()

    # ---- lives -------------------------------------------------------------------------------------------------------

    def _boot(self) -> None:
        """Start the engine on what is there, and compare that with what was seen."""
        for attempt in range(_STARTS_MAX):
            self._starts += 1
            if attempt > _STARTS_MAX // 2:
                self._mend()
            well = not (self.disk.failing or self.disk.room is not None)
            try:
                self.machine = Machine(
                    self.files,
                    self.gate,
                    self.actors,
                    self.now,
                    self.observer.take,
                    self._hands,
                    self._wait,
                    self._post,
                    self.shards,
                )
                self.observer.compare(self.machine.stores)
                for unit in self.machine.units:
                    judge.ledger_verifies(unit.store, unit.registry)
            except StoreError as error:
                if well and not self.disk.stopped and self.trusted:
                    raise Broken(f"the engine does not start, and the disk is well: {error}") from error
                self._abandon()
                if self.disk.stopped:
                    self.disk.restart(power_lost=self.chance.random() < 0.5)
                elif not self.trusted:
                    raise _Noticed from error
                continue
            except Broken as error:
                if self.trusted:
                    raise
                raise _Noticed from error
            self.clients.deploy(self.machine.door)
            return
        raise Broken("the engine does not start, however often it is tried")

    def _post(self, intakes: list[Intake]) -> Post:
        post = Post(self.chance, lambda: self.time, intakes)
        post.calm = self._calm
        return post

    def _hands(self, door: Door, installation: str) -> Hands:
        hands = Hands(self.chance, self.actors, self.record, door, installation, lambda: self.time, self.remote_mail)
        hands.left = self._left
        hands.answered = self.observer.check
        return hands

    def _left(self, release: Release) -> None:
        """Nothing acts before its clearance is on record, for ever. Only a crash lets an attempt leave again, and not
        what is not safe to be done twice.
        """
        attempt = release.job, release.attempt
        if attempt not in self.observer.cleared:
            raise Broken(f"{release} left, and no committed entry clears it")
        before = self._departures.get(attempt)
        if before == self._starts:
            raise Broken(f"{release} left twice")
        actor = self.actors.get(release.type)
        if before is not None and actor is not None and not actor.idempotent:
            raise Broken(f"{release} left again after a crash, and doing it twice is not safe")
        self._departures[attempt] = self._starts

    def _crash(self, *, power_lost: bool) -> None:
        self.crashes += 1
        self._abandon()
        self.disk.restart(power_lost=power_lost)
        self._wait(self.chance.choice((10, 1000, _HOUR)))

    def _abandon(self) -> None:
        """The process is gone, with all that it had in memory."""
        self.disk.life += 1
        if self.machine is not None:
            self.machine.abandon()
        self._forget()

    def _forget(self) -> None:
        self.machine = None
        self.clients.hang_up()
        self.remote_mail[:] = [mail for mail in self.remote_mail if mail.remote]
        if self._views is not None:
            self._views.stop()
            self._views = None

    def _projector(self, machine: Machine) -> Projector:
        if self._views is None:
            self._views = Projector(self._folder / "views.sqlite", *(store.reader() for store in machine.stores))
        return self._views

    def _wait(self, milliseconds: int) -> None:
        self.time += milliseconds

    def _mend(self) -> None:
        self.disk.room, self.disk.failing, self.disk.sync_ms = None, 0, 0

    # ---- the end -----------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """All faults end; what is under way comes as far as it can; then everything is looked at."""
        self._mend()
        self.disk.stop_at, self.disk.lies, self.wrong = None, False, 0
        self._calm = True
        if self.disk.stopped or self.machine is None:
            self._abandon()
            self.disk.restart(power_lost=True)
            self._boot()
        assert self.machine is not None
        self.machine.post.calm = True
        for number in range(_CALM_ROUNDS):
            self._calm_round(self.machine, number)
            rows = (row for store in self.machine.stores for row in store.instances() if row.key)
            if not any(row.status == "active" for row in rows) or self.observer.entries > _ENTRIES_MAX:
                break
        self._judge(self.machine)
        self._archive_all()
        self._crash(power_lost=True)
        self._boot()
        self._archive_rest(self.machine)
        judge.archives_agree(self.machine.stores)
        self._judge(self.machine)

    def _archive_all(self) -> None:
        """What has ended goes, most of it while things go wrong once more; then the rest, and what was left about."""
        for _ in range(_ARCHIVINGS if self._faults else 0):
            if self.machine is None:
                self._boot()
                continue
            self.chance.choice(_WHILE_ARCHIVING)(self, self.machine)
            self._archive(self.machine)
            self._notice()
        self._mend()
        self.disk.stop_at = None
        if self.machine is None:
            self._boot()
        assert self.machine is not None
        self.machine.drain()
        self._archive_rest(self.machine)

    def _archive_rest(self, machine: Machine) -> None:
        for unit in machine.units:
            unit.patience = PATIENCE
            unit.retention.run(machine.clock.now())

    def _calm_round(self, machine: Machine, number: int) -> None:
        """Everybody does what is wanted, and an hour passes."""
        self.clients.hang_up()
        for _ in range(_CALM_TURNS):
            machine.drain()
            while machine.hands.queue:
                machine.hands.work(calm=True)
            machine.hands.answer_from_outside(calm=True)
            if not machine.hands.mail:
                break
            machine.hands.deliver(calm=True)
        machine.drain()
        self._wait(10 * 60_000)
        machine.hands.deliver(calm=True)
        machine.drain()
        for unit in machine.units:
            judge.everything_waits_or_ended(unit.shard, machine.clock.now())
        lost = [job for unit in machine.units for job in unit.at_work() if not machine.hands.holds(job)]
        if lost:
            raise Broken(f"jobs {lost} are at work, and nobody works on them")
        self.clients.help(machine.door, machine.drain, number)
        self._wait(_HOUR)

    def _judge(self, machine: Machine) -> None:
        machine.drain()
        if self.shards > 1:
            for _ in range(_LOOKS):  # what was lost on the way comes again
                self._wait(_A_WHILE)
                machine.drain()
            judge.shards_agree(machine.stores)
        self.observer.compare(machine.stores)
        for unit in machine.units:
            judge.ledger_verifies(unit.store, unit.registry)
            judge.tables_follow(unit.store)
            judge.everything_waits_or_ended(unit.shard, machine.clock.now())
        judge.views_agree(self._projector(machine), machine.stores, self._folder / "fresh.sqlite")
        if self.record.contradictions:
            raise Broken(self.record.contradictions[0])
        strange = [effect.job for effect in self.record.effects.values() if effect.job not in self.observer.jobs]
        if strange:
            raise Broken(f"jobs {strange} acted and are not on record")

    # ---- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> list[Process]:
        count = self.chance.choice((1, 1, 2, 3))
        names = [self.chance.choice(("p", "q")) for _ in range(count)]
        drawn = [read(random_process(self.chance, name)).processes[0] for name in names]
        return [*drawn, *read(called_process()).processes]


class _Noticed(Exception):
    """The disk had lost what it had confirmed, and the engine said so."""


Action = Callable[[Simulation, Machine], None]
_ACTIONS: tuple[tuple[int, Action], ...] = (
    (25, Simulation._turn),
    (25, Simulation._settle),
    (20, Simulation._ask),
    (15, Simulation._work),
    (10, Simulation._deliver),
    (3, Simulation._answer_from_outside),
    (6, Simulation._pass_time),
    (2, Simulation._look),
    (1, Simulation._archive),
)
_FAULTS: tuple[tuple[int, Action], ...] = (
    (2, Simulation._plan_crash),
    (1, Simulation._crash_now),
    (1, Simulation._stop_cleanly),
    (1, Simulation._set_clock),
    (1, Simulation._fill_disk),
    (1, Simulation._fail_disk),
    (1, Simulation._slow_disk),
    (4, Simulation._mend_disk),
    (1, Simulation._distrust),
)
_WHILE_ARCHIVING: tuple[Action, ...] = (
    *(Simulation._plan_crash,) * 2,
    Simulation._fail_disk,
    Simulation._fill_disk,
    *(Simulation._mend_disk,) * 2,
    Simulation._pass_time,
)


def simulate(seed: int, sources: Sequence[bytes] = (), steps: int = STEPS, *, shards: int = 0) -> Report:
    """One run; raises :class:`Broken` when something does not hold."""
    return Simulation(seed, sources, steps, shards=shards).run()


@lru_cache(maxsize=1)
def _gate() -> PolicyGate:
    return PolicyGate.load(Path(__file__).parent / "policies")


class _Defects(logging.Handler):
    """What the engine logs with a traceback is a defect, even where it goes on."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            raise Broken(record.getMessage()) from record.exc_info[1]


@contextlib.contextmanager
def _defects_are_failures() -> Iterator[None]:
    engine, everything = logging.getLogger("clearance.engine"), logging.getLogger("clearance")
    handler = _Defects()
    propagates, disabled = engine.propagate, everything.level
    engine.addHandler(handler)
    engine.propagate = False
    everything.setLevel(logging.ERROR)
    silenced = logging.getLogger("clearance.dispatch")
    silenced.disabled = True
    try:
        yield
    finally:
        engine.removeHandler(handler)
        engine.propagate = propagates
        everything.setLevel(disabled)
        silenced.disabled = False
