"""A long instance: 100,000 steps in one loop. The last steps must cost what the first ones did.

What could grow with the length of a history is here: state, snapshots, look-ups, replay. Steps wait for the disk one
after the other, as nothing else runs.
"""

import statistics

from benchmarks import environment, ours
from benchmarks.report import Report
from clearance.actors import actor
from clearance.build import Process
from clearance.model import commands

STEPS, STEPS_QUICK = 100_000, 1_000
PARTS = 10
GROWTH_MAX = 1.25


@actor("count")
def count(number: int) -> dict[str, int]:
    return {"number": number + 1}


def process() -> Process:
    made = Process("Long loop")
    made.starts("Begin")
    made.service("Count", does="count")
    with made.choose("Enough?") as enough:
        with enough.when("no", "number < wanted"):
            made.goto("Count")
        with enough.otherwise("yes"):
            made.ends("Done")
    return made


def run(quick: bool) -> Report:
    report = Report("long_loop", quick)
    steps = STEPS_QUICK if quick else STEPS
    costs = measure(steps)
    for number, cost in enumerate(costs, 1):
        report.figures[f"steps to {steps // PARTS * number:,}: microseconds each"] = round(cost * 1e6, 1)
    growth = statistics.median(costs[-3:]) / statistics.median(costs[:3])
    report.figures["growth from the first to the last three tenths"] = round(growth, 2)
    report.budget(f"the last steps cost at most {GROWTH_MAX:g} times what the first did", growth <= GROWTH_MAX)
    return report


def measure(steps: int) -> list[float]:
    """Seconds per step in each tenth of the loop (the median, so that a busy moment of the machine does not count)."""
    with environment.scratch() as folder:
        store = ours.CountingStore(folder / "ledger.sqlite")
        engine = ours.engine(store, [count])
        engine.start()
        try:
            ours.deploy(engine, process())
            store.moments.clear()
            engine.submit(commands.StartInstance(process="long-loop", variables={"number": 0, "wanted": steps}))
            ours.wait_for_end(store, 1)
            took = [after - before for before, after in zip(store.moments, store.moments[1:], strict=False)]
            share = len(took) // PARTS
            return [statistics.median(took[part * share : (part + 1) * share]) for part in range(PARTS)]
        finally:
            engine.stop()
