"""What runs in the shards' processes of these tests; they import it by its name."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.clock import SteadyClock
from clearance.engine.engine import Engine
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.neighbours import Leaving
from clearance.engine.registry import Registry
from clearance.engine.settings import EngineSettings
from clearance.model.definition import Process
from clearance.model.work import Actor, Completed, Job, Outcome
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, service

JOURNAL = "journal"
"""Beside the ledger: one line for each effect, with its idempotency key and the process that it happened in."""


def make_engine(folder: Path, number: int, carry: Callable[[Leaving], None]) -> Engine:
    """The engine of a shard whose only actor writes a line."""

    def work(job: Job) -> Outcome:
        time.sleep(float(job.input.get("seconds", 0)))
        with (folder / JOURNAL).open("a") as journal:
            journal.write(f"{job.idempotency_key} {os.getpid()}\n")
        return Completed({"by": os.getpid()})

    return Engine(
        SqliteStore(folder / f"ledger-{number}.sqlite"),
        PermitAll(),
        Registry(Feel(), read_decisions),
        {"work": Actor("work", work)},
        MemoryBlobs(),
        SteadyClock(),
        EngineSettings(shard=number),
        carry=carry,
    )


def process() -> Process:
    """One job."""
    return read(bpmn(START + service("work") + END, "s -> work\nwork -> e")).processes[0]
