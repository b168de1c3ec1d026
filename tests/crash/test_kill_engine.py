"""Kill the engine at random moments, again and again: what it answered for is there, each action happened once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from clearance.engine import chain
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Entry
from clearance.engine.registry import Registry
from clearance.engine.verify import verify
from clearance.model import events
from clearance.stores.sqlite import SqliteStore

_ROUNDS = 20
_ROOT = Path(__file__).parents[2]


def _start(folder: Path, told: Path) -> "subprocess.Popen[bytes]":
    """An engine that adds what is committed to ``told``, on a new line whatever a kill has cut off."""
    paths = [str(_ROOT / "src"), str(_ROOT / "examples"), str(_ROOT)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with told.open("ab") as output:
        output.write(b"\n")
        output.flush()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crash.engine", str(folder)], stdout=output, env=environment, cwd=_ROOT
        )


def _told(path: Path) -> set[str]:
    """Keys that were told whole: a line ends with a full stop unless a kill has cut it short."""
    lines = path.read_text().split() if path.exists() else []
    return {line.removesuffix(".") for line in lines if line.endswith(".")}


def _check(folder: Path) -> SqliteStore:
    store = SqliteStore(folder / "ledger.sqlite", readonly=True)
    registry = Registry(Feel(), read_decisions)
    registry.load(list(store.definitions()), [])
    found = verify(store, registry)
    assert found.ok, found.problems
    return store


def test_twenty_kills_lose_nothing_that_was_said_and_do_nothing_twice(tmp_path: Path) -> None:
    told = tmp_path / "told"
    chance = random.Random(20)
    for _ in range(_ROUNDS):
        said = len(_told(told))
        process = _start(tmp_path, told)
        while len(_told(told)) == said and process.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        store = _check(tmp_path)
        kept = {str(row.key) for row in store.instances()}
        store.close()
        assert _told(told) <= kept, "an instance that was answered for is gone"
    _let_all_end(tmp_path, told)
    store = _check(tmp_path)
    recorded = [event for entry in _all_entries(store) for event in chain.read(entry).events]
    store.close()
    done = Counter(event.key for event in recorded if isinstance(event, events.JobCompleted))
    acted = (tmp_path / "acted").read_text().split()
    called = (tmp_path / "called").read_text().split()
    assert set(done.values()) == {1}
    assert len(acted) == len(set(acted))
    assert {str(key) for key in done} <= {key.rpartition("-")[2] for key in acted}
    assert set(called) == set(acted)


def _all_entries(store: SqliteStore) -> list[Entry]:
    return list(store.entries(limit=1_000_000))


def _let_all_end(folder: Path, told: Path) -> None:
    """Run until the oldest instances, those that were killed over, have all come to their end."""
    process = _start(folder, told)
    killed_over = _told(told)
    reader = SqliteStore(folder / "ledger.sqlite", readonly=True)
    end = time.monotonic() + 60
    while any(row.status == "active" and str(row.key) in killed_over for row in reader.instances()):
        assert time.monotonic() < end, "what was begun before the kills never ends"
        time.sleep(0.1)
    reader.close()
    process.send_signal(signal.SIGKILL)
    process.wait()
