"""How the loop finds what is due: all of it, each once, page by page, also what is not committed yet."""

from collections import deque
from collections.abc import Callable

import pytest

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.intake import Intake
from clearance.engine.runtime.loop import Loop, WorkedOut
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state.indexes import Indexes
from clearance.engine.state.registry import Registry
from clearance.ledger.rows import Batch, TimerRow
from clearance.model import commands
from clearance.model.commands import Answer, Command, FireTimer, Refusal
from clearance.stores.memory import MemoryStore
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, event, timer

WAIT = bpmn(START + event("intermediateCatchEvent", "w", timer("PT1H")) + END, "s -> w\nw -> e")
AT_ONCE = bpmn(START + event("intermediateCatchEvent", "w", timer("PT0S")) + END, "s -> w\nw -> e")
HOUR_MS = 3_600_000


class HandClock:
    def __init__(self) -> None:
        self.moment = 1_700_000_000_000

    def now(self) -> int:
        return self.moment


class Waiting:
    """Batches that are committed when the test says so."""

    def __init__(self) -> None:
        self._batches: deque[WorkedOut] = deque()
        self.settle: Callable[[WorkedOut], None] = lambda batch: None

    def put(self, item: WorkedOut | None) -> None:
        assert item is not None
        self._batches.append(item)

    def get(self) -> WorkedOut | None:
        return self._batches.popleft()

    def task_done(self) -> None:
        """Nobody counts."""

    def join(self) -> None:
        while self._batches:
            self.settle(self._batches.popleft())


class ByHand:
    """A loop without threads, and all that its shard is asked and answers."""

    def __init__(self, file: bytes = WAIT, **settings: int) -> None:
        self.clock = HandClock()
        self.store = MemoryStore()
        self.shard = Shard(self.store, PermitAll(), Registry(Feel(), read_decisions), {}, EngineSettings(**settings))
        self.intake = Intake(10_000)
        self.batches = Waiting()
        self.loop = Loop(
            self.shard, self.store, self.intake, self.clock, lambda _: None, lambda _: None, handover=self.batches
        )
        self.batches.settle = self.loop.settle
        self.asked: list[Command] = []
        self.refused: list[Refusal] = []
        work = self.shard.work

        def noted(command: Command, now: int) -> Answer | Refusal:
            self.asked.append(command)
            answer = work(command, now)
            if isinstance(answer, Refusal):
                self.refused.append(answer)
            return answer

        self.shard.work = noted  # type: ignore[method-assign]
        self.intake.submit(commands.DeployProcess(process=read(file).processes[0], xml=""))
        self.turns(1)

    def start(self, count: int) -> None:
        for _ in range(count):
            self.intake.submit(commands.StartInstance(process="p"))
        while self.intake.waiting:
            self.loop.turn()

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.loop.turn()
            self.batches.join()

    @property
    def fired(self) -> list[int]:
        return [command.timer for command in self.asked if isinstance(command, FireTimer)]

    @property
    def active(self) -> int:
        return sum(row.status == "active" for row in self.store.instances() if row.key)


def test_all_that_is_due_fires_once_without_waiting_for_the_disk_in_between() -> None:
    it = ByHand(timers_per_turn=10, batch_max=4)
    it.start(95)
    it.batches.join()
    it.clock.moment += HOUR_MS
    most = 0
    for _ in range(40):
        it.loop.turn()
        most = max(most, it.intake.waiting)
    assert len(it.fired) == len(set(it.fired)) == 95
    assert most <= 10, "timers queue up although they wait in the store already"
    assert it.active == 95, "somebody has committed"
    it.batches.join()
    assert (it.active, it.refused) == (0, [])


def test_a_timer_that_is_due_before_it_is_committed_fires() -> None:
    it = ByHand(AT_ONCE)
    it.start(3)
    assert not it.fired
    it.clock.moment += 25
    it.loop.turn()
    assert len(it.fired) == 3
    it.batches.join()
    assert it.active == 0


def test_the_next_timer_is_waited_for_also_before_it_is_committed() -> None:
    it = ByHand()
    it.start(1)
    it.clock.moment += HOUR_MS - 1
    it.loop.turn()
    assert not it.fired
    it.clock.moment += 1
    it.loop.turn()
    assert len(it.fired) == 1
    it.batches.join()


def test_timers_that_stay_hide_no_others_and_are_fired_again_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = ByHand(timers_per_turn=10, batch_max=100)
    it.start(25)
    it.batches.join()
    stuck = {row.key for row in it.store.timers()}
    it.start(12)
    it.batches.join()
    work = it.shard.work

    def stays(command: Command, now: int) -> Answer | Refusal:
        if isinstance(command, FireTimer) and command.timer in stuck:
            it.asked.append(command)
            return Refusal("conflict", "not now")
        return work(command, now)

    monkeypatch.setattr(it.shard, "work", stays)
    it.clock.moment += HOUR_MS
    it.turns(12)
    assert len(it.fired) == len(set(it.fired)) == 37
    assert it.active == 25
    for _ in range(29):
        it.clock.moment += 1000
        it.turns(2)
    assert len(it.fired) == 37
    for _ in range(12):
        it.clock.moment += 1000
        it.turns(4)
    assert len(it.fired) == 37 + 25
    assert set(it.fired[37:]) == stuck


def test_timers_that_come_due_while_others_stay_are_hardly_late(monkeypatch: pytest.MonkeyPatch) -> None:
    it = ByHand()
    it.start(1)
    it.clock.moment += 60_000
    it.start(1)
    it.batches.join()
    first, _ = sorted(row.key for row in it.store.timers())
    work = it.shard.work

    def stays(command: Command, now: int) -> Answer | Refusal:
        if isinstance(command, FireTimer) and command.timer == first:
            return Refusal("conflict", "not now")
        return work(command, now)

    monkeypatch.setattr(it.shard, "work", stays)
    it.clock.moment += HOUR_MS - 60_000
    it.turns(2)
    assert not it.fired
    it.clock.moment += 59_999
    it.turns(2)
    assert not it.fired
    it.clock.moment += 20
    it.turns(2)
    assert len(it.fired) == 1
    assert it.active == 1


def test_a_busy_intake_does_not_keep_timers_from_firing() -> None:
    it = ByHand(timers_per_turn=5, batch_max=4)
    it.start(30)
    it.batches.join()
    it.clock.moment += HOUR_MS
    for _ in range(60):
        for _ in range(4):
            it.intake.submit(commands.PublishMessage(name="x"))
        it.clock.moment += 10
        it.turns(1)
    while it.intake.waiting:
        it.clock.moment += 1
        it.turns(1)
    assert len(it.fired) == len(set(it.fired)) == 30
    assert it.active == 0


def test_a_clock_that_is_set_back_makes_no_timer_fire_twice() -> None:
    it = ByHand(timers_per_turn=3)
    it.start(8)
    it.batches.join()
    it.clock.moment += HOUR_MS
    it.loop.turn()
    it.clock.moment -= 5
    for _ in range(4):
        it.loop.turn()
    it.clock.moment += 30
    for _ in range(6):
        it.loop.turn()
    it.batches.join()
    assert len(it.fired) == len(set(it.fired)) == 8
    assert (it.active, it.refused) == (0, [])


def _indexes() -> tuple[MemoryStore, Indexes]:
    store = MemoryStore()
    rows = {key: TimerRow(key * 10, key, 1, "timer") for key in (1, 2, 3, 4, 5)}
    store.commit(Batch(timers_set=rows, next_key=9))
    return store, Indexes(store)


class _Overtaken(Loop):
    """Right after it has read when the next timer is due, another thread plans one that is due in ten milliseconds."""

    wakes = False

    @property
    def _next_due(self) -> int:
        self.wakes = self._clock.now() + 10 < self._sleeps_until  # as ``hand_in`` asks
        return int(self.__dict__["_next_due"])

    @_next_due.setter
    def _next_due(self, due: int) -> None:
        self.__dict__["_next_due"] = due


def test_a_timer_that_is_planned_while_the_loop_goes_to_sleep_wakes_it() -> None:
    it = ByHand()
    it.loop.__class__ = _Overtaken
    assert it.loop._pause(it.clock.now()) > 0.1
    assert it.loop.wakes  # type: ignore[attr-defined]


def test_what_open_batches_take_away_is_not_due_and_takes_no_room() -> None:
    _, indexes = _indexes()
    indexes.open(Batch(timers_gone={1, 3}))
    assert [row.key for row in indexes.due(50, 2)] == [2, 4]
    indexes.open(Batch(timers_gone={2}))
    assert [row.key for row in indexes.due(50, 9)] == [4, 5]
    assert [row.key for row in indexes.due(40, 9)] == [4]


def test_what_open_batches_set_is_due_when_they_say_so() -> None:
    store, indexes = _indexes()
    first = Batch(timers_set={2: TimerRow(70, 2, 1, "timer"), 6: TimerRow(5, 6, 1, "retry")}, timers_gone={3})
    again = Batch(timers_set={3: TimerRow(45, 3, 1, "timer")}, timers_gone={6})
    indexes.open(first)
    assert [row.key for row in indexes.due(50, 9)] == [6, 1, 4, 5]
    assert indexes.next_due(50) == 70
    indexes.open(again)
    assert [row.key for row in indexes.due(50, 9)] == [1, 4, 3, 5]
    assert [row.key for row in indexes.due(70, 9)] == [1, 4, 3, 5, 2]
    assert [indexes.next_due(40), indexes.next_due(50), indexes.next_due(70)] == [45, 70, None]
    for batch in (first, again):
        store.commit(batch)
        indexes.close(batch)
    assert [row.key for row in indexes.due(70, 9)] == [1, 4, 3, 5, 2]
