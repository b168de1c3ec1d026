"""One instance alone: how long from one durable step to the next, in units of one commit.

Nothing can be batched here: each step waits for the disk. The unit is the median of bare commits that append the same
rows as ours did in that very round, as many of them: a commit takes longer as the log grows. Ratios are formed within a
round, because what slowed one round slowed all of it. The design asks for one
commit of latency per wait state; what is above 1 is the engine's own share: working out the step, ruling on it, and
what else is kept besides the entry.
"""

import statistics
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
    ratios: dict[float, list[float]] = {0.5: [], 0.99: []}
    for _ in range(ROUNDS):
        took, commits = measure(instances // ROUNDS)
        alone = append(commits)
        steps.extend(took)
        bare.extend(alone)
        for share, found in ratios.items():
            found.append(_quantile(took, share) / _quantile(alone, 0.5))
    for share, told in ((0.5, "p50"), (0.99, "p99")):
        report.figures[f"one commit, milliseconds, {told}"] = round(_quantile(bare, share) * 1000, 3)
        report.figures[f"step to step, milliseconds, {told}"] = round(_quantile(steps, share) * 1000, 3)
        report.figures[f"step to step, commits, {told}"] = round(statistics.median(ratios[share]), 2)
    asked = f"at most {COMMITS_MAX:g} commits from step to step (p50)"
    report.budget(asked, statistics.median(ratios[0.5]) <= COMMITS_MAX)
    return report


def _quantile(samples: list[float], share: float) -> float:
    return sorted(samples)[int(len(samples) * share)]


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
