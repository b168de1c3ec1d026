"""An engine for tests: a process with one job, a clock that can be moved, stores that misbehave when told to."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.kernel.state import Instance
from clearance.ledger.rows import Batch
from clearance.ledger.store import Store, StoreError
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Actor, Job, Outcome
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, service

ONE_JOB = bpmn(START + service("work") + END, "s -> work\nwork -> e")


class MovableClock:
    """Real time, and what has been added to it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


class TroubledStore(SqliteStore):
    """Commits wait, or fail, while they are told to; so do reads."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.open = threading.Event()
        self.open.set()
        self.failure: Exception | None = None
        self.commits = 0

    def commit(self, batch: Batch) -> None:
        assert self.open.wait(20)
        if self.failure is not None:
            raise self.failure
        super().commit(batch)
        self.commits += 1

    @contextmanager
    def failing(self, failure: Exception | None = None) -> Iterator[None]:
        self.failure = failure or StoreError("the disk is full: make room")
        yield
        self.failure = None


def engine(
    store: Store,
    *actors: Actor,
    settings: EngineSettings | None = None,
    clock: MovableClock | None = None,
    files: tuple[bytes, ...] = (ONE_JOB,),
) -> Engine:
    """A started engine with the files deployed."""
    by_type: Mapping[str, Actor] = {actor.type: actor for actor in actors}
    made = Engine(
        store,
        PermitAll(),
        Registry(Feel(), read_decisions),
        by_type,
        MemoryBlobs(),
        clock or MovableClock(),
        settings or EngineSettings(),
    )
    made.start()
    for file in files:
        for process in read(file).processes:
            assert isinstance(made.ask(commands.DeployProcess(process=process, xml="")), Answer)
    return made


def actor(run: Callable[[Job], Outcome], **declared: object) -> Actor:
    return Actor("work", run, **{"backoff_s": 0.01, **declared})  # type: ignore[arg-type]


def start(made: Engine, process: str = "p", **variables: object) -> int:
    answer = made.ask(commands.StartInstance(process=process, variables=variables))
    assert isinstance(answer, Answer), answer
    return answer.key


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def statuses(path: Path) -> list[str]:
    """Of all instances, from the file."""
    reader = SqliteStore(path, readonly=True)
    try:
        return [row.status for row in reader.instances() if row.key]
    finally:
        reader.close()


def state_of(path: Path, key: int) -> Instance:
    """An instance as a new engine would load it."""
    reader = SqliteStore(path, readonly=True)
    try:
        shard = Shard(reader, PermitAll(), Registry(Feel(), read_decisions), {})
        stream = shard.stream(key)
        assert stream is not None
        assert stream.instance is not None
        return stream.instance
    finally:
        reader.close()


def verified(path: Path) -> bool:
    """Whether the ledger in the file holds."""
    reader = SqliteStore(path, readonly=True)
    try:
        registry = Registry(Feel(), read_decisions)
        registry.load(list(reader.definitions()), list(reader.decisions()))
        found = verify(reader, registry)
        assert found.ok, found.problems
        return True
    finally:
        reader.close()
