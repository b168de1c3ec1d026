"""What is recorded: a bit of everything, left where something still waits.

Of one shard it uses only what every release has, so that an earlier one can be recorded by putting its source on the
path. Several shards are left with messages on their way between them.
"""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

from clearance.kernel.state import snapshot
from clearance.ledger import chain
from clearance.model.work import BpmnError, Permanent
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, each, error, event, mapping, message, service, signal, timer

_PERSON = (
    '<userTask id="person"><extensionElements><zeebe:userTask/>'
    '<zeebe:assignmentDefinition candidateGroups="clerk"/></extensionElements></userTask>'
)
_SCRIPT = (
    '<scriptTask id="script"><extensionElements><zeebe:script expression="=n * 1.10" resultVariable="gross"/>'
    "</extensionElements></scriptTask>"
)
_UNDONE = (
    service("book")
    + boundary("undo", "book", "<compensateEventDefinition/>")
    + service("unbook", attributes='isForCompensation="true"')
    + '<association id="a" sourceRef="undo" targetRef="unbook"/>'
    + event("intermediateThrowEvent", "back", "<compensateEventDefinition/>")
)
FILES = (
    bpmn(
        START
        + _SCRIPT
        + service("work", extra=mapping(inputs={"x": "gross"}, outputs={"r": "r"}))
        + boundary("late", "work", timer("PT1H"), interrupting=False)
        + boundary("wrong", "work", error("B"))
        + service("each", each("[1, 2, 3]", result="item"))
        + '<parallelGateway id="split"/><parallelGateway id="join"/>'
        + _PERSON
        + event("intermediateCatchEvent", "told", message("paid"))
        + END
        + '<endEvent id="e2"/><endEvent id="e3"/>',
        "s -> script\nscript -> work\nwork -> each\neach -> split\nsplit -> person\nsplit -> told\nperson -> join\n"
        "told -> join\njoin -> e\nlate -> e2\nwrong -> e3",
        identifier="order",
        keys={"paid": "string(n)"},
    ),
    bpmn(
        event("startEvent", "by_message", message("begin"))
        + event("startEvent", "by_timer", timer("R3/P1D", "timeCycle"))
        + _UNDONE
        + event("intermediateCatchEvent", "rung", signal("bell"))
        + END,
        "by_message -> book\nby_timer -> book\nbook -> back\nback -> rung\nrung -> e",
        identifier="booking",
        keys={"begin": "id"},
    ),
)


def record(folder: Path, shards: int = 1) -> None:
    """Write a ledger and what it leads to."""
    folder.mkdir(parents=True)
    stores = open_all(folder, shards)
    if shards == 1:
        _play(Scenario(store=stores[0]))
    else:
        _play_on_several(stores)
    expected = expectation(stores)
    for store, path in zip(stores, _paths(folder, shards), strict=True):
        store.close()
        path.with_name(path.name + ".lock").unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("VACUUM")
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def open_all(folder: Path, shards: int = 0) -> list[SqliteStore]:
    """The stores of all shards, to write; without a number, of those that are there."""
    return [SqliteStore(path) for path in _paths(folder, shards or len(list(folder.glob("ledger*.sqlite"))))]


def _paths(folder: Path, shards: int) -> list[Path]:
    return [folder / (f"ledger-{number}.sqlite" if number else "ledger.sqlite") for number in range(shards)]


def _play_on_several(stores: list[SqliteStore]) -> None:
    """The same; in the end payments are committed where they are kept, but have not come to where they are awaited."""
    from clearance.ledger.ledgers import agree
    from clearance.model.commands import PublishMessage

    agree(stores)
    scenario = Scenario(stores=stores)
    _play(scenario)
    now = int(scenario.now.timestamp() * 1000)
    for number in range(8):
        paid = PublishMessage(name="paid", correlation_key=str(number), message_id="late", time_to_live=10**9)
        scenario.fleet.ask(paid, now)
    assert len({letter.target for letter in scenario.fleet.mail}) > 1, "nothing is on its way to several of them"


def _play(scenario: Scenario) -> None:
    chance = random.Random(1)
    for file in FILES:
        scenario.deploy(file)
    for number in range(8):
        scenario.start("order", {"n": number, "name": "Müller & Søn", "exact": {"a": [1, None, True, "x"]}})
    for number in range(4):
        scenario.publish("begin", f"key{number}", {"id": number}, message_id=f"id{number}", time_to_live="P1D")
    scenario.start("order", {"n": "no number"})
    scenario.publish("paid", "2", {"by": "bank"}, time_to_live="P2D")
    for _ in range(40):
        if scenario.jobs:
            kind = chance.choice(scenario.jobs)
            scenario.complete_job(kind, {"r": chance.randrange(100)})
    scenario.advance("PT2H")
    for task in scenario.tasks[:2]:
        scenario.answer(task, {"said": True})
    for kind in ("work", "each"):
        scenario.worker(kind, _refuse)
    scenario.broadcast("bell", {"loud": True})
    scenario.set_variables(scenario.runs[3], {"extra": "12.50"})
    scenario.cancel(scenario.runs[4], "nobody wants it")
    scenario.advance("P1DT1H")


def _refuse(job: Any) -> Any:
    if job.instance % 2:
        raise BpmnError("B", "refused")
    raise Permanent("it is broken")


def expectation(stores: list[SqliteStore]) -> Any:
    """Of every instance: how it ended or how it stands, and the hash of its last entry; of several shards a list."""
    told = [_expectation(store) for store in stores]
    return told if len(told) > 1 else told[0]


def _expectation(store: SqliteStore) -> dict[str, Any]:
    from clearance.engine.languages import Feel, read_decisions
    from clearance.engine.shard import Shard
    from clearance.engine.state.registry import Registry
    from clearance.testing.scenario import PermitAll

    shard = Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    states = {}
    for row in store.instances():
        last = store.history(row.key, limit=1_000_000)[-1]
        stream = shard.stream(row.key)
        state = None
        if row.status == "active" and stream is not None and stream.instance is not None:
            state = json.loads(snapshot(stream.instance))
        said = chain.read(last)
        states[str(row.key)] = {
            "status": row.status,
            "sequence": said.sequence,
            "hash": last.hash.hex(),
            "state": state,
        }
    return {"entries": store.head().position, "installation": store.head().installation, "streams": states}
