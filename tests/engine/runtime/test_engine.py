"""The engine with its threads: what is answered is committed, what fails is told, what was begun goes on."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from clearance.build import Process
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.ledger.rows import Batch
from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Actor, Completed, Job, Outcome, Waiting
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll


class Clock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


class Fragile(SqliteStore):
    """A store that fails while it is told to."""

    broken = False

    def commit(self, batch: Batch) -> None:
        if self.broken:
            raise StoreError("the disk is full: make room; work goes on by itself")
        super().commit(batch)


def process() -> Process:
    p = Process("Job")
    p.starts("go", message="begin")
    p.service("Work", does="work")
    p.ends("Done")
    return p


def engine(store: SqliteStore, run: Callable[[Job], Outcome], **declared: object) -> Engine:
    actors: Mapping[str, Actor] = {"work": Actor("work", run, **declared)}  # type: ignore[arg-type]
    made = Engine(
        store, PermitAll(), Registry(Feel(), read_decisions), actors, MemoryBlobs(), Clock(), EngineSettings()
    )
    made.start()
    deployed = made.ask(commands.DeployProcess(process=process().definition(), xml=""))
    assert isinstance(deployed, Answer)
    return made


def begin(made: Engine, name: str) -> Answer | Refusal:
    return made.ask(commands.PublishMessage(name="begin", message_id=name))


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def ended(path: Path) -> int:
    reader = SqliteStore(path, readonly=True)
    try:
        return sum(row.status == "completed" for row in reader.instances())
    finally:
        reader.close()


def test_the_same_message_starts_nothing_twice_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    made = engine(SqliteStore(path), lambda job: Completed({}))
    assert isinstance(begin(made, "a"), Answer)
    assert isinstance(begin(made, "a"), Refusal)
    made.stop()
    made = engine(SqliteStore(path), lambda job: Completed({}))
    refused = begin(made, "a")
    made.stop()
    assert isinstance(refused, Refusal)
    assert refused.kind == "conflict"
    assert ended(path) == 1


def test_while_nothing_can_be_committed_callers_are_told_and_work_goes_on_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    gate = threading.Event()

    def work(job: Job) -> Outcome:
        gate.wait(20)
        return Completed({"done": True})

    store = Fragile(path)
    made = engine(store, work)
    assert isinstance(begin(made, "first"), Answer)
    store.broken = True
    refused = begin(made, "second")
    assert isinstance(refused, Refusal)
    assert (refused.kind, "disk is full" in refused.reason) == ("busy", True)
    gate.set()  # the outcome of the first arrives while nothing can be committed
    time.sleep(0.3)
    assert made.trouble
    assert ended(path) == 0
    store.broken = False
    until(lambda: ended(path) == 1, "the outcome was lost")
    assert isinstance(begin(made, "second"), Answer)
    until(lambda: ended(path) == 2, "the engine did not recover")
    made.stop()


def test_work_that_was_under_way_is_done_again_with_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    keys: list[str] = []

    def never(job: Job) -> Outcome:
        keys.append(job.idempotency_key)
        return Waiting()  # no outcome is ever told

    made = engine(SqliteStore(path), never)
    begin(made, "a")
    until(lambda: bool(keys), "the job did not leave")
    made.stop()

    def work(job: Job) -> Outcome:
        keys.append(job.idempotency_key)
        return Completed({})

    made = engine(SqliteStore(path), work)
    until(lambda: ended(path) == 1, "the job was not done again")
    made.stop()
    assert len(set(keys)) == 1


def test_work_that_is_not_safe_to_repeat_waits_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    left = threading.Event()

    def never(job: Job) -> Outcome:
        left.set()
        return Waiting()

    made = engine(SqliteStore(path), never, idempotent=False)
    begin(made, "a")
    assert left.wait(20)
    made.stop()
    made = engine(SqliteStore(path), lambda job: Completed({}), idempotent=False)
    store = SqliteStore(path, readonly=True)
    until(lambda: any(b"not safe" in one.content for one in store.entries()), "nobody was asked")
    store.close()
    made.stop()
    assert ended(path) == 0


def test_an_actor_that_takes_too_long_is_answered_as_failed_and_its_late_word_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    attempts: list[int] = []

    def slow(job: Job) -> Outcome:
        attempts.append(job.attempt)
        time.sleep(0.6 if job.attempt == 1 else 0)
        return Completed({"attempt": job.attempt})

    made = engine(SqliteStore(path), slow, timeout_s=0.1, backoff_s=0.05)
    begin(made, "a")
    until(lambda: ended(path) == 1, "there was no second attempt")
    made.stop()
    assert attempts == [1, 2]


@pytest.mark.parametrize("damage", ["changed", "removed", "swapped"])
def test_verification_names_what_was_tampered_with(tmp_path: Path, damage: str) -> None:
    import sqlite3

    path = tmp_path / "l.sqlite"
    made = engine(SqliteStore(path), lambda job: Completed({"n": 1}))
    for name in "abc":
        begin(made, name)
    until(lambda: ended(path) == 3, "not done")
    made.stop()
    registry = Registry(Feel(), read_decisions)
    store = SqliteStore(path)
    registry.load(list(store.definitions()), [])
    assert verify(store, registry).ok
    store.close()
    with sqlite3.connect(path) as db:
        if damage == "changed":
            altered = "CAST(replace(CAST(content AS TEXT), 'work', 'play') AS BLOB)"
            db.execute(f"UPDATE entries SET content = {altered} WHERE position = 3")
        elif damage == "removed":
            db.execute("DELETE FROM entries WHERE position = 4")
        else:
            rows = db.execute("SELECT position, content FROM entries WHERE position IN (3, 5)").fetchall()
            for (position, _), (_, content) in zip(rows, reversed(rows), strict=True):
                db.execute("UPDATE entries SET content = ? WHERE position = ?", (content, position))
    db.close()
    store = SqliteStore(path)
    found = verify(store, registry)
    store.close()
    assert not found.ok
    assert any(str(position) in str(problem) for problem in found.problems for position in (3, 4, 5))
