"""The engine that ``test_kill_engine.py`` kills: it starts instances and says on standard output what was committed.

Its actors act on a file that stands for another system: each action is one line with its idempotency key, and a key
that is there already is honoured by doing nothing, as payment services do.

    python -m tests.crash.engine FOLDER
"""

import fcntl
import sys
import time
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.engine import Engine
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.registry import Registry
from clearance.engine.settings import EngineSettings
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


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


def act(folder: Path, job: Job) -> Outcome:
    """Once for each idempotency key, whoever asks how often; now and then it is not reachable."""
    if job.key % 7 == 0 and job.attempt == 1:
        raise Temporary("not reachable")
    with (folder / "acted").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if job.idempotency_key not in file.read().split():
            file.write(f"{job.idempotency_key}\n")
    with (folder / "called").open("a") as file:
        file.write(f"{job.idempotency_key}\n")
    return Completed({"r": job.key})


def main(folder: Path) -> None:
    actors = {kind: Actor(kind, lambda job: act(folder, job), backoff_s=0.02, retries=5) for kind in ("first", "many")}
    registry = Registry(Feel(), read_decisions)
    store = SqliteStore(folder / "ledger.sqlite")
    engine = Engine(
        store, PermitAll(), registry, actors, MemoryBlobs(), SystemClock(), EngineSettings(snapshot_every=4)
    )
    engine.start()
    (process,) = read(PROCESS).processes
    engine.ask(commands.DeployProcess(process=process, xml=""))
    for number in range(1_000_000):
        answer = engine.ask(commands.StartInstance(process="p", variables={"number": number}))
        if isinstance(answer, Answer):
            print(f"{answer.key}.", flush=True)
        time.sleep(0.003)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
