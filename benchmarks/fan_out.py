"""Fan-out: one instance with 100,000 parallel children, each a service task with a ruling of its own.

The cost of a child must not grow with how many there are: the last size is compared with the one before it.
"""

import time

from benchmarks import environment, ours
from benchmarks.report import Report
from clearance.actors import actor
from clearance.build import Process, each
from clearance.engine.settings import EngineSettings
from clearance.model import commands

SIZES, SIZES_QUICK = (1_000, 10_000, 100_000), (200, 2_000)
GROWTH_MAX = 1.5
"""How much dearer a child may be among ten times as many."""


@actor("double", concurrency=2)
def double(number: int) -> dict[str, int]:
    return {"doubled": number * 2}


def process() -> Process:
    made = Process("Fan out")
    made.starts("Begin")
    made.service("Double each", does="double", for_each=each("number", "numbers", gather={"results": "doubled"}))
    made.ends("Done")
    return made


def run(quick: bool) -> Report:
    report = Report("fan_out", quick)
    costs = []
    for size in SIZES_QUICK if quick else SIZES:
        seconds = measure(size)
        costs.append(seconds / size)
        report.figures[f"{size:,} children: microseconds each"] = round(seconds / size * 1e6, 1)
    growth = costs[-1] / costs[-2]
    report.figures["growth with ten times as many"] = round(growth, 2)
    report.budget(f"a child costs at most {GROWTH_MAX:g} times as much among ten times as many", growth <= GROWTH_MAX)
    return report


def measure(size: int) -> float:
    """Seconds from the start to the end of an instance with so many children."""
    with environment.scratch() as folder:
        store = ours.CountingStore(folder / "ledger.sqlite")
        engine = ours.engine(store, [double], EngineSettings(loop_items_max=max(SIZES)))
        engine.start()
        try:
            ours.deploy(engine, process())
            start = time.perf_counter()
            engine.submit(commands.StartInstance(process="fan-out", variables={"numbers": list(range(size))}))
            ours.wait_for_end(store, 1)
            return time.perf_counter() - start
        finally:
            engine.stop()
