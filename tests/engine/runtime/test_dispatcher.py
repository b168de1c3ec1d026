"""Dispatch: what an actor declares is enforced, and whatever it does is an outcome."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clearance.engine.job_requests import Release
from clearance.engine.runtime.dispatcher import Dispatcher, backoff_ms, perform
from clearance.engine.settings import EngineSettings
from clearance.ledger import numbering
from clearance.model.commands import FinishJob
from clearance.model.values import to_json
from clearance.model.work import Actor, BpmnError, Completed, Failed, Job, Outcome, Raised, Temporary, Waiting
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import actor, engine, start, state_of, statuses, until


def _job() -> Job:
    return Job(1, "work", 2, "a", "", "p", {}, {}, 1, "key", "<default>", MemoryBlobs())


def _release(job: int, kind: str = "work", instance: int = 7) -> Release:
    return Release(instance, job, kind, 1, "a", "", "p", "<default>", {}, {}, "")


class _Finished:
    """Collects what a dispatcher reports."""

    def __init__(self, *actors: Actor, workers: int = 8) -> None:
        self.commands: list[FinishJob] = []
        by_type = {one.type: one for one in actors}
        self.dispatcher = Dispatcher(by_type, MemoryBlobs(), self._finish, "here", workers)
        self.dispatcher.start()

    def _finish(self, outcomes: list[FinishJob], *, hurries: bool = False) -> None:
        self.commands.extend(outcomes)

    def wait(self, count: int) -> None:
        until(lambda: len(self.commands) >= count, f"{len(self.commands)} of {count} jobs have finished")


def test_no_more_jobs_run_at_once_than_the_actor_declares() -> None:
    running, most, lock = [0], [0], threading.Lock()

    def work(job: Job) -> Outcome:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=2))
    finished.dispatcher.release([_release(job) for job in range(10)])
    finished.wait(10)
    finished.dispatcher.stop()
    assert most[0] == 2


def test_jobs_of_the_instance_that_began_first_go_first_whichever_shard_it_is_of() -> None:
    done: list[int] = []
    busy, may = threading.Event(), threading.Event()

    def work(job: Job) -> Outcome:
        busy.set()
        assert may.wait(20)
        done.append(job.key)
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=1))
    finished.dispatcher.release([_release(0)])
    assert busy.wait(20)
    other = numbering.first_key(1)
    finished.dispatcher.release([_release(1, instance=90), _release(2, instance=other + 20), _release(3, instance=10)])
    finished.dispatcher.release([_release(4, instance=other + 60), _release(5, instance=10)])
    may.set()
    finished.wait(6)
    finished.dispatcher.stop()
    assert done == [0, 3, 5, 2, 4, 1]


@pytest.mark.parametrize("rate", [20.0, 100.0])
def test_jobs_start_at_the_rate_that_the_actor_declares_and_not_much_slower(rate: float) -> None:
    started: list[float] = []

    def work(job: Job) -> Outcome:
        started.append(time.monotonic())
        return Completed({})

    finished = _Finished(Actor("work", work, rate_per_s=rate, concurrency=50))
    count = round(rate / 2) + 1
    finished.dispatcher.release([_release(job) for job in range(count)])
    finished.wait(count)
    finished.dispatcher.stop()
    assert 0.35 < max(started) - min(started) < 1.5, "half a second's worth of jobs"


def test_the_time_of_a_job_counts_from_when_it_really_starts() -> None:
    def slow(job: Job) -> Outcome:
        time.sleep(0.3)
        return Completed({})

    finished = _Finished(
        Actor("slow", slow, timeout_s=5), Actor("quick", lambda job: Completed({}), timeout_s=0.1), workers=1
    )
    finished.dispatcher.release([_release(1, "slow"), _release(2, "quick")])
    finished.wait(2)
    finished.dispatcher.stop()
    assert [type(command.outcome) for command in finished.commands] == [Completed, Completed]


def test_an_attempt_whose_time_is_up_has_failed_and_what_it_says_later_is_not_passed_on() -> None:
    def slow(job: Job) -> Outcome:
        time.sleep(0.4)
        return Completed({})

    finished = _Finished(Actor("work", slow, timeout_s=0.1))
    finished.dispatcher.release([_release(1)])
    time.sleep(0.8)
    finished.dispatcher.stop()
    (command,) = finished.commands
    assert command.outcome == Failed("no outcome within 0.1 s")


def test_whatever_an_actor_raises_or_returns_is_an_outcome() -> None:
    def raising(error: BaseException) -> Actor:
        def run(job: Job) -> Outcome:
            raise error

        return Actor("work", run)

    def returning(value: object) -> Actor:
        return Actor("work", lambda job: value)  # type: ignore[arg-type, return-value]

    assert perform(raising(BpmnError("E", "m", {"x": 1.5})), _job()) == Raised("E", "m", {"x": 1.5})
    assert perform(raising(Temporary()), _job()) == Failed("temporary failure")
    for broken in (raising(SystemExit(3)), raising(RecursionError()), raising(KeyError("k"))):
        assert isinstance(perform(broken, _job()), Failed)
    for odd in (returning(None), returning({"x": 1}), returning(Completed({"x": object()}))):
        outcome = perform(odd, _job())
        assert isinstance(outcome, Failed)
        assert not outcome.retryable
    endless: list[object] = []
    endless.append(endless)
    assert isinstance(perform(returning(Completed({"x": endless})), _job()), Failed)


def test_a_result_reads_the_same_now_and_after_it_was_written() -> None:
    outcome = perform(Actor("work", lambda job: Completed({"a": 0.1, "b": (1, 2), "c": {1: 2}})), _job())
    assert isinstance(outcome, Completed)
    assert to_json(outcome.variables) == b'{"a":0.1,"b":[1,2],"c":{"1":2}}'
    assert outcome.variables["b"] == [1, 2]


def test_the_outcome_of_a_quick_job_does_not_wait_for_the_slow_one_behind_it() -> None:
    go_on = threading.Event()

    def work(job: Job) -> Outcome:
        if job.key == 500:
            go_on.wait(20)
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=1))
    finished.dispatcher.release([_release(job) for job in range(500)])
    finished.wait(500)
    finished.dispatcher.release([_release(498 + job) for job in (1, 2, 3)])
    finished.wait(501)
    assert finished.commands[-1].job == 499
    go_on.set()
    finished.wait(503)
    finished.dispatcher.stop()


def test_what_has_been_done_is_handed_in_although_the_job_behind_it_never_ends() -> None:
    begun, end = threading.Event(), threading.Event()

    def work(job: Job) -> Outcome:
        if job.key == 2:
            begun.set()
            end.wait(20)
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=1))
    finished.dispatcher.release([_release(1), _release(2)])
    assert begun.wait(20)
    assert finished.dispatcher.stop(0.01) == 1
    assert [command.job for command in finished.commands] == [1]
    end.set()


def test_quick_jobs_behind_a_slow_one_get_a_thread_of_their_own() -> None:
    go_on = threading.Event()

    def work(job: Job) -> Outcome:
        if job.key == 1000:
            go_on.wait(20)
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=2))
    finished.dispatcher.release([_release(job) for job in range(500)])
    finished.wait(500)
    finished.dispatcher.release([_release(1000 + job) for job in range(100)])
    finished.wait(599)
    assert 1000 not in {command.job for command in finished.commands}
    go_on.set()
    finished.wait(600)
    finished.dispatcher.stop()


def test_many_quick_jobs_take_few_threads() -> None:
    threads: set[str] = set()

    def work(job: Job) -> Outcome:
        threads.add(threading.current_thread().name)
        return Completed({})

    finished = _Finished(Actor("work", work, concurrency=8))
    finished.dispatcher.release([_release(job) for job in range(1000)])
    finished.wait(1000)
    threads.clear()
    finished.dispatcher.release([_release(job) for job in range(10)])
    finished.wait(1010)
    finished.dispatcher.stop()
    assert len(threads) < 5, "a thread for each would be eight"


def test_pauses_double_up_to_the_maximum_and_are_spread() -> None:
    declared = Actor("work", lambda job: Waiting(), backoff_s=1, backoff_max_s=10)
    assert [backoff_ms(declared, attempt, 0.5) for attempt in (1, 2, 3, 4, 5, 60)] == [
        1000,
        2000,
        4000,
        8000,
        10000,
        10000,
    ]
    assert (backoff_ms(declared, 1, 0.0), backoff_ms(declared, 1, 1.0)) == (750, 1250)


@pytest.mark.parametrize("endless", [1e30, float("inf")])
def test_a_pause_without_end_is_a_long_one_and_holds_nobody_else_up(tmp_path: Path, endless: float) -> None:
    never = actor(lambda job: Failed("not now"), backoff_s=endless, backoff_max_s=endless, retries=3)
    made = engine(SqliteStore(tmp_path / "l.sqlite"), never)
    key = start(made)
    until(lambda: state_of(tmp_path / "l.sqlite", key).jobs.popitem()[1].phase == "pause", "it does not pause")
    assert not made.trouble
    start(made)
    made.stop()


def test_retries_end_in_one_incident_and_others_are_not_held_up(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    attempts: list[int] = []

    def work(job: Job) -> Outcome:
        if job.input.get("bad"):
            attempts.append(job.attempt)
            raise Temporary("busy")
        return Completed({})

    made = engine(SqliteStore(path), actor(work, retries=2), settings=EngineSettings(workers=4))
    bad = start(made, bad=True)
    good = [start(made, bad=False) for _ in range(20)]
    until(lambda: statuses(path).count("completed") == len(good), "the others stand still")
    until(lambda: bool(state_of(path, bad).incidents), "no incident")
    made.stop()
    assert attempts == [1, 2, 3]


def test_jobs_of_a_type_that_nobody_does_wait_for_a_remote_worker(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    made = engine(SqliteStore(path))
    key = start(made)
    (job,) = state_of(path, key).jobs
    with ThreadPoolExecutor(4) as callers:
        finish = FinishJob(instance=key, job=job, attempt=1, outcome=Completed({"by": "remote"}))
        answers = list(callers.map(lambda _: made.ask(finish), range(4)))
    assert sum(type(answer).__name__ == "Answer" for answer in answers) == 1, "it is finished once"
    until(lambda: statuses(path) == ["completed"], "it does not go on")
    made.stop()
