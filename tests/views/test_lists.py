"""Long lists: each is what a plain sort would give, costs the same however much there is, and is counted to a bound."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clearance.model.events import (
    ElementActivating,
    IncidentRaised,
    InstanceCreated,
    InstanceMigrated,
    JobCleared,
    JobCreated,
    JobDenied,
    TaskCreated,
)
from clearance.views import reader as reading
from clearance.views.ask import definitions, inbox, instances, record
from clearance.views.ask.inbox import InboxFilter
from clearance.views.ask.instances import InstanceFilter
from clearance.views.ask.overview import overview
from clearance.views.reader import Page, PageInfo, PageRequest, Reader, Sort
from clearance.views.views import Views

from .ledger import DENY, INVOICE, PERMIT, READ, REVIEW, SHA, Ledger
from .several import CREDIT, TENANTS, several, steps

Ask = Callable[[], Reader]


@pytest.fixture
def mixed(ledger: Ledger, ask: Ask) -> Reader:
    several(ledger, 150)
    return ask()


NARROWED: dict[str, dict[str, Any]] = {
    "all": {},
    "one state": {"states": ("COMPLETED",)},
    "two states": {"states": ("ACTIVE", "TERMINATED")},
    "a state that none has": {"states": ("LOST",)},
    "one process": {"processes": ("credit",)},
    "one tenant": {"tenants": ("north",)},
    "as the routes ask": {"processes": ("invoice", "credit", "other"), "tenants": TENANTS, "states": ("ACTIVE",)},
    "a version": {"definition_keys": (8,), "tenants": TENANTS},
    "with an incident": {"has_incident": True},
    "with an incident, of a version": {"has_incident": True, "definition_keys": (8,)},
    "without an incident": {"has_incident": False, "states": ("ACTIVE",)},
    "a text": {"text": "order 3"},
    "keys": {"keys": tuple(range(1000, 2000, 30)), "states": ("ACTIVE",)},
    "no keys": {"keys": ()},
    "nothing that may be seen": {"processes": ()},
    "children of nobody": {"parents": ()},
}
INSTANCE_SORTS = (*instances.SORTABLE, "")


def sorted_plainly(rows: list[Any], value: Callable[[Any], Any], descending: bool) -> list[Any]:
    """By value, then key, both in one direction; what has no value comes last either way."""
    known = [row for row in rows if value(row) is not None]
    known.sort(key=lambda row: (value(row), key_of(row)), reverse=descending)
    return known + sorted((row for row in rows if value(row) is None), key=key_of, reverse=descending)


def key_of(row: Any) -> int:
    return int(row.process_instance_key if isinstance(row, instances.Instance) else row.shown.key)


INSTANCE_VALUES: dict[str, Callable[[instances.Instance], Any]] = {
    "processInstanceKey": key_of,
    "startDate": lambda row: row.start_date,
    "endDate": lambda row: row.end_date,
    "subject": lambda row: row.subject,
}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("field", INSTANCE_VALUES)
@pytest.mark.parametrize("narrow", NARROWED)
def test_a_list_is_what_sorting_all_that_matches_would_give(
    narrow: str, field: str, direction: str, mixed: Reader
) -> None:
    every = [found for key in range(1000, 2500, 10) if (found := instances.get(mixed, key)) is not None]
    wanted = [row for row in every if matches(row, NARROWED[narrow])]
    plain = sorted_plainly(wanted, INSTANCE_VALUES[field], direction == "desc")
    pages: list[instances.Instance] = []
    for start in range(0, 150, 40):
        asked = PageRequest(start, 40)
        page = instances.search(mixed, InstanceFilter(**NARROWED[narrow]), [Sort(field, direction)], asked)
        assert page.page.total_items == len(plain)
        pages += page.items
    assert [key_of(row) for row in pages] == [key_of(row) for row in plain]


def matches(row: instances.Instance, narrow: dict[str, Any]) -> bool:
    shown: dict[str, Any] = {
        "states": row.state,
        "processes": row.process_definition_id,
        "tenants": row.tenant_id,
        "definition_keys": int(row.process_definition_key),
        "keys": int(row.process_instance_key),
        "parents": int(row.parent_process_instance_key or 0),
    }
    if "text" in narrow and narrow["text"] not in row.subject.lower():
        return False
    if row.has_incident != narrow.get("has_incident", row.has_incident):
        return False
    return all(value in narrow[name] for name, value in shown.items() if name in narrow)


def test_sorting_by_what_a_group_shares_goes_on_with_the_next_field(mixed: Reader) -> None:
    asked = [Sort("state"), Sort("processDefinitionId", "desc"), Sort("startDate"), Sort("subject", "desc")]
    rows = instances.search(mixed, InstanceFilter(), asked, PageRequest(0, 1000)).items
    assert len(rows) == 150
    by_key = sorted(rows, key=key_of, reverse=True)
    by_subject = sorted(by_key, key=lambda row: row.subject, reverse=True)
    by_start = sorted(by_subject, key=lambda row: row.start_date)
    by_process = sorted(by_start, key=lambda row: row.process_definition_id, reverse=True)
    assert [key_of(row) for row in rows] == [key_of(row) for row in sorted(by_process, key=lambda row: row.state)]


def test_without_a_sort_what_has_started_last_comes_first(mixed: Reader) -> None:
    rows = instances.search(mixed, InstanceFilter(), page=PageRequest(0, 1000)).items
    assert rows == sorted_plainly(rows, lambda row: row.start_date, descending=True)


INBOX_VALUES: dict[str, Callable[[inbox.Item], Any]] = {
    "dueDate": lambda row: row.shown.due_date,
    "creationDate": lambda row: row.shown.creation_date,
    "completionDate": lambda row: row.completion_date,
    "priority": lambda row: row.shown.priority,
    "subject": lambda row: row.shown.subject,
}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("field", INBOX_VALUES)
@pytest.mark.parametrize("states", [("CREATED",), ("COMPLETED", "CANCELED"), None])
def test_the_inbox_is_what_sorting_all_that_matches_would_give(
    states: tuple[str, ...] | None, field: str, direction: str, mixed: Reader
) -> None:
    audiences = [one.id for one in inbox.audiences(mixed) if one.kind == "task"]
    narrow = InboxFilter(audiences=audiences, states=states, tenants=("north",), text="order")
    every = [found for key in range(1002, 2502, 10) if (found := inbox.get(mixed, key)) is not None]
    wanted = [row for row in every if row.tenant == "north" and (states is None or row.shown.state in states)]
    plain = sorted_plainly(wanted, INBOX_VALUES[field], direction == "desc")
    page = inbox.search(mixed, narrow, [Sort(field, direction)], PageRequest(5, 20))
    assert len(plain) > 25, "a page in the middle"
    assert [key_of(row) for row in page.items] == [key_of(row) for row in plain[5:25]]
    assert page.page.total_items == len(plain)


def test_an_item_that_changes_hands_is_found_where_it_is_now(ledger: Ledger, ask: Ask) -> None:
    several(ledger, 20)
    reader = ask()
    audiences = {one.id for one in inbox.audiences(reader)}
    each = [inbox.search(reader, InboxFilter(audiences=(one,)), page=PageRequest(0, 1000)) for one in audiences]
    assert sum(page.page.total_items for page in each) == reader.count("SELECT count(*) FROM inbox")


def test_an_instance_that_was_migrated_is_found_among_those_of_its_new_process(ledger: Ledger, ask: Ask) -> None:
    ledger.deploy(CREDIT, key=8)
    ledger.start(100)
    ledger.say(100, InstanceMigrated("credit", CREDIT.content_hash(), {}, {}, "ada", ""))
    for narrow in ({"processes": ("credit",)}, {"definition_keys": (8,)}):
        assert [key_of(row) for row in instances.search(ask(), InstanceFilter(**narrow)).items] == [100], narrow
    assert total_of(instances.search(ask(), InstanceFilter(processes=("invoice",)))) == told(0)


def told(total: int, more: bool = False) -> tuple[int, bool]:
    return total, more


def total_of(page: Page[Any]) -> tuple[int, bool]:
    return page.page.total_items, page.page.has_more_total_items


@pytest.mark.parametrize(("number", "total"), [(9, told(9)), (10, told(10)), (11, told(10, more=True))])
def test_a_total_is_exact_up_to_the_bound_and_says_when_there_is_more(
    number: int, total: tuple[int, bool], ledger: Ledger, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNT_MAX", 10)
    for key in range(1000, 1000 + 10 * number, 10):
        created = TaskCreated(key + 2, key + 1, "", ("clerk",), (), 0, 0, 50, "", None)
        ledger.say(
            key,
            InstanceCreated(key, INVOICE.id, INVOICE.content_hash(), "<default>"),
            ElementActivating(key, 0, 0),
            ElementActivating(key + 1, REVIEW, key),
            created,
        )
    reader = ask()
    audiences = [one.id for one in inbox.audiences(reader)]
    for page in (PageRequest(0, 5), PageRequest(0, 1000), PageRequest(4, 6), PageRequest(0, 0), PageRequest(500, 5)):
        assert total_of(instances.search(reader, InstanceFilter(), page=page)) == total, page
        assert total_of(inbox.search(reader, InboxFilter(audiences=audiences), page=page)) == total, page


def test_every_other_list_is_counted_to_the_bound_too(
    ledger: Ledger, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNT_MAX", 3)
    ledger.start(100)
    for element in range(101, 111):
        ledger.enter(100, element, READ, JobCreated(element + 100, element, "reader", 0, {}))
        ledger.say(100, JobCleared(element + 100, PERMIT))
    for version in range(2, 7):
        ledger.deploy(key=10 + version, version=version)
    reader = ask()
    three = PageRequest(0, 3)
    pages: list[Page[Any]] = [
        instances.elements(reader, 100, page=three),
        record.history(reader, 100, three),
        record.clearances(reader, 100, page=three),
        record.clearances(reader, None, "permit", three),
        definitions.search(reader, definitions.DefinitionFilter(), page=three),
    ]
    assert [total_of(page) for page in pages] == [told(3, more=True)] * len(pages)
    assert [len(page.items) for page in pages] == [3] * len(pages)
    assert record.length(reader, 100) == PageInfo(total_items=3, has_more_total_items=True)
    assert overview(reader).totals.ledger_entries == len(ledger.all), "figures of the overview stay exact"


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Reader]]:
    """The views of a short ledger, and of one five times as long."""
    views = []
    for number in (400, 2000):
        ledger = Ledger()
        ledger.deploy()
        several(ledger, number)
        for key in range(1000, 1000 + 10 * number, 10):
            ledger.say(key, JobCreated(key + 5, key + 1, "reader", 0, {}), JobCleared(key + 5, PERMIT))
        ledger.say(1000, JobCreated(9, 1001, "bank", 0, {}), JobDenied(9, DENY))
        views.append(Views(Path(tmp_path_factory.mktemp("views")) / "views.sqlite", ledger))
        views[-1].projector.catch_up()
    yield views[0].reader, views[1].reader
    for each in views:
        each.stop()


def of_instances(sort: str, **narrow: Any) -> Callable[[Reader], object]:
    narrow = {"processes": ("invoice", "credit"), "tenants": TENANTS, **narrow}
    sorts = [Sort(sort, "desc")] if sort else []
    return lambda reader: instances.search(reader, InstanceFilter(**narrow), sorts, PageRequest(0, 5))


def of_inbox(sort: str, direction: str, *states: str) -> Callable[[Reader], object]:
    def asked(reader: Reader) -> object:
        audiences = [one.id for one in inbox.audiences(reader)]
        narrow = InboxFilter(audiences=audiences, states=states, tenants=TENANTS)
        return inbox.search(reader, narrow, [Sort(sort, direction)], PageRequest(0, 5))

    return asked


QUESTIONS: dict[str, Callable[[Reader], object]] = {
    **{f"instances by {sort or 'nothing'}": of_instances(sort) for sort in INSTANCE_SORTS},
    **{f"ended instances by {sort or 'nothing'}": of_instances(sort, states=("COMPLETED",)) for sort in INSTANCE_SORTS},
    "instances of no known state": of_instances("startDate", states=("LOST",)),
    "instances of one process": of_instances("startDate", processes=("credit",)),
    "instances of a version": of_instances("", definition_keys=(8,)),
    "instances by their keys": of_instances("startDate", keys=(1000, 1010)),
    "instances of a caller": of_instances("startDate", parents=(1000,)),
    "open items by deadline": of_inbox("dueDate", "asc", "CREATED"),
    "open items by priority": of_inbox("priority", "desc", "CREATED"),
    "open items by age": of_inbox("creationDate", "asc", "CREATED"),
    "items that are done": of_inbox("creationDate", "desc", "COMPLETED", "CANCELED"),
    "items by their end": of_inbox("completionDate", "desc", "COMPLETED", "CANCELED"),
    "rulings": lambda reader: record.clearances(reader, None, page=PageRequest(0, 20)),
    "rulings that denied": lambda reader: record.clearances(reader, None, "deny", PageRequest(0, 20)),
    "rulings of an instance that permitted": lambda reader: record.clearances(reader, 1000, "permit"),
    "history of an instance": lambda reader: record.history(reader, 1000),
    "elements of an instance": lambda reader: instances.elements(reader, 1000),
    "processes": instances.processes,
    "overview": overview,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_costs_more_because_there_is_more(
    question: str, sizes: tuple[Reader, Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNT_MAX", 20)
    short, long = (steps(reader, QUESTIONS[question]) for reader in sizes)
    assert long < short * 1.25 + 200


def test_instances_with_incidents_are_sought_among_themselves(ledger: Ledger, ask: Ask) -> None:
    """However many others there are, and by whatever the list is sorted."""
    ledger.start(100)
    ledger.enter(100, 101, READ, IncidentRaised(102, 101, "job", "ERP is away"))
    few = {sort: steps(ask(), of_instances(sort, has_incident=True)) for sort in INSTANCE_SORTS}
    for key in range(1000, 6000, 10):
        ledger.start(key)
    many = {sort: steps(ask(), of_instances(sort, has_incident=True)) for sort in INSTANCE_SORTS}
    assert all(many[sort] < few[sort] + 10 for sort in INSTANCE_SORTS), (few, many)


def test_what_runs_in_an_instance_is_found_beside_all_that_has_ended_in_it(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.enter(100, 101, REVIEW)
    before = steps(ask(), lambda reader: instances.get(reader, 100))
    for element in range(1000, 1500):
        ledger.enter(100, element, READ)
        ledger.complete(100, element)
    after = steps(ask(), lambda reader: instances.get(reader, 100))
    found = instances.get(ask(), 100)
    assert found is not None
    assert [one.element_id for one in found.current_elements] == ["review"]
    assert after == before


def test_children_are_sought_by_their_caller(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    for key in range(200, 250):
        ledger.say(key, InstanceCreated(key, "invoice", SHA, "<default>", 100 if key < 203 else 0, 101, 1))
    found = instances.search(ask(), InstanceFilter(parents=(100,)), [Sort("processInstanceKey")])
    assert [key_of(row) for row in found.items] == [200, 201, 202]
    assert total_of(found) == told(3)
