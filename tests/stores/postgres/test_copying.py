"""Many entries go by COPY: they are the same entries, and the commit is the same commit."""

from typing import Any

import pytest

from clearance.ledger.rows import Batch, Entry, InstanceRow, TimerRow
from clearance.ledger.store import Interrupted, StoreError, StoreLost
from clearance.stores.postgres import PostgresStore
from clearance.stores.postgres import store as stores
from clearance.stores.postgres.copying import ENTRIES_MIN
from clearance.testing.store_suite import entry
from tests.stores.server import cut

psycopg: Any = pytest.importorskip("psycopg")


def _many(first: int, count: int = ENTRIES_MIN + 30) -> list[Entry]:
    """Of streams that begin with their first entry."""
    return [entry(position, 1000 + position) for position in range(first, first + count)]


@pytest.mark.parametrize("count", [ENTRIES_MIN - 1, ENTRIES_MIN, ENTRIES_MIN + 1, 1000])
def test_as_many_as_there_are_are_read_back_as_they_were(database: str, count: int) -> None:
    store = PostgresStore(database)
    given = _many(1, count)
    rows = {one.stream: InstanceRow(one.stream, "hash", "p", "active", 1, 1, one.hash, b"{}") for one in given}
    timers = {1: TimerRow(5, 1, 1001, "timer")}
    store.commit(Batch(entries=given, instances=rows, timers_set=timers, work_set={1001}, next_key=9))
    assert list(store.entries(limit=2000)) == given
    assert list(store.history(1001)) == [given[0]]
    assert list(store.instances()) == list(rows.values())
    assert (store.head().position, store.head().next_key) == (count, 9)
    assert (list(store.timers()), list(store.at_work())) == ([*timers.values()], [1001])
    store.close()


def test_whatever_bytes_they_hold(database: str) -> None:
    store = PostgresStore(database)
    contents = [bytes(range(256)), b"", b"\xff\xff", b"\\.\n", b"x" * 3_000_000]
    given = [
        Entry(position, position, 1, bytes([position % 256]) * 32, contents[position % len(contents)])
        for position in range(1, ENTRIES_MIN + 1)
    ]
    store.commit(Batch(entries=given, next_key=9))
    assert list(store.entries()) == given
    store.close()


def test_when_one_of_them_cannot_be_written_nothing_is_and_the_next_commit_is_done(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=_many(1), next_key=5))
    position = store.head().position
    again = [*_many(position + 1), entry(1, 5)]
    with pytest.raises(StoreError, match="duplicate key") as raised:
        store.commit(Batch(entries=again, work_set={9}, next_key=9))
    assert not isinstance(raised.value, Interrupted | StoreLost)
    assert (store.head().position, store.head().next_key, list(store.at_work())) == (position, 5, [])
    store.commit(Batch(entries=again[:-1], next_key=9))
    assert store.head().position == again[-2].position
    store.close()


def test_a_connection_that_breaks_while_they_are_copied_is_an_interruption_and_nothing_is_done_twice(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=_many(1), next_key=5))
    position = store.head().position
    copied = stores.copy

    def cut_off_after(connection: Any, entries: list[Entry]) -> None:
        copied(connection, entries)
        cut(database)

    monkeypatch.setattr(stores, "copy", cut_off_after)
    batch = Batch(entries=_many(position + 1), work_set={9}, next_key=9)
    with pytest.raises(Interrupted):
        store.commit(batch)
    assert (store.head().position, list(store.at_work())) == (position, [])
    monkeypatch.undo()
    store.commit(batch)
    assert [one.position for one in store.entries(limit=1000)] == list(range(1, batch.entries[-1].position + 1))
    store.close()


def test_an_owner_that_was_replaced_copies_nothing(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=_many(1), next_key=5))
    position = store.head().position
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE clearance_0.meta SET value='99' WHERE name='epoch'")
    with pytest.raises(StoreLost, match="another engine has taken over"):
        store.commit(Batch(entries=_many(position + 1), next_key=9))
    reader = store.reader()
    assert reader.head().position == position
    reader.close()
    store.close()
