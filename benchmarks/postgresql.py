"""Ten durable steps on PostgreSQL: the full engine beside the floor, on the same server.

The work is that of ``ten_steps.py``. The floor is the fastest bare loop that we know: it appends the same bytes in the
same commits with COPY in binary form, to a table whose only index is its key. A second loop gives the batches of ours
to the store once more, without an engine: what lies between that and the floor is the store's own (indexes, waits,
instances), what lies between ours and that is the engine's.

Ours is measured twice: in one process, and with a shard in a process of its own for each processor. The second is what
the ratios are of; those of the first have a name that says so. The floor has the commits of the first.

Everything shares one machine: server and engine compete for the same cores, as they do not in production.
"""

import os
import statistics
import time
from collections.abc import Sequence
from functools import partial

import psycopg
from tests.stores.server import fresh, serving

from benchmarks import ours, waiting
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report, summary
from benchmarks.ten_steps import PROCESSES_MAX
from clearance.engine.runtime.engine import Engine
from clearance.engine.runtime.gc_tuning import collect_seldom
from clearance.engine.runtime.shards import Carry
from clearance.ledger.rows import Batch
from clearance.model import commands
from clearance.stores.postgres import PostgresStore

ROUNDS, ROUNDS_QUICK = 5, 1
INSTANCES, INSTANCES_QUICK = 2000, 300
FLOOR_SHARE = 0.5
OURS = "ours"


class RecordingStore(ours.Counting, PostgresStore):
    """Keeps the batches that it committed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.batches: list[Batch] = []

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        self.batches.append(batch)


def run(quick: bool) -> Report:
    report = Report("postgresql", quick)
    instances = INSTANCES_QUICK if quick else INSTANCES
    processes = min(os.cpu_count() or 1, PROCESSES_MAX)
    rates: dict[str, list[float]] = {OURS: [], "ours, one process": [], "store": [], "floor": []}
    batches: list[Batch] = []
    with serving() as server:
        for _ in range(ROUNDS_QUICK if quick else ROUNDS):
            seconds, batches = measure(fresh(server.address, "ours"), instances)
            commits = [ours.appended(batch) for batch in batches]
            rates["ours, one process"].append(instances * STEPS / seconds)
            rates["store"].append(instances * STEPS / replay(fresh(server.address, "store"), batches))
            rates["floor"].append(instances * STEPS / append(fresh(server.address, "floor"), commits))
            seconds = measure_processes(fresh(server.address, "processes"), instances, processes)
            rates[OURS].append(instances * STEPS / seconds)
        due = waiting.DUE_QUICK if quick else waiting.DUE
        fired = [timers(fresh(server.address, "timers"), due) for _ in range(ROUNDS_QUICK if quick else ROUNDS)]
    report.figures[f"{due:,} timers due at once, milliseconds"] = summary([seconds * 1000 for seconds in fired])
    sizes = [size for batch in batches for size in ours.appended(batch)]
    report.figures.update({f"{name}: steps per second": summary(found) for name, found in rates.items()})
    report.figures["processes"] = processes
    report.figures["bytes appended per step"] = round(sum(sizes) / instances / STEPS)
    report.figures["rows per commit"] = round(len(sizes) / len(batches), 1)
    report.figures["commits"] = len(batches)
    for name in ("floor", "store"):
        report.ratios[name] = _ratio(rates[OURS], rates[name])
        report.ratios[f"{name}, one process"] = _ratio(rates["ours, one process"], rates[name])
    report.ratios["floor, store alone"] = _ratio(rates["store"], rates["floor"])
    report.budget(f"at least {FLOOR_SHARE:g} × floor", report.ratios["floor"] >= FLOOR_SHARE)
    report.budget(
        f"the store alone: at least {FLOOR_SHARE:g} × floor", report.ratios["floor, store alone"] >= FLOOR_SHARE
    )
    return report


def _ratio(mine: Sequence[float], others: Sequence[float]) -> float:
    """Round by round, because what one round was slowed by slowed all of it."""
    return round(statistics.median(one / other for one, other in zip(mine, others, strict=True)), 2)


def measure(address: str, instances: int) -> tuple[float, list[Batch]]:
    """Seconds of the full engine, and what it committed."""
    store = RecordingStore(address)
    engine = ours.engine(store, [ours.work])
    engine.start()
    collect_seldom()
    try:
        ours.deploy(engine, ours.ten_steps())
        store.batches.clear()
        asked = [commands.StartInstance(process="ten-steps", variables={"record": FIRST})] * instances
        start = time.perf_counter()
        ours.submit_all(engine, asked)
        ours.wait_for_end(store, instances)
        return time.perf_counter() - start, list(store.batches)
    finally:
        engine.stop()


def measure_processes(address: str, instances: int, processes: int) -> float:
    """Seconds of the full engine with a shard for each of so many processes, all in one database."""
    engine = ours.processes(
        partial(shard_engine, address, processes), [PostgresStore(address, shard=number) for number in range(processes)]
    )
    asked = [commands.StartInstance(process="ten-steps", variables={"record": FIRST})] * instances
    return ours.drive(engine, ours.ten_steps(), asked, instances * (STEPS + 1))


def shard_engine(address: str, shards: int, number: int, carry: Carry) -> Engine:
    """In the process of a shard: its engine."""
    return ours.one_shard(PostgresStore(address, shard=number), shards, number, carry)


def timers(address: str, due: int) -> float:
    """Seconds until so many timers that are due at once have fired and are recorded, with as many others waiting."""
    store = RecordingStore(address)
    ours.bulk(store, waiting.commands_for(2 * due, due))
    clock = ours.MovableClock()
    engine = ours.engine(store, clock=clock)
    engine.start()
    try:
        ours.answered(engine.ask(commands.PublishMessage(name="nobody waits for this")))
        start = time.perf_counter()
        ours.move(clock, waiting.AHEAD_MS, engine)
        ours.wait_for_end(store, due)
        return time.perf_counter() - start
    finally:
        engine.stop()


def replay(address: str, batches: Sequence[Batch]) -> float:
    """Seconds of the store alone."""
    store = PostgresStore(address)
    first = batches[0].entries[0].position - 1
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("INSERT INTO clearance_0.meta VALUES ('position', %s)", (str(first),))
    start = time.perf_counter()
    for batch in batches:
        store.commit(batch)
    seconds = time.perf_counter() - start
    store.close()
    return seconds


def append(address: str, commits: Sequence[Sequence[int]]) -> float:
    """The floor: seconds that it takes to append rows of these sizes in these commits, and nothing else."""
    blob = bytes(max(size for sizes in commits for size in sizes))
    position = 0
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE log (position bigint PRIMARY KEY, content bytea NOT NULL)")
        start = time.perf_counter()
        for sizes in commits:
            with connection.cursor() as cursor, cursor.copy("COPY log FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int8", "bytea"])
                for size in sizes:
                    position += 1
                    copy.write_row((position, blob[:size]))
        return time.perf_counter() - start
