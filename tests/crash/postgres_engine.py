"""The engine on PostgreSQL that ``test_postgres.py`` kills, pauses and cuts off: ``ADDRESS FOLDER``.

Prints ``standby`` when it has to wait, ``ready`` once it has the shard, ``answered`` when its first instance has been
started, ``busy`` when it first refuses something and ``again`` when it then takes something; ends with 3 when another
one has taken over, with 0 after a line on standard input. Keys that were answered for go to a file as in ``engine.py``,
whose process and actors these are.
"""

import logging
import sys
import threading
import time
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Actor
from clearance.stores import postgres
from clearance.stores.blobs import MemoryBlobs
from clearance.testing.scenario import PermitAll
from tests.crash.engine import PROCESS, act

_CALLERS = 4
postgres.store.ENTRIES_MIN = 5  # so that commits of both kinds are cut off


class Callers:
    """Start instances, each after the other has been answered for."""

    def __init__(self, engine: Engine, told: Path) -> None:
        self._engine = engine
        self._told = told.open("ab", buffering=0)
        self._stopped = threading.Event()
        self._said: set[str] = set()
        self._threads = [threading.Thread(target=self._call) for _ in range(_CALLERS)]
        for thread in self._threads:
            thread.start()

    def look(self) -> None:
        """All callers may be waiting for a commit that broke off; one more would not be let in."""
        if self._engine.trouble and "busy" not in self._said:
            self._once()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        while not (self._stopped.wait(0.02) or self._engine.lost):
            self._once()

    def _once(self) -> None:
        answer = self._engine.ask(commands.StartInstance(process="p", variables={"at": time.time_ns()}))
        if isinstance(answer, Answer):
            self._told.write(f"{answer.key}.\n".encode())
            self._say("answered")
            if "busy" in self._said:
                self._say("again")
        elif not self._engine.lost:
            self._say("busy")
            self._stopped.wait(0.05)

    def _say(self, word: str) -> None:
        if word not in self._said:
            self._said.add(word)
            print(word, flush=True)


def main(address: str, folder: Path) -> int:
    waited: list[str] = []

    def waiting(said: str) -> bool:
        if not waited:
            print("standby", flush=True)
        waited.append(said)
        return True

    store = postgres.PostgresStore(address, waiting=waiting)
    actors = {kind: Actor(kind, lambda job: act(folder, job), backoff_s=0.02, retries=5) for kind in ("first", "many")}
    registry, settings = Registry(Feel(), read_decisions), EngineSettings(snapshot_every=4)
    engine = Engine(store, PermitAll(), registry, actors, MemoryBlobs(), SteadyClock(), settings)
    engine.start()
    (process,) = read(PROCESS).processes
    while not isinstance(engine.ask(commands.DeployProcess(process=process, xml="")), Answer):
        time.sleep(0.1)
    print("ready", flush=True)
    callers = Callers(engine, folder / "told")
    asked_to_stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), asked_to_stop.set()), daemon=True).start()  # type: ignore[func-returns-value]
    while not (engine.lost or asked_to_stop.wait(0.05)):
        callers.look()
    callers.stop()
    engine.stop()
    return 3 if engine.lost else 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
