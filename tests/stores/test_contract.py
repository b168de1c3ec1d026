"""What every store must do, on each of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearance.engine import chain
from clearance.engine.ports import Batch, Entry, InstanceRow, MessageRow, Store, StoreError, SubscriptionRow, TimerRow
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore

Open = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def entry(position: int, stream: int = 7, sequence: int = 1) -> Entry:
    return chain.link(position, stream, sequence, 1000, {"type": "x"}, [], chain.GENESIS)


def test_a_new_store_is_empty_and_has_a_name_of_its_own(store: Store) -> None:
    head = store.head()
    assert (head.position, head.next_key) == (0, 0)
    assert head.installation
    assert store.next_due() is None


def test_what_is_committed_is_read_back_in_order(store: Store) -> None:
    store.commit(Batch(entries=[entry(1), entry(2, 8), entry(3, 7, 2)], next_key=50))
    assert [one.position for one in store.entries()] == [1, 2, 3]
    assert [one.position for one in store.entries(after=1, limit=1)] == [2]
    assert [one.sequence for one in store.history(7)] == [1, 2]
    assert [one.sequence for one in store.history(7, after=1)] == [2]
    assert (store.head().position, store.head().next_key) == (3, 50)


def test_a_batch_that_cannot_be_written_changes_nothing(store: Store) -> None:
    store.commit(Batch(entries=[entry(1)], next_key=5))
    with pytest.raises(StoreError):
        store.commit(Batch(entries=[entry(1, 9)], work_set={3: 9}, next_key=9))
    assert (store.head().position, store.head().next_key) == (1, 5)
    assert list(store.at_work()) == []


def test_timers_are_due_earliest_first(store: Store) -> None:
    rows = {key: TimerRow(due, key, 1, "timer") for key, due in ((1, 300), (2, 100), (3, 200))}
    store.commit(Batch(entries=[entry(1)], timers_set=rows, next_key=9))
    assert [row.key for row in store.due(250, 10)] == [2, 3]
    assert [row.key for row in store.due(900, 2)] == [2, 3]
    assert store.next_due() == 100
    store.commit(Batch(entries=[entry(2, 7, 2)], timers_gone={2}, next_key=9))
    assert store.next_due() == 200


def test_subscriptions_are_found_by_kind_name_and_key(store: Store) -> None:
    rows = [
        SubscriptionRow("message", "paid", "A", 3, 1, "p", "d", 0),
        SubscriptionRow("message", "paid", "B", 2, 1, "p", "d", 0),
        SubscriptionRow("signal", "paid", "", 1, 1, "p", "d", 0),
    ]
    store.commit(Batch(entries=[entry(1)], subscriptions_set={row.key: row for row in rows}, next_key=9))
    assert [row.key for row in store.subscriptions("message", "paid", "A")] == [3]
    assert [row.key for row in store.subscriptions("message", "paid", None)] == [2, 3]
    assert [row.key for row in store.subscriptions("signal", "paid", "")] == [1]


def test_messages_are_kept_found_by_id_and_forgotten(store: Store) -> None:
    row = MessageRow(4, "paid", "A", "id-1", 500, 900, b'{"n":1.50}', ("p",))
    store.commit(Batch(entries=[entry(1)], messages_set={4: row}, locks_set={("p", "A"): 11}, next_key=9))
    assert list(store.messages("paid", "A")) == [row]
    assert store.message_with_id("paid", "A", "id-1") == row
    assert store.message_with_id("paid", "A", "id-2") is None
    assert [one.key for one in store.expired(900, 10)] == [4]
    assert list(store.expired(899, 10)) == []
    assert store.lock("p", "A") == 11
    assert store.lock_of(11) == ("p", "A")


def test_an_instance_is_one_row(store: Store) -> None:
    row = InstanceRow(7, "hash", "p", "active", 1, 1, b"x" * 32, b"{}")
    store.commit(Batch(entries=[entry(1)], instances={7: row}, next_key=9))
    assert store.instance(7) == row
    assert store.instance(8) is None
    assert list(store.instances()) == [row]


def test_a_second_writer_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "ledger.sqlite")
    with pytest.raises(StoreError, match="in use by another Clearance"):
        SqliteStore(tmp_path / "ledger.sqlite")
    first.close()
    SqliteStore(tmp_path / "ledger.sqlite").close()


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is not a database, and long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="damaged"):
        SqliteStore(tmp_path / "ledger.sqlite")
