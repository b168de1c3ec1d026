"""Stopping a served application by signals: it finishes what it has begun, within its time, and says what is left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearance.compose import verify_ledger
from clearance.kernel.state import restore
from clearance.ledger import chain
from clearance.model.events import JobCompleted
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import until
from tests.integrity.archives import everything

_ROOT = Path(__file__).parents[2]
_SOON_S = 15.0

Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the slow company and returns once it is at two jobs; ends it in the end, whatever happens."""
    begun: list[subprocess.Popen[str]] = []

    def start(work_s: float, drain_s: float) -> "subprocess.Popen[str]":
        paths = [str(_ROOT / "src"), str(_ROOT / "examples"), str(_ROOT)]
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "clearance.cli", "serve", "tests.crash.slow_company:app"),
                *("--data", str(tmp_path / "data"), "--port", str(port)),
            ],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                "LOG": str(tmp_path / "log"),
                "WORK_S": str(work_s),
                "CLEARANCE_ENGINE_DRAIN_S": str(drain_s),
            },
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.append(process)
        until(lambda: len(_said(tmp_path, "began")) >= 2, "it never begins a job")
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _said(folder: Path, what: str) -> set[int]:
    log = folder / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    return {int(line.split()[1]) for line in lines if line.startswith(what)}


def _ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    assert process.stdout is not None
    said, _ = process.communicate(timeout=_SOON_S)
    return process.returncode, " ".join(said.split())


def _completed(folder: Path) -> set[int]:
    assert verify_ledger(folder / "data").ok
    store = SqliteStore(folder / "data" / "ledger.sqlite", readonly=True)
    try:
        recorded = [event for entry in everything(store) for event in chain.read(entry).events]
        return {event.key for event in recorded if isinstance(event, JobCompleted)}
    finally:
        store.close()


@pytest.mark.timeout(60)
def test_it_finishes_what_it_has_begun_begins_nothing_more_and_ends_well(tmp_path: Path, serve: Serve) -> None:
    process = serve(work_s=1.0, drain_s=30)
    for _ in range(2):  # as from who stops the process and its group: one wish
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    began = time.monotonic()
    code, said = _ended(process)
    assert time.monotonic() - began < 10
    assert (code, "Traceback" in said) == (0, False), said
    assert "they leave again, with their keys, at the next start" in said
    assert "nobody may log in yet: clearance users add NAME" in said
    assert _said(tmp_path, "done") == _said(tmp_path, "began"), "what was begun is done"
    assert _completed(tmp_path) == _said(tmp_path, "done"), "what was done is on record"


@pytest.mark.timeout(60)
def test_what_takes_too_long_is_left_for_the_next_start(tmp_path: Path, serve: Serve) -> None:
    process = serve(work_s=60, drain_s=0.5)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    code, said = _ended(process)
    assert time.monotonic() - began < 10
    assert (code, "Traceback" in said) == (0, False), said
    assert "2 that have not ended in time" in said
    assert _completed(tmp_path) == set()
    store = SqliteStore(tmp_path / "data" / "ledger.sqlite", readonly=True)
    busy = [restore(row.snapshot) for row in store.instances() if row.key in store.at_work()]
    assert _said(tmp_path, "began") <= {job for instance in busy for job in instance.jobs}
    store.close()


@pytest.mark.timeout(60)
def test_the_second_signal_ends_it_at_once(tmp_path: Path, serve: Serve) -> None:
    process = serve(work_s=60, drain_s=60)
    process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert process.poll() is None, "it waits for its jobs"
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    code, said = _ended(process)
    assert time.monotonic() - began < 3
    assert (code, "Traceback" in said) == (128 + signal.SIGTERM, False), said
    assert verify_ledger(tmp_path / "data").ok
