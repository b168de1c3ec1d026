"""Looking for a text: the index finds what looking at every row finds, whatever the text, filter, order and page."""

import contextlib
import random
import sqlite3
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
from clearance.views import hits, projector, texts
from clearance.views import reader as reading
from clearance.views.ask import inbox, instances
from clearance.views.ask.inbox import InboxFilter
from clearance.views.ask.instances import InstanceFilter
from clearance.views.hits import Finder
from clearance.views.reader import Page, PageRequest, Reader, Sort
from clearance.views.views import Views

from .ledger import INVOICE, PERMIT, REVIEW, Ledger
from .several import CREDIT, NOON, TENANTS, steps
from .test_lists import key_of

LETTERS = "aAbBc %_\\\"'*019ßÄäİKſ日本é☃\x1f"
"""Wildcards, quotes, letters whose case folds in other ways than ASCII's, and what the index itself makes use of."""
subjects = st.text(LETTERS + "\0", max_size=8)
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
            PROBE=chance.choice((1, 4, 1000)),
            TOGETHER=chance.choice((1, 4)),
        ),
    ):
        both = Both(filled(several, chance), Path(folder))
        every = [part for subject, later, reason in several for part in (subject, later, reason) if part]
        for text in (
            *texts_wanted,
            *(part[chance.randrange(len(part)) :].swapcase().replace("\0", "") for part in every[:3]),
        ):
            ask_both(both, text, chance)
        both.stop()


FOUND: dict[str, tuple[int, ...]] = {
    "müller": (100,),
    "MüLLER": (100,),
    "MÜLLER": (),
    "100%": (110,),
    "0%_": (110,),
    "_": (110,),
    "%": (110,),
    "a\\b": (120,),
    '"': (120,),
    "ß": (100,),
    "日本": (130,),
    "本 C": (130,),
    "100": (100, 110),
    "3": (130,),
    "130": (130,),
    "zq": (),
    "order and what is": (),
}


@pytest.mark.parametrize("due_max", [1, 1000])
@pytest.mark.parametrize("few", [-1, 1000])
@pytest.mark.parametrize("text", FOUND)
def test_a_text_is_any_part_of_a_subject_or_key_whatever_the_case_of_its_latin_letters(
    text: str, few: int, due_max: int, ledger: Ledger, ask: Callable[[], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before there was an index: case counts beyond ASCII, and wildcards stand for themselves."""
    monkeypatch.setattr(texts, "DUE_MAX", due_max)
    monkeypatch.setattr(hits, "FEW", few)
    for key, subject in ((100, "Müller, Straße 7"), (110, "100%_off"), (120, 'a\\b "c"'), (130, "日本 co")):
        ledger.start(key, subject)
    found = instances.search(ask(), InstanceFilter(text=text), [Sort("processInstanceKey")])
    assert tuple(map(key_of, found.items)) == FOUND[text]
    assert found.page.total_items == len(FOUND[text])


@pytest.mark.parametrize("due_max", [1, 1000])
def test_a_subject_that_was_changed_is_found_by_what_it_is_now(
    due_max: int, ledger: Ledger, ask: Callable[[], Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "DUE_MAX", due_max)
    ledger.start(100, "order of chairs")
    ask()
    ledger.say(100, SubjectSet("order of tables"))
    for text, number in (("chairs", 0), ("tables", 1), ("order", 1), ("es", 1), ("rs", 0)):
        assert instances.search(ask(), InstanceFilter(text=text)).page.total_items == number, text


def test_views_of_a_program_without_the_index_are_made_anew_by_one_that_has_it_and_back(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.deploy()
    ledger.start(100, "order of chairs")
    for offered in (True, False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(texts, "offered", lambda known=offered: known)
            views = Views(tmp_path / "views.sqlite", ledger)
        assert views.position() == 0, "made anew"
        views.projector.catch_up()
        assert (Finder(texts.INSTANCES, "chairs")(views.reader) is not None) is offered
        assert instances.search(views.reader, InstanceFilter(text="CHAIR")).page.total_items == 1
        views.stop()


@pytest.mark.parametrize("missing", ["no such module: fts5", "no such tokenizer: trigram"])
def test_an_sqlite_that_cannot_keep_the_index_is_noticed(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        def execute(self, sql: str) -> None:
            raise sqlite3.OperationalError(missing)

        def close(self) -> None:
            pass

    assert texts.offered()
    monkeypatch.setattr(sqlite3, "connect", lambda path: Old())
    assert not texts.offered()


def of_sizes(folder: Path, frequent: str) -> Iterator[Reader]:
    """Views of few instances and of many; invoices have the frequent text in common, credit notes do not.

    All of them were added to the index together: it grows in parts, which are merged as they become many.
    """
    for number in (300, 3000):
        ledger = Ledger()
        ledger.deploy()
        ledger.deploy(CREDIT, key=8)
        for key in range(1000, 1000 + number):
            process = INVOICE if key % 2 else CREDIT
            subject = "needle" if key == 1001 else f"{frequent} {key * 7919 % 10_000}" if key % 2 else f"note {key}"
            ledger.start(key, subject, process)
        with set_to(texts, DUE_MAX=number), set_to(projector, BATCH_MAX=len(ledger.all)):
            views = Views(folder / f"{number}.sqlite", ledger)
            views.projector.catch_up()
        assert views.reader.count("SELECT count(*) FROM instances_due") == 0
        yield views.reader
        views.stop()


@pytest.mark.parametrize("sort", instances.SORTABLE)
@pytest.mark.parametrize(
    ("text", "narrow"),
    [
        ("nobody has this", {}),
        ("zq", {}),
        ("needle", {}),
        ("needle", {"states": ("ACTIVE",), "tenants": TENANTS, "processes": ("invoice",)}),
        ("frequent", {"processes": ("invoice",)}),
        ("frequent", {"processes": ("invoice",), "states": ("ACTIVE", "COMPLETED")}),
        ("frequent", {"has_incident": True}),
    ],
)
def test_a_search_costs_no_more_because_there_is_more(
    text: str, narrow: dict[str, Any], sort: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However rare or frequent the text is."""
    monkeypatch.setattr(reading, "COUNT_MAX", 20)
    for name in ("FEW", "PROBE"):
        monkeypatch.setattr(hits, name, 10)

    def question(reader: Reader) -> object:
        return instances.search(reader, InstanceFilter(text=text, **narrow), [Sort(sort, "desc")], PageRequest(0, 5))

    short, long = (steps(reader, question) for reader in of_sizes(tmp_path, "frequent"))
    assert long < short * 1.25 + 200
