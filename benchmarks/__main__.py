"""``make bench``: every benchmark in turn, or those that are named; ``--quick`` runs small ones, under a minute in all.

    python -m benchmarks [--quick] [NAME ...]

The exit code is 1 when a budget of the design is missed.
"""

import sys

from benchmarks import (
    decisions,
    environment,
    fan_out,
    history,
    invoices,
    latency,
    long_loop,
    postgresql,
    ten_steps,
    waiting,
)

BENCHMARKS = {
    "ten_steps": ten_steps.run,
    "postgresql": postgresql.run,
    "invoices": invoices.run,
    "latency": latency.run,
    "waiting": waiting.run,
    "fan_out": fan_out.run,
    "long_loop": long_loop.run,
    "history": history.run,
}
"""Each returns a report."""


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    named = [name for name in arguments if name != "--quick"]
    unknown = [name for name in named if name not in {*BENCHMARKS, "decisions"}]
    if "--help" in arguments:
        print(__doc__)
        return 0
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}: there are decisions, {', '.join(BENCHMARKS)}")
        return 2
    environment.make()
    environment.borrow()
    missed = 0
    if "decisions" in named or not (named or quick):
        missed += decisions.main()
    for name, run in BENCHMARKS.items():
        if not named or name in named:
            report = run(quick)
            report.show()
            print(f"  -> {report.write().relative_to(environment.ROOT)}", flush=True)
            missed += not all(report.budgets.values())
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
