"""The lease: one owner, who is waited for while it lives and replaced when it does not, and can never write again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clearance.ledger.rows import Batch
from clearance.ledger.store import StoreError, StoreLost
from clearance.stores.postgres import PostgresStore
from clearance.stores.postgres.lease import Seen, Watch
from clearance.testing.store_suite import entry
from tests.stores.server import Server, cut

psycopg: Any = pytest.importorskip("psycopg")

_ROOT = Path(__file__).parents[3]
_OWNER = """
import sys, time
from clearance.ledger.rows import Batch
from clearance.stores.postgres import PostgresStore
from clearance.testing.store_suite import entry
store = PostgresStore(sys.argv[1], lease_s=2.0)
store.commit(Batch(entries=[entry(1)], next_key=5))
if sys.argv[2] == "within":
    store._writes.execute("BEGIN")
    store._writes.execute("SELECT fence(%s::bigint, 0)", (store._lease.epoch,))
if sys.argv[2] == "copying":
    store._writes.pgconn.send_query(b"BEGIN; SELECT fence(1, 0); COPY clearance_0.entries FROM STDIN")
    time.sleep(0.5)
print("ready", flush=True)
sys.stdin.readline()
said = "Interrupted"
while said == "Interrupted":
    try:
        store.commit(Batch(entries=[entry(2, 99)], next_key=6))
        said = "written"
    except Exception as error:
        said = type(error).__name__
print(said, flush=True)
"""


class Owner:
    """A process that holds the lease, and writes when told to."""

    def __init__(self, database: str, where: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OWNER, database, where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_ROOT / "src")},
            text=True,
        )
        assert self.said() == "ready"

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def writes(self) -> str:
        """What became of a commit that it is told to make."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.said()


@contextmanager
def _owner(database: str, where: str = "idle") -> Iterator[Owner]:
    made = Owner(database, where)
    try:
        yield made
    finally:
        made.process.send_signal(signal.SIGCONT)
        made.process.kill()
        made.process.communicate()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _patient(said: str) -> bool:
    return True


def test_a_second_owner_is_refused_and_told_who_holds_it(database: str) -> None:
    first = PostgresStore(database, lease_s=1.0)
    with pytest.raises(StoreError, match=rf"shard 0 is held by process {os.getpid()} on .*: stop it"):
        PostgresStore(database, lease_s=1.0)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    first.close()


def test_an_owner_that_stops_hands_over_at_once(database: str) -> None:
    first = PostgresStore(database, lease_s=60.0)
    waited: list[str] = []

    def waiting(said: str) -> bool:
        if not waited:
            threading.Thread(target=first.close).start()
        waited.append(said)
        return True

    began = time.monotonic()
    second = PostgresStore(database, lease_s=60.0, waiting=waiting)
    assert time.monotonic() - began < 5
    assert "is held by process" in waited[0]
    second.commit(Batch(entries=[entry(1)], next_key=5))
    second.close()


def test_a_standby_that_gives_up_has_changed_nothing(database: str) -> None:
    first = PostgresStore(database)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    with pytest.raises(StoreError, match="not waited for any longer"):
        PostgresStore(database, waiting=lambda said: False)
    first.commit(Batch(entries=[entry(2, 8)], next_key=5))
    first.close()


def test_an_owner_that_was_killed_is_replaced_before_its_lease_has_expired(database: str) -> None:
    with _owner(database) as owner:
        owner.process.kill()
        began = time.monotonic()
        store = PostgresStore(database, lease_s=60.0)
        took = time.monotonic() - began
        store.commit(Batch(entries=[entry(2, 8)], next_key=5))
        store.close()
    assert took < 10


def test_several_shards_wait_for_one_dead_owner_only_once(database: str) -> None:
    old = [PostgresStore(database, shard=shard, lease_s=3.0) for shard in range(3)]
    for store in old:
        assert store._lease is not None
        store._lease._stopping.set()  # it is connected, and says nothing any more
    began = time.monotonic()
    replaced: set[str] = set()
    new = [PostgresStore(database, shard=shard, lease_s=3.0, waiting=_patient, replaced=replaced) for shard in range(3)]
    assert 2.5 < time.monotonic() - began < 8.5, "three times would be nine seconds"
    for store in new:
        store.commit(Batch(entries=[entry(1)], next_key=5))
    for store in (*old, *new):
        store.close()


@pytest.mark.parametrize("where", ["idle", "within", "copying"])
def test_an_owner_that_is_paused_is_replaced_and_can_never_write_again(database: str, where: str) -> None:
    with _owner(database, where) as owner:
        owner.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        store = PostgresStore(database, lease_s=2.0, waiting=_patient)
        assert 1.5 < time.monotonic() - began < 15, "no sooner than the lease, and not held up by what it was doing"
        store.commit(Batch(entries=[entry(2, 8)], next_key=5))
        owner.process.send_signal(signal.SIGCONT)
        if where != "copying":
            assert owner.writes() == "StoreLost"
        assert [one.stream for one in store.entries()] == [7, 8]
        store.commit(Batch(entries=[entry(3, 9)], next_key=6))
        store.close()


def test_an_owner_that_does_nothing_finds_out_that_it_was_replaced(database: str) -> None:
    first = PostgresStore(database, lease_s=0.4)
    told: list[str] = []
    done = threading.Event()
    first.when_lost(lambda said: (told.append(said), done.set()))  # type: ignore[func-returns-value]
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE clearance_0.meta SET value='2' WHERE name='epoch'")
        connection.execute("UPDATE clearance_0.lease SET epoch=2, holder='another'")
    assert done.wait(10)
    assert "another engine has taken over" in told[0]
    with pytest.raises(StoreLost):
        first.commit(Batch(entries=[entry(1)], next_key=5))
    again: list[str] = []
    first.when_lost(again.append)
    assert again == told, "who asks late is told as well"
    first.close()


def test_an_owner_whose_connections_are_cut_keeps_its_lease(database: str) -> None:
    first = PostgresStore(database, lease_s=2.0)
    refused: list[str] = []

    def stand_by() -> None:
        try:
            PostgresStore(database, lease_s=2.0, waiting=lambda said: not over.is_set()).close()
        except StoreError as error:
            refused.append(str(error))

    over = threading.Event()
    standby = threading.Thread(target=stand_by)
    standby.start()
    for _ in range(3):
        cut(database)
        time.sleep(0.9)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    over.set()
    standby.join()
    assert "not waited for any longer" in refused[0]
    first.close()


def test_after_a_restart_of_the_server_the_owner_goes_on_and_the_standby_waits_on(
    server: Server, database: str
) -> None:
    first = PostgresStore(database, lease_s=2.0)
    over, waited = threading.Event(), []
    ended = []

    def waiting(said: str) -> bool:
        waited.append(said)
        return not over.is_set()

    def stand_by() -> None:
        with pytest.raises(StoreError, match="not waited for any longer"):
            PostgresStore(database, lease_s=2.0, waiting=waiting)
        ended.append(True)

    standby = threading.Thread(target=stand_by)
    standby.start()
    time.sleep(1)
    server.stop()
    time.sleep(4)
    server.start()
    time.sleep(2.5)
    first.commit(Batch(entries=[entry(1)], next_key=5))
    over.set()
    standby.join()
    assert ended
    assert any("start the server" in said for said in waited)
    first.close()


def test_an_owner_is_sure_only_while_it_can_say_that_it_lives(server: Server, database: str) -> None:
    store = PostgresStore(database, lease_s=1.0)
    time.sleep(1.5)
    _until(store.held)
    server.stop()
    try:
        time.sleep(1)
        assert not store.held()
        assert "start the server" in store.silence
    finally:
        server.start()
    _until(store.held)
    assert not store.silence
    reader = store.reader()
    assert not reader.held()
    reader.close()
    store.close()


def test_a_watch_judges_by_silence_and_by_what_is_connected() -> None:
    def seen(beat: int, connected: bool = True, holder: str = "x") -> Seen:
        return Seen(1, holder, beat, connected)

    watch = Watch(4.0)
    assert not watch.free(seen(1), 10.0)
    assert not watch.alive, "seen once: it may be long dead"
    assert not watch.free(seen(1), 13.9)
    assert not watch.free(seen(2), 14.1)
    assert watch.alive
    assert not watch.free(seen(2, connected=False), 15.0)
    assert watch.free(seen(2, connected=False), 15.2)
    assert watch.free(seen(2), 18.2)
    assert watch.free(seen(3, holder=""), 18.3)
    assert Watch(4.0).free(None, 0.0)
