"""A ledger of many instances, which lists are tried on, and what a question costs."""

import random
from collections.abc import Callable

from clearance.model import definition as d
from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    ElementCompleted,
    ElementTerminated,
    Event,
    IncidentRaised,
    InstanceCreated,
    SubjectSet,
    TaskCompleted,
    TaskCreated,
)
from clearance.views.reader import Reader

from .ledger import INVOICE, PERMIT, REVIEW, T0, Ledger

CREDIT = d.Process(id="credit", name="Credit note", elements=INVOICE.elements)
TENANTS = ("<default>", "north")
NOON = T0 + 43_200_000


def several(ledger: Ledger, number: int, seed: int = 1) -> None:
    """Instances of two processes and tenants, in every state, that start and end in no order, some with an item."""
    chance = random.Random(seed)
    ledger.deploy(CREDIT, key=8)
    ledger.deploy(key=9, version=2)
    for key in range(1000, 1000 + 10 * number, 10):
        process = chance.choice((INVOICE, CREDIT))
        at = NOON + chance.randrange(20) * 1000
        created = InstanceCreated(key, process.id, process.content_hash(), chance.choice(TENANTS))
        about = SubjectSet(f"Order {chance.randrange(5)}")
        started = (created, about, ElementActivating(key, 0, 0), ElementActivated(key))
        item = TaskCreated(
            key + 2,
            key + 1,
            chance.choice(("", "cora")),
            ("clerk",),
            (),
            chance.choice((0, NOON + chance.randrange(9))),
            0,
            chance.randrange(3) * 10,
            "",
            None,
        )
        ledger.say(key, *started, ElementActivating(key + 1, REVIEW, key), item, at=at)
        ended: dict[str, tuple[Event, ...]] = {
            "stays": (),
            "done": (TaskCompleted(key + 2, "cora", "pay", "", PERMIT), ElementCompleted(key)),
            "stopped": (ElementTerminated(key),),
            "stuck": (IncidentRaised(key + 3, key + 1, "job", "away"),),
        }
        ledger.say(key, *ended[chance.choice(tuple(ended))], at=at + chance.randrange(20) * 1000)


def steps(reader: Reader, question: Callable[[Reader], object]) -> int:
    """What a question costs, in steps of SQLite's machine: the same on a busy machine."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    question(reader)  # the first time it also reads the schema
    connection = reader._connection()
    connection.set_progress_handler(step, 1)
    question(reader)
    connection.set_progress_handler(None, 1)
    return taken
