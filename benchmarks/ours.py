"""The engine as the benchmarks run it: SQLite with ``synchronous=FULL``, the gate with twenty policies, ledger on."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.record import STEPS, following
from clearance.actors import actor
from clearance.build import Process as Builder
from clearance.cluster import MakeEngine, ShardProcess
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.engine import Engine
from clearance.engine.runtime.gc_tuning import collect_seldom
from clearance.engine.runtime.shards import Carry, Shards
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.ledger import numbering
from clearance.ledger.ledgers import agree
from clearance.ledger.rows import Batch
from clearance.ledger.store import Store
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.values import Data
from clearance.model.work import Actor
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore

POLICIES = Path(__file__).parent / "policies"
_POLL_S = 0.002
_TOGETHER = 100
"""Commands that are brought at once."""


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


class MovableClock(SystemClock):
    """Real time, and what has been added to it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now(self) -> int:
        return super().now() + self.ahead_ms


def move(clock: MovableClock, ahead_ms: int, running: Engine) -> None:
    """Let that time be over. An engine knows when the next timer is due and sleeps until then: it cannot know that a
    clock has been moved, so it is woken at this moment, as it would have woken by itself.
    """
    clock.ahead_ms = ahead_ms
    running.submit(commands.PublishMessage(name="nobody waits for this"))


class Counting:
    """A store that notes of each commit the sizes of the rows that it appends, so that the floor can append the same,
    and when."""

    def __init__(self, *where: Any, **settings: Any) -> None:
        super().__init__(*where, **settings)
        self.commits: list[list[int]] = []
        self.moments: list[float] = []
        """When each commit was done, by the performance counter."""
        self.instances_ended = 0
        self.ended = threading.Condition()

    def commit(self, batch: Batch) -> None:
        super().commit(batch)  # type: ignore[misc]
        self.commits.append(appended(batch))
        self.moments.append(time.perf_counter())
        if batch.instances:
            with self.ended:
                self.instances_ended += sum(row.status != "active" for row in batch.instances.values())
                self.ended.notify_all()


class CountingStore(Counting, SqliteStore):
    """On SQLite."""


def appended(batch: Batch) -> list[int]:
    """The sizes of the rows that a commit appends."""
    sizes = [len(entry.content) + len(entry.hash) for entry in batch.entries]
    if batch.instances:
        sizes += [len(row.snapshot) + len(row.hash) for row in batch.instances.values() if row.snapshot]
    return sizes


@actor("work")
def work(record: dict[str, Data]) -> dict[str, Data]:
    """One step of every process here: from one record of about 300 bytes to the next."""
    return {"record": following(record)}


def ten_steps(subject: str = "") -> Builder:
    """A start, ten service tasks one after the other, an end."""
    process = Builder("Ten steps", subject=subject)
    process.starts("Begin")
    for number in range(1, STEPS + 1):
        process.service(f"Step {number}", does="work")
    process.ends("Done")
    return process


def engine(
    store: Store,
    actors: Sequence[Actor] = (),
    settings: EngineSettings | None = None,
    clock: SystemClock | None = None,
) -> Engine:
    """An engine that is not started yet."""
    by_type = {one.type: one for one in actors}
    gate = PolicyGate.load(POLICIES)
    registry = Registry(Feel(), read_decisions)
    return Engine(store, gate, registry, by_type, MemoryBlobs(), clock or SystemClock(), settings)


def bulk(store: Store, asked: Iterator[Command], actors: Sequence[Actor] = (), at_once: int = 1000) -> None:
    """Work out many commands as the loop does, but in this thread: the same entries, rulings and commits, no actors."""
    registry = Registry(Feel(), read_decisions)
    shard = Shard(store, PolicyGate.load(POLICIES), registry, {one.type: one for one in actors})
    clock = SystemClock()
    while commands_at_hand := list(islice(asked, at_once)):
        now = clock.now()
        for command in commands_at_hand:
            answered(shard.work(command, now))
        cut = shard.cut()
        store.commit(cut.batch)
        shard.committed(cut.batch)


class NotingStore(CountingStore):
    """Leaves its notes of all commits beside its file when it is closed: it is in a process of its own."""

    def close(self) -> None:
        super().close()
        self.path.with_suffix(".json").write_text(json.dumps(self.commits))


def shard_engine(folder: Path, shards: int, number: int, carry: Carry) -> Engine:
    """In the process of a shard: its engine."""
    return one_shard(NotingStore(folder / f"ledger-{number}.sqlite"), shards, number, carry)


def one_shard(store: Store, shards: int, number: int, carry: Carry) -> Engine:
    """The engine of one of so many shards."""
    settings = EngineSettings(shards=shards, shard=number)
    gate, registry = PolicyGate.load(POLICIES), Registry(Feel(), read_decisions)
    return Engine(store, gate, registry, {work.type: work}, MemoryBlobs(), SystemClock(), settings, carry=carry)


def processes(make: MakeEngine, stores: Sequence[Store]) -> Shards:
    """A shard in a process of its own for each of these stores, which are new; not started yet."""
    agree(stores)
    for store in stores:
        store.close()

    def process(number: int, carry: Carry) -> ShardProcess:
        return ShardProcess(number, make, carry, lambda back: running.came_back(back))

    running = Shards(process, PolicyGate.load(POLICIES), MemoryBlobs(), EngineSettings(shards=len(stores)))
    return running


def commits_of(folder: Path) -> list[list[int]]:
    """What the processes' stores have noted."""
    return [sizes for notes in sorted(folder.glob("ledger-*.json")) for sizes in json.loads(notes.read_text())]


def deploy(running: Engine | Shards, process: Builder) -> None:
    answered(running.ask(commands.DeployProcess(process=process.definition(), xml="")))


def answered(answer: Answer | Refusal) -> Answer:
    if isinstance(answer, Refusal):
        raise SystemExit(f"the engine refuses: {answer.reason}")
    return answer


def submit_all(running: Engine | Shards, asked: Sequence[Command]) -> None:
    """Bring them as fast as the engine takes commands in; it says busy when its queue is full."""
    for at in range(0, len(asked), _TOGETHER):
        while running.waiting > running.settings.queue_max - _TOGETHER:
            time.sleep(_POLL_S)
        running.bring([(command, _complain) for command in asked[at : at + _TOGETHER]])


def drive(running: Shards, process: Builder, asked: Sequence[Command], entries: int) -> float:
    """Seconds until what is asked for has led to so many entries; the engine, whose stores are elsewhere, is started
    here and stopped."""
    reached: dict[int, int] = {}
    changed = threading.Condition()

    def committed(place: int) -> None:
        with changed:
            reached[numbering.shard_at(place)] = numbering.position_at(place)
            changed.notify()

    running.listen(committed)
    running.start()
    try:
        collect_seldom()
        deploy(running, process)
        with changed:
            before = sum(reached.values())
        start = time.perf_counter()
        submit_all(running, asked)
        with changed:
            changed.wait_for(lambda: sum(reached.values()) >= before + entries)
        return time.perf_counter() - start
    finally:
        running.stop()


def _complain(answer: Answer | Refusal) -> None:
    """Whoever waits for all that was asked for would wait for ever."""
    if isinstance(answer, Refusal):
        print(f"the engine refuses: {answer.reason}", file=sys.stderr, flush=True)
        os._exit(1)


def wait_for_end(store: Counting, instances: int) -> None:
    with store.ended:
        store.ended.wait_for(lambda: store.instances_ended >= instances)
