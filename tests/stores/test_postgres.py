"""PostgreSQL under the shipped suite, and what only it does: it fences, connects again, and names what is wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearance.engine.ports import Batch, Store, StoreError
from clearance.stores.postgres import PostgresStore
from clearance.testing.store_suite import StoreSuite, entry
from tests.stores.server import running

psycopg: Any = pytest.importorskip("psycopg")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def database(server: str) -> str:
    """The address of a database that is new."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS test WITH (FORCE)")
        connection.execute("CREATE DATABASE test")
    return f"{server}/test"


class TestPostgresStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def _database(self, database: str) -> None:
        self.address = database

    def open(self, folder: Path) -> Store:
        return PostgresStore(self.address)


def _cut(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname='test' AND pid <> %s"
        connection.execute(others, (connection.info.backend_pid,))


def test_what_was_committed_is_there_for_the_next_owner(database: str) -> None:
    first = PostgresStore(database)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    head = first.head()
    first.close()
    second = PostgresStore(database)
    assert second.head() == head
    second.close()


def test_an_owner_that_was_replaced_can_never_write_again(database: str) -> None:
    old = PostgresStore(database)
    old.commit(Batch(entries=[entry(1)], next_key=5))
    new = PostgresStore(database)
    with pytest.raises(StoreError, match="another engine has taken over"):
        old.commit(Batch(entries=[entry(2, 8)], next_key=6))
    assert new.head().position == 1
    new.commit(Batch(entries=[entry(2, 9)], next_key=6))
    with pytest.raises(StoreError, match="another engine has taken over"):
        old.commit(Batch(entries=[entry(3, 8)], next_key=7))
    assert [one.stream for one in new.entries()] == [7, 9]
    old.close()
    new.close()


def test_an_owner_that_is_paused_within_a_commit_holds_nobody_up(database: str) -> None:
    old = PostgresStore(database)
    old._writes.execute("BEGIN")
    old._fence()
    new = PostgresStore(database)
    new.commit(Batch(entries=[entry(1)], next_key=5))
    with pytest.raises(StoreError):
        old.commit(Batch(entries=[entry(1, 9)], next_key=6))
    assert [one.stream for one in new.entries()] == [7]
    old.close()
    new.close()


def test_cut_connections_lose_no_commit_and_repeat_none(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    _cut(database)
    with pytest.raises(StoreError):
        store.head()
    _cut(database)
    for _ in range(3):
        try:
            store.commit(Batch(entries=[entry(2, 8)], next_key=6))
            break
        except StoreError:
            continue
    assert [one.position for one in store.entries()] == [1, 2]
    store.close()


def test_shards_of_one_database_are_apart(database: str) -> None:
    first, second = PostgresStore(database, shard=1), PostgresStore(database, shard=2)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    second.commit(Batch(entries=[entry(1, 9)], next_key=5))
    assert [one.stream for one in first.entries()] == [7]
    assert [one.stream for one in second.entries()] == [9]
    first.close()
    second.close()


def test_a_schema_of_a_newer_release_is_refused(database: str) -> None:
    PostgresStore(database).close()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE clearance_0.meta SET value='99' WHERE name='version'")
    with pytest.raises(StoreError, match="newer Clearance"):
        PostgresStore(database)


def test_a_server_that_is_not_there_is_one_clear_error_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1:1/none") as raised:
        PostgresStore("postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
