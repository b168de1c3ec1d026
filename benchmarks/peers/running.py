"""What all peers share: arguments in, one measurement out. It knows none of them."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.record import STEPS

Run = Callable[[int], None]
"""Runs so many instances to their end, each step durable before the next."""


def main(prepare: Callable[[Path, str], Run]) -> None:
    """Warm up with one instance, then measure."""
    folder, instances = Path(sys.argv[1]), int(sys.argv[2])
    run = prepare(folder, sys.argv[3] if len(sys.argv) > 3 else "")
    run(1)
    start = time.perf_counter()
    run(instances)
    seconds = time.perf_counter() - start
    print(json.dumps({"steps": instances * STEPS, "seconds": seconds}), flush=True)
