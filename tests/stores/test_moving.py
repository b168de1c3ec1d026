"""From SQLite to PostgreSQL and back: archives, tables, keys and all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clearance.cli import app
from clearance.compose import verify_ledger
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.ledger.store import Store
from clearance.stores.postgres import PostgresStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from clearance.testing.tables import between, differences
from tests.integrity.archives import archived, everything, played
from tests.stores.server import running

psycopg: Any = pytest.importorskip("psycopg")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as address:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE test")
        yield f"{address}/test"


def _same(one: Store, other: Store) -> None:
    registry = Registry(Feel(), read_decisions)
    registry.load(list(one.definitions()), [])
    assert everything(one) == everything(other)
    assert list(between(one, other, registry)) == []
    assert one.head().installation == other.head().installation


def test_an_installation_grows_to_postgresql_and_is_backed_up_from_there(server: str, tmp_path: Path) -> None:
    data, run = tmp_path / "data", CliRunner().invoke
    store = SqliteStore(data / "ledger.sqlite")
    scenario = played(store)
    archived(store, int(scenario.now.timestamp() * 1000), entries_max=20)
    store.close()
    assert run(app, ["backup", str(tmp_path / "a"), "--data", str(data)]).exit_code == 0
    done = run(app, ["restore", str(tmp_path / "a"), "--data", str(tmp_path / "grown"), "--store", server])
    assert done.exit_code == 0, done.exception
    assert verify_ledger(tmp_path / "grown", address=server).ok
    small, grown = SqliteStore(data / "ledger.sqlite", readonly=True), PostgresStore(server)
    _same(small, grown)
    small.close()

    later = Scenario(store=grown, start=scenario.now)
    later.publish("paid", "6")
    later.advance("P40D")
    assert archived(grown, int(later.now.timestamp() * 1000), entries_max=1).instances > 0
    assert differences(grown) == []
    assert verify_ledger(tmp_path / "grown", address=server).ok

    later = Scenario(store=grown, start=later.now)
    for _ in range(2):
        done = run(app, ["backup", str(tmp_path / "b"), "--data", str(tmp_path / "grown"), "--store", server])
        assert done.exit_code == 0, done.exception
        kept = SqliteStore(tmp_path / "b" / "ledger.sqlite", readonly=True)
        _same(grown, kept)
        kept.close()
        later.publish("paid", "7")
    grown.close()
    done = run(app, ["restore", str(tmp_path / "b"), "--data", str(tmp_path / "back")])
    assert done.exit_code == 0, done.exception
    assert verify_ledger(tmp_path / "back").ok
