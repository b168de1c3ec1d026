"""Views and one instance's history when the ledger is long: what the tower asks for must not grow with it.

The ledger holds ended instances of ten steps, made by the engine's shard in bulk with the work done in this thread.
Views are projected from it; then the lists that people look at, searches, one instance and one history are asked for.

``make bench`` does it with a million entries, because ten million take most of an hour to make and to project:

    python -m benchmarks.history 10000000

With ``--keep FOLDER`` what was made stays there, and is asked again without being made again: on a quiet machine, say.
"""

import argparse
import contextlib
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import environment, ours
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.dispatcher import job_of, perform
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.model import commands
from clearance.model.commands import Command, FinishJob
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.views.ask import instances as ask
from clearance.views.ask import record
from clearance.views.ask.overview import overview
from clearance.views.projector import Projector
from clearance.views.reader import Page, PageRequest, Reader, Sort
from clearance.web.files import xml_of

ENTRIES, ENTRIES_QUICK = 1_000_000, 10_000
ASKED = 200
SUBJECT = "= subject"
SUPPLIERS = ("Nordwind Elektrotechnik GmbH", "Müller & Söhne", "Contoso Ltd", "Globex", "Hafen Logistik AG")
_AT_ONCE = 500
ANSWER_MAX_MS = 50.0
"""What a person notices."""


def run(quick: bool, entries: int = 0, keep: Path | None = None) -> Report:
    report = Report("history", quick)
    entries = entries or (ENTRIES_QUICK if quick else ENTRIES)
    with environment.scratch() if keep is None else contextlib.nullcontext(keep) as folder:
        if not (folder / "ledger.sqlite").exists():
            make(folder, entries, report)
        if not (folder / "views.sqlite").exists():
            project(folder, entries, report)
        ask_all(folder, entries, report)
    return report


def make(folder: Path, entries: int, report: Report) -> None:
    """The ledger; it has its name when it is whole."""
    start = time.perf_counter()
    build(folder / "making.sqlite", entries)
    (folder / "making.sqlite").rename(folder / "ledger.sqlite")
    report.figures["made per second"] = round(entries / (time.perf_counter() - start))


def project(folder: Path, entries: int, report: Report) -> None:
    """Its views, whole."""
    store = SqliteStore(folder / "ledger.sqlite", readonly=True)
    projector = Projector(folder / "projecting.sqlite", store)
    start = time.perf_counter()
    projector.start()
    while projector.position() < entries:
        time.sleep(0.01)
    report.figures["projected per second"] = round(entries / (time.perf_counter() - start))
    projector.stop()
    store.close()
    (folder / "projecting.sqlite").rename(folder / "views.sqlite")


def ask_all(folder: Path, entries: int, report: Report) -> None:
    """What the tower asks for, of some instances that are evenly spread."""
    report.figures["entries"] = entries
    store, reader = SqliteStore(folder / "ledger.sqlite", readonly=True), Reader(folder / "views.sqlite")
    keys = [key for (key,) in reader.rows("SELECT key FROM instances ORDER BY key")]
    slowest = 0.0
    for what, question in questions(store, reader).items():
        took = sorted(_timed(question, key) for key in keys[:: max(1, len(keys) // ASKED)])
        slowest = max(slowest, took[len(took) // 2])
        report.figures[f"{what}, milliseconds, p50"] = round(took[len(took) // 2], 2)
        report.figures[f"{what}, milliseconds, p99"] = round(took[int(len(took) * 0.99)], 2)
    report.figures["ledger, bytes per entry"] = round((folder / "ledger.sqlite").stat().st_size / entries)
    report.figures["views, bytes per entry"] = round((folder / "views.sqlite").stat().st_size / entries)
    report.budget(f"every answer in under {ANSWER_MAX_MS:g} ms (p50)", slowest < ANSWER_MAX_MS)
    reader.close()
    store.close()


def build(path: Path, entries: int) -> None:
    """A ledger of about so many entries, at least."""
    store = SqliteStore(path)
    actors = {ours.work.type: ours.work}
    shard = Shard(store, PolicyGate.load(ours.POLICIES), Registry(Feel(), read_decisions), actors)
    clock, blobs = ours.SystemClock(), MemoryBlobs()
    definitions = ours.ten_steps(SUBJECT).definitions()
    deployed = commands.DeployProcess(process=definitions.processes[0], xml=xml_of(definitions))
    asked: list[Command] = [deployed]
    started = 0
    while shard.position < entries:
        if not asked:
            number = min(_AT_ONCE, (entries - shard.position) // (STEPS + 1) + 1)
            asked = [start(started + one) for one in range(number)]
            started += number
        now = clock.now()
        for command in asked:
            ours.answered(shard.work(command, now))
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


def start(number: int) -> Command:
    """Of an invoice with a number of its own, of one of a few suppliers."""
    subject = f"Invoice INV-{2019 + number * 7 // 1_000_000}-{number:07d}, {SUPPLIERS[number % len(SUPPLIERS)]}"
    return commands.StartInstance(process="ten-steps", variables={"record": FIRST, "subject": subject})


def questions(store: SqliteStore, reader: Reader) -> dict[str, Callable[[int], object]]:
    """What the tower asks for, each about one instance or as a list."""

    def listed(
        sort: str = "startDate", page: PageRequest = PageRequest(), **narrow: Any
    ) -> Callable[[int], Page[ask.Instance]]:
        """A list as the routes ask for it: of the processes and tenants that somebody may see."""
        return lambda key: ask.search(
            reader,
            ask.InstanceFilter(processes=ask.processes(reader), tenants=("<default>",), **narrow),
            (Sort(sort, "desc"),),
            page,
        )

    @cache
    def far() -> PageRequest:
        """The page behind the 199th."""
        return PageRequest(after=listed(page=PageRequest(start=198 * 50))(0).page.end_cursor or "")

    def of(key: int) -> str:
        """The number in an instance's subject."""
        found = ask.get(reader, key)
        return found.subject[8:24] if found is not None else ""

    return {
        "one instance's ledger": lambda key: store.history(key),
        "one instance's view": lambda key: ask.get(reader, key),
        "one instance's history": lambda key: record.history(reader, key),
        "one instance's variables": lambda key: ask.variables(reader, key),
        "first page of all instances": listed(),
        "first page of a status": listed(states=("COMPLETED",)),
        "first page of a status that none has": listed(states=("ACTIVE",)),
        "first page of those with an incident": listed(has_incident=True),
        "first page by end": listed("endDate"),
        "first page by subject": listed("subject"),
        "page 200 of all instances": listed(page=PageRequest(start=199 * 50)),
        "page 200 of all instances, by its cursor": lambda key: listed(page=far())(key),
        "first page of what was denied": lambda key: record.clearances(reader, None, "deny"),
        "overview": lambda key: overview(reader),
        "search for what none has": listed(text="nobody's subject"),
        "search for two letters that none has": listed(text="zq"),
        "search for what one has": lambda key: listed(text=of(key))(key),
        "search for what one in a hundred has": listed(text="23, "),
        "search for what one in five has": listed(text="müller"),
        "search for what all have": listed(text="invoice inv-"),
        "search for what all have, among those with an incident": listed(text="invoice", has_incident=True),
        "search for a letter, by subject": listed("subject", text="f"),
    }


def _timed(question: Callable[[int], object], key: int) -> float:
    start = time.perf_counter()
    question(key)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks.history", description=__doc__.partition("\n")[0])
    parser.add_argument("entries", type=int)
    parser.add_argument("--keep", type=Path, help="a folder for what is made; it is not made again when it is there")
    told = parser.parse_args()
    whole = run(quick=False, entries=told.entries, keep=told.keep)
    whole.name = f"history_{told.entries}"
    whole.show()
    whole.write()
