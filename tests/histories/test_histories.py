"""What earlier releases wrote is read, migrated, verified, replayed to the same state, and goes on."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clearance.compose import verify_ledger
from clearance.ledger import chain
from clearance.ledger.chain import FORMAT
from clearance.ledger.numbering import place_of
from clearance.ledger.store import StoreError
from clearance.stores.opening import find_stores
from clearance.stores.sqlite import SqliteStore
from clearance.stores.sqlite.schema import VERSION
from clearance.testing import Scenario
from clearance.views.projector import Projector
from tests.histories.recording import expectation, open_all, record

_HERE = Path(__file__).parent
RECORDED = sorted(path.parent.name for path in _HERE.glob("*/ledger.sqlite"))


@pytest.fixture(params=RECORDED)
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a recorded data folder."""
    return Path(shutil.copytree(_HERE / request.param, tmp_path / "data"))


def _expected(data: Path) -> Any:
    """As recorded: of several shards a list."""
    return json.loads((data / "expected.json").read_text())


def _each_expected(data: Path) -> list[Any]:
    expected = _expected(data)
    return expected if isinstance(expected, list) else [expected]


@contextmanager
def opened(data: Path) -> Iterator[list[SqliteStore]]:
    """The stores of all shards, to write."""
    stores = open_all(data)
    try:
        yield stores
    finally:
        for store in stores:
            store.close()


def test_every_schema_that_was_ever_released_is_recorded() -> None:
    schemas = set()
    for name in RECORDED:
        with sqlite3.connect(f"file:{_HERE / name / 'ledger.sqlite'}?mode=ro", uri=True) as connection:
            schemas.add(connection.execute("PRAGMA user_version").fetchone()[0])
    assert schemas == set(range(1, VERSION + 1)), "record one with: python -m tests.histories record NAME"


def test_a_ledger_of_several_shards_is_recorded_with_messages_on_their_way() -> None:
    stores = find_stores(_HERE / "0.1.0-shards")
    sent = [row for store in stores for shard in range(len(stores)) for row in store.parcels(shard)]
    assert (len(stores), len(sent)) == (3, 3)
    for store in stores:
        store.close()


def test_it_replays_to_the_same_state_and_every_hash_is_the_same(data: Path) -> None:
    with opened(data) as stores:
        assert expectation(stores) == _expected(data)


def test_it_verifies_after_its_migration(data: Path) -> None:
    with opened(data):
        pass
    found = verify_ledger(data)
    assert found.ok, found.problems
    assert found.entries == sum(shard["entries"] for shard in _each_expected(data))


def test_its_installation_keeps_its_name_so_that_nothing_is_done_twice(data: Path) -> None:
    for _ in range(2):  # migrated, and opened again
        with opened(data) as stores:
            names = [store.head().installation for store in stores]
        assert names == [shard["installation"] for shard in _each_expected(data)]


def test_its_instances_go_on(data: Path) -> None:
    with opened(data) as stores:
        scenario = Scenario(stores=stores)
        if len(stores) > 1:
            _what_is_on_its_way_arrives_once(scenario)
        for kind in ("work", "each", "book", "unbook"):
            scenario.worker(kind, lambda job: {"r": 1})
        for run in [run for run in scenario.runs if run.state == "active"]:
            scenario.set_variables(run, {"n": 1, "name": "mended"})
        for incident in scenario.incidents:
            scenario.resolve(incident)
        scenario.advance("P30D")
        for key in range(8):
            scenario.publish("paid", str(key))
        for task in scenario.tasks:
            scenario.answer(task)
        scenario.broadcast("bell")
        assert sum(run.state == "completed" for run in scenario.runs) > 8
        assert _formats(stores) == {1, FORMAT}, "what was written stays as it was, and is gone on from"
    found = verify_ledger(data)
    assert found.ok, found.problems


def _formats(stores: list[SqliteStore]) -> set[int]:
    return {chain.read(entry).format for store in stores for entry in store.entries(limit=100_000)}


def _what_is_on_its_way_arrives_once(scenario: Scenario) -> None:
    told = [run for run in scenario.runs if "told" in run.active]
    now = int(scenario.now.timestamp() * 1000)
    for _ in range(2):
        scenario.fleet.send_again(now)
        scenario.fleet.deliver(now)
        assert sum("told" in run.active for run in told) == len(told) - 3
    assert not any(store.parcels(shard) for store in scenario.fleet.stores for shard in range(3))


def test_views_can_be_built_from_it(data: Path, tmp_path: Path) -> None:
    with opened(data) as stores:
        projector = Projector(tmp_path / "views.sqlite", *(store.reader() for store in stores))
        assert projector.catch_up() == sum(store.head().position for store in stores)
        assert all(projector.shows(place_of(store.head().position, shard)) for shard, store in enumerate(stores))
        projector.stop()


def test_a_ledger_of_a_later_release_is_left_alone(data: Path) -> None:
    path = data / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(StoreError, match="written by a newer Clearance"):
        SqliteStore(path)


def test_recording_is_repeatable_and_never_overwrites(tmp_path: Path) -> None:
    record(tmp_path / "new")
    assert _expected(tmp_path / "new")["entries"] > 50
    record(tmp_path / "several", 3)
    assert all(shard["entries"] > 20 for shard in _expected(tmp_path / "several"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.histories", "record", RECORDED[0]],
        capture_output=True,
        text=True,
        check=False,
        cwd=_HERE.parents[1],
    )
    assert done.returncode == 1
    assert "recorded once and never again" in done.stderr
