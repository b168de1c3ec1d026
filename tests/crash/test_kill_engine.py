"""Kill the engine at random moments, five hundred times: what it answered for is there, each action happened once.

Ten ledgers are killed fifty times each, so that each grows through many lives without costing a long verification
after every one of them.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.ledger import chain
from clearance.ledger.rows import Entry
from clearance.model import events
from clearance.stores.sqlite import SqliteStore

_LEDGERS = 10
_KILLS_EACH = 50
_VERIFY_EVERY = 10
_LIFE_S_MAX = 0.25
_ROOT = Path(__file__).parents[2]


class Lives:
    """Starts engines, each in a process of its own, and kills them."""

    def __init__(self, module: str = "tests.crash.engine") -> None:
        paths = [str(_ROOT / "src"), str(_ROOT / "examples"), str(_ROOT)]
        self._server = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            cwd=_ROOT,
            text=True,
        )

    def begin(self, folder: Path) -> int:
        """The process id of an engine that is about to start on the folder."""
        assert self._server.stdin is not None
        self._server.stdin.write(f"{folder}\n")
        self._server.stdin.flush()
        return int(self._line())

    def kill(self, process: int) -> None:
        os.kill(process, signal.SIGKILL)
        assert self._line() == "killed", "the engine ended by itself"

    def end(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(20)

    def _line(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline().strip()


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    made = Lives()
    yield made
    made.end()


def _told(folder: Path) -> set[str]:
    """Keys that were told whole: a line ends with a full stop unless a kill has cut it short."""
    path = folder / "told"
    lines = path.read_text().split() if path.exists() else []
    return {line.removesuffix(".") for line in lines if line.endswith(".")}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", range(_LEDGERS))
def test_fifty_kills_lose_nothing_that_was_said_and_do_nothing_twice(tmp_path: Path, lives: Lives, number: int) -> None:
    chance = random.Random(number)
    for kill in range(1, _KILLS_EACH + 1):
        said = len(_told(tmp_path))
        process = lives.begin(tmp_path)
        if chance.random() < 0.8:  # others are killed while they start
            _until_more_is_said(tmp_path, said)
        time.sleep(chance.uniform(0.0, _LIFE_S_MAX) ** 2 / _LIFE_S_MAX)
        lives.kill(process)
        _check(tmp_path, whole=kill % _VERIFY_EVERY == 0)
    _let_all_end(tmp_path, lives)
    _check(tmp_path, whole=True)
    _each_action_once(tmp_path)


def test_an_engine_that_answers_before_it_commits_is_found_out(tmp_path: Path) -> None:
    hasty = Lives("tests.crash.hasty_engine")
    with pytest.raises(AssertionError, match="an instance that was answered for is gone"):
        _kill_again_and_again(tmp_path, hasty)
    hasty.end()


def _kill_again_and_again(folder: Path, lives: Lives) -> None:
    for _ in range(_KILLS_EACH):
        said = len(_told(folder))
        process = lives.begin(folder)
        _until_more_is_said(folder, said)
        lives.kill(process)
        _check(folder, whole=False)


def _until_more_is_said(folder: Path, said: int) -> None:
    end = time.monotonic() + 20
    while len(_told(folder)) == said:
        assert time.monotonic() < end, "the engine does not come up again"
        time.sleep(0.002)


def _check(folder: Path, *, whole: bool) -> None:
    told = _told(folder)
    if not told:  # killed before it said anything: there may not even be tables
        return
    store = SqliteStore(folder / "ledger.sqlite", readonly=True)
    try:
        assert told <= {str(row.key) for row in store.instances()}, "an instance that was answered for is gone"
        if whole:
            registry = Registry(Feel(), read_decisions)
            registry.load(list(store.definitions()), [])
            found = verify(store, registry)
            assert found.ok, found.problems
    finally:
        store.close()


def _each_action_once(folder: Path) -> None:
    store = SqliteStore(folder / "ledger.sqlite", readonly=True)
    recorded = [event for entry in _all_entries(store) for event in chain.read(entry).events]
    store.close()
    done = Counter(event.key for event in recorded if isinstance(event, events.JobCompleted))
    acted = (folder / "acted").read_text().split()
    called = (folder / "called").read_text().split()
    assert set(done.values()) == {1}
    assert len(acted) == len(set(acted))
    assert {str(key) for key in done} <= {key.rpartition("-")[2] for key in acted}
    assert set(called) <= set(acted), "the last kill may come between acting and telling"


def _all_entries(store: SqliteStore) -> list[Entry]:
    return list(store.entries(limit=1_000_000))


def _let_all_end(folder: Path, lives: Lives) -> None:
    """Run until the instances that were killed over have all come to their end."""
    killed_over = _told(folder)
    process = lives.begin(folder)
    reader = SqliteStore(folder / "ledger.sqlite", readonly=True)
    end = time.monotonic() + 60
    while any(row.status == "active" and str(row.key) in killed_over for row in reader.instances()):
        assert time.monotonic() < end, "what was begun before the kills never ends"
        time.sleep(0.1)
    reader.close()
    lives.kill(process)
