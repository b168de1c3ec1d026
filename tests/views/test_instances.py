"""Instances, their elements and variables, as a person looks for them."""

from collections.abc import Callable

import pytest

from clearance.model.events import ElementTerminated, IncidentRaised, IncidentResolved, InstanceCreated, VariablesSet
from clearance.model.values import Value, from_json
from clearance.views.ask import instances
from clearance.views.ask.instances import InstanceFilter
from clearance.views.reader import BadQuery, PageRequest, Reader, Sort

from .ledger import PREPARE, READ, REVIEW, SHA, Ledger, through

Ask = Callable[[], Reader]


def test_an_instance_shows_its_innermost_current_elements(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100, "Invoice 4711")
    ledger.enter(100, 101, PREPARE)
    ledger.enter(100, 102, READ, scope=101)
    ledger.enter(100, 103, REVIEW)
    found = instances.get(ask(), 100)
    assert found is not None
    assert [(element.element_id, element.name) for element in found.current_elements] == [
        ("read", "Read invoice"),
        ("review", "Review invoice"),
    ]
    assert (found.state, found.subject, found.end_date) == ("ACTIVE", "Invoice 4711", None)
    assert (found.process_definition_name, found.process_definition_version) == ("Invoice to pay", 1)


def test_the_process_element_ends_the_instance(ledger: Ledger, ask: Ask) -> None:
    through(ledger, 100)
    ledger.start(200)
    ledger.say(200, ElementTerminated(200))
    reader = ask()
    states = [instances.get(reader, key) for key in (100, 200)]
    assert [state and state.state for state in states] == ["COMPLETED", "TERMINATED"]
    assert all(state and state.end_date and not state.current_elements for state in states)


def test_an_open_incident_flags_instance_and_element_until_it_is_resolved(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.enter(100, 101, READ, IncidentRaised(102, 101, "job", "ERP is away"))
    narrow = InstanceFilter(has_incident=True)
    assert [item.process_instance_key for item in instances.search(ask(), narrow).items] == ["100"]
    assert [element.incident for element in instances.elements(ask(), 100).items] == [True]
    ledger.say(100, IncidentResolved(102, "ada"))
    assert instances.search(ask(), narrow).page.total_items == 0
    assert [element.incident for element in instances.elements(ask(), 100).items] == [False]


def test_lists_are_filtered_sorted_and_paged(ledger: Ledger, ask: Ask) -> None:
    for key in range(100, 110):
        ledger.start(key, f"Invoice 50%_{key}")
    through(ledger, 200, "Credit note")
    reader = ask()
    page = instances.search(reader, InstanceFilter(text="invoice 50%_10"), [Sort("subject", "desc")], PageRequest(2, 3))
    assert [item.process_instance_key for item in page.items] == ["107", "106", "105"]
    assert page.page.total_items == 10
    assert instances.search(reader, InstanceFilter(text="50%x")).page.total_items == 0, "wildcards are text"
    assert instances.search(reader, InstanceFilter(states=["COMPLETED"])).items[0].subject == "Credit note"
    assert instances.search(reader, InstanceFilter(text="200")).items[0].subject == "Credit note"
    assert instances.search(reader, InstanceFilter(processes=[])).items == [], "nothing allowed, nothing shown"


@pytest.mark.parametrize(
    ("sort", "page", "told"),
    [
        ([Sort("1; DROP TABLE instances")], PageRequest(), "cannot sort by"),
        ([Sort("state", "sideways")], PageRequest(), "neither asc nor desc"),
        ([], PageRequest(0, 100_000), "not between 0 and 1000"),
        ([], PageRequest(-1, 10), "page.from"),
    ],
)
def test_what_cannot_be_asked_is_refused(sort: list[Sort], page: PageRequest, told: str, ask: Ask) -> None:
    with pytest.raises(BadQuery, match=told):
        instances.search(ask(), InstanceFilter(), sort, page)


def test_variables_keep_exact_numbers_and_their_latest_value(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.say(100, VariablesSet(100, {"total": Value(from_json("0.1")), "scan": Value({"sha256": SHA})}))
    ledger.say(100, VariablesSet(100, {"total": Value(from_json("1234567890.12345678901234567890"), "reader")}))
    ledger.say(100, VariablesSet(101, {"total": Value(1)}))
    found, _ = instances.variables(ask(), 100)
    assert [(variable.scope, variable.name) for variable in found] == [(100, "scan"), (100, "total"), (101, "total")]
    assert str(found[1].value) == "1234567890.12345678901234567890"
    assert found[1].label == "reader"


def test_a_called_instance_names_the_instance_and_element_that_called_it(ledger: Ledger, ask: Ask) -> None:
    ledger.start(100)
    ledger.say(300, InstanceCreated(300, "invoice", SHA, "<default>", 100, 101, 1))
    reader = ask()
    (found,) = instances.search(reader, InstanceFilter(parents=[100])).items
    assert (found.process_instance_key, found.parent_process_instance_key) == ("300", "100")
    assert found.parent_element_instance_key == "101"
    caller = instances.get(reader, 100)
    assert caller is not None
    assert caller.parent_process_instance_key is None
