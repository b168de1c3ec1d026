"""Several shards in one process: as one engine to whoever asks."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from clearance.bpmn import read
from clearance.engine import routing
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.shards import Shards, engine_over
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.ledger import numbering
from clearance.ledger.store import Store, StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Actor, Completed, Job, Outcome
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.engine.helpers import ONE_JOB, MovableClock, TroubledStore, until, verified
from tests.kernel.files import END, START, bpmn, event, message, service

WAITS = bpmn(
    START + event("intermediateCatchEvent", "paid", message("paid")) + service("ship") + END,
    "s -> paid\npaid -> ship\nship -> e",
    identifier="order",
    keys={"paid": "order"},
)


def _stores(folder: Path, count: int = 3) -> list[Store]:
    return [SqliteStore(folder / f"ledger-{number}.sqlite") for number in range(count)]


def _shards(stores: list[Store], *actors: Actor, **settings: int) -> Shards:
    made = engine_over(
        stores,
        PermitAll(),
        lambda: Registry(Feel(), read_decisions),
        {actor.type: actor for actor in actors},
        MemoryBlobs(),
        MovableClock(),
        EngineSettings(shards=len(stores), **settings),
    )
    assert isinstance(made, Shards)
    made.start()
    return made


def _deploy(made: Shards, file: bytes) -> None:
    for process in read(file).processes:
        assert isinstance(made.ask(commands.DeployProcess(process=process, xml="")), Answer)


def _start(made: Shards, process: str, **variables: object) -> int:
    answer = made.ask(commands.StartInstance(process=process, variables=variables))
    assert isinstance(answer, Answer), answer
    return answer.key


def _active(stores: list[Store]) -> int:
    return sum(row.status == "active" for store in stores for row in store.reader().instances() if row.key)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Whatever happened in it, each ledger verifies."""
    yield tmp_path
    for path in tmp_path.glob("*.sqlite"):
        assert verified(path)


def _works(kind: str, done: list[int], hold: threading.Event | None = None) -> Actor:
    def run(job: Job) -> Outcome:
        if hold is not None:
            hold.wait(20)
        done.append(job.instance)
        return Completed({})

    return Actor(kind, run)


def test_instances_go_round_and_what_is_deployed_once_is_known_to_all(folder: Path) -> None:
    done: list[int] = []
    stores = _stores(folder)
    made = _shards(stores, _works("work", done))
    _deploy(made, ONE_JOB)
    started = [_start(made, "p") for _ in range(9)]
    assert sorted(numbering.shard_of(key) for key in started) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    until(lambda: sorted(done) == sorted(started), "every job is done")
    versions = [[(row.key, row.version, row.hash) for row in store.reader().definitions()] for store in stores]
    assert versions[0] == versions[1] == versions[2]
    made.stop()


def test_a_message_finds_its_instance_on_whichever_shard_it_waits(folder: Path) -> None:
    done: list[int] = []
    stores = _stores(folder)
    made = _shards(stores, _works("ship", done))
    _deploy(made, WAITS)
    waiting = {f"order {number}": _start(made, "order", order=f"order {number}") for number in range(12)}
    homes = {routing.home(order, 3) != numbering.shard_of(key) for order, key in waiting.items()}
    assert homes == {True, False}, "some wait at home and some do not"
    for order in waiting:
        assert isinstance(made.ask(commands.PublishMessage(name="paid", correlation_key=order)), Answer)
    until(lambda: sorted(done) == sorted(waiting.values()), "every order is shipped once")
    made.stop()


def test_an_answer_says_which_shard_recorded_it(folder: Path) -> None:
    stores = _stores(folder)
    made = _shards(stores)
    told: list[int] = []
    made.listen(told.append)
    _deploy(made, ONE_JOB)
    answers = [made.ask(commands.StartInstance(process="p")) for _ in range(3)]
    for answer in answers:
        assert isinstance(answer, Answer)
        shard = numbering.shard_of(answer.key)
        assert numbering.shard_at(answer.position) == shard
        entry = stores[shard].reader().entries(numbering.position_at(answer.position) - 1, 1)[0]
        assert entry.stream == answer.key
    assert {numbering.shard_at(place) for place in told} == {0, 1, 2}
    made.stop()


def test_what_was_under_way_between_shards_arrives_after_a_restart(folder: Path) -> None:
    """The second shard never gets to work: it is as if the process had been killed in between."""
    done: list[int] = []
    stores = _stores(folder, 2)
    made = _shards(stores, _works("ship", done))
    _deploy(made, WAITS)
    order = next(f"order {number}" for number in range(99) if routing.home(f"order {number}", 2) == 0)
    started = [_start(made, "order", order=order) for _ in range(2)]
    until(lambda: bool(stores[0].reader().subscriptions("message", "paid", order)), "the home knows")
    made._carry = lambda number, cut: None  # type: ignore[method-assign]
    for engine in made._engines:
        engine._loop._carry = lambda cut: None
    for _ in range(2):
        made.ask(commands.PublishMessage(name="paid", correlation_key=order, time_to_live=60_000))
    made.stop()
    assert len(done) <= 1
    stores = _stores(folder, 2)
    made = _shards(stores, _works("ship", done))
    until(lambda: sorted(done) == sorted(started), "both have got a message, each its own")
    until(lambda: _active(stores) == 0, "both have ended")
    made.stop()


def test_a_shard_that_cannot_commit_gets_what_is_for_it_later_and_holds_nobody_up(folder: Path) -> None:
    done: list[int] = []
    troubled = TroubledStore(folder / "ledger-1.sqlite")
    stores: list[Store] = [SqliteStore(folder / "ledger-0.sqlite"), troubled]
    made = _shards(stores, _works("ship", done))
    _deploy(made, WAITS)
    order = next(f"order {number}" for number in range(99) if routing.home(f"order {number}", 2) == 0)
    keys = [_start(made, "order", order=order), _start(made, "order", order=order)]
    away = next(key for key in keys if numbering.shard_of(key) == 1)
    made.ask(commands.CancelInstance(instance=next(key for key in keys if key != away)))
    until(lambda: bool(stores[0].reader().subscriptions("message", "paid", order)), "the home knows")
    with troubled.failing():
        asked = made.ask(commands.PublishMessage(name="paid", correlation_key=order))
        assert isinstance(asked, Answer), "its home is well"
        until(lambda: bool(made.trouble), "the other is not")
        assert done == []
    until(lambda: done == [away], "it has got its message")
    until(lambda: not made.trouble, "all is well")
    made.stop()


def test_whoever_is_told_of_a_deployment_finds_it_on_every_shard(folder: Path) -> None:
    troubled = TroubledStore(folder / "ledger-1.sqlite")
    made = _shards([SqliteStore(folder / "ledger-0.sqlite"), troubled])
    troubled.open.clear()
    (process,) = read(ONE_JOB).processes
    reply = made.submit(commands.DeployProcess(process=process, xml=""))
    time.sleep(0.2)
    assert not reply.done(), "the second shard does not have it yet"
    troubled.open.set()
    assert isinstance(reply.result(10), Answer)
    assert [numbering.shard_of(_start(made, "p")) for _ in range(2)] == [0, 1]
    made.stop()


def test_the_number_of_shards_is_fixed_when_a_ledger_is_made(folder: Path) -> None:
    made = _shards(_stores(folder, 2))
    made.stop()
    stores = _stores(folder, 3)
    with pytest.raises(StoreError, match=r"has 2 shards, not 3.*set shards to 2"):
        _shards(stores)
    for store in stores:
        store.close()


def test_a_key_of_no_shard_is_not_found(folder: Path) -> None:
    made = _shards(_stores(folder, 2))
    refused = made.ask(commands.CancelInstance(instance=numbering.first_key(7)))
    assert isinstance(refused, Refusal)
    assert refused.kind == "not-found"
    made.stop()


def test_what_is_brought_together_is_told_one_by_one_each_by_its_shard(folder: Path) -> None:
    stores = _stores(folder)
    made = _shards(stores)
    _deploy(made, WAITS)
    start = commands.StartInstance(process="order", variables={"order": "A"})
    asked = [start, commands.CancelInstance(instance=numbering.first_key(7)), start, start]
    told: dict[int, list[Answer | Refusal]] = {number: [] for number in range(len(asked))}
    made.bring([(command, told[number].append) for number, command in enumerate(asked)])
    until(lambda: all(told.values()), "not everybody is told")
    (refused,) = told.pop(1)
    assert isinstance(refused, Refusal)
    assert refused.kind == "not-found"
    answers = [answer for one in told.values() for answer in one if isinstance(answer, Answer)]
    assert len({numbering.shard_of(answer.key) for answer in answers}) == len(answers) == 3
    assert [numbering.shard_at(answer.position) for answer in answers] == [
        numbering.shard_of(answer.key) for answer in answers
    ]
    made.stop()


def test_an_actors_concurrency_is_kept_over_all_shards(folder: Path) -> None:
    at_work: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def run(job: Job) -> Outcome:
        with lock:
            at_work.append(job.key)
            most.append(len(at_work))
        time.sleep(0.02)
        with lock:
            at_work.pop()
        return Completed({})

    stores = _stores(folder)
    made = _shards(stores, Actor("work", run, concurrency=2))
    _deploy(made, ONE_JOB)
    replies: list[Future[Answer | Refusal]] = [made.submit(commands.StartInstance(process="p")) for _ in range(12)]
    assert all(isinstance(reply.result(10), Answer) for reply in replies)
    until(lambda: _active(stores) == 0, "all have ended")
    assert max(most) <= 2
    made.stop()
