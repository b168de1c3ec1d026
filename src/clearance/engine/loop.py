"""The loop: takes what has arrived, works it out, commits it in one transaction, and only then answers and dispatches.

Two threads: one works out batches, the other commits them, so that the next batch is worked out while the disk is busy
with the last (group commit). When a commit fails, nothing of it has happened: the shard forgets what is not in the
store, callers are told, the engine's own commands are put back and tried again after a pause.
"""

import logging
import threading
from collections.abc import Callable
from queue import Queue

import msgspec

from clearance.engine.intake import Intake, Reply
from clearance.engine.ports import Clock, Store, StoreError, TimerRow
from clearance.engine.shard import Cut, Release, Shard
from clearance.model.commands import Answer, Command, ExpireMessages, FireStart, FireTimer, Refusal, RetryJob

log = logging.getLogger("clearance.engine")

_IDLE_S = 0.5
_EXPIRE_EVERY_MS = 60_000
_PAUSE_AFTER_FAILURE_S = 1.0


class _Batch(msgspec.Struct):
    cut: Cut
    items: list[tuple[Command, Reply | None]]
    answers: list[Answer | Refusal]


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
    ) -> None:
        self._shard = shard
        self._store = store
        self._intake = intake
        self._clock = clock
        self._release = release
        self._committed = committed
        self._stopping = threading.Event()
        self._failed = threading.Event()
        self._commits: Queue[_Batch | None] = Queue(maxsize=1)
        self._next_due = 0
        self._next_expiry = 0
        self._fired: set[int] = set()
        """Timers handed to the shard whose removal may not be in the store yet."""
        self._worker = threading.Thread(target=self._work, name="clearance-loop", daemon=True)
        self._committer = threading.Thread(target=self._commit, name="clearance-commit", daemon=True)
        self.trouble = ""
        """Why the last commit failed; empty when it did not."""

    def start(self) -> None:
        self._committer.start()
        self._worker.start()

    def stop(self) -> None:
        """Work out what has arrived, commit it, and end."""
        self._intake.close()
        self._stopping.set()
        self._intake.wake()
        self._worker.join()
        self._commits.put(None)
        self._committer.join()

    # ---- working out -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        limit = self._shard.settings.batch_max
        while not (self._stopping.is_set() and not self._intake.waiting):
            now = self._clock.now()
            self._take_due(now)
            items = self._intake.take(limit, self._pause(now))
            if self._failed.is_set():
                self._intake.put_back(items)
                self._recover()
                continue
            if items:
                self._work_out(items)

    def _work_out(self, items: list[tuple[Command, Reply | None]]) -> None:
        now = self._clock.now()
        answers = [self._shard.work(command, now) for command, _ in items]
        cut = self._shard.cut()
        due = min((row.due for row in cut.batch.timers_set.values()), default=None)
        if due is not None:
            self._next_due = min(self._next_due, due)
        self._commits.put(_Batch(cut, items, answers))

    def _take_due(self, now: int) -> None:
        if now >= self._next_expiry:
            self._next_expiry = now + _EXPIRE_EVERY_MS
            self._intake.push(ExpireMessages())
        if now < self._next_due:
            return
        rows = self._shard.store.due(now, self._shard.settings.timers_per_turn)
        current = {row.key for row in rows}
        for row in rows:
            if row.key not in self._fired:
                self._intake.push(command_for(row))
        self._fired = current
        later = self._shard.store.next_due()
        self._next_due = now + 20 if rows else min(later if later is not None else now + 10_000, now + 10_000)

    def _pause(self, now: int) -> float:
        return max(min((self._next_due - now) / 1000, _IDLE_S), 0.0)

    def _recover(self) -> None:
        """A commit has failed: wait for the committer to be done with what followed, forget, and go on later."""
        self._commits.join()
        self._stopping.wait(_PAUSE_AFTER_FAILURE_S)
        self._fired.clear()
        self._next_due = 0
        try:
            self._shard.reset()
        except StoreError as error:
            self.trouble = str(error)
            return
        self._failed.clear()

    # ---- committing --------------------------------------------------------------------------------------------------

    def _commit(self) -> None:
        while True:
            batch = self._commits.get()
            if batch is None:
                self._commits.task_done()
                return
            try:
                self._settle(batch)
            finally:
                self._commits.task_done()

    def _settle(self, batch: _Batch) -> None:
        if self._failed.is_set():
            self._give_back(batch, self.trouble)
            return
        if not batch.cut.batch.empty:
            try:
                self._store.commit(batch.cut.batch)
            except StoreError as error:
                log.error("nothing was committed: %s", error)
                self.trouble = str(error)
                self._failed.set()
                self._give_back(batch, self.trouble)
                return
            self.trouble = ""
        self._shard.committed(batch.cut.batch)
        for (_, reply), answer in zip(batch.items, batch.answers, strict=True):
            if reply is not None:
                reply.set_result(answer)
        if batch.cut.releases:
            self._release(batch.cut.releases)
        if batch.cut.batch.entries:
            self._committed(batch.cut.batch.entries[-1].position)

    def _give_back(self, batch: _Batch, why: str) -> None:
        own: list[tuple[Command, Reply | None]] = []
        for command, reply in batch.items:
            if reply is None:
                own.append((command, None))
            else:
                reply.set_result(Refusal("busy", f"nothing was changed: {why}"))
        self._intake.put_back(own)


def command_for(row: TimerRow) -> Command:
    """What a due row asks of the shard."""
    if row.kind == "start":
        return FireStart(key=row.key, due=row.due, detail=row.detail)
    if row.kind == "retry":
        return RetryJob(instance=row.instance, job=row.key)
    return FireTimer(instance=row.instance, timer=row.key)
