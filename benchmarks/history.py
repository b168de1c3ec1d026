"""Views and one instance's history when the ledger is long: what the tower asks for must not grow with it.

The ledger holds ended instances of ten steps, made by the engine's shard in bulk with the work done in this thread.
Views are projected from it; then the lists that people look at, one instance and one history are asked for.

``make bench`` does it with a million entries, because ten million take most of an hour to make and to project:

    python -m benchmarks.history 10000000
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import environment, ours
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report
from clearance.engine.dispatch import job_of, perform
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.registry import Registry
from clearance.engine.shard import Shard
from clearance.governance import PolicyGate
from clearance.model import commands
from clearance.model.commands import Command, FinishJob
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.views.ask import instances as ask
from clearance.views.ask import record
from clearance.views.projector import Projector
from clearance.views.reader import Reader
from clearance.web.files import xml_of

ENTRIES, ENTRIES_QUICK = 1_000_000, 10_000
ASKED = 200
_AT_ONCE = 500
ANSWER_MAX_MS = 50.0
"""What a person notices."""


def run(quick: bool, entries: int = 0) -> Report:
    report = Report("history", quick)
    entries = entries or (ENTRIES_QUICK if quick else ENTRIES)
    with environment.scratch() as folder:
        start = time.perf_counter()
        keys = build(folder / "ledger.sqlite", entries)
        report.figures["entries"] = entries
        report.figures["made per second"] = round(entries / (time.perf_counter() - start))
        store = SqliteStore(folder / "ledger.sqlite", readonly=True)
        projector = Projector(folder / "views.sqlite", store)
        start = time.perf_counter()
        projector.start()
        while projector.position() < entries:
            time.sleep(0.01)
        report.figures["projected per second"] = round(entries / (time.perf_counter() - start))
        reader = Reader(folder / "views.sqlite")
        sample = keys[:: max(1, len(keys) // ASKED)]
        slowest = 0.0
        for what, question in questions(store, reader).items():
            took = sorted(_timed(question, key) for key in sample)
            slowest = max(slowest, took[len(took) // 2])
            report.figures[f"{what}, milliseconds, p50"] = round(took[len(took) // 2], 2)
            report.figures[f"{what}, milliseconds, p99"] = round(took[int(len(took) * 0.99)], 2)
        report.figures["ledger, bytes per entry"] = round((folder / "ledger.sqlite").stat().st_size / entries)
        report.figures["views, bytes per entry"] = round((folder / "views.sqlite").stat().st_size / entries)
        reader.close()
        projector.stop()
        store.close()
    report.budget(f"every answer in under {ANSWER_MAX_MS:g} ms (p50)", slowest < ANSWER_MAX_MS)
    return report


def build(path: Path, entries: int) -> list[int]:
    """A ledger of about so many entries, at least; returns the keys of some instances, evenly spread."""
    store = SqliteStore(path)
    actors = {ours.work.type: ours.work}
    shard = Shard(store, PolicyGate.load(ours.POLICIES), Registry(Feel(), read_decisions), actors)
    clock, blobs = ours.SystemClock(), MemoryBlobs()
    definitions = ours.ten_steps().definitions()
    deployed = commands.DeployProcess(process=definitions.processes[0], xml=xml_of(definitions))
    asked: list[Command] = [deployed]
    keys = []
    while shard.position < entries:
        if not asked:
            start = commands.StartInstance(process="ten-steps", variables={"record": FIRST})
            asked = [start] * min(_AT_ONCE, (entries - shard.position) // (STEPS + 1) + 1)
        now = clock.now()
        for command in asked:
            answer = ours.answered(shard.work(command, now))
            if isinstance(command, commands.StartInstance) and answer.key % 7 == 0:
                keys.append(answer.key)
        cut = shard.cut()
        store.commit(cut.batch)
        shard.committed(cut.batch)
        asked = []
        for release in cut.releases:
            outcome = perform(ours.work, job_of(release, blobs, "benchmark"))
            asked.append(
                FinishJob(instance=release.instance, job=release.job, attempt=release.attempt, outcome=outcome)
            )
    store.close()
    return keys


def questions(store: SqliteStore, reader: Reader) -> dict[str, Callable[[int], object]]:
    """What the tower asks for, each about one instance or as a list."""
    some = ask.InstanceFilter(states=("COMPLETED",))
    return {
        "one instance's ledger": lambda key: store.history(key),
        "one instance's view": lambda key: ask.get(reader, key),
        "one instance's history": lambda key: record.history(reader, key),
        "one instance's variables": lambda key: ask.variables(reader, key),
        "first page of all instances": lambda key: ask.search(reader, ask.InstanceFilter()),
        "first page of a status": lambda key: ask.search(reader, some),
    }


def _timed(question: Callable[[int], object], key: int) -> float:
    start = time.perf_counter()
    question(key)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    whole = run(quick=False, entries=int(sys.argv[1]))
    whole.name = f"history_{sys.argv[1]}"
    whole.show()
    whole.write()
