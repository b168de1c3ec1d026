"""Waiting: 1,000,000 instances on timers and messages. What they cost on disk, at a start, in memory, and to wake one.

Every second instance waits for a message with a key of its own, the others for a timer. The ledger is made by the
engine's shard in bulk (the same commands, entries and commits as ever, without threads); then a process of its own
starts an engine on it, as after a night's maintenance, and is asked to wake single instances and 10,000 timers at once.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import environment, ours
from benchmarks.report import Report
from clearance.build import Process
from clearance.engine.runtime.gc_tuning import collect_seldom
from clearance.model import commands
from clearance.model.commands import Command
from clearance.stores.sqlite import SqliteStore

INSTANCES, INSTANCES_QUICK = 1_000_000, 10_000
DUE, DUE_QUICK = 10_000, 1_000
WOKEN = 1_000
START_MAX_S, RESIDENT_MAX_MB, WAKE_MAX_MS = 2.0, 200.0, 20.0
_SOON, _LATER = "PT2H", "P30D"
AHEAD_MS = 3 * 3600 * 1000


def for_a_message() -> Process:
    made = Process("For a message")
    made.starts("Begin")
    made.receives("Answer", message="answer", key="number")
    made.ends("Done")
    return made


def for_a_time() -> Process:
    made = Process("For a time")
    made.starts("Begin")
    made.waits("A while", duration="= pause")
    made.ends("Done")
    return made


def run(quick: bool) -> Report:
    report = Report("waiting", quick)
    instances, due = (INSTANCES_QUICK, DUE_QUICK) if quick else (INSTANCES, DUE)
    with environment.scratch() as folder:
        path = folder / "ledger.sqlite"
        start = time.perf_counter()
        build(path, instances, due)
        seconds = time.perf_counter() - start
        size = sum(part.stat().st_size for part in folder.iterdir())
        command = [sys.executable, "-m", "benchmarks.waiting", str(path), str(instances), str(due)]
        environment_of_child = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(
            command, cwd=environment.ROOT, env=environment_of_child, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    report.figures["instances waiting"] = instances
    report.figures["made per second"] = round(instances / seconds)
    report.figures["store, bytes per instance"] = round(size / instances)
    report.figures.update(found)
    report.budget(f"starts in under {START_MAX_S:g} s", found["start, seconds"] < START_MAX_S)
    report.budget(f"under {RESIDENT_MAX_MB:g} MB resident", found["resident after the start, MB"] < RESIDENT_MAX_MB)
    report.budget(f"any one wakes in under {WAKE_MAX_MS:g} ms (p99)", found["wake, milliseconds, p99"] < WAKE_MAX_MS)
    return report


def build(path: Path, instances: int, due: int) -> None:
    """So many waiting instances."""
    store = SqliteStore(path)
    ours.bulk(store, commands_for(instances, due))
    store.close()


def commands_for(instances: int, due: int) -> Iterator[Command]:
    """What makes so many waiting instances; ``due`` of those that wait for a time do so for a short one."""
    for process in (for_a_message(), for_a_time()):
        yield commands.DeployProcess(process=process.definition(), xml="")
    for number in range(instances // 2):
        yield commands.StartInstance(process="for-a-message", variables={"number": str(number)})
        pause = _SOON if number < due else _LATER
        yield commands.StartInstance(process="for-a-time", variables={"pause": pause})


def wake(path: Path, instances: int, due: int) -> dict[str, float]:
    """What an engine does on such a store."""
    start = time.perf_counter()
    store = ours.CountingStore(path)
    clock = ours.MovableClock()
    engine = ours.engine(store, clock=clock)
    engine.start()
    ours.answered(engine.ask(commands.PublishMessage(name="nobody waits for this")))
    started = time.perf_counter() - start
    collect_seldom()
    resident = _resident_mb()
    chosen = random.Random(1).sample(range(instances // 2), min(WOKEN, instances // 10))
    took = []
    for number in chosen:
        before = time.perf_counter()
        ours.answered(engine.ask(commands.PublishMessage(name="answer", correlation_key=str(number))))
        took.append(time.perf_counter() - before)
    if store.instances_ended != len(chosen):
        raise SystemExit(f"{store.instances_ended} of {len(chosen)} instances have woken")
    took.sort()
    before = time.perf_counter()
    ours.move(clock, AHEAD_MS, engine)
    ours.wait_for_end(store, len(chosen) + due)
    fired = time.perf_counter() - before
    engine.stop()
    return {
        "start, seconds": round(started, 3),
        "resident after the start, MB": round(resident, 1),
        "wake, milliseconds, p50": round(took[len(took) // 2] * 1000, 2),
        "wake, milliseconds, p99": round(took[int(len(took) * 0.99)] * 1000, 2),
        f"{due:,} timers due at once, seconds": round(fired, 2),
        "resident at the end, MB": round(_resident_mb(), 1),
    }


def _resident_mb() -> float:
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(wake(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
