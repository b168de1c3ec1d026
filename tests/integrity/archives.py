"""A ledger with something to archive: ended and waiting instances, calls, messages, on a store that is given."""

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity import retention
from clearance.integrity.retention import Moved, RetentionSettings
from clearance.integrity.verify import Verification, verify
from clearance.ledger.rows import Entry
from clearance.ledger.store import Store
from clearance.model.commands import Answer, ArchiveInstances, Refusal
from clearance.testing import Scenario
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, bpmn, event, message, service, timer

CALLED = bpmn(START + service("inner") + END, "s -> inner\ninner -> e", identifier="called")
CALLING = bpmn(
    START
    + '<callActivity id="call"><extensionElements><zeebe:calledElement processId="called"/></extensionElements>'
    + "</callActivity>"
    + event("intermediateCatchEvent", "paid", message("paid"))
    + END,
    "s -> call\ncall -> paid\npaid -> e",
    identifier="calling",
    keys={"paid": "string(n)"},
)
STARTED = bpmn(
    event("startEvent", "by_message", message("begin"))
    + event("startEvent", "by_timer", timer("R/P1D", "timeCycle"))
    + service("work")
    + END,
    "by_message -> work\nby_timer -> work\nwork -> e",
    identifier="started",
    keys={"begin": "id"},
)


def played(*stores: Store) -> Scenario:
    """Days of work: of ten callers six have ended, one has a child that has, others wait; and what messages started."""
    scenario = Scenario(stores=stores)
    for file in (CALLED, CALLING, STARTED):
        scenario.deploy(file)
    for number in range(10):
        scenario.start("calling", {"n": number, "text": "x" * 100})
        scenario.advance("PT1H")
    for number in range(5):
        scenario.publish("begin", f"key{number}", {"id": number}, message_id=f"id{number}", time_to_live="P1D")
    for _ in range(8):
        scenario.complete_job("inner", {"done": True})
    for _ in range(3):
        scenario.complete_job("work", {"r": 1})
    for number in range(6):
        scenario.publish("paid", str(number))
    scenario.advance("P40D")
    return scenario


def archived(store: Store, until: int, **settings: object) -> Moved:
    """Archive without an engine: each command is worked out and committed at once."""
    shard = Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})

    def ask(command: ArchiveInstances) -> Answer | Refusal:
        answer = shard.work(command, until)
        cut = shard.cut()
        store.commit(cut.batch)
        shard.committed(cut.batch)
        return answer

    return retention.Retention(store, ask, RetentionSettings(**settings)).run(until)  # type: ignore[arg-type]


def verified(store: Store) -> Verification:
    registry = Registry(Feel(), read_decisions)
    registry.load(list(store.definitions()), [])
    return verify(store, registry)


def everything(store: Store) -> list[Entry]:
    """All entries, page by page."""
    found: list[Entry] = []
    while page := store.entries(found[-1].position if found else 0, 7):
        found.extend(page)
    return found


def whole(store: Store, stream: int) -> list[Entry]:
    """All entries of a stream, page by page."""
    found: list[Entry] = []
    while page := store.history(stream, found[-1].sequence if found else 0, 7):
        found.extend(page)
    return found
