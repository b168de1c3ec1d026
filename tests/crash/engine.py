"""The engine that ``test_kill_engine.py`` kills: it starts instances and says on standard output what was committed.

Its actors act on a file that stands for another system: each action is one line with its idempotency key, and a key
that is there already is honoured by doing nothing, as payment services do.

    python -m tests.crash.engine

reads names of folders from standard input, one a line, and for each runs an engine in a process of its own (a fork, so
that a life costs milliseconds and not an interpreter's start), says its process id, and waits until it is dead.
"""

import fcntl
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.integrity.retention import Retention, RetentionSettings
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Actor, Completed, Job, Outcome, Temporary
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, each, event, service, timer

PROCESS = bpmn(
    START
    + service("first")
    + event("intermediateCatchEvent", "pause", timer("PT0.05S"))
    + service("many", each("[1, 2, 3]", result="r"))
    + END,
    "s -> first\nfirst -> pause\npause -> many\nmany -> e",
)


def act(folder: Path, job: Job) -> Outcome:
    """Once for each idempotency key, whoever asks how often; now and then it is not reachable."""
    if job.key % 7 == 0 and job.attempt == 1:
        raise Temporary("not reachable")
    with (folder / "acted").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if f"{job.idempotency_key}\n" not in file.read():
            file.write(f"{job.idempotency_key}\n")
    with (folder / "called").open("a") as file:
        file.write(f"{job.idempotency_key}\n")
    return Completed({"r": job.key})


def engine(folder: Path) -> Engine:
    """An engine on what the folder holds, with the process deployed."""
    actors = {kind: Actor(kind, lambda job: act(folder, job), backoff_s=0.02, retries=5) for kind in ("first", "many")}
    made = Engine(
        SqliteStore(folder / "ledger.sqlite"),
        PermitAll(),
        Registry(Feel(), read_decisions),
        actors,
        MemoryBlobs(),
        SteadyClock(),
        EngineSettings(snapshot_every=4),
    )
    made.start()
    (process,) = read(PROCESS).processes
    made.ask(commands.DeployProcess(process=process, xml=""))
    return made


def archive(made: Engine) -> None:
    """Archive what has ended, again and again, a few instances at a time."""
    retention = Retention(made.store.reader(), made.ask, RetentionSettings(entries_max=60))
    while True:
        retention.run(time.time_ns() // 1_000_000)


def live(folder: Path) -> None:
    """Start instances until killed; each key that was answered for is a line that ends with a full stop.

    Where the folder has a file ``archiving``, what has ended is archived meanwhile.
    """
    made = engine(folder)
    if (folder / "archiving").exists():
        threading.Thread(target=archive, args=(made,), daemon=True).start()
    with (folder / "told").open("ab", buffering=0) as told:
        told.write(b"\n")  # whatever a kill has cut off
        while True:
            answer = made.ask(commands.StartInstance(process="p", variables={"at": time.time_ns()}))
            if isinstance(answer, Answer):
                told.write(f"{answer.key}.\n".encode())
            time.sleep(0.003)


def serve(live: Callable[[Path], None]) -> None:
    """Live in every folder that standard input names."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(Path(line.strip()))
            except BaseException:  # noqa: BLE001 (a life that ends by itself must be seen, whatever ended it)
                traceback.print_exc()
            os._exit(1)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "ended by itself", flush=True)


if __name__ == "__main__":
    serve(live)
