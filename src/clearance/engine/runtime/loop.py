"""The loop: takes what has arrived, works it out, commits it in one transaction, and only then answers and dispatches.

Two threads: one works out batches, the other commits them, so that the next batch is worked out while the disk is busy
with the last (group commit). When there is no next batch, or commits hardly wait for the disk, the first commits its
own. For the same reason a thread that hands in what an actor has done takes a turn itself (:meth:`Loop.hand_in`): one
thread that goes on is faster than two that wake each other and fight for the interpreter.

When a commit fails, nothing of it has happened: the shard forgets what is not in the store, callers are told, the
engine's own commands are put back and tried again after a pause. When the store cannot be reached, nobody can say yet
what has happened: the same batch is committed again, with growing pauses, until the store answers. When the store is
another engine's, this one ends.

What a thread does is one method each, :meth:`Loop.turn` and :meth:`Loop.settle`, so that the simulator can take turns
with neither thread nor waiting; what lies between them is :class:`Handover`.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from queue import Queue
from typing import Protocol

import msgspec

from clearance.engine.exchange import parcels
from clearance.engine.job_requests import Release
from clearance.engine.ports import Clock
from clearance.engine.runtime.intake import Intake, Item, Tell
from clearance.engine.shard import Cut, Shard, in_its_stead
from clearance.ledger.rows import Batch, TimerRow
from clearance.ledger.store import Interrupted, Store, StoreError, StoreLost
from clearance.model.commands import (
    Answer,
    Command,
    DeliverAgain,
    ExpireMessages,
    FinishJob,
    FireStart,
    FireTimer,
    Refusal,
    RetryJob,
)

log = logging.getLogger("clearance.engine")

_IDLE_S = 0.5
_EXPIRE_EVERY_MS = 60_000
_PAUSE_AFTER_FAILURE_S = 1.0
_QUICK_COMMIT_S = 0.005
"""Commits that wait no longer than this for the disk are no work for a thread of their own."""
_LATELY = 0.1
"""What the last commit counts for among those of late."""
_AGAIN_S, _AGAIN_S_MAX = 0.1, 2.0
"""The first pause before a store that could not be reached is tried again, and the longest; each is spread by half."""
_LOOK_EVERY_MS = 10_000
"""Timers are looked up in the store at least so often."""
_DELIVER_AGAIN_MS = 10_000
"""What has not arrived at another shard is looked at so often."""
_LOOK_SOON_MS = 20
"""After some were due it is looked again after this at the earliest, unless more are due than were taken."""
_FIRED_PER_MS = 12
"""When more are due but other commands keep the shard busy, it is looked again when those are about through."""
_FIRE_AGAIN_MS = 30_000
"""A timer that is still there after this (its instance has an incident, say) is handed to the shard again."""


class WorkedOut(msgspec.Struct):
    """A batch on its way to the store, with those who wait for it."""

    cut: Cut
    items: list[Item]
    answers: list[Answer | Refusal]


class Handover(Protocol):
    """Between who works out and who commits: bounded, in order."""

    def put(self, item: WorkedOut | None) -> None:
        """Hand a batch over, waiting for room; None: there will be no more."""
        ...

    def get(self) -> WorkedOut | None: ...

    def task_done(self) -> None: ...

    def join(self) -> None:
        """Wait until all that was handed over is settled."""
        ...


class Loop:
    """Drives a shard from an intake, with a clock and a store."""

    def __init__(
        self,
        shard: Shard,
        store: Store,
        intake: Intake,
        clock: Clock,
        release: Callable[[list[Release]], None],
        committed: Callable[[int], None],
        *,
        carry: Callable[[Cut], None] | None = None,
        handover: Handover | None = None,
        idle_s: float = _IDLE_S,
        pause_after_failure_s: float = _PAUSE_AFTER_FAILURE_S,
    ) -> None:
        self._shard = shard
        self._store = store
        self._intake = intake
        self._clock = clock
        self._release = release
        self._committed = committed
        self._carry = carry
        """Takes to other shards what is for them."""
        self._stopping = threading.Event()
        self._impatient = threading.Event()
        """Nobody waits any longer for a store that cannot be reached."""
        self._failed = False
        """Whether a commit has failed and the shard does not know yet."""
        self._commits: Handover = handover or Queue(maxsize=1)
        self._two_threads = handover is None
        self._turning = threading.Lock()
        """Held by the thread whose turn it is: it alone has the shard."""
        self._queueing = 0
        """How many threads wait for their turn, or have it; changed under the lock that follows."""
        self._counting = threading.Lock()
        self._sleeps_until = 0
        """Until when the loop's own thread waits; a turn of another thread may have to wake it earlier."""
        self._commit_waits_s = 0.0
        """How long a commit has waited for the disk lately."""
        self._passed_on = 0
        self._settled = 0
        """Batches that the other thread was given, and those that it is done with; one thread counts each."""
        self._idle_s = idle_s
        self._pause_after_failure_s = pause_after_failure_s
        self._seen = 0
        """What the clock said last."""
        self._next_due = 0
        self._next_expiry = 0
        self._next_delivery = 0
        self._fired: dict[tuple[int, int], int] = {}
        """Timers (key, due) handed to the shard, as far as they were still there when it was last looked, and when."""
        self._staying = 0
        """How many of them had been found before."""
        self._more_due = False
        """Whether more may be due than were taken when it was last looked."""
        self._returned: list[Item] = []
        """The engine's own commands whose commit failed, in their order."""
        self._worker = threading.Thread(target=self._work, name="clearance-loop", daemon=True)
        self._committer = threading.Thread(target=self._commit, name="clearance-commit", daemon=True)
        self.trouble = ""
        """Why the last commit failed; empty when it did not."""
        self.interrupted = False
        """Whether the store cannot be reached: what comes from outside would only wait."""
        self.lost = ""
        """Why this engine will never commit again; empty while it may."""

    def start(self) -> None:
        self._committer.start()
        self._worker.start()

    def stop(self) -> None:
        """Work out what has arrived, commit it, and end."""
        self._intake.close()
        self._impatient.set()
        self._stopping.set()
        self._intake.wake()
        self._worker.join()
        self._commits.put(None)
        self._committer.join()

    def leave_unsaid(self) -> None:
        """Wait for a store that cannot be reached no longer: whoever waits for it is told that nobody knows."""
        self._impatient.set()

    def end(self, reason: str) -> None:
        """The store is another engine's: refuse what waits and what comes, and do nothing more. From any thread."""
        if not self.lost:
            log.error("this engine ends: %s", reason)
        self.lost = self.trouble = reason
        self._intake.close(reason)
        self._failed = True
        self._impatient.set()
        self._intake.wake()

    # ---- working out -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not (self.lost or (self._stopping.is_set() and (self._failed or not self._intake.waiting))):
            self._intake.wait(self._pause(self._clock.now()))
            with self._turning:
                self.turn()
            self._see_to_the_rest()
        self._commits.join()
        self._turn_away([*self._returned, *self._intake.take(self._intake.waiting)])

    def hand_in(self, commands: list[FinishJob], *, hurries: bool = False) -> None:
        """From the engine's own threads: take these in, and take a turn with them instead of waking another thread.

        Threads that queue for a turn do not compute at the same time: only one could hold the interpreter, and fighting
        for it takes time. Who ``hurries`` has other work to do than to wait for the disk.
        """
        self._intake.push(commands, wake=False)
        with self._counting:
            self._queueing += 1
        with self._turning:
            if not self._failed:
                self.turn(hurries=hurries)
            with self._counting:
                self._queueing -= 1
        if self._failed or self._next_due < self._sleeps_until:
            self._intake.wake()
        else:
            self._see_to_the_rest()

    def _see_to_the_rest(self) -> None:
        """What has come during a turn is for whoever queues for the next, or else for the loop's own thread."""
        if self._intake.waiting and not self._queueing:
            self._intake.wake()

    def turn(self, *, hurries: bool = False) -> None:
        """Take what is due and what has arrived, and work it out: one batch at the most."""
        if self._failed:
            self._recover([])
            return
        self._take_due(self._clock.now())
        items = self._intake.take(self._shard.settings.batch_max)
        if self._failed:
            self._recover(items)
        elif items:
            self._work_out(items, hurries)

    def _work_out(self, items: list[Item], hurries: bool) -> None:
        now = self._clock.now()
        answers: list[Answer | Refusal] = []
        try:
            self._shard.fetch([command for command, _ in items])
        except StoreError as error:
            self._fail(items, error)
            return
        for command, _ in items:
            try:
                answers.append(self._shard.work(command, now))
            except StoreError as error:
                self._fail(items, error)
                return
            except Exception as error:
                log.exception("a defect while working out %s", type(command).__name__)
                self._without(items, len(answers), error)
                return
        try:
            cut = self._shard.cut()
        except Exception as error:
            log.exception("a defect while ending a batch")
            self._fail(items, error)
            return
        timers = cut.batch.timers_set
        if timers:
            self._next_due = min(self._next_due, *(row.due for row in timers.values()))
        self._pass_on(WorkedOut(cut, items, answers), hurries)

    def _pass_on(self, batch: WorkedOut, hurries: bool) -> None:
        """To the other thread, unless that one would be woken for nothing: this one has nothing else to do, or is not
        held up for long.
        """
        quick = self._commit_waits_s < _QUICK_COMMIT_S or not (hurries or self._intake.waiting)
        if self._two_threads and self._passed_on == self._settled and quick:
            self.settle(batch)
        else:
            self._passed_on += 1
            self._commits.put(batch)

    def _take_due(self, now: int) -> None:
        if now < self._seen:  # set back by somebody: what was planned by the wrong time is planned anew
            self._next_due = self._next_expiry = self._next_delivery = 0
            self._forget_fired()
        self._seen = now
        if now >= self._next_expiry:
            self._next_expiry = now + _EXPIRE_EVERY_MS
            self._intake.push([ExpireMessages()])
        if self._carry is not None and now >= self._next_delivery:
            self._next_delivery = now + _DELIVER_AGAIN_MS
            self._intake.push([DeliverAgain()])
        drained = not self._intake.waiting
        if now >= self._next_due or (self._more_due and drained):
            try:
                self._look_for_timers(now, drained)
            except StoreError as error:
                self._fail([], error)

    def _look_for_timers(self, now: int, drained: bool) -> None:
        """``drained``: all that were handed to the shard are worked out; those that are found again stay."""
        at_once = self._shard.settings.timers_per_turn
        limit = at_once + (self._staying if drained else len(self._fired))  # those that stay must not hide others
        rows = self._shard.due(now, limit)
        later = self._shard.next_due(now)
        known = [(row, self._fired[row.key, row.due]) for row in rows if (row.key, row.due) in self._fired]
        again = [row for row, handed in known if now - handed >= _FIRE_AGAIN_MS]
        new = [row for row in rows if (row.key, row.due) not in self._fired][:at_once]
        if again or new:
            self._intake.push([command_for(row) for row in (*again, *new)])
        self._fired = {(row.key, row.due): handed for row, handed in known}
        self._fired.update({(row.key, row.due): now for row in (*again, *new)})
        self._staying = len(known)
        self._more_due = len(rows) == limit or len(rows) > len(self._fired)
        if self._more_due:
            self._next_due = now + max(_LOOK_SOON_MS, len(self._fired) // _FIRED_PER_MS)
        else:
            soon, late = now + _LOOK_SOON_MS if rows else now, now + _LOOK_EVERY_MS
            self._next_due = late if later is None else min(max(later, soon), late)

    def _pause(self, now: int) -> float:
        """How long the loop's own thread may sleep. Whoever plans something while this is worked out must wake it,
        because it may not be seen here any longer.
        """
        self._sleeps_until = now + int(self._idle_s * 1000)
        pause = 0.0 if self._more_due else max(min((self._next_due - now) / 1000, self._idle_s), 0.0)
        self._sleeps_until = now + int(pause * 1000)
        return pause

    def _without(self, items: list[Item], culprit: int, error: Exception) -> None:
        """Go back to what is committed and work out the others again, without the command that cannot be.

        Timers that have fired are not forgotten: they are among the others, and the culprit's must not come at once.
        """
        self._commits.join()
        command, tell = items[culprit]
        if tell is not None:
            _answer(tell, Refusal("defect", f"{type(error).__name__}: {error}"))
        instead = parcels.put_aside(command, error) or in_its_stead(command, error)
        replaced: list[Item] = [(instead, None)] if instead is not None else []
        self._intake.put_back([*items[:culprit], *replaced, *items[culprit + 1 :]])
        self._reset()

    def _recover(self, taken: list[Item]) -> None:
        """A commit has failed: wait for the committer to be done with what followed, forget, and go on later."""
        self._commits.join()
        self._intake.put_back([*self._returned, *taken])
        self._returned.clear()
        self._stopping.wait(0.0 if self.lost else self._pause_after_failure_s)
        if self.lost:
            return
        self._failed = False
        self._forget_fired()
        self._reset()
        if not self._failed:
            self._probe()

    def _probe(self) -> None:
        """Whether the store takes commits again; if not, those from outside are told so at once."""
        try:
            self._store.commit(Batch(next_key=self._shard.next_key))
        except StoreError as error:
            self._fail(self._intake.take(self._intake.waiting), error)
            return
        self.trouble = ""
        self.interrupted = False

    def _forget_fired(self) -> None:
        self._fired.clear()
        self._staying = 0
        self._more_due = False

    def _reset(self) -> None:
        self._next_due = self._next_delivery = 0
        try:
            self._shard.reset()
        except StoreError as error:
            self._fail(self._intake.take(self._intake.waiting), error)

    def _fail(self, items: list[Item], error: Exception) -> None:
        """What was under work is void; what the engine itself asked for is asked again."""
        if self.trouble != str(error):
            log.error("nothing was changed: %s", error)
        self.trouble = str(error)
        self.interrupted = isinstance(error, Interrupted)
        self._failed = True
        self._commits.join()
        self._give_back(items)

    # ---- committing --------------------------------------------------------------------------------------------------

    def _commit(self) -> None:
        while True:
            batch = self._commits.get()
            try:
                if batch is None:
                    return
                self.settle(batch)
                self._settled += 1
            finally:
                self._commits.task_done()

    def settle(self, batch: WorkedOut) -> None:
        """Commit a batch, then answer, dispatch and tell; or give it back."""
        if self._failed:
            self._give_back(batch.items)
            return
        cut, committed = batch.cut, batch.cut.batch
        if not committed.empty:
            try:
                self._commit_surely(committed)
            except Exception as error:
                if isinstance(error, StoreLost):
                    self.end(str(error))
                elif isinstance(error, StoreError):
                    log.error("nothing was committed: %s", error)
                else:
                    log.exception("a defect while committing")
                self.trouble = str(error)
                self._failed = True
                self._give_back(batch.items, unsure=isinstance(error, Interrupted))
                return
            self.trouble = ""
        self._shard.committed(committed)
        if self._carry is not None:
            self._carry(cut)
        for (_, tell), answer in zip(batch.items, batch.answers, strict=True):
            if tell is not None:
                _answer(tell, answer)
        if cut.releases:
            self._release(cut.releases)
        if committed.entries:
            self._tell(committed.entries[-1].position)

    def _commit_surely(self, batch: Batch) -> None:
        """Commit; while the store cannot be reached, the same again, because it may be committed already."""
        pause = _AGAIN_S
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            try:
                self._store.commit(batch)
            except Interrupted as error:
                if not self.interrupted:
                    log.error("waiting for the store: %s", error)
                self.trouble = str(error)
                self.interrupted = True
                if self._impatient.wait(pause * random.uniform(0.5, 1.5)):
                    raise
                pause = min(pause * 2, _AGAIN_S_MAX)
            else:
                if self.interrupted:
                    log.warning("the store answers again")
                self.interrupted = False
                waited = (time.perf_counter() - began) - (time.thread_time() - worked)
                self._commit_waits_s += _LATELY * (waited - self._commit_waits_s)
                return

    def _tell(self, position: int) -> None:
        try:
            self._committed(position)
        except Exception:
            log.exception("a listener failed at position %s; what is committed stays so", position)

    def _give_back(self, items: list[Item], *, unsure: bool = False) -> None:
        """``unsure``: it is not known whether they were committed."""
        said = "look whether it was done before you ask again" if unsure else "nothing was changed"
        for command, tell in items:
            if tell is None:
                self._returned.append((command, None))
            else:
                _answer(tell, Refusal("busy", f"{said}: {self.trouble}"))

    def _turn_away(self, items: list[Item]) -> None:
        """The engine ends and cannot commit; its own commands come up again with the next start."""
        for _, tell in items:
            if tell is not None:
                _answer(tell, Refusal("busy", f"the engine is stopping, nothing was changed: {self.trouble}"))


def _answer(tell: Tell, answer: Answer | Refusal) -> None:
    """What one cannot hear does not keep the others from being told."""
    try:
        tell(answer)
    except Exception:
        log.exception("an answer could not be told; what is committed stays so")


def command_for(row: TimerRow) -> Command:
    """What a due row asks of the shard."""
    if row.kind == "start":
        return FireStart(key=row.key, due=row.due, detail=row.detail)
    if row.kind == "retry":
        return RetryJob(instance=row.instance, job=row.key)
    return FireTimer(instance=row.instance, timer=row.key)
