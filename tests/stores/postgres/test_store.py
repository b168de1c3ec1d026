"""PostgreSQL under the shipped suite, and what only it does: it fences, connects again, and names what is wrong."""

import threading
from pathlib import Path
from typing import Any

import pytest

from clearance.ledger.rows import Batch, InstanceRow, MessageRow, SubscriptionRow, TimerRow
from clearance.ledger.store import Interrupted, Store, StoreError
from clearance.stores.postgres import PostgresStore
from clearance.stores.postgres.connecting import Connector
from clearance.stores.postgres.schema import MIGRATIONS, VERSION
from clearance.testing.store_suite import StoreSuite, entry
from tests.stores.server import Server, cut, fresh

psycopg: Any = pytest.importorskip("psycopg")


class TestPostgresStore(StoreSuite):
    @pytest.fixture(autouse=True)
    def _database(self, database: str) -> None:
        self.address = database

    def open(self, folder: Path) -> Store:
        return PostgresStore(self.address)


def _commit(store: PostgresStore, batch: Batch) -> int:
    """As the loop does: again while the store cannot be reached. Returns how often."""
    for tries in range(1, 10):
        try:
            store.commit(batch)
            return tries
        except Interrupted:
            continue
    raise AssertionError("the store is never reached")


def test_what_was_committed_is_there_for_the_next_owner(database: str) -> None:
    first = PostgresStore(database)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    head = first.head()
    first.close()
    second = PostgresStore(database)
    assert second.head() == head
    second.close()


# ---- connections that break ------------------------------------------------------------------------------------------


def test_cut_connections_lose_no_commit_and_repeat_none(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    for position in range(2, 6):
        cut(database, "application_name NOT LIKE '%lease'")
        assert _commit(store, Batch(entries=[entry(position, 8, position)], next_key=6)) <= 3
    assert [one.position for one in store.entries()] == [1, 2, 3, 4, 5]
    store.close()


def test_a_lookup_does_not_notice_that_its_connection_was_cut(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    cut(database)
    assert store.head().position == 1
    store.close()


def test_a_commit_that_broke_after_the_server_had_done_it_is_not_done_twice(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(database)
    write = store._write

    def cut_off_after(batch: Batch, epoch: int) -> None:
        write(batch, epoch)
        cut(database)
        store._writes.execute("SELECT 1")

    monkeypatch.setattr(store, "_write", cut_off_after)
    batch = Batch(entries=[entry(1)], work_set={3}, next_key=5)
    with pytest.raises(Interrupted):
        store.commit(batch)
    monkeypatch.setattr(store, "_write", lambda batch, epoch: pytest.fail("it was written a second time"))
    store.commit(batch)
    monkeypatch.undo()
    store.commit(Batch(entries=[entry(2, 8)], next_key=6))
    assert [one.position for one in store.entries()] == [1, 2]
    store.close()


def test_a_commit_that_broke_before_the_server_had_done_it_is_done_when_tried_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    write = store._write

    def cut_off_before(batch: Batch, epoch: int) -> None:
        cut(database)
        write(batch, epoch)

    monkeypatch.setattr(store, "_write", cut_off_before)
    batch = Batch(entries=[entry(2, 8)], timers_set={4: TimerRow(9, 4, 8, "timer")}, next_key=6)
    with pytest.raises(Interrupted):
        store.commit(batch)
    assert store.head().position == 1
    monkeypatch.undo()
    store.commit(batch)
    assert [one.position for one in store.entries()] == [1, 2]
    assert store.timer(4) == TimerRow(9, 4, 8, "timer")
    store.close()


def test_a_server_that_stops_and_starts_again_is_an_interruption(server: Server, database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    server.stop()
    batch = Batch(entries=[entry(2, 8)], next_key=6)
    try:
        with pytest.raises(Interrupted):
            store.commit(batch)
        with pytest.raises(Interrupted, match="start the server"):
            store.commit(batch)
        with pytest.raises(Interrupted):
            store.head()
    finally:
        server.start()
    _commit(store, batch)
    assert store.head().position == 2
    store.close()


def test_a_ledger_that_has_become_shorter_ends_its_engine(database: str) -> None:
    """A replica that was behind has become the server: going on would leave a hole."""
    store = PostgresStore(database)
    told: list[str] = []
    store.when_lost(told.append)
    store.commit(Batch(entries=[entry(1), entry(2, 8)], next_key=5))
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM clearance_0.entries WHERE position=2")
        connection.execute("UPDATE clearance_0.meta SET value='1' WHERE name='position'")
    with pytest.raises(StoreError, match="ends at entry 1, but more had been committed"):
        store.commit(Batch(entries=[entry(3, 9)], next_key=6))
    assert len(told) == 1
    assert [one.position for one in store.entries()] == [1]
    store.close()


# ---- what is kept ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "a\0b", "\x01", "\x010", "\0" * 3, "ü'\"\\{},%s", "k" * 100_000, "NULL"])
def test_any_text_is_a_name_and_a_correlation_key(database: str, text: str) -> None:
    store = PostgresStore(database)
    message = MessageRow(4, text, text, text, 500, 900, b"{}", ("p",))
    subscription = SubscriptionRow("message", text, text, 3, 1, "p", "d", 0)
    store.commit(
        Batch(
            entries=[entry(1)],
            messages_set={4: message},
            subscriptions_set={3: subscription},
            locks_set={("p", text): 11},
            next_key=9,
        )
    )
    assert list(store.messages(text, text)) == [message]
    assert store.message_with_id(text, text, text) == message
    assert list(store.subscriptions("message", text, text)) == [subscription]
    assert list(store.subscriptions("message", text, None)) == [subscription]
    assert store.lock("p", text) == 11
    assert store.lock_of(11) == ("p", text)
    assert list(store.locks()) == [("p", text, 11)]
    assert list(store.kept_messages()) == [message]
    store.commit(Batch(entries=[entry(2, 8)], locks_gone={("p", text)}, next_key=9))
    assert store.lock("p", text) is None
    store.close()


def test_a_lock_may_change_hands_within_a_batch_and_after_it(database: str) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], locks_set={("p", "A"): 1, ("p", "B"): 2}, next_key=9))
    store.commit(Batch(entries=[entry(2, 8)], locks_set={("p", "A"): 3}, locks_gone={("p", "B")}, next_key=9))
    assert list(store.locks()) == [("p", "A", 3)]
    store.close()


def test_large_results_come_by_and_by_while_other_lookups_go_on(database: str) -> None:
    store = PostgresStore(database)
    rows = {key: InstanceRow(key, "d", "p", "active", 1, 1, b"h" * 32, b"{}") for key in range(1, 5001)}
    timers = {key: TimerRow(key, key, key, "timer") for key in range(1, 5001)}
    store.commit(Batch(entries=[entry(1)], instances=rows, timers_set=timers, next_key=9))
    reader = store.reader()
    with reader.frozen():
        instances, waiting = reader.instances(), reader.timers()
        assert [next(instances).key, next(waiting).key, next(instances).key] == [1, 1, 2]
        store.commit(Batch(entries=[entry(2, 8)], timers_gone=set(timers), next_key=9))
        assert reader.head().position == 1
        assert len(list(instances)) + len(list(waiting)) == 9997
    assert len(list(reader.instances())) == 5000
    assert list(reader.timers()) == []
    reader.close()
    store.close()


def test_a_connection_that_ends_within_an_answer_is_an_interruption_and_a_defect_of_the_server_is_none() -> None:
    connector = Connector("postgresql://127.0.0.1/none", 0)
    with pytest.raises(Interrupted), connector.explained():
        raise psycopg.InternalError("received 2 results from command 'FETCH'")
    with pytest.raises(StoreError) as raised, connector.explained():
        raise psycopg.errors.InternalError_("a defect of the server")
    assert not isinstance(raised.value, Interrupted)


def test_threads_may_share_a_reader(database: str) -> None:
    store = PostgresStore(database)
    rows = {key: InstanceRow(key, "d", "p", "active", 1, 1, b"h" * 32, b"{}") for key in range(1, 101)}
    store.commit(Batch(entries=[entry(1)], instances=rows, next_key=9))
    wrong: list[object] = []

    def look() -> None:
        for key in range(1, 101):
            try:
                found = store.instance(key)
                if found != rows[key] or sum(1 for _ in store.instances()) != 100:
                    wrong.append(found)
            except Exception as error:  # noqa: BLE001 (told below, from the test's own thread)
                wrong.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    cut(database, "application_name NOT LIKE '%lease'")
    for thread in threads:
        thread.join()
    assert [error for error in wrong if not isinstance(error, Interrupted)] == []
    assert len(wrong) <= 4, "only whoever had a cursor open may notice"
    store.close()


def test_shards_of_one_database_are_apart(database: str) -> None:
    first, second = PostgresStore(database, shard=1), PostgresStore(database, shard=2)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    second.commit(Batch(entries=[entry(1, 9)], next_key=5))
    assert [one.stream for one in first.entries()] == [7]
    assert [one.stream for one in second.entries()] == [9]
    first.close()
    second.close()


# ---- what a user can mend --------------------------------------------------------------------------------------------


def test_a_schema_of_a_newer_release_is_refused(database: str) -> None:
    PostgresStore(database).close()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE clearance_0.meta SET value='99' WHERE name='version'")
    with pytest.raises(StoreError, match="newer Clearance"):
        PostgresStore(database)


@pytest.mark.parametrize("version", range(1, VERSION))
def test_every_earlier_schema_is_led_forward_with_what_is_in_it(database: str, version: int) -> None:
    with psycopg.connect(database, options="-c search_path=clearance_0") as connection:
        connection.execute("CREATE SCHEMA clearance_0")
        connection.execute("CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL)")
        for migration in MIGRATIONS[:version]:
            connection.execute(migration)
        connection.execute(f"INSERT INTO meta VALUES ('version', '{version}'), ('epoch', '7'), ('installation', 'one')")
        connection.execute("INSERT INTO locks VALUES ('p', 'A', 11)")
        connection.execute("INSERT INTO work VALUES (5, 12), (3, 11), (4, 11)")
    store = PostgresStore(database)
    assert (store.head().installation, store.lock("p", "A"), list(store.damage())) == ("one", 11, [])
    assert list(store.at_work()) == [11, 12]
    store.commit(Batch(entries=[entry(1)], locks_set={("p", "A"): 12}, work_set={13}, work_gone={11}, next_key=5))
    assert store.lock("p", "A") == 12
    assert list(store.at_work()) == [12, 13]
    store.close()


def test_a_server_that_is_not_there_is_one_clear_error_without_the_password() -> None:
    with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1:1/none.*start the server") as raised:
        PostgresStore("postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_address_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(StoreError, match="postgresql://USER@HOST:PORT/DATABASE") as raised:
        PostgresStore("postgresql://someone:sec ret@[::/x")
    assert "sec ret" not in str(raised.value)


def test_a_wrong_password_says_where_to_put_the_right_one(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guarded")
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        connection.execute("GRANT CREATE ON DATABASE test TO guarded")
    address = database.replace("postgres@", "guarded@")
    server.allow("host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n")
    try:
        monkeypatch.setenv("PGPASSWORD", "wrong-one")
        with pytest.raises(StoreError, match=r"Set PGPASSWORD, or write it into a password file") as raised:
            PostgresStore(address)
        assert "wrong-one" not in str(raised.value)
        monkeypatch.setenv("PGPASSWORD", "right")
        PostgresStore(address).close()
    finally:
        server.allow("host all all 127.0.0.1/32 trust\n")


def test_a_role_that_may_not_make_the_schema_is_told_what_it_needs(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS poor")
        connection.execute("CREATE ROLE poor LOGIN")
    address = database.replace("postgres@", "poor@")
    with pytest.raises(StoreError, match=r"permission denied for database test.*Rights"):
        PostgresStore(address)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA clearance_0 AUTHORIZATION poor")
    store = PostgresStore(address)  # nor need it be allowed to make any: this one is its own
    store.commit(Batch(entries=[entry(1)], next_key=5))
    store.close()


def test_a_database_that_is_not_there_and_one_without_a_ledger_are_told_apart(server: Server, database: str) -> None:
    with pytest.raises(StoreError, match="createdb"):
        PostgresStore(f"{server.address}/nowhere")
    with pytest.raises(StoreError, match="there is no ledger of shard 3"):
        PostgresStore(database, shard=3, readonly=True)


def test_a_database_that_cannot_hold_every_character_is_refused(server: Server) -> None:
    narrow = fresh(server.address, "narrow", ENCODING="'LATIN1'", TEMPLATE="template0")
    with pytest.raises(StoreError, match="encoding LATIN1"):
        PostgresStore(narrow)


def test_a_database_that_takes_no_writes_says_that_it_may_be_a_replica(database: str) -> None:
    PostgresStore(database).close()
    with pytest.raises(StoreError, match="is it a replica"):
        PostgresStore(f"{database}?options=-c%20default_transaction_read_only%3Don")
