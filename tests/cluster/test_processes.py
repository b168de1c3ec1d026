"""Several shards, each in a process of its own, as one engine; also when one of the processes is killed under load."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from clearance.bpmn import read
from clearance.cluster import ShardProcess
from clearance.engine.runtime.shards import Carry, Shards
from clearance.engine.settings import EngineSettings
from clearance.ledger import numbering
from clearance.ledger.ledgers import agree
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.cluster.shop import JOURNAL, WAITS, kill, make_engine, process
from tests.engine.helpers import statuses, until, verified

COUNT = 3


class Fleet:
    """The shards, and what they have done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = [folder / f"ledger-{number}.sqlite" for number in range(COUNT)]
        stores = [SqliteStore(path) for path in self.paths]
        agree(stores)
        for store in stores:
            store.close()
        self.processes: list[ShardProcess] = []
        self.engine = Shards(self._make, PermitAll(), MemoryBlobs(), EngineSettings(shards=COUNT))
        self.engine.start()

    def _make(self, number: int, carry: Carry) -> ShardProcess:
        make = partial(make_engine, self.folder, COUNT)
        self.processes.append(ShardProcess(number, make, carry, lambda back: self.engine.came_back(back)))
        return self.processes[-1]

    def deploy(self, file: bytes) -> None:
        for found in read(file).processes:
            assert isinstance(self.engine.ask(commands.DeployProcess(process=found, xml="")), Answer)

    def effects(self) -> Counter[str]:
        journal = self.folder / JOURNAL
        lines = journal.read_text().splitlines() if journal.exists() else []
        return Counter(line.split()[0] for line in lines)

    def instances(self) -> Counter[str]:
        return Counter(status for path in self.paths for status in statuses(path))


def paid(order: str) -> commands.PublishMessage:
    """The same message however often it is published."""
    return commands.PublishMessage(name="paid", correlation_key=order, message_id=order, time_to_live=600_000)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Whatever happened, each ledger verifies."""
    made = Fleet(tmp_path)
    yield made
    made.engine.stop()
    for path in made.paths:
        assert verified(path)


def test_instances_go_round_over_processes_and_a_deployment_is_known_to_all(fleet: Fleet) -> None:
    assert isinstance(fleet.engine.ask(commands.DeployProcess(process=process(), xml="")), Answer)
    answers = [fleet.engine.ask(commands.StartInstance(process="p")) for _ in range(9)]
    keys = [answer.key for answer in answers if isinstance(answer, Answer)]
    assert sorted(numbering.shard_of(key) for key in keys) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    until(lambda: fleet.instances() == {"completed": 9}, "they do not end")
    assert len({shard.process_id for shard in fleet.processes}) == COUNT


def test_a_message_finds_its_instance_in_whichever_process_it_waits(fleet: Fleet) -> None:
    fleet.deploy(WAITS)
    orders = [f"order {number}" for number in range(12)]
    for order in orders:
        assert isinstance(fleet.engine.ask(commands.StartInstance(process="order", variables={"order": order})), Answer)
    for order in orders:
        assert isinstance(fleet.engine.ask(paid(order)), Answer)
    until(lambda: fleet.instances() == {"completed": 12}, "a message did not find its instance")
    assert set(fleet.effects().values()) == {1}
    assert len(fleet.effects()) == 12


def test_what_waits_is_known_at_once_and_no_longer_than_it_does(fleet: Fleet) -> None:
    """Whoever brings commands as fast as they are taken must not go by what a process said half a second ago."""
    assert isinstance(fleet.engine.ask(commands.DeployProcess(process=process(), xml="")), Answer)
    pids = [shard.process_id for shard in fleet.processes if shard.process_id is not None]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        replies = [fleet.engine.submit(commands.StartInstance(process="p")) for _ in range(30)]
        assert fleet.engine.waiting == 30
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert all(isinstance(reply.result(30), Answer) for reply in replies)
    until(lambda: not fleet.engine.waiting, "what has been answered still waits")


def test_processes_that_are_killed_under_load_lose_nothing_that_was_answered(fleet: Fleet) -> None:
    fleet.deploy(WAITS)
    started: list[str] = []
    kills = iter((20, 49, 81))
    next_kill = next(kills)
    for number in range(100):
        order = f"order {number}"
        answer = fleet.engine.ask(commands.StartInstance(process="order", variables={"order": order}))
        if isinstance(answer, Answer):
            started.append(order)
        else:
            assert answer.kind == "busy"
            time.sleep(0.02)
        fleet.engine.submit(paid(order))
        if number == next_kill:
            kill(fleet.processes[number % COUNT])
            next_kill = next(kills, -1)
    until(lambda: not fleet.engine.trouble, "a process was not started again")
    for order in started:  # whatever of this was lost with a process is published again, under the same id
        while True:
            answer = fleet.engine.ask(paid(order))
            if isinstance(answer, Answer) or answer.kind != "busy":
                break
            time.sleep(0.05)
    until(lambda: fleet.instances()["completed"] >= len(started), f"{fleet.instances()} of {len(started)}")
    assert max(fleet.effects().values()) <= 2, "only a job that was at work at a kill is done again, with its key"
    assert len(started) > 50
