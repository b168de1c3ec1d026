"""One instance alone: how long from one durable step to the next, in units of one commit.

Nothing can be batched here: each step waits for the disk. The unit is the median of bare commits that append the same
rows as ours did in that very round, as many of them: a commit takes longer as the log grows. The design asks for one
commit of latency per wait state; what is above 1 is the engine's own share: working out the step, ruling on it, and
what else is kept besides the entry.
"""

from itertools import pairwise

from benchmarks import environment, ours
from benchmarks.record import FIRST, STEPS
from benchmarks.report import Report
from benchmarks.ten_steps import append
from clearance.model import commands

INSTANCES, INSTANCES_QUICK = 300, 40
ROUNDS = 10
COMMITS_MAX = 2.0
"""A step waits for one commit; the rest of the engine may take as long again."""


def run(quick: bool) -> Report:
    report = Report("latency", quick)
    instances = INSTANCES_QUICK if quick else INSTANCES
    bare: list[float] = []
    steps: list[float] = []
    for _ in range(ROUNDS):
        took, commits = measure(instances // ROUNDS)
        steps.extend(took)
        bare.extend(append(commits))
    bare.sort()
    steps.sort()
    unit = bare[len(bare) // 2]
    middle, rare = steps[len(steps) // 2], steps[int(len(steps) * 0.99)]
    report.figures["one commit, milliseconds, p50"] = round(unit * 1000, 3)
    report.figures["one commit, milliseconds, p99"] = round(bare[int(len(bare) * 0.99)] * 1000, 3)
    report.figures["step to step, milliseconds, p50"] = round(middle * 1000, 3)
    report.figures["step to step, milliseconds, p99"] = round(rare * 1000, 3)
    report.figures["step to step, commits, p50"] = round(middle / unit, 2)
    report.figures["step to step, commits, p99"] = round(rare / unit, 2)
    report.budget(f"at most {COMMITS_MAX:g} commits from step to step (p50)", middle / unit <= COMMITS_MAX)
    return report


def measure(instances: int) -> tuple[list[float], list[list[int]]]:
    """Seconds from the commit of each step to that of the next, one instance after the other, and the sizes of the rows
    that each commit appended."""
    with environment.scratch() as folder:
        store = ours.CountingStore(folder / "ledger.sqlite")
        engine = ours.engine(store, [ours.work])
        engine.start()
        try:
            ours.deploy(engine, ours.ten_steps())
            took: list[float] = []
            for done in range(1, instances + 1):
                store.moments.clear()
                ours.answered(engine.ask(commands.StartInstance(process="ten-steps", variables={"record": FIRST})))
                ours.wait_for_end(store, done)
                took.extend(after - before for before, after in pairwise(store.moments[-STEPS - 1 :]))
            return took, [sizes for sizes in store.commits if sizes]
        finally:
            engine.stop()
