"""Three shards that ``test_kill_shards.py`` kills: orders that wait for their payment, and payments that tell them.

Read ``engine.py`` first. An order lives on one shard, its payment on another, and the home of the order's number is
often a third, so that each payment is a conversation between shards that a kill may cut off anywhere.
"""

import itertools
import os
from functools import partial
from pathlib import Path

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.shards import Shards, engine_over
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.opening import open_stores
from clearance.testing.scenario import PermitAll
from tests.crash.engine import serve
from tests.kernel.files import END, START, bpmn, event, message, signal

SHARDS = 3
_SENDS = (
    '<extensionElements><zeebe:publishMessage correlationKey="=o" messageId="=o" timeToLive="PT1H"/>'
    "</extensionElements>"
)
FILES = (
    bpmn(
        START + event("intermediateCatchEvent", "paid", message("paid")) + END,
        "s -> paid\npaid -> e",
        identifier="order",
        keys={"paid": "o"},
    ),
    bpmn(
        START + event("intermediateThrowEvent", "tell", _SENDS + message("paid")) + END,
        "s -> tell\ntell -> e",
        identifier="pay",
    ),
    bpmn(event("startEvent", "s", signal("bell")) + END, "s -> e", identifier="rings"),
)


def shards(folder: Path) -> Shards:
    """An engine on what the folder holds, with the processes deployed."""
    made = engine_over(
        open_stores(folder, shards=SHARDS),
        PermitAll(),
        partial(Registry, Feel(), read_decisions),
        {},
        MemoryBlobs(),
        SteadyClock(),
        EngineSettings(shards=SHARDS, snapshot_every=4),
    )
    assert isinstance(made, Shards)
    made.start()
    for file in FILES:
        for process in read(file).processes:
            made.ask(commands.DeployProcess(process=process, xml=""))
    return made


def live(folder: Path) -> None:
    """Order, and pay, until killed; each that was answered for is a line that ends with a full stop."""
    made = shards(folder)
    with (folder / "told").open("ab", buffering=0) as told:
        told.write(b"\n")
        for number in itertools.count():
            name = f"{os.getpid()}-{number}"
            for process in ("order", "pay") if number % 2 else ("pay", "order"):
                answer = made.ask(commands.StartInstance(process=process, variables={"o": name}))
                if isinstance(answer, Answer):
                    told.write(f"{process}:{name}:{answer.key}.\n".encode())
            if number % 5 == 0 and isinstance(made.ask(commands.BroadcastSignal(name="bell")), Answer):
                told.write(b"bell.\n")


if __name__ == "__main__":
    serve(live)
