"""A control tower on three shards under load: it archives by its settings, is backed up, and goes back in time."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.backup import Moment, back_up, restore
from clearance.compose import Application, ControlTower, verify_ledger
from clearance.engine.settings import EngineSettings
from clearance.integrity.retention import RetentionSettings
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Actor, Completed
from clearance.settings import LedgerSettings, Settings
from clearance.stores.opening import find_stores
from clearance.testing.tables import differences
from tests.engine.helpers import until
from tests.kernel.files import END, START, bpmn, event, message, service

_PROCESS = bpmn(
    START + service("work") + event("intermediateCatchEvent", "paid", message("paid")) + END,
    "s -> work\nwork -> paid\npaid -> e",
    keys={"paid": "string(n)"},
)


class _Load:
    """Instances that wait for a message which comes soon, to whichever shard."""

    def __init__(self, tower: ControlTower) -> None:
        self._tower = tower
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.started: dict[int, float] = {}
        """Key to when it was answered for."""

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(0.005):
            number += 1
            answer = self._tower.engine.ask(commands.StartInstance(process="p", variables={"n": number}))
            if isinstance(answer, Answer):
                self.started[answer.key] = time.time()
            self._tower.engine.ask(
                commands.PublishMessage(name="paid", correlation_key=str(max(number - 5, 0)), time_to_live=60_000)
            )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def tower(data: Path) -> Iterator[ControlTower]:
    data.mkdir()
    file = data.parent / "p.bpmn"
    file.write_bytes(_PROCESS)
    made = ControlTower(
        Application(name="test", processes=(file,), actors=(Actor("work", lambda job: Completed({})),)),
        data,
        Settings(
            engine=EngineSettings(shards=3),
            ledger=LedgerSettings(verify_every_s=0),
            retention=RetentionSettings(finished_after_days=1 / 24 / 3600, every_s=0.5, entries_max=100),
        ),
    )
    made.start()
    yield made
    made.stop()


def _archives(data: Path) -> list[int]:
    stores = find_stores(data)
    try:
        return [len(store.archives()) for store in stores]
    finally:
        for store in stores:
            store.close()


def _instances(data: Path) -> set[int]:
    stores = find_stores(data)
    try:
        there = {row.key for store in stores for row in store.instances() if row.key}
        return there | {key for store in stores for key, _ in store.archived_instances()}
    finally:
        for store in stores:
            store.close()


def _whole(data: Path) -> None:
    found = verify_ledger(data)
    assert found.ok, found.problems
    for store in find_stores(data):
        assert differences(store) == []
        store.close()


@pytest.mark.timeout(120)
def test_it_archives_is_backed_up_and_goes_back_in_time(tower: ControlTower, data: Path, tmp_path: Path) -> None:
    load = _Load(tower)
    load.begin()
    until(lambda: min(_archives(data)) >= 2, "not every shard archives")
    back_up(data, tmp_path / "backup")
    moment = time.time()
    time.sleep(1)
    until(lambda: min(_archives(data)) >= 4, "archiving does not go on")
    for _ in range(3):
        made = back_up(data, tmp_path / "backup")
    assert made.new_entries < made.entries / 2
    load.end()
    last = back_up(data, tmp_path / "backup")
    _whole(data)
    _whole(tmp_path / "backup")
    assert last.entries > made.entries
    assert _instances(tmp_path / "backup") >= set(load.started)

    restore(tmp_path / "backup", tmp_path / "then", Moment(time=round(moment * 1000)))
    _whole(tmp_path / "then")
    before = {key for key, answered in load.started.items() if answered < moment}
    after = {key for key, answered in load.started.items() if answered > moment + 0.5}
    assert before <= _instances(tmp_path / "then")
    assert after
    assert not after & _instances(tmp_path / "then")
    with pytest.raises(ValueError, match="each with positions of its own: give a time instead"):
        restore(tmp_path / "backup", tmp_path / "there", Moment(position=10))
