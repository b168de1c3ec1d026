"""What earlier releases wrote is read, migrated, verified, replayed to the same state, and goes on."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from clearance.compose import verify_ledger
from clearance.engine.ports import StoreError
from clearance.stores.sqlite import SqliteStore
from clearance.stores.sqlite.schema import VERSION
from clearance.testing import Scenario
from clearance.views.projector import Projector
from tests.histories.recording import expectation, record

_HERE = Path(__file__).parent
RECORDED = sorted(path.parent.name for path in _HERE.glob("*/ledger.sqlite"))


@pytest.fixture(params=RECORDED)
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a recorded data folder."""
    return Path(shutil.copytree(_HERE / request.param, tmp_path / "data"))


def _expected(data: Path) -> object:
    return json.loads((data / "expected.json").read_text())


def test_every_schema_that_was_ever_released_is_recorded() -> None:
    schemas = set()
    for name in RECORDED:
        with sqlite3.connect(f"file:{_HERE / name / 'ledger.sqlite'}?mode=ro", uri=True) as connection:
            schemas.add(connection.execute("PRAGMA user_version").fetchone()[0])
    assert schemas == set(range(1, VERSION + 1)), "record one with: python -m tests.histories record NAME"


def test_it_replays_to_the_same_state_and_every_hash_is_the_same(data: Path) -> None:
    store = SqliteStore(data / "ledger.sqlite")
    assert expectation(store) == _expected(data)
    store.close()


def test_it_verifies_after_its_migration(data: Path) -> None:
    SqliteStore(data / "ledger.sqlite").close()
    found = verify_ledger(data)
    assert found.ok, found.problems
    assert found.entries == _expected(data)["entries"]  # type: ignore[index]


def test_its_installation_keeps_its_name_so_that_nothing_is_done_twice(data: Path) -> None:
    for _ in range(2):  # migrated, and opened again
        store = SqliteStore(data / "ledger.sqlite")
        assert store.head().installation == _expected(data)["installation"]  # type: ignore[index]
        store.close()


def test_its_instances_go_on(data: Path) -> None:
    store = SqliteStore(data / "ledger.sqlite")
    scenario = Scenario(store=store)
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
    store.close()
    found = verify_ledger(data)
    assert found.ok, found.problems


def test_views_can_be_built_from_it(data: Path, tmp_path: Path) -> None:
    store = SqliteStore(data / "ledger.sqlite")
    projector = Projector(tmp_path / "views.sqlite", store.reader())
    assert projector.catch_up() == store.head().position
    projector.stop()
    store.close()


def test_a_ledger_of_a_later_release_is_left_alone(data: Path) -> None:
    path = data / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(StoreError, match="written by a newer Clearance"):
        SqliteStore(path)


def test_recording_is_repeatable_and_never_overwrites(tmp_path: Path) -> None:
    record(tmp_path / "new")
    again = json.loads((tmp_path / "new" / "expected.json").read_text())
    assert again["entries"] > 50
    done = subprocess.run(
        [sys.executable, "-m", "tests.histories", "record", RECORDED[0]],
        capture_output=True,
        text=True,
        check=False,
        cwd=_HERE.parents[1],
    )
    assert done.returncode == 1
    assert "recorded once and never again" in done.stderr
