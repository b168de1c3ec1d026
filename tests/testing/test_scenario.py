"""A scenario on PostgreSQL is the scenario in memory, and what it did is in the database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearance.build import Process
from clearance.ledger.store import StoreError
from clearance.stores.opening import find_stores
from clearance.testing import Scenario
from clearance.testing.tables import differences
from tests.integrity.archives import verified
from tests.stores.server import fresh, running

psycopg: Any = pytest.importorskip("psycopg")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def database(server: str) -> str:
    """The address of a database that is new."""
    return fresh(server)


def _claim() -> Process:
    p = Process("Claim")
    p.service("Check it", does="check")
    p.waits("Cool down", after="PT1H")
    p.person("Look at it", roles="clerk")
    return p


def _played(scenario: Scenario) -> list[tuple[list[str], str, dict[str, Any]]]:
    scenario.deploy(_claim())
    scenario.worker("check", lambda job: {"checked": job.input["number"]})
    for number in range(4):
        scenario.start("claim", {"number": number})
    scenario.advance("PT2H")
    for task in scenario.tasks[:3]:
        scenario.answer(task, {"fine": True}, option="done")
    return [(run.path, run.state, run.variables) for run in scenario.runs]


@pytest.mark.parametrize("shards", [1, 2])
@pytest.mark.parametrize("restarts", [False, True])
def test_on_a_database_happens_what_happens_in_memory_and_it_is_all_there(
    database: str, tmp_path: Path, shards: int, restarts: bool
) -> None:
    with Scenario(store=database, shards=shards, restarts=restarts) as scenario:
        assert _played(scenario) == _played(Scenario(shards=shards))
        assert sorted(run.state for run in scenario.runs) == ["active", *["completed"] * 3]
    stores = find_stores(tmp_path, database)
    assert len(stores) == shards
    for store in stores:
        assert verified(store).ok
        assert differences(store) == []
        store.close()


def test_a_database_that_a_scenario_has_closed_goes_on_in_the_next(database: str) -> None:
    with Scenario(store=database, shards=2) as before:
        _played(before)
    with Scenario(store=database, start=before.now) as after:
        assert [run.state for run in after.runs].count("active") == 1
        (task,) = after.tasks
        after.answer(task, option="done")
        assert {run.state for run in after.runs} == {"completed"}


def test_while_a_scenario_has_it_nobody_else_writes_to_it(database: str) -> None:
    with Scenario(store=database), pytest.raises(StoreError, match="is held by process"):
        Scenario(store=database)
    with Scenario(store=database):
        pass


def test_an_address_of_something_else_is_one_clear_error() -> None:
    with pytest.raises(StoreError, match="does not begin with postgresql://"):
        Scenario(store="mysql://localhost/test")
