"""The inbox: tasks, approvals and incidents as one list, each with a brief that a person can act on."""

from collections.abc import Callable

import pytest

from clearance.model.events import (
    ApprovalClosed,
    ApprovalGiven,
    ApprovalRequested,
    ElementTerminated,
    IncidentRaised,
    InstanceCanceled,
    JobCreated,
    SubjectSet,
    TaskAssigned,
    TaskCanceled,
    TaskChanged,
    TaskCompleted,
    TaskCreated,
)
from clearance.model.values import Data
from clearance.views.ask import inbox
from clearance.views.ask.inbox import InboxFilter, Item
from clearance.views.brief import of_task
from clearance.views.reader import PageRequest, Reader, Sort

from .ledger import ASK, PAY, PERMIT, REVIEW, SHA, T0, Ledger

Ask = Callable[[], Reader]


def task(ledger: Ledger, instance: int, brief: Data = None, due: int = 0, groups: tuple[str, ...] = ("clerk",)) -> int:
    """An instance with one open task; the task's key."""
    ledger.start(instance, f"Invoice {instance}")
    created = TaskCreated(instance + 2, instance + 1, "", groups, ("uwe",), due, 0, 50, "", brief)
    ledger.enter(instance, instance + 1, REVIEW, created)
    return instance + 2


def approval(ledger: Ledger, instance: int) -> int:
    ledger.start(instance, f"Invoice {instance}")
    ledger.enter(instance, instance + 1, PAY, JobCreated(instance + 2, instance + 1, "bank", 0, {}))
    ledger.say(
        instance, ApprovalRequested(instance + 3, instance + 2, ASK, {"amount": 12_000, "scan": {"sha256": SHA}})
    )
    return instance + 3


def item(reader: Reader, key: int) -> Item:
    found = inbox.get(reader, key)
    assert found is not None
    return found


def everything(reader: Reader, **narrow: object) -> InboxFilter:
    ids = [audience.id for audience in inbox.audiences(reader)]
    return InboxFilter(audiences=ids, **narrow)  # type: ignore[arg-type]


def test_a_task_shows_what_its_author_wrote(ledger: Ledger, ask: Ask) -> None:
    brief = {
        "reasons": ["the IBAN changed"],
        "document": {"sha256": SHA, "media_type": "application/pdf", "size": 12, "name": "a.pdf"},
        "fields": [{"name": "iban", "label": "IBAN", "value": "DE02", "confidence": 1, "start": 3, "end": 7}],
        "facts": [{"label": "IBAN on file", "expected": "DE01", "actual": "DE02", "ok": False}],
        "options": ["pay", {"value": "reject", "label": "Send back", "comment_required": True}],
        "recommendation": {"option": "reject", "why": "new bank, no letter"},
    }
    found = item(ask_after(ledger, ask, brief), 102)
    assert found.shown.title == "Review invoice"
    assert found.shown.reason == "the IBAN changed"
    assert found.shown.roles == ("clerk",)
    assert found.brief.document is not None
    assert (found.brief.document.media_type, found.brief.document.size) == ("application/pdf", 12)
    assert [option.value for option in found.brief.options] == ["pay", "reject"]
    assert found.brief.options[1].comment_required
    assert found.brief.fields[0].end == 7
    assert found.brief.recommendation is not None
    assert found.brief.recommendation.why == "new bank, no letter"


def ask_after(ledger: Ledger, ask: Ask, brief: Data) -> Reader:
    task(ledger, 100, brief)
    return ask()


@pytest.mark.parametrize(
    "brief", [None, "just text", 7, [1, 2], {"options": 3}, {"fields": "x", "facts": [None], "document": {"sha256": 1}}]
)
def test_a_brief_of_any_shape_can_be_acted_on(brief: Data, ledger: Ledger, ask: Ask) -> None:
    found = item(ask_after(ledger, ask, brief), 102)
    assert found.brief == of_task(brief)
    assert len(found.brief.options) == 1


def test_a_task_that_was_corrected_is_shown_to_whom_it_is_for_now(ledger: Ledger, ask: Ask) -> None:
    task(ledger, 100)
    ledger.say(100, TaskChanged(102, "", ("approver",), (), T0 + 1000, 0, 90))
    reader = ask()
    found = item(reader, 102)
    assert (found.shown.roles, found.shown.priority) == (("approver",), 90)
    assert found.shown.due_date is not None
    chosen = inbox.in_scope("roles", "cora", ("clerk",))
    assert [one for one in inbox.audiences(reader) if chosen(one) and one.id == found.audience.id] == []


def test_scopes_tell_mine_from_my_roles(ledger: Ledger, ask: Ask) -> None:
    task(ledger, 100)
    task(ledger, 200, groups=("approver",))
    task(ledger, 300)
    ledger.say(300, TaskAssigned(302, "cora", "cora", PERMIT))
    reader = ask()

    def keys(scope: str, name: str, *roles: str) -> list[str]:
        chosen = inbox.in_scope(scope, name, roles)
        ids = [audience.id for audience in inbox.audiences(reader) if chosen(audience)]
        return [found.shown.key for found in inbox.search(reader, InboxFilter(audiences=ids)).items]

    assert keys("mine", "cora", "clerk") == ["302"]
    assert keys("roles", "cora", "clerk") == ["102"], "what is taken is no longer offered"
    assert keys("roles", "uwe") == ["102", "202"], "named candidates count"
    assert keys("open", "cora") == ["102", "202", "302"]


def test_a_task_is_completed_or_canceled(ledger: Ledger, ask: Ask) -> None:
    task(ledger, 100)
    task(ledger, 200)
    ledger.say(100, TaskCompleted(102, "cora", "pay", "looks right", PERMIT))
    ledger.say(200, TaskCanceled(202))
    reader = ask()
    done, gone = item(reader, 102), item(reader, 202)
    assert done.answer is not None
    assert (done.shown.state, done.answer.option, done.answer.by) == ("COMPLETED", "pay", "cora")
    assert (gone.shown.state, gone.answer) == ("CANCELED", None)


def test_an_approval_shows_the_action_and_counts_approvals(ledger: Ledger, ask: Ask) -> None:
    key = approval(ledger, 100)
    ledger.say(100, ApprovalGiven(key, "ann", ("approver",), True, "ok", PERMIT))
    found = item(ask(), key)
    assert found.brief.action is not None
    assert (found.brief.action.operation, found.brief.action.target) == ("bank", "Pay supplier")
    assert found.brief.action.sha256 == SHA
    assert found.brief.document is not None
    assert [(fact.expected, fact.actual, fact.ok) for fact in found.brief.facts] == [(2, 1, False)]
    assert (found.shown.state, found.shown.roles) == ("CREATED", ("approver", "manager"))
    ledger.say(100, ApprovalGiven(key, "max", ("manager",), True, "", PERMIT), ApprovalClosed(key, "granted"))
    assert item(ask(), key).shown.state == "COMPLETED"


def test_a_rejected_approval_is_answered_and_a_canceled_one_is_not(ledger: Ledger, ask: Ask) -> None:
    first, second = approval(ledger, 100), approval(ledger, 200)
    ledger.say(100, ApprovalGiven(first, "ann", (), False, "too much", PERMIT), ApprovalClosed(first, "rejected"))
    ledger.say(200, ApprovalClosed(second, "canceled"))
    reader = ask()
    answer = item(reader, first).answer
    assert answer is not None
    assert (answer.option, answer.comment) == ("reject", "too much")
    assert item(reader, second).shown.state == "CANCELED"


def test_an_incident_is_for_admins_and_the_roles_of_the_process(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.enter(100, 101, PAY, IncidentRaised(102, 101, "job", "the bank is away"))
    found = item(ask(), 102)
    assert found.shown.kind == "incident"
    assert found.shown.roles == ("admin", "clerk", "approver")
    assert found.brief.reasons == ("the bank is away",)
    assert [option.value for option in found.brief.options] == ["retry", "cancel"]


def test_an_incident_ends_with_its_element_or_by_cancelling_the_instance(ledger: Ledger, ask: Ask) -> None:
    for instance in (100, 200):
        ledger.start(instance)
        ledger.enter(instance, instance + 1, PAY, IncidentRaised(instance + 2, instance + 1, "job", "away"))
    ledger.say(100, ElementTerminated(101))
    ledger.say(200, InstanceCanceled("ada", "hopeless"), ElementTerminated(201), ElementTerminated(200))
    reader = ask()
    answer = item(reader, 202).answer
    assert answer is not None
    assert (answer.option, answer.by, answer.comment) == ("cancel", "ada", "hopeless")
    assert (item(reader, 102).shown.state, item(reader, 202).shown.state) == ("CANCELED", "COMPLETED")


def test_a_changed_subject_is_shown_and_found(ledger: Ledger, ask: Ask) -> None:
    task(ledger, 100)
    ledger.say(100, SubjectSet("Invoice of Ærø A/S"))
    reader = ask()
    assert inbox.search(reader, everything(reader, text="Ærø")).items[0].shown.subject == "Invoice of Ærø A/S"


def test_what_has_no_due_date_comes_last(ledger: Ledger, ask: Ask) -> None:
    task(ledger, 100)
    task(ledger, 200, due=T0 + 9_000)
    task(ledger, 300, due=T0 + 5_000)
    reader = ask()
    page = inbox.search(reader, everything(reader), [Sort("dueDate")], PageRequest())
    assert [found.shown.key for found in page.items] == ["302", "202", "102"]
