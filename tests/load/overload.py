"""Twice as much as can be done, over HTTP, for minutes: ``python -m tests.load.overload --minutes 3``.

A control tower in a process of its own, on a disk of a known speed, is asked for twice what that disk can commit,
whether it answers or not. What it takes it must do and answer soon, the rest it must send away with 429 and a time to
come again; its memory must stay where it was, and once the rush is over it must answer as fast as before.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import msgspec

from clearance.compose import Application, ControlTower, verify_ledger
from clearance.engine.settings import EngineSettings
from clearance.ledger.rows import Batch
from clearance.settings import LedgerSettings, Settings
from clearance.stores.sqlite import SqliteStore
from clearance.web.users import Users
from tests.kernel.files import END, START, bpmn
from tests.load.soak import resident

_COMMIT_S = 0.05
_BATCH = 5
_QUEUE = 60
SUSTAINABLE_PER_S = _BATCH / _COMMIT_S
_SOMEBODY = ("ada", "quite a long password")
_BODY = msgspec.json.encode({"processDefinitionId": "p", "variables": {"text": "x" * 200}})
_HEADERS = {
    "Authorization": "Basic " + base64.b64encode(":".join(_SOMEBODY).encode()).decode(),
    "Content-Type": "application/json",
}
_ASKERS = 150
_QUIET_ASKS = 15
_MEMORY_GROWS_MAX = 1.15
_WAIT_S_MAX = 5.0
"""Eight times what a full queue takes; without a bound, what comes last would wait as long as the rush lasts."""
_ROOT = Path(__file__).parents[2]


class Rush(msgspec.Struct):
    """What came of it."""

    answers: Counter[int]
    """By HTTP status."""
    without_advice: int
    """Refusals that did not say when to come again."""
    latencies_s: list[float]
    """Of what was taken."""
    keys: set[int]
    memory: list[int]
    """Bytes resident, once a second."""
    quiet_s: float
    recovered_s: float
    seconds: float


def serve(folder: Path) -> None:
    """The tower: says its address, and runs until standard input ends."""
    commit = SqliteStore.commit

    def slowly(self: SqliteStore, batch: Batch) -> None:
        time.sleep(_COMMIT_S)
        commit(self, batch)

    SqliteStore.commit = slowly  # type: ignore[method-assign]
    (folder / "p.bpmn").write_bytes(bpmn(START + END, "s -> e"))
    data = folder / "data"
    data.mkdir()
    users = Users(data / "users.sqlite")
    users.add(_SOMEBODY[0], _SOMEBODY[1], ["admin"])
    users.close()
    settings = Settings(
        engine=EngineSettings(batch_max=_BATCH, queue_max=_QUEUE), ledger=LedgerSettings(verify_every_s=0)
    )
    tower = ControlTower(Application(name="rush", processes=(folder / "p.bpmn",)), data, settings)
    tower.start()
    print(tower.serve(port=0), flush=True)
    sys.stdin.read()
    tower.stop()


class _Askers:
    """Those who ask: so many a second, whether others are answered or not."""

    def __init__(self, url: str) -> None:
        self._address = url.removeprefix("http://")
        self._lock = threading.Lock()
        self._asked = 0
        self.answers: Counter[int] = Counter()
        self.without_advice = 0
        self.latencies_s: list[float] = []
        self.keys: set[int] = set()

    def alone(self) -> float:
        """How long one waits when nobody else is there."""
        connection = HTTPConnection(self._address, timeout=30)
        return median([self._ask(connection) for _ in range(_QUIET_ASKS)])

    def rush(self, per_s: float, seconds: float, process: int) -> list[int]:
        """All ask; returns the process's memory, once a second."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._go_on, args=(began, per_s, seconds)) for _ in range(_ASKERS)]
        for thread in threads:
            thread.start()
        memory = []
        while time.monotonic() - began < seconds:
            memory.append(resident(process))
            time.sleep(1)
        for thread in threads:
            thread.join()
        return memory

    def _go_on(self, began: float, per_s: float, seconds: float) -> None:
        connection = HTTPConnection(self._address, timeout=30)
        while True:
            with self._lock:
                due_s = self._asked / per_s
                self._asked += 1
            if due_s > seconds:
                return
            time.sleep(max(began + due_s - time.monotonic(), 0))
            self._ask(connection)

    def _ask(self, connection: HTTPConnection) -> float:
        began = time.monotonic()
        connection.request("POST", "/v2/process-instances", _BODY, _HEADERS)
        answer = connection.getresponse()
        content = answer.read()
        took = time.monotonic() - began
        with self._lock:
            self.answers[answer.status] += 1
            if answer.status == 200:
                self.latencies_s.append(took)
                self.keys.add(int(msgspec.json.decode(content)["processInstanceKey"]))
            elif int(answer.headers.get("Retry-After", "0")) < 1:
                self.without_advice += 1
        return took


def run(folder: Path, seconds: float) -> Rush:
    """Serve in a process of its own, and ask for too much."""
    paths = os.pathsep.join(str(_ROOT / part) for part in ("src", "examples", "."))
    served = subprocess.Popen(
        [sys.executable, "-m", "tests.load.overload", "--serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        cwd=_ROOT,
        text=True,
    )
    try:
        assert served.stdout is not None
        url = served.stdout.readline().strip()
        assert url, "the tower has not started: see what it has written"
        askers = _Askers(url)
        quiet_s = askers.alone()
        askers.latencies_s.clear()
        memory = askers.rush(2 * SUSTAINABLE_PER_S, seconds, served.pid)
        latencies = list(askers.latencies_s)
        recovered_s = askers.alone()
    finally:
        served.communicate()
    return Rush(askers.answers, askers.without_advice, latencies, askers.keys, memory, quiet_s, recovered_s, seconds)


def judge(rush: Rush, data: Path) -> list[str]:
    """What is not as it must be."""
    said = []
    if set(rush.answers) != {200, 429}:
        said.append(f"the answers were {dict(rush.answers)}, not all of them 200 and 429")
    if rush.without_advice:
        said.append(f"{rush.without_advice} refusals do not say when to come again")
    if rush.answers[200] < rush.seconds * SUSTAINABLE_PER_S / 3:
        said.append(f"only {rush.answers[200]} of what could be done in {rush.seconds:.0f} s was taken")
    if rush.answers[429] < sum(rush.answers.values()) / 5:
        said.append(f"only {rush.answers[429]} of {sum(rush.answers.values())} were sent away")
    usually_at_most = sorted(rush.latencies_s)[len(rush.latencies_s) * 99 // 100]
    if usually_at_most > min(rush.seconds / 2, _WAIT_S_MAX):
        said.append(f"what was taken waited for {usually_at_most:.1f} s: the queue has no bound")
    if rush.recovered_s > rush.quiet_s * 3 + 0.1:
        said.append(f"an answer takes {rush.recovered_s:.2f} s after the rush, {rush.quiet_s:.2f} s before it")
    third = max(len(rush.memory) // 3, 1)
    first, last = max(rush.memory[third : 2 * third]), max(rush.memory[-third:])
    if last > first * _MEMORY_GROWS_MAX:
        said.append(f"memory grew from {first} to {last} bytes")
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    lost = rush.keys - {row.key for row in store.instances()}
    store.close()
    if lost:
        said.append(f"{len(lost)} instances that were answered for are gone")
    return said + [problem.message for problem in verify_ledger(data).problems[:5]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--serve", type=Path)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    with tempfile.TemporaryDirectory(prefix="clearance-overload-") as name:
        rush = run(Path(name), arguments.minutes * 60)
        wrong = judge(rush, Path(name) / "data")
    if wrong:
        sys.exit("; ".join(wrong))
    usual, worst = median(rush.latencies_s), max(rush.latencies_s)
    sys.stdout.write(
        f"{rush.answers[200]} taken, {rush.answers[429]} sent away with a time to come again\n"
        f"those that were taken waited {usual:.2f} s, at most {worst:.2f} s; one alone {rush.quiet_s:.2f} s before and "
        f"{rush.recovered_s:.2f} s afterwards\n"
        f"memory {rush.memory[0] >> 20} to {rush.memory[-1] >> 20} MiB\n"
    )


if __name__ == "__main__":
    main()
