"""Ten durable steps: how many steps a second, beside the floor and the peers.

An instance is ten service tasks, one after the other, each a Python function that turns a record of about 300 bytes
into the next. Each step is durable before the next begins (SQLite, WAL, ``synchronous=FULL``). Ours is the full engine:
every step is ruled on by the gate with twenty policies beside the shipped ones, and is an entry in the ledger's chain.

Ours is measured twice: in one process, and with a shard in a process of its own for each processor. The second is what
the ratios are of; those of the first have a name that says so.

The floor is a bare loop that appends the same bytes in the same commits as ours did in that very round: as many rows of
the same sizes, one after the other, no index beyond the table's own key. Nothing that keeps the same record in one file
can be faster than that.

Python's garbage collector is set as ``clearance serve`` sets it (``engine/runtime/gc_tuning.py``), in processes of ours
alone.

Everyone runs as many instances at once as they can. Ours, floor and peers take turns, so that a busy machine slows all.
"""

import os
import sqlite3
import statistics
import time
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks import environment, ours
from benchmarks.chart import bars
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report, summary
from clearance.engine.runtime.gc_tuning import collect_seldom
from clearance.model import commands
from clearance.stores.sqlite import SqliteStore

PEERS = {
    "dbos": ("DBOS, SQLite", "dbos_steps", ()),
    "dbos_postgresql": ("DBOS, PostgreSQL", "dbos_steps", ("postgresql",)),
    "langgraph": ("LangGraph", "langgraph_steps", ()),
    "spiff": ("SpiffWorkflow", "spiff_steps", ()),
    "burr": ("Burr", "burr_steps", ()),
}
BUDGETS = {"floor": 0.5, "dbos": 50.0, "langgraph": 50.0, "spiff": 20.0}
"""How many times as fast as each ours is to be."""
OURS, ALONE, FLOOR_ALONE = "ours", "ours, one process", "floor, one process"
PROCESSES_MAX = 8
ROUNDS, ROUNDS_QUICK = 5, 1
INSTANCES, INSTANCES_QUICK = 6000, 500
"""Two seconds or so, as long as the peers take for theirs."""
PEER_INSTANCES, PEER_INSTANCES_QUICK = 100, 20
CHART = Path(__file__).parent.parent / "docs" / "pictures" / "ten-steps.svg"


def run(quick: bool, peers: bool = True) -> Report:
    """Measure; ``peers`` False measures ours and the floor only."""
    report = Report("ten_steps", quick)
    instances = INSTANCES_QUICK if quick else INSTANCES
    rounds = ROUNDS_QUICK if quick else ROUNDS
    processes = min(os.cpu_count() or 1, PROCESSES_MAX)
    rates: dict[str, list[float]] = {OURS: [], "floor": [], ALONE: [], FLOOR_ALONE: []}
    commits: list[list[int]] = []
    failed: set[str] = set()
    for _ in range(rounds):
        rate, commits = measure(instances)
        rates[ALONE].append(rate)
        rates[FLOOR_ALONE].append(instances * STEPS / sum(append(commits)))
        rate, commits = measure_processes(instances, processes)
        rates[OURS].append(rate)
        rates["floor"].append(instances * STEPS / sum(append(commits)))
        for name, (told, module, arguments) in PEERS.items() if peers else ():
            if name in failed:
                continue
            count = PEER_INSTANCES_QUICK if quick else PEER_INSTANCES
            found = environment.run_peer(module, str(count), *arguments)
            if "error" in found:
                failed.add(name)
                report.notes.append(f"{told} did not run: {found['error']}")
            else:
                rates.setdefault(name, []).append(found["steps"] / found["seconds"])
    rows = [size for sizes in commits for size in sizes]
    report.figures.update({f"{name}: steps per second": summary(found) for name, found in rates.items()})
    report.figures["processes"] = processes
    report.figures["bytes appended per step"] = round(sum(rows) / instances / STEPS)
    report.figures["rows per commit"] = round(len(rows) / len(commits), 1)
    report.figures["commits"] = len(commits)
    _compare(report, rates)
    return report


def measure(instances: int) -> tuple[float, list[list[int]]]:
    """Steps per second of ours, and the sizes of the rows that each commit appended."""
    with environment.scratch() as folder:
        store = ours.CountingStore(folder / "ledger.sqlite")
        engine = ours.engine(store, [ours.work])
        engine.start()
        collect_seldom()
        try:
            ours.deploy(engine, ours.ten_steps())
            store.commits.clear()
            asked = [commands.StartInstance(process="ten-steps", variables={"record": FIRST})] * instances
            start = time.perf_counter()
            ours.submit_all(engine, asked)
            ours.wait_for_end(store, instances)
            seconds = time.perf_counter() - start
            return instances * STEPS / seconds, list(store.commits)
        finally:
            engine.stop()


def measure_processes(instances: int, processes: int) -> tuple[float, list[list[int]]]:
    """The same with a shard for each of so many processes."""
    with environment.scratch() as folder:
        stores = [SqliteStore(folder / f"ledger-{number}.sqlite") for number in range(processes)]
        engine = ours.processes(partial(ours.shard_engine, folder, processes), stores)
        asked = [commands.StartInstance(process="ten-steps", variables={"record": FIRST})] * instances
        seconds = ours.drive(engine, ours.ten_steps(), asked, instances * (STEPS + 1))
        return instances * STEPS / seconds, ours.commits_of(folder)


def append(commits: Sequence[Sequence[int]]) -> list[float]:
    """The floor: seconds that each of these commits takes, which append rows of these sizes and do nothing else."""
    with environment.scratch() as folder:
        database = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, content BLOB NOT NULL)")
        blob = bytes(max(size for sizes in commits for size in sizes))
        moments = [time.perf_counter()]
        for sizes in commits:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO log (content) VALUES (?)", [(blob[:size],) for size in sizes])
            database.execute("COMMIT")
            moments.append(time.perf_counter())
        database.close()
        return [after - before for before, after in pairwise(moments)]


def _compare(report: Report, rates: dict[str, list[float]]) -> None:
    """Ratios round by round, because what one round was slowed by slowed all of it."""
    for name, found in rates.items():
        if name in (OURS, ALONE, FLOOR_ALONE):
            continue
        report.ratios[name] = _ratio(rates[OURS], found)
        alone = _ratio(rates[ALONE], rates[FLOOR_ALONE] if name == "floor" else found)
        report.ratios[f"{name}, one process"] = alone
        if name in BUDGETS:
            report.budget(f"at least {BUDGETS[name]:g} × {name}", report.ratios[name] >= BUDGETS[name])
    if not report.quick:
        names = {
            OURS: f"Clearance, {report.figures['processes']} processes",
            ALONE: "Clearance, one process",
            "floor": "bare appending loop",
            **{key: told for key, (told, *_) in PEERS.items()},
        }
        values = {names[name]: statistics.median(found) for name, found in rates.items() if name in names}
        CHART.write_text(bars("Ten durable steps", values, "steps/s", "Clearance"))


def _ratio(mine: Sequence[float], others: Sequence[float]) -> float:
    return round(statistics.median(one / other for one, other in zip(mine, others, strict=False)), 2)
