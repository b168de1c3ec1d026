"""Several shards in one PostgreSQL database, each in a schema of its own."""

from functools import partial
from pathlib import Path

import pytest

from clearance.bpmn import read
from clearance.compose import verify_ledger
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.shards import Shards, engine_over
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.ledger import numbering
from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.opening import StoreSettings, find_stores, open_stores
from clearance.testing.scenario import PermitAll
from tests.engine.helpers import MovableClock, until
from tests.engine.runtime.test_shards import WAITS
from tests.stores.server import cut


def _shards(folder: Path, database: str) -> Shards:
    made = engine_over(
        open_stores(folder, StoreSettings(address=database), shards=3),
        PermitAll(),
        partial(Registry, Feel(), read_decisions),
        {},
        MemoryBlobs(),
        MovableClock(),
        EngineSettings(shards=3),
    )
    assert isinstance(made, Shards)
    made.start()
    return made


def _start(made: Shards, order: str) -> int:
    answer = made.ask(commands.StartInstance(process="order", variables={"order": order}))
    assert isinstance(answer, Answer), answer
    return answer.key


def _at_work(database: str, folder: Path) -> set[int]:
    stores = find_stores(folder, database)
    found = {instance for store in stores for instance in store.at_work()}
    for store in stores:
        store.close()
    return found


def test_messages_find_their_instances_over_restarts_and_cut_connections(tmp_path: Path, database: str) -> None:
    made = _shards(tmp_path, database)
    for process in read(WAITS).processes:
        assert isinstance(made.ask(commands.DeployProcess(process=process, xml="")), Answer)
    waiting = {f"order {number}": _start(made, f"order {number}") for number in range(12)}
    assert {numbering.shard_of(key) for key in waiting.values()} == {0, 1, 2}
    for number in range(6):
        made.ask(commands.PublishMessage(name="paid", correlation_key=f"order {number}", time_to_live=60_000))
    made.stop()
    made = _shards(tmp_path, database)
    for number in range(6, 12):
        cut(database)
        command = commands.PublishMessage(name="paid", correlation_key=f"order {number}", time_to_live=60_000)
        until(partial(_taken, made, command), "it goes on by itself")
    until(lambda: _at_work(database, tmp_path) == set(waiting.values()), "every order has got its message")
    made.stop()
    found = verify_ledger(tmp_path, address=database)
    assert found.ok, found.problems


def _taken(made: Shards, command: commands.PublishMessage) -> bool:
    return isinstance(made.ask(command), Answer)


def test_another_number_of_shards_is_refused(tmp_path: Path, database: str) -> None:
    _shards(tmp_path, database).stop()
    with pytest.raises(StoreError, match="has 3 shards, not 2"):
        open_stores(tmp_path, StoreSettings(address=database), shards=2)
    stores = open_stores(tmp_path, StoreSettings(address=database))
    assert len(stores) == 3
    for store in stores:
        store.close()
