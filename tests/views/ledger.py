"""A ledger written by hand: entries in a list, behind the part of the store's contract that readers use."""

from collections.abc import Sequence

import msgspec

from clearance.ledger import chain
from clearance.ledger.rows import Entry
from clearance.model import definition as d
from clearance.model.clearance import ApprovalRule, Ruling
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    ElementCompleted,
    ElementCompleting,
    Event,
    InstanceCreated,
    ProcessDeployed,
    SubjectSet,
)

T0 = 1_700_000_000_000
DEFINITION_KEY = 7
XML = "<definitions/>"
SHA = "ab" * 32

INVOICE = d.Process(
    id="invoice",
    name="Invoice to pay",
    elements=(
        d.StartEvent(id="start"),
        d.SubProcess(
            id="prepare",
            name="Prepare",
            elements=(d.ServiceTask(id="read", name="Read invoice", job=d.JobDefinition(type="reader")),),
        ),
        d.UserTask(id="review", name="Review invoice", assignment=d.Assignment(candidate_groups="clerk, approver")),
        d.ServiceTask(id="pay", name="Pay supplier", job=d.JobDefinition(type="bank")),
        d.EndEvent(id="end"),
    ),
)
PROCESS, START, PREPARE, READ, REVIEW, PAY, END = range(7)

PERMIT = Ruling("permit", SHA, policies=("actors-may-run",), reasons=("allowed by default",))
DENY = Ruling("deny", SHA, policies=("no-night-payments",), reasons=("payments rest at night",))
ASK = Ruling("approval", SHA, ("four-eyes",), ("above 10,000",), ApprovalRule(("approver", "manager"), 2))


class Ledger:
    """Append with :meth:`say`; read as a store is read."""

    def __init__(self) -> None:
        self.all: list[Entry] = []
        self.tails: dict[int, tuple[int, bytes]] = {}
        self.closed = False

    def say(self, stream: int, *events: Event, command: str = "test", at: int = 0, **more: object) -> int:
        sequence, previous = self.tails.get(stream, (0, chain.GENESIS))
        position = len(self.all) + 1
        command_record = {"type": command, **more}
        entry = chain.link(
            position, stream, sequence + 1, at or T0 + position * 1000, command_record, list(events), previous
        )
        self.tails[stream] = (sequence + 1, entry.hash)
        self.all.append(entry)
        return position

    def entries(self, after: int = 0, stream: int | None = None, limit: int = 1000) -> Sequence[Entry]:
        return [entry for entry in self.all[after:] if stream is None or entry.stream == stream][:limit]

    def reader(self) -> "Ledger":
        return self

    def close(self) -> None:
        self.closed = True

    # ---- phrases that many tests use

    def deploy(self, process: d.Process = INVOICE, key: int = DEFINITION_KEY, version: int = 1) -> int:
        content = msgspec.json.encode(process).decode()
        event = ProcessDeployed(key, process.id, process.name, version, process.content_hash(), content, XML)
        return self.say(0, event, command="deploy-process")

    def start(self, key: int, subject: str = "", process: d.Process = INVOICE, at: int = 0) -> int:
        """Instance ``key``; its process element has the key too."""
        return self.say(
            key,
            InstanceCreated(key, process.id, process.content_hash(), "<default>"),
            SubjectSet(subject),
            ElementActivating(key, PROCESS, 0),
            ElementActivated(key),
            command="create",
            at=at,
        )

    def enter(self, instance: int, element: int, node: int, *events: Event, scope: int = 0) -> int:
        return self.say(
            instance, ElementActivating(element, node, scope or instance), ElementActivated(element), *events
        )

    def complete(self, instance: int, element: int, *events: Event) -> int:
        return self.say(instance, *events, ElementCompleting(element), ElementCompleted(element))


def through(ledger: Ledger, instance: int, subject: str = "") -> None:
    """An instance that runs to its end by itself."""
    ledger.start(instance, subject)
    ledger.complete(instance, instance)
