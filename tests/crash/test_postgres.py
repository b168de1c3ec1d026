"""PostgreSQL under load: owners killed and paused, connections cut, the server restarted.

Real processes on a real server. After each: what was answered for is there, each action happened once for its key,
nobody wrote who was not the owner, every instance came to its end, and the ledger verifies.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.ledger import chain
from clearance.model import events
from clearance.stores.postgres import PostgresStore
from tests.stores.server import Server, cut, fresh, serving

_ROOT = Path(__file__).parents[2]
_PROMISED_S = 5.0
_TAKEN_OVER_WITHIN_S = 15.0
"""What is promised is 5; others may keep the machine that runs the tests from it now and then."""


class Process:
    """A running engine, and what it says."""

    def __init__(self, address: str, folder: Path, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.postgres_engine", address, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(str(_ROOT / part) for part in ("src", "examples", "."))},
            cwd=_ROOT,
            text=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def says(self, word: str, within_s: float = 60.0) -> None:
        """Wait until it has said the word; what it says before is passed over."""
        end = time.monotonic() + within_s
        while True:
            try:
                if self._said.get(timeout=max(end - time.monotonic(), 0.0)) == word:
                    return
            except queue.Empty:
                raise AssertionError(f"nothing says {word}; {Path(self._log.name).read_text()}") from None

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def send(self, what: signal.Signals) -> None:
        self._process.send_signal(what)

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        self.ask_to_stop()
        return self.ends()

    def ask_to_stop(self) -> None:
        """It hears that once it has the shard."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def ends(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self._process.wait(60)

    def kill(self) -> None:
        if self._process.poll() is None:
            self.send(signal.SIGCONT)
            self._process.kill()
        self._process.communicate()
        self._log.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())


Start = Callable[[], Process]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    with serving() as made:
        yield made


@pytest.fixture
def database(server: Server) -> str:
    return fresh(server.address)


@pytest.fixture
def begin(database: str, tmp_path: Path) -> Iterator[Start]:
    """Starts engines on one database; whatever still runs in the end is killed."""
    begun: list[Process] = []

    def begin() -> Process:
        begun.append(Process(database, tmp_path, tmp_path / f"log-{len(begun)}"))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()


def told(folder: Path) -> set[int]:
    """The instances that somebody was told had been started."""
    lines = (folder / "told").read_text().split()
    return {int(line.removesuffix(".")) for line in lines if line.endswith(".")}


def _busy() -> bool:
    """Whether more is to be done on this machine than it can do at once."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def _until(holds: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def check(database: str, folder: Path) -> None:
    """Nobody runs any more: what is in the database must be whole."""
    answered_for = told(folder)
    store = PostgresStore(database, readonly=True)
    try:
        assert answered_for <= {row.key for row in store.instances()}, "an instance that was answered for is gone"
        registry = Registry(Feel(), read_decisions)
        registry.load(list(store.definitions()), [])
        found = verify(store, registry)
        assert found.ok, found.problems
        entries = list(store.entries(limit=10_000_000))
    finally:
        store.close()
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    recorded = [event for entry in entries for event in chain.read(entry).events]
    done = Counter(event.key for event in recorded if isinstance(event, events.JobCompleted))
    acted = (folder / "acted").read_text().split()
    assert set(done.values()) == {1}
    assert len(acted) == len(set(acted))
    assert {str(key) for key in done} <= {key.rpartition("-")[2] for key in acted}
    print(f"{len(answered_for)} instances answered for, {len(done)} jobs done, {len(entries)} entries")


def all_told_have_ended(database: str, folder: Path) -> None:
    """What had been begun comes to its end while an engine still runs."""
    answered_for = told(folder)
    store = PostgresStore(database, readonly=True)
    try:
        _until(
            lambda: not any(row.status == "active" and row.key in answered_for for row in store.instances()),
            "what was begun never ends",
        )
    finally:
        store.close()


@pytest.mark.timeout(180)
def test_a_standby_takes_over_from_owners_that_are_killed(database: str, tmp_path: Path, begin: Start) -> None:
    owner = begin()
    owner.says("answered")
    taken_s = []
    for _ in range(3):
        standby = begin()
        standby.says("standby")
        time.sleep(0.7)
        owner.send(signal.SIGKILL)
        killed = time.monotonic()
        standby.says("answered", _TAKEN_OVER_WITHIN_S)
        taken_s.append(time.monotonic() - killed)
        print(f"taken over and answering {taken_s[-1]:.2f} s after kill -9")
        owner = standby
    assert median(taken_s) < _PROMISED_S
    all_told_have_ended(database, tmp_path)
    assert owner.stop() == 0
    check(database, tmp_path)


@pytest.mark.timeout(180)
def test_an_owner_that_was_paused_and_replaced_writes_nothing_and_ends(
    database: str, tmp_path: Path, begin: Start
) -> None:
    owner = begin()
    owner.says("answered")
    standby = begin()
    standby.says("standby")
    time.sleep(0.7)
    owner.send(signal.SIGSTOP)
    paused = time.monotonic()
    standby.says("answered", _TAKEN_OVER_WITHIN_S)
    taken_s = time.monotonic() - paused
    print(f"taken over and answering {taken_s:.2f} s after SIGSTOP")
    assert taken_s < _PROMISED_S or _busy()
    time.sleep(1)
    owner.send(signal.SIGCONT)
    assert owner.ends() == 3
    assert "another engine has taken over" in (tmp_path / "log-0").read_text()
    all_told_have_ended(database, tmp_path)
    assert standby.stop() == 0
    check(database, tmp_path)


@pytest.mark.timeout(180)
def test_a_clean_stop_hands_over_at_once(database: str, tmp_path: Path, begin: Start) -> None:
    owner = begin()
    owner.says("answered")
    standby = begin()
    standby.says("standby")
    assert owner.stop() == 0
    stopped = time.monotonic()
    standby.says("answered", _TAKEN_OVER_WITHIN_S)
    print(f"taken over and answering {time.monotonic() - stopped:.2f} s after a clean stop")
    assert standby.stop() == 0
    check(database, tmp_path)


@pytest.mark.timeout(180)
def test_connections_that_are_cut_again_and_again_are_no_reason_to_stop(
    database: str, tmp_path: Path, begin: Start
) -> None:
    owner = begin()
    owner.says("answered")
    before = len(told(tmp_path))
    ended = 0
    for _ in range(15):
        ended += cut(database)
        time.sleep(0.3)
    assert ended > 15
    _until(lambda: len(told(tmp_path)) > before + 20, "it does not go on")
    all_told_have_ended(database, tmp_path)
    assert owner.stop() == 0
    check(database, tmp_path)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "power cut"])
def test_a_server_that_is_away_for_a_while_is_waited_for(
    server: Server, database: str, tmp_path: Path, begin: Start, how: signal.Signals
) -> None:
    owner = begin()
    owner.says("answered")
    standby = begin()
    standby.says("standby")
    server.stop(how)
    try:
        owner.says("busy")
        time.sleep(3)
    finally:
        server.start()
    back = time.monotonic()
    owner.says("again", 30)
    print(f"goes on {time.monotonic() - back:.2f} s after the server is back")
    all_told_have_ended(database, tmp_path)
    assert owner.stop() == 0
    standby.says("answered", _TAKEN_OVER_WITHIN_S)
    assert standby.stop() == 0
    check(database, tmp_path)
