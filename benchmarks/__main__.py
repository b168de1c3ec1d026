"""``make bench``: every benchmark in turn. The exit code is 1 when a budget is missed."""

import sys

from benchmarks import decisions

BENCHMARKS = (decisions,)


def main() -> int:
    return max(benchmark.main() for benchmark in BENCHMARKS)


if __name__ == "__main__":
    sys.exit(main())
