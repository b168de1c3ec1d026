"""Dispatch: cleared and committed jobs go to their actors; outcomes come back as commands.

What an actor declares is enforced here: concurrency, rate, time-out, attempts with back-off and jitter. An exception
of an actor's function is an outcome, never the end of a worker. An attempt whose time is up is answered as failed;
what it says later is stale and refused by the kernel.

A thread that has been woken does one job after the other while there are any, and hands in the outcomes of quick ones
together: waking a thread costs more than a quick job does. How many threads an actor gets follows from how long its
jobs have taken; when none of them has taken a job for a whole tick while jobs wait, it gets one more, so that one slow
job holds nobody up for long.

Of the jobs that wait, those of the instance that began first go first: what has begun comes to its end before more is
begun, and nobody is overtaken by what came later.
"""

import heapq
import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from math import ceil
from typing import Protocol

import msgspec

from clearance.engine.job_requests import Release
from clearance.engine.settings import EngineSettings
from clearance.ledger.numbering import age_of
from clearance.model.commands import FinishJob
from clearance.model.values import from_json, to_json
from clearance.model.work import (
    Actor,
    BlobReader,
    BpmnError,
    Completed,
    Failed,
    Job,
    Outcome,
    Permanent,
    Raised,
    Temporary,
    Waiting,
)

log = logging.getLogger("clearance.dispatch")

_TICK_S = 0.05
_SHARE_S = 0.01
"""How much work one thread is to find waiting before another is woken."""
_QUICK_S = 0.001
"""Jobs that take less hand in their outcomes together."""
_NEVER_WAITS_S = 0.0001
_TOGETHER_MAX = 256
_TOGETHER_S = 0.01
"""No outcome waits longer than this for others to be handed in with it, unless a slow job follows: then until the next
tick."""
_PAUSE_MAX_S = 366 * 24 * 3600.0
"""Whatever an actor declares: no store could keep a moment that is endlessly far away."""
_read_outcome: Callable[[bytes], Outcome] = msgspec.json.Decoder(Outcome, float_hook=Decimal).decode


class Finish(Protocol):
    """Takes outcomes in; who ``hurries`` has other jobs to do, and does not wait for the disk."""

    def __call__(self, outcomes: list[FinishJob], *, hurries: bool = False) -> None: ...


class _Lane:
    """The queue of one actor, with its limits."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.queue: list[tuple[int, int, Release]] = []
        """A heap, by the age of the instance; jobs of the same one in the order in which they came."""
        self.done: list[FinishJob] = []
        """Outcomes that are not handed in yet."""
        self.hand_in_at = 0.0
        """When they are, at the latest."""
        self.handing_in = 0
        """Threads that hand outcomes in: they are not held up by a job."""
        self.taken = 0
        """Jobs that were taken since the last tick."""
        self.running = 0
        """Threads that work through the queue."""
        self.usual_s = 1.0
        """How long a job takes, lately, as a geometric mean: what a few had to wait for the interpreter tells nothing
        about the others. Unknown at first, so each gets a thread of its own."""
        self.next_start = 0.0
        """Earliest time of the next start, for actors with a rate."""

    def threads(self) -> int:
        """How many threads the queue is worth, those that are at a job included; jobs that never wait for anything are
        not done faster by several.
        """
        queued = len(self.queue)
        work = queued * self.usual_s
        if self.usual_s < _NEVER_WAITS_S or work <= _SHARE_S:
            return 1
        at_a_job = self.running - self.handing_in
        return min(self.actor.concurrency, at_a_job + min(queued, ceil(work / _SHARE_S)))


class Dispatcher:
    """Runs jobs on a pool of threads."""

    def __init__(
        self,
        actors: Mapping[str, Actor],
        blobs: BlobReader,
        finish: Finish,
        installation: str,
        workers: int,
        result_max: int = EngineSettings().payload_max,
        may_begin: Callable[[], bool] | None = None,
    ) -> None:
        """``may_begin``: whether a job may begin just now; while it may not, it waits. None: it always may."""
        self._may_begin = may_begin
        self._lanes = {name: _Lane(actor) for name, actor in actors.items()}
        self._blobs = blobs
        self._finish = finish
        self._installation = installation
        self._result_max = result_max
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="clearance-actor")
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._busy = 0
        """Threads that are at a job, or hand in what came of it."""
        self._deaf = False
        """Whether outcomes are no longer taken: the engine has stopped without them."""
        self._deadlines: dict[tuple[int, int], tuple[float, Release, Actor]] = {}
        self._random = random.Random()
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._watch_time, name="clearance-dispatch", daemon=True)

    def start(self) -> None:
        self._watch.start()

    def halt(self) -> None:
        """Begin nothing more; what is queued stays in the store as work for the next start."""
        with self._lock:
            self._stopping.set()
            for lane in self._lanes.values():
                lane.queue.clear()

    def stop(self, within_s: float | None = None) -> int:
        """Begin nothing more, and let what runs finish within the time (None: however long it takes); how many jobs
        have not. What those say later is heard by nobody: they leave again with the next start.
        """
        self.halt()
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, within_s)
            self._deaf = self._busy > 0
            left = len(self._deadlines)
        if self._watch.ident is not None:
            self._watch.join()
        with self._lock:  # whoever did these was about to hand them in after one more job, which does not end
            done = [outcome for lane in self._lanes.values() for outcome in lane.done]
            for lane in self._lanes.values():
                lane.done = []
        if done:
            self._finish(done)
        return left

    @property
    def waiting(self) -> int:
        """Jobs that wait for their actor to be free."""
        return sum(len(lane.queue) for lane in self._lanes.values())

    def release(self, releases: list[Release]) -> None:
        """Jobs that may leave now. A job that nobody here can do stays open for a remote worker."""
        with self._lock:
            if self._stopping.is_set():
                return
            lanes: set[_Lane] = set()
            for release in releases:
                lane = self._lanes.get(release.type)
                if lane is None:
                    log.warning("no actor for job type %s (instance %s waits)", release.type, release.instance)
                    continue
                heapq.heappush(lane.queue, (age_of(release.instance), next(self._numbers), release))
                lanes.add(lane)
            for lane in lanes:
                self._wake(lane, lane.threads())

    def _wake(self, lane: _Lane, threads: int) -> None:
        """Have at least so many threads work through the queue."""
        if lane.queue:
            for _ in range(threads - lane.running):
                lane.running += 1
                self._pool.submit(self._work, lane)

    def _work(self, lane: _Lane) -> None:
        with self._lock:
            self._busy += 1
        try:
            self._work_through(lane)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _work_through(self, lane: _Lane) -> None:
        """One job after the other, while there are any that may start."""
        actor = lane.actor
        finished: FinishJob | None = None
        ended = 0.0
        took = 0.0
        while (release := self._next(lane, finished, took, ended)) is not None:
            key = (release.job, release.attempt)
            start = time.monotonic()
            self._deadlines[key] = (start + actor.timeout_s, release, actor)
            outcome = perform(actor, job_of(release, self._blobs, self._installation), self._result_max)
            ended = time.monotonic()
            took = ended - start
            in_time = self._deadlines.pop(key, None) is not None
            finished = self._command(actor, release, outcome) if in_time and type(outcome) is not Waiting else None

    def _next(self, lane: _Lane, finished: FinishJob | None, took: float, now: float) -> Release | None:
        """Keep what is finished, and take the next job that may start; without one, the thread is done here."""
        with self._lock:
            if took:
                lane.usual_s = lane.usual_s**0.9 * took**0.1
            if finished is not None:
                if not lane.done:
                    lane.hand_in_at = now + _TOGETHER_S
                lane.done.append(finished)
            if took < _QUICK_S and now < lane.hand_in_at and len(lane.done) < _TOGETHER_MAX:
                release = self._take(lane)
                if release is not None:
                    return release
            done, lane.done = lane.done, []
            hurries = bool(lane.queue)
            lane.handing_in += 1
        if done and not self._deaf:
            self._finish(done, hurries=hurries)
        with self._lock:
            lane.handing_in -= 1
            release = self._take(lane) if lane.running <= max(lane.threads(), 1) else None
            if release is None:
                lane.running -= 1
        return release

    def _take(self, lane: _Lane) -> Release | None:
        rate = lane.actor.rate_per_s
        may_begin = self._may_begin
        if not lane.queue or (may_begin is not None and not may_begin()):
            return None
        if rate:
            now = time.monotonic()
            if now < lane.next_start:
                return None
            lane.next_start = max(now - _TICK_S, lane.next_start) + 1 / rate
        lane.taken += 1
        return heapq.heappop(lane.queue)[2]

    def _command(self, actor: Actor, release: Release, outcome: Outcome) -> FinishJob:
        again = type(outcome) is Failed
        return FinishJob(
            instance=release.instance,
            job=release.job,
            attempt=release.attempt,
            outcome=outcome,
            retry_in=backoff_ms(actor, release.attempt, self._random.random()) if again else 0,
            attempts=actor.retries + 1,
            label=release.label,
        )

    def _watch_time(self) -> None:
        """Answer attempts whose time is up, and see to queues that waited for their rate or behind a slow job."""
        while not self._stopping.wait(_TICK_S):
            now = time.monotonic()
            finished: list[FinishJob] = []
            for key, (deadline, release, actor) in list(self._deadlines.items()):
                if deadline <= now and self._deadlines.pop(key, None) is not None:
                    late = Failed(f"no outcome within {actor.timeout_s:g} s")
                    finished.append(self._command(actor, release, late))
            with self._lock:
                for lane in self._lanes.values():
                    if now > lane.hand_in_at:
                        finished.extend(lane.done)
                        lane.done = []
                    stuck = lane.running + 1 if not (lane.taken or lane.handing_in) else 0
                    self._wake(lane, min(max(stuck, lane.threads()), lane.actor.concurrency))
                    lane.taken = 0
            if finished:
                self._finish(finished)


def job_of(release: Release, blobs: BlobReader, installation: str) -> Job:
    """The job as its actor sees it."""
    return Job(
        key=release.job,
        type=release.type,
        instance=release.instance,
        element=release.element,
        element_name=release.element_name,
        process=release.process,
        input=release.input,
        headers=release.headers,
        attempt=release.attempt,
        idempotency_key=f"clearance-{installation}-{release.job}",
        tenant=release.tenant,
        blobs=blobs,
        listener=release.listener,
    )


def perform(actor: Actor, job: Job, result_max: int = EngineSettings().payload_max) -> Outcome:
    """Run the actor; whatever it raises or returns is an outcome that can be recorded."""
    return _recordable(_outcome(actor, job), result_max)


def _outcome(actor: Actor, job: Job) -> Outcome:
    try:
        return actor.run(job)
    except BpmnError as error:
        return Raised(error.code, error.message, error.variables)
    except Temporary as error:
        return Failed(str(error) or "temporary failure")
    except Permanent as error:
        return Failed(str(error) or "permanent failure", retryable=False)
    except (Exception, SystemExit) as error:
        log.exception("actor %s failed on job %s", actor.type, job.key)
        return Failed(f"{type(error).__name__}: {error}")


def _recordable(outcome: Outcome, size_max: int) -> Outcome:
    """The outcome exactly as the ledger will have it, so that replaying gives the same; or why it cannot be kept.

    Actors are not believed: what they return may not be what its type says, nor anything that JSON can hold.
    """
    plain = again = False
    if type(outcome) is Completed:  # as most are: nothing but variables
        plain = type(outcome.variables) is dict and not (outcome.evidence or outcome.ad_hoc or outcome.task)
    elif not isinstance(outcome, Outcome):
        return Failed(f"the actor returned {type(outcome).__name__}, which is no outcome", retryable=False)
    else:
        again = isinstance(outcome, Failed) and outcome.retryable is True
    try:
        text = to_json(outcome.variables if plain else outcome)  # type: ignore[union-attr]
        if len(text) > size_max:
            return Failed(f"the result has {len(text)} bytes, more than {size_max}: use a document", again)
        return Completed(from_json(text)) if plain else _read_outcome(text)
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        return Failed(f"the result cannot be written as JSON: {error}", again)


def backoff_ms(actor: Actor, attempt: int, chance: float) -> int:
    """The pause after a failed attempt: doubles each time up to the maximum, spread by a quarter either way."""
    pause = min(actor.backoff_s * float(2 ** min(attempt - 1, 30)), actor.backoff_max_s, _PAUSE_MAX_S)
    return round(pause * 1000 * (0.75 + 0.5 * chance))
