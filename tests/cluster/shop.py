"""What runs in the shards' processes of these tests; they import it by its name."""

import os
import signal
import time
from pathlib import Path

from clearance.actors import actor
from clearance.bpmn import read
from clearance.build import Process as Builder
from clearance.cluster import ShardProcess
from clearance.compose import Application
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.engine import Engine
from clearance.engine.runtime.shards import Carry
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.model.definition import Process
from clearance.model.work import Actor, Completed, Job, Outcome
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, event, message, service

JOURNAL = "journal"
"""Beside the ledger: one line for each effect, with its idempotency key and the process that it happened in."""


WAITS = bpmn(
    START + event("intermediateCatchEvent", "paid", message("paid")) + service("work") + END,
    "s -> paid\npaid -> work\nwork -> e",
    identifier="order",
    keys={"paid": "order"},
)
"""Waits for the message *paid* of its order, then there is work."""


def make_engine(folder: Path, shards: int, number: int, carry: Carry) -> Engine:
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
        EngineSettings(shards=shards, shard=number),
        carry=carry,
    )


@actor("stamp", concurrency=4)
def stamp(number: int) -> dict[str, int]:
    """Says in which process it was."""
    return {"number": number, "process": os.getpid()}


@actor("alone", concurrency=1)
def alone() -> None:
    """Not more than one at a time."""


def stamping() -> Builder:
    made = Builder("Stamping")
    made.starts("Begin")
    made.service("Stamp", does="stamp")
    made.ends("Done")
    return made


application = Application(name="Shop", processes=(stamping(),), actors=(stamp,))
unshareable = Application(name="Shop", actors=(alone,))


def process() -> Process:
    """One job."""
    return read(bpmn(START + service("work") + END, "s -> work\nwork -> e")).processes[0]


def kill(shard: ShardProcess, how: signal.Signals = signal.SIGKILL) -> None:
    """Its process, as soon as there is one."""
    while (process_id := shard.process_id) is None:
        time.sleep(0.01)
    os.kill(process_id, how)
