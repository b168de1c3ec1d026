"""Ten durable steps on PostgreSQL: the full engine beside the floor, on the same server.

The work is that of ``ten_steps.py``. The floor is the fastest bare loop that we know: it appends the same bytes in the
same commits with COPY in binary form, to a table whose only index is its key. A second loop gives the batches of ours
to the store once more, without an engine: what lies between that and the floor is the store's own (indexes, waits,
instances), what lies between ours and that is the engine's.

Everything shares one machine: server and engine compete for the same cores, as they do not in production.
"""

import statistics
import threading
import time
from collections.abc import Sequence

import psycopg
from tests.stores.server import fresh, serving

from benchmarks import ours, waiting
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report, summary
from clearance.engine.ports import Batch
from clearance.model import commands
from clearance.stores.postgres import PostgresStore

ROUNDS, ROUNDS_QUICK = 5, 1
INSTANCES, INSTANCES_QUICK = 2000, 300
FLOOR_SHARE = 0.5


class RecordingStore(PostgresStore):
    """Keeps the batches that it committed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.batches: list[Batch] = []
        self.instances_ended = 0
        self.ended = threading.Condition()

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        self.batches.append(batch)
        with self.ended:
            self.instances_ended += sum(row.status != "active" for row in batch.instances.values())
            self.ended.notify_all()


def run(quick: bool) -> Report:
    report = Report("postgresql", quick)
    instances = INSTANCES_QUICK if quick else INSTANCES
    rates: dict[str, list[float]] = {"ours": [], "store": [], "floor": []}
    batches: list[Batch] = []
    with serving() as server:
        for _ in range(ROUNDS_QUICK if quick else ROUNDS):
            seconds, batches = measure(fresh(server.address, "ours"), instances)
            rates["ours"].append(instances * STEPS / seconds)
            rates["store"].append(instances * STEPS / replay(fresh(server.address, "store"), batches))
            rates["floor"].append(instances * STEPS / append(fresh(server.address, "floor"), sizes_of(batches)))
        due = waiting.DUE_QUICK if quick else waiting.DUE
        fired = [timers(fresh(server.address, "timers"), due) for _ in range(ROUNDS_QUICK if quick else ROUNDS)]
    report.figures[f"{due:,} timers due at once, milliseconds"] = summary([seconds * 1000 for seconds in fired])
    sizes = [size for commit in sizes_of(batches) for size in commit]
    report.figures.update({f"{name}: steps per second": summary(found) for name, found in rates.items()})
    report.figures["bytes appended per step"] = round(sum(sizes) / instances / STEPS)
    report.figures["rows per commit"] = round(len(sizes) / len(batches), 1)
    report.figures["commits"] = len(batches)
    report.ratios["floor"] = _ratio(rates["ours"], rates["floor"])
    report.ratios["store"] = _ratio(rates["ours"], rates["store"])
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


def sizes_of(batches: Sequence[Batch]) -> list[list[int]]:
    """The sizes of the rows that each commit appended."""
    return [
        [len(entry.content) + len(entry.hash) for entry in batch.entries]
        + [len(row.snapshot) + len(row.hash) for row in batch.instances.values() if row.snapshot]
        for batch in batches
    ]


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
