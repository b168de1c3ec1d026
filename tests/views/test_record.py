"""History, rulings, documents, messages and the overview's figures."""

from collections.abc import Callable

from clearance.model.events import (
    ApprovalGiven,
    CommandRefused,
    IncidentRaised,
    JobCleared,
    JobCompleted,
    JobCreated,
    JobDenied,
    MessageCorrelated,
    MessagePublished,
    TaskCompleted,
    TaskCreated,
    VariablesSet,
)
from clearance.model.values import Value
from clearance.model.work import Evidence
from clearance.views.ask import definitions, record
from clearance.views.ask.overview import overview
from clearance.views.reader import Reader

from .ledger import DENY, PAY, PERMIT, READ, REVIEW, SHA, T0, XML, Ledger, through

Ask = Callable[[], Reader]


def test_history_tells_each_entry_in_a_line_with_its_ruling_and_hash(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100, "Invoice 1")
    ledger.enter(100, 101, READ, JobCreated(102, 101, "reader", 0, {}), JobCleared(102, PERMIT))
    ledger.complete(100, 101, JobCompleted(102, Evidence(reasons=("totals add up",))))
    last = ledger.enter(100, 103, PAY, JobCreated(104, 103, "bank", 0, {}), JobDenied(104, DENY))
    items = record.history(ask(), 100).items
    assert [item.summary for item in items] == [
        "Started Invoice to pay",
        "Read invoice cleared; Read invoice started",
        "reader did its work: totals add up; Read invoice completed",
        "Pay supplier denied: payments rest at night; Pay supplier started",
    ]
    assert items[1].clearance is not None
    assert items[1].clearance.policies == ("actors-may-run",)
    assert items[0].clearance is None
    assert (items[3].actor, items[3].element_id, items[3].position) == ("bank", "pay", last)
    assert items[3].hash == ledger.all[-1].hash.hex()


def test_a_refusal_is_on_record_with_the_person_and_the_policies(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.enter(100, 101, REVIEW, TaskCreated(102, 101, "", ("clerk",), (), 0, 0, 50, "", None))
    ledger.say(100, CommandRefused("denied", DENY), command="complete-task", by="eve", task=102)
    reader = ask()
    assert record.history(reader, 100).items[-1].actor == "eve"
    ruled = record.clearances(reader, 100, "deny").items
    assert [(item.principal, item.action, item.element_id) for item in ruled] == [("eve", "complete-task", "review")]


def test_several_rulings_in_one_entry_are_all_kept_and_the_denial_is_shown(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.enter(100, 101, READ, JobCreated(102, 101, "reader", 0, {}), JobCreated(103, 101, "bank", 0, {}))
    ledger.say(100, JobCleared(102, PERMIT), JobDenied(103, DENY))
    reader = ask()
    assert [item.decision for item in record.clearances(reader, 100).items] == ["permit", "deny"]
    shown = record.history(reader, 100).items[-1].clearance
    assert shown is not None
    assert shown.decision == "deny"


def test_documents_are_found_wherever_a_value_refers_to_them(ledger: Ledger, ask: Ask) -> None:
    scan = {"sha256": SHA, "name": "a.pdf", "media_type": "application/pdf", "size": 5, "text_sha256": "cd" * 32}
    ledger.start(100)
    ledger.say(100, VariablesSet(100, {"invoice": Value({"lines": [{"scan": scan}]})}))
    reader = ask()
    ((process, document),) = record.documents(reader, SHA)
    assert (process, document.name, document.media_type) == ("invoice", "a.pdf", "application/pdf")
    assert record.documents(reader, "cd" * 32)[0][1].media_type.startswith("text/plain")
    assert record.documents(reader, "ef" * 32) == []


def test_a_message_knows_whom_it_reached(ledger: Ledger, ask: Ask) -> None:
    ledger.say(0, MessagePublished(50, "arrived", "4711", "id-1", T0, {}), MessageCorrelated(50, "invoice", 100))
    assert record.reached(ask(), 50) == [100]


def test_the_overview_tells_automated_from_escalated(ledger: Ledger, ask: Ask) -> None:
    through(ledger, 100)
    through(ledger, 200)
    ledger.start(300)
    ledger.enter(300, 301, REVIEW, TaskCreated(302, 301, "", ("clerk",), (), 0, 0, 50, "", None))
    ledger.start(400)
    ledger.enter(400, 401, PAY, IncidentRaised(402, 401, "job", "away"))
    before = overview(ask()).totals
    assert (before.running, before.completed, before.automated, before.escalated) == (2, 2, 2, 2)
    assert (before.waiting, before.incidents, before.ledger_entries) == (2, 1, len(ledger.all))
    ledger.say(300, TaskCompleted(302, "cora", "pay", "", PERMIT))
    ledger.complete(300, 300)
    after = overview(ask())
    assert (after.totals.completed, after.totals.automated, after.totals.escalated) == (3, 2, 2)
    assert after.totals.waiting == 1
    assert sum(minute.started for minute in after.per_minute) == 4
    assert sum(minute.completed for minute in after.per_minute) == 3
    assert [(count.process_definition_id, count.active) for count in after.processes] == [("invoice", 1)]
    assert overview(ask(), processes=[]).totals.running == 0


def test_definitions_are_listed_with_their_xml_and_the_latest_is_known(ledger: Ledger, ask: Ask) -> None:
    ledger.deploy(key=8, version=2)
    reader = ask()
    latest = definitions.version_of(reader, "invoice", 0)
    assert latest is not None
    assert (latest.process_definition_key, latest.version) == ("8", 2)
    assert definitions.xml(reader, 7) == ("invoice", XML)
    assert definitions.search(reader, definitions.DefinitionFilter()).page.total_items == 2


def test_an_approval_counts_as_a_person_having_acted(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.say(100, ApprovalGiven(1, "ann", ("approver",), True, "", PERMIT))
    ledger.complete(100, 100)
    assert overview(ask()).totals.automated == 0
