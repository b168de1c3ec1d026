"""``kill -9`` at any moment: after a restart nothing is paid twice and nothing is lost.

The control tower is killed fifty times at random moments while invoices arrive; the sandbox company, as a bank would,
lives on. In the end its books must agree with the truth, and the ledger must verify.
"""

import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from clearance.compose import verify_ledger
from invoice_to_pay.systems.sandbox import SandboxConnection
from sandbox_company.generator import generate
from sandbox_company.launch import Sandbox
from sandbox_company.truth import Comparison

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
INVOICES = 150
SEED = 8
WORK_S_MAX = 0.6
"""A life lasts up to this long after the tower is ready; some end while it starts."""
SETTLED_WITHIN_S = 120


class Tower:
    """One life of the control tower."""

    def __init__(self, data: Path, inbox: Path, url: str) -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'examples'}:{ROOT}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver", str(data), str(inbox), url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def wait_ready(self) -> None:
        try:
            assert self.lines.get(timeout=60) == "ready"
        except queue.Empty:
            self.kill()
            pytest.fail(f"the tower did not start: {self.errors()}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()


def feed(inbox: Path, ended: threading.Event) -> None:
    """Invoices arrive over the whole time, so that there is always work under way."""
    for case in generate(SEED, INVOICES, as_of=date.today()):
        part = inbox / f".{case.name}"
        part.write_bytes(case.content)
        part.rename(inbox / case.name)
        if ended.wait(0.3):
            continue  # no more kills: the rest comes at once


@pytest.mark.timeout(900)
def test_fifty_kills_lose_nothing_and_pay_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    inbox, data = tmp_path / "inbox", tmp_path / "tower"
    inbox.mkdir()
    ended = threading.Event()
    with Sandbox(tmp_path / "sandbox", seed=SEED, invoices=INVOICES, as_of=date.today()) as company:
        feeder = threading.Thread(target=feed, args=(inbox, ended), daemon=True)
        feeder.start()
        at_work = 0
        for number in range(KILLS):
            tower = Tower(data, inbox, company.url)
            if number % 5 == 4:
                time.sleep(chance.uniform(0.1, 1.0))  # while it starts
            else:
                tower.wait_ready()
                time.sleep(chance.uniform(0.0, WORK_S_MAX))
                at_work += not tower.lines.empty()
            tower.kill()
        ended.set()
        feeder.join()
        assert at_work > KILLS / 4, "most lives ended before they did anything: the test proves nothing"
        settle(Tower(data, inbox, company.url))
        compared = SandboxConnection(company.url).get("/admin/comparison", Comparison)
    assert compared.paid_twice == ()
    assert compared.wrongly_paid == ()
    assert compared.missed == ()
    assert compared.not_paid == ()
    verified = verify_ledger(data)
    assert verified.ok, verified.problems


def settle(tower: Tower) -> None:
    """Wait until every invoice has ended, or waits for a person."""
    tower.wait_ready()
    until = time.monotonic() + SETTLED_WITHIN_S
    figures: dict[str, int] = {}
    while time.monotonic() < until:
        try:
            figures = json.loads(tower.lines.get(timeout=2))
        except queue.Empty:
            if figures.get("instances") == INVOICES and figures["moving"] == 0:
                tower.kill()
                assert figures["incidents"] == 0
                return
    tower.kill()
    pytest.fail(f"not settled within {SETTLED_WITHIN_S} s: {figures}")
