"""Looking for a text: the index finds what looking at every row finds, whatever the text, filter, order and page."""

import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.model.events import (
    ElementActivated,
    ElementActivating,
    ElementCompleted,
    ElementTerminated,
    Event,
    IncidentRaised,
    InstanceCreated,
    InstanceMigrated,
    SubjectSet,
    TaskCompleted,
    TaskCreated,
)
from clearance.views import hits, lists, projector, texts
from clearance.views.ask import inbox, instances
from clearance.views.ask.inbox import InboxFilter
from clearance.views.ask.instances import InstanceFilter
from clearance.views.reader import Page, PageRequest, Reader, Sort
from clearance.views.views import Views

from .ledger import INVOICE, PERMIT, REVIEW, Ledger
from .test_lists import CREDIT, NOON, TENANTS

LETTERS = "aAbBc %_\\\"'*019ßÄäİKſ日本é☃\x1f\x00\ue000"
"""Wildcards, quotes, letters whose case folds in other ways than ASCII's, and what the index itself makes use of."""
subjects = st.text(LETTERS, max_size=8)
wanted = st.text(LETTERS, max_size=5) | st.sampled_from(["1", "10", "100", "a", "ab", "Review", "e i"])


@contextlib.contextmanager
def set_to(module: Any, **values: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(module, name, value)
        yield


class Both:
    """The same ledger in views that have the index, and in views that have none."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.indexed = Views(folder / "indexed.sqlite", ledger)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(texts, "offered", lambda: False)
            self.plain = Views(folder / "plain.sqlite", ledger)
        for views in (self.indexed, self.plain):
            views.projector.catch_up()

    def agree(self, question: Callable[[Reader], Page[Any]]) -> Page[Any]:
        found = question(self.indexed.reader)
        assert found == question(self.plain.reader)
        return found

    def stop(self) -> None:
        self.indexed.stop()
        self.plain.stop()


def filled(several: list[tuple[str, str, str]], chance: random.Random) -> Ledger:
    """Instances of two processes and tenants, with these subjects before and after, and an item for these reasons."""
    ledger = Ledger()
    ledger.deploy()
    ledger.deploy(CREDIT, key=8)
    for number, (subject, _, reason) in enumerate(several):
        key, process = 1000 + 10 * number, chance.choice((INVOICE, CREDIT))
        created = InstanceCreated(key, process.id, process.content_hash(), chance.choice(TENANTS))
        brief = {"reasons": [reason]}
        item = TaskCreated(key + 2, key + 1, chance.choice(("", "cora")), ("clerk",), (), 0, 0, 50, "", brief)
        started = (ElementActivating(key, 0, 0), ElementActivated(key), ElementActivating(key + 1, REVIEW, key), item)
        ledger.say(key, created, SubjectSet(subject), *started, at=NOON + chance.randrange(9))
    for number, (subject, later, _) in enumerate(several):
        key = 1000 + 10 * number
        migrated = (InstanceMigrated("credit", CREDIT.content_hash(), {}, {}, "ada", ""),)
        changed: dict[str, tuple[Event, ...]] = {
            "stays": (),
            "told anew": () if later == subject else (SubjectSet(later),),
            "migrated": migrated,
            "done": (TaskCompleted(key + 2, "cora", "pay", "", PERMIT), ElementCompleted(key)),
            "stopped": (ElementTerminated(key),),
            "stuck": (IncidentRaised(key + 3, key + 1, "job", later),),
        }
        ledger.say(key, *changed[chance.choice(tuple(changed))], at=NOON + chance.randrange(9))
    return ledger


def some(chance: random.Random, *values: Any) -> tuple[Any, ...] | None:
    """Any of the values, or None."""
    return chance.choice((None, tuple(value for value in values if chance.random() < 0.6)))


def ask_both(both: Both, text: str, chance: random.Random) -> None:
    """A list of instances and one of items, narrowed and sorted in some way."""
    page = PageRequest(chance.choice((0, 0, 2)), chance.choice((0, 3, 50)))
    narrow = InstanceFilter(
        text=text,
        states=some(chance, "ACTIVE", "COMPLETED", "TERMINATED"),
        processes=some(chance, "invoice", "credit", "other"),
        tenants=some(chance, *TENANTS),
        definition_keys=some(chance, 7, 8),
        has_incident=chance.choice((None, None, True, False)),
    )
    sort = Sort(chance.choice(tuple(instances.SORTABLE)), chance.choice(("asc", "desc")))
    both.agree(lambda reader: instances.search(reader, narrow, [sort], page))
    audiences = [one.id for one in inbox.audiences(both.plain.reader) if chance.random() < 0.8]
    items = InboxFilter(audiences=audiences, text=text, states=some(chance, "CREATED", "COMPLETED"))
    order = Sort(chance.choice(tuple(inbox.SORTABLE)), chance.choice(("asc", "desc")))
    both.agree(lambda reader: inbox.search(reader, items, [order], page))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(subjects, subjects, subjects), max_size=25), st.lists(wanted, min_size=3, max_size=3), st.data()
)
def test_a_text_is_found_as_if_every_row_were_looked_at(
    several: list[tuple[str, str, str]], texts_wanted: list[str], data: st.DataObject
) -> None:
    chance = random.Random(data.draw(st.integers(0, 10**6)))
    with (
        TemporaryDirectory() as folder,
        set_to(texts, DUE_MAX=chance.choice((1, 4, 1000))),
        set_to(projector, BATCH_MAX=chance.choice((3, 500))),
        set_to(
            hits,
            FEW=chance.choice((-1, 0, 3, 8, 1000)),
            FEW_OF_PLACE=chance.choice((-1, 0, 3, 1000)),
            PROBE=chance.choice((1, 4, 1000)),
            TOGETHER=chance.choice((1, 4)),
        ),
        set_to(lists, WALKED_MAX=chance.choice((0, 5, 1000)), PLACES_MAX=chance.choice((1, 100))),
    ):
        both = Both(filled(several, chance), Path(folder))
        every = [part for subject, later, reason in several for part in (subject, later, reason) if part]
        for text in (*texts_wanted, *(part[chance.randrange(len(part)) :].swapcase() for part in every[:3])):
            ask_both(both, text, chance)
        both.stop()
