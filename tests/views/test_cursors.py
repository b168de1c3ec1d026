"""Cursors: whoever follows them sees each row once, in order, whatever comes meanwhile; far pages cost no more."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clearance.model.clearance import Ruling
from clearance.model.events import InstanceCreated, JobCleared, JobCreated, VariablesSet
from clearance.model.values import Value
from clearance.views import reader as reading
from clearance.views.ask import definitions, inbox, instances, record
from clearance.views.ask.definitions import DefinitionFilter
from clearance.views.ask.inbox import InboxFilter
from clearance.views.ask.instances import InstanceFilter
from clearance.views.reader import BadQuery, Page, PageRequest, Reader, Sort
from clearance.views.views import Views

from .ledger import INVOICE, PERMIT, READ, Ledger
from .several import NOON, TENANTS, several, steps

Ask = Callable[[], Reader]
Asked = Callable[[PageRequest], Page[Any]]


def forwards(ask: Asked, limit: int) -> list[Any]:
    """Page after page, from the first one to the last."""
    return [item for page in _pages(ask, "after", "end_cursor", limit) for item in page]


def backwards(ask: Asked, cursor: str, limit: int) -> list[Any]:
    """All that is before a cursor, page before page."""
    pages = _pages(ask, "before", "start_cursor", limit, cursor)
    return [item for page in reversed(list(pages)) for item in page]


def _pages(ask: Asked, way: str, end: str, limit: int, cursor: str = "") -> Iterator[list[Any]]:
    totals = set()
    for _ in range(200):
        page = ask(PageRequest(limit=limit, **{way: cursor}))  # type: ignore[arg-type]
        totals.add(page.page.total_items)
        assert len(totals) == 1, "the total is that of the list, not of what lies beyond the cursor"
        assert len(page.items) <= limit
        if not page.items:
            assert page.page.start_cursor is page.page.end_cursor is None
            return
        yield page.items
        cursor = getattr(page.page, end)
    raise AssertionError("the pages do not end")


@pytest.fixture
def mixed(ledger: Ledger, ask: Ask) -> Reader:
    several(ledger, 60)
    return ask()


NARROWED: dict[str, dict[str, Any]] = {
    "all": {},
    "as the routes ask": {"processes": ("invoice", "credit"), "tenants": TENANTS, "states": ("ACTIVE", "COMPLETED")},
    "a version": {"definition_keys": (8,)},
    "with an incident": {"has_incident": True},
    "a text": {"text": "order 3"},
    "keys": {"keys": tuple(range(1000, 1500, 20))},
    "children of nobody": {"parents": ()},
}
SORTS = [
    *([Sort(field, direction)] for field in instances.SORTABLE for direction in ("asc", "desc")),
    [Sort("state"), Sort("processDefinitionId", "desc"), Sort("startDate"), Sort("subject", "desc")],
    [Sort("subject", "desc"), Sort("endDate"), Sort("processInstanceKey")],
    [],
]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: " ".join(f"{one.field} {one.order}" for one in sort) or "none")
@pytest.mark.parametrize("narrow", NARROWED)
def test_instances_are_the_same_by_cursors_either_way(narrow: str, sort: list[Sort], mixed: Reader) -> None:
    def asked(page: PageRequest) -> Page[Any]:
        return instances.search(mixed, InstanceFilter(**NARROWED[narrow]), sort, page)

    whole = asked(PageRequest(0, 1000))
    assert forwards(asked, 7) == whole.items
    if whole.items:
        assert backwards(asked, whole.page.end_cursor or "", 7) == whole.items[:-1]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("field", inbox.SORTABLE)
@pytest.mark.parametrize("text", ["", "order"])
def test_items_are_the_same_by_cursors_either_way(text: str, field: str, direction: str, mixed: Reader) -> None:
    audiences = [one.id for one in inbox.audiences(mixed)]

    def asked(page: PageRequest) -> Page[Any]:
        return inbox.search(mixed, InboxFilter(audiences=audiences, text=text), [Sort(field, direction)], page)

    whole = asked(PageRequest(0, 1000))
    assert len(whole.items) >= 60
    assert forwards(asked, 11) == whole.items
    assert backwards(asked, whole.page.end_cursor or "", 11) == whole.items[:-1]


def test_every_other_list_is_the_same_by_cursors_too(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    for element in range(101, 111):
        two = JobCleared(element + 100, PERMIT), JobCleared(element + 100, Ruling("permit", "cd" * 32))
        ledger.enter(100, element, READ, JobCreated(element + 100, element, "reader", 0, {}), *two)
        ledger.say(100, VariablesSet(element, {"total": Value(1), "tax": Value(2)}))
    for version in range(2, 7):
        ledger.deploy(key=10 + version, version=version)
    reader = ask()

    def variables(page: PageRequest) -> Page[Any]:
        items, total = instances.variables(reader, 100, page=page)
        return Page(items=items, page=total)

    lists: dict[str, tuple[int, Asked]] = {
        "elements": (10, lambda page: instances.elements(reader, 100, page=page)),
        "variables": (20, variables),
        "history": (21, lambda page: record.history(reader, 100, page)),
        "rulings of one": (20, lambda page: record.clearances(reader, 100, page=page)),
        "rulings of all": (20, lambda page: record.clearances(reader, None, "permit", page)),
        "definitions": (6, lambda page: definitions.search(reader, DefinitionFilter(), page=page)),
        "definitions by name": (
            6,
            lambda page: definitions.search(reader, DefinitionFilter(), [Sort("name"), Sort("version", "desc")], page),
        ),
    }
    for name, (number, asked) in lists.items():
        whole = asked(PageRequest(0, 1000))
        assert len(whole.items) == number, name
        assert forwards(asked, 4) == whole.items, name
        assert backwards(asked, whole.page.end_cursor or "", 4) == whole.items[:-1], name


def test_what_comes_meanwhile_moves_no_page(ledger: Ledger, ask: Ask) -> None:
    """A page that begins at a number would show again what has moved down."""
    for key in range(1000, 1100, 10):
        ledger.start(key, at=NOON + key)
    first = instances.search(ask(), InstanceFilter(), page=PageRequest(0, 4))
    for key in range(2000, 2030, 10):
        ledger.start(key, at=NOON + key)
    behind = PageRequest(limit=4, after=first.page.end_cursor or "")
    shown = [*first.items, *instances.search(ask(), InstanceFilter(), page=behind).items]
    assert [int(one.process_instance_key) for one in shown] == [*range(1090, 1010, -10)]
    new = PageRequest(limit=4, before=first.page.start_cursor or "")
    come = instances.search(ask(), InstanceFilter(), page=new)
    assert [int(one.process_instance_key) for one in come.items] == [2020, 2010, 2000]


FAR: dict[str, tuple[str, str, dict[str, Any]]] = {
    "newest first": ("startDate", "desc", {}),
    "oldest first": ("startDate", "asc", {}),
    "of one state": ("startDate", "desc", {"states": ("ACTIVE",)}),
    "by key": ("processInstanceKey", "asc", {}),
    "by subject": ("subject", "asc", {}),
    "last ended first": ("endDate", "desc", {"states": ("COMPLETED",)}),
    "first ended first": ("endDate", "asc", {}),
    "by state": ("state", "asc", {}),
}


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Reader]]:
    """The views of a ledger, and of one more than twice as long."""
    views = []
    for number in (1000, 2500):
        ledger = Ledger()
        ledger.deploy()
        several(ledger, number)
        ledger.start(1)
        for element in range(100_000, 100_000 + number):
            ledger.enter(1, element, READ, JobCreated(element + 5000, element, "reader", 0, {}))
            ledger.say(1, JobCleared(element + 5000, PERMIT))
        views.append(Views(Path(tmp_path_factory.mktemp("views")) / "views.sqlite", ledger))
        views[-1].projector.catch_up()
    yield views[0].reader, views[1].reader
    for each in views:
        each.stop()


Searched = Callable[[Reader, PageRequest], Page[Any]]


def found_instances(case: str) -> Searched:
    field, direction, narrow = FAR[case]
    narrowed = InstanceFilter(processes=("invoice", "credit"), tenants=TENANTS, **narrow)
    return lambda reader, page: instances.search(reader, narrowed, [Sort(field, direction)], page)


def found_items(sort: Sort) -> Searched:
    def asked(reader: Reader, page: PageRequest) -> Page[Any]:
        audiences = [one.id for one in inbox.audiences(reader)]
        narrowed = InboxFilter(audiences=audiences, states=("CREATED",), tenants=TENANTS)
        return inbox.search(reader, narrowed, [sort], page)

    return asked


SEARCHES: dict[str, Searched] = {
    **{f"instances, {case}": found_instances(case) for case in FAR},
    "inbox by age": found_items(Sort("creationDate")),
    "inbox by priority": found_items(Sort("priority", "desc")),
    "inbox by deadline": found_items(Sort("dueDate")),
    "rulings": lambda reader, page: record.clearances(reader, None, page=page),
    "history": lambda reader, page: record.history(reader, 1, page),
    "elements": lambda reader, page: instances.elements(reader, 1, page=page),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_a_page_far_behind_in_a_long_list_costs_no_more_than_one_near_in_a_short_one(
    search: str, sizes: tuple[Reader, Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNT_MAX", 20)
    asked = SEARCHES[search]
    costs = []
    for reader, start in zip(sizes, (0, 500), strict=True):
        cursor = asked(reader, PageRequest(start, 10)).page.end_cursor or ""
        costs.append(steps(reader, lambda reader, cursor=cursor: asked(reader, PageRequest(limit=10, after=cursor))))
    assert costs[1] < costs[0] * 1.25 + 200, costs


def told(page: PageRequest, reader: Reader) -> str:
    with pytest.raises(BadQuery) as refused:
        instances.search(reader, InstanceFilter(), [Sort("startDate")], page)
    return str(refused.value)


def test_what_is_no_cursor_of_the_list_is_said(mixed: Reader) -> None:
    by_subject = instances.search(mixed, InstanceFilter(), [Sort("subject")], PageRequest(0, 1)).page.end_cursor or ""
    other_way = instances.search(mixed, InstanceFilter(), [Sort("startDate", "desc")]).page.end_cursor or ""
    for cursor in (by_subject, other_way):
        assert "sorted otherwise" in told(PageRequest(after=cursor), mixed)
        assert told(PageRequest(before=cursor), mixed).startswith("page.before: ")
    for strange in ("x", "&%$", "bnVsbA==", "é", "=" * 50, _written(["a", None])):
        assert "is no cursor" in told(PageRequest(after=strange), mixed), strange
    ours = instances.search(mixed, InstanceFilter(), [Sort("startDate")], PageRequest(0, 1)).page.end_cursor or ""
    mark = json.loads(base64.b64decode(ours))[0]
    for forged in ([mark], [mark, 1], [mark, 1, 2, 3]):
        assert "sorted otherwise" in told(PageRequest(after=_written(forged)), mixed)
    for forged in ([mark, 2**63, 1], [mark, 1, -(2**70)], [mark, True, 1], [mark, 1.5, 1], [mark, [], 1]):
        assert "is no cursor" in told(PageRequest(after=_written(forged)), mixed), forged


def _written(content: list[Any]) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_a_page_begins_in_one_way(mixed: Reader) -> None:
    first = instances.search(mixed, InstanceFilter(), [Sort("startDate")], PageRequest(0, 1)).page.end_cursor or ""
    assert "from and after exclude each other" in told(PageRequest(start=1, after=first), mixed)
    assert "after and before exclude each other" in told(PageRequest(after=first, before=first), mixed)


def test_an_instance_that_has_gone_leaves_its_cursor_good(ledger: Ledger, ask: Ask) -> None:
    """Whoever was the last of a page may be in another place by now, or nowhere."""
    for key in (100, 200, 300):
        ledger.say(key, InstanceCreated(key, INVOICE.id, INVOICE.content_hash(), "<default>"), at=NOON)
    narrow, sort = InstanceFilter(states=("ACTIVE",)), [Sort("processInstanceKey")]
    first = instances.search(ask(), narrow, sort, PageRequest(0, 2))
    ledger.complete(200, 200)
    behind = instances.search(ask(), narrow, sort, PageRequest(after=first.page.end_cursor or ""))
    assert [one.process_instance_key for one in behind.items] == ["300"]
