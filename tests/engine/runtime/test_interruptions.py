"""A store that cannot be reached is waited for; one that another engine has taken over ends its engine."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clearance.ledger.rows import Batch
from clearance.ledger.store import Interrupted, StoreLost
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Completed, Job, Outcome
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import TroubledStore, actor, engine, start, statuses, until, verified


class RemoteStore(TroubledStore):
    """Behaves as one on the other end of a network: breaks off before or after a commit, and can be taken away."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.breaks_after = False
        self._done: Batch | None = None
        self._told: Callable[[str], None] = lambda said: None
        self.sure = True
        self.silence = ""

    def commit(self, batch: Batch) -> None:
        if self._done is not batch:
            if self.failure is not None and not self.breaks_after:
                raise self.failure
            SqliteStore.commit(self, batch)
            self._done = batch
        if self.failure is not None:
            raise self.failure

    def when_lost(self, told: Callable[[str], None]) -> None:
        self._told = told

    def held(self) -> bool:
        return self.sure

    def take_away(self) -> None:
        self._told("another engine has taken over")


def _done(job: Job) -> Outcome:
    return Completed({})


def _positions(path: Path) -> list[int]:
    reader = SqliteStore(path, readonly=True)
    try:
        return [entry.position for entry in reader.entries(limit=100_000)]
    finally:
        reader.close()


def _broken_off(tmp_path: Path, *, after: bool) -> None:
    """Some are under way when it breaks off, others come while it lasts, jobs finish meanwhile."""
    store = RemoteStore(tmp_path / "l.sqlite")
    store.breaks_after = after
    may, calls = threading.Event(), []

    def work(job: Job) -> Outcome:
        assert may.wait(20)
        calls.append(job.idempotency_key)
        return Completed({})

    made = engine(store, actor(work))
    first = start(made)
    with store.failing(Interrupted("the server is gone")):
        waiting = [made.submit(commands.StartInstance(process="p")) for _ in range(5)]
        until(lambda: "server is gone" in made.trouble, "nobody notices")
        refused = made.ask(commands.StartInstance(process="p"))
        assert isinstance(refused, Refusal)
        assert (refused.kind, "nothing was changed: the server is gone" in refused.reason) == ("busy", True)
        may.set()
        until(lambda: len(calls) >= 1, "the job does not run")
        time.sleep(0.3)
        assert not any(reply.done() for reply in waiting), "nobody knows yet what became of these"
    answers = [reply.result(20) for reply in waiting]
    assert all(isinstance(answer, Answer) for answer in answers)
    until(lambda: statuses(store.path) == ["completed"] * 6, "it does not go on by itself")
    assert not made.trouble
    made.stop()
    assert len(calls) == len(set(calls)) == 6, "each job once, although nobody could record it for a while"
    assert first
    assert _positions(store.path) == list(range(1, len(_positions(store.path)) + 1))
    assert verified(store.path)


def test_a_commit_that_broke_off_before_it_was_done_is_done_once_the_store_answers(tmp_path: Path) -> None:
    _broken_off(tmp_path, after=False)


def test_a_commit_that_broke_off_after_it_was_done_is_not_done_twice(tmp_path: Path) -> None:
    _broken_off(tmp_path, after=True)


def test_an_engine_that_stops_while_the_store_is_away_says_that_nobody_knows(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    made = engine(store, actor(_done))
    with store.failing(Interrupted("the server is gone")):
        reply = made.submit(commands.StartInstance(process="p"))
        until(lambda: bool(made.trouble), "nobody notices")
        stopping = threading.Thread(target=made.stop)
        stopping.start()
        stopping.join(10)
        assert not stopping.is_alive()
        answer = reply.result(1)
    assert isinstance(answer, Refusal)
    assert "look whether it was done before you ask again" in answer.reason


def test_an_engine_whose_store_was_taken_over_refuses_what_waits_and_begins_nothing_more(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    may, begun = threading.Event(), []

    def work(job: Job) -> Outcome:
        begun.append(job.key)
        assert may.wait(20)
        return Completed({})

    made = engine(store, actor(work, concurrency=1))
    for _ in range(3):
        start(made)
    until(lambda: len(begun) == 1, "the first job does not run")
    with store.failing(StoreLost("another engine has taken over")):
        refused = made.ask(commands.StartInstance(process="p"))
        assert isinstance(refused, Refusal)
        assert "another engine has taken over" in refused.reason
        assert "another engine has taken over" in made.lost
        store.take_away()
        may.set()
        later = made.ask(commands.StartInstance(process="p"))
        assert isinstance(later, Refusal)
        before = _positions(store.path)
        time.sleep(1.5)
        assert len(begun) == 1
        assert _positions(store.path) == before
    made.stop()


def test_an_engine_that_is_idle_says_that_its_store_is_silent_and_refuses_at_once(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    made = engine(store, actor(_done))
    store.silence = "the server is gone"
    assert made.trouble == "the server is gone", "before anybody has asked for anything"
    refused = made.submit(commands.StartInstance(process="p"))
    assert refused.done()
    assert refused.result() == Refusal("busy", "nothing was changed: the server is gone")
    store.silence = ""
    assert not made.trouble
    start(made)
    until(lambda: statuses(store.path) == ["completed"], "it does not go on")
    made.stop()


def test_an_engine_that_is_idle_ends_when_it_is_told_that_its_store_was_taken_over(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    made = engine(store, actor(_done))
    store.take_away()
    assert "taken over" in made.lost
    refused = made.ask(commands.StartInstance(process="p"))
    assert isinstance(refused, Refusal)
    made.stop()


def test_callers_who_wait_are_let_go_when_the_store_is_taken_over_while_it_is_away(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    made = engine(store, actor(_done))
    with store.failing(Interrupted("the server is gone")), ThreadPoolExecutor() as pool:
        asked = pool.submit(made.ask, commands.StartInstance(process="p"))
        until(lambda: bool(made.trouble), "nobody notices")
        store.take_away()
        answer = asked.result(10)
    assert isinstance(answer, Refusal)
    assert answer.kind == "busy"
    made.stop()


def test_no_job_begins_while_the_engine_is_not_sure_that_the_store_is_still_its_own(tmp_path: Path) -> None:
    store = RemoteStore(tmp_path / "l.sqlite")
    begun: list[int] = []

    def work(job: Job) -> Outcome:
        begun.append(job.key)
        return Completed({})

    made = engine(store, actor(work))
    store.sure = False
    start(made)
    time.sleep(0.5)
    assert begun == []
    store.sure = True
    until(lambda: statuses(store.path) == ["completed"], "it does not go on")
    assert len(begun) == 1
    made.stop()
