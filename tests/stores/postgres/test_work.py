"""The jobs at work are a journal: whatever comes and goes, and whenever it is folded, what is read is what is left."""

import random
from typing import Any

import pytest

from clearance.engine.ports import Batch, Interrupted, StoreError
from clearance.stores.postgres import PostgresStore, work
from clearance.testing.store_suite import entry
from tests.stores.server import cut

psycopg: Any = pytest.importorskip("psycopg")


def _batch(position: int, come: dict[int, int] | None = None, gone: set[int] | None = None) -> Batch:
    return Batch(entries=[entry(position, 7, position)], work_set=come or {}, work_gone=gone or set(), next_key=9)


def _rows(database: str) -> int:
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM clearance_0.work_journal").fetchone()
        return int(found[0])


def test_whatever_comes_and_goes_what_is_left_is_read_also_by_the_next_owner(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHANGES_MAX", 40)
    chance = random.Random(5)
    left: dict[int, int] = {}
    store = PostgresStore(database)
    for position in range(1, 201):
        come = {chance.randrange(60): chance.randrange(5) for _ in range(chance.randrange(8))}
        gone = {chance.randrange(60) for _ in range(chance.randrange(8))}
        store.commit(_batch(position, come, gone))
        left = {job: instance for job, instance in left.items() if job not in gone} | come
        assert list(store.at_work()) == sorted(left.items())
        assert list(store.work()) == sorted((instance, job) for job, instance in left.items())
        assert _rows(database) <= 41
        if position % 30 == 0:
            store.close()
            store = PostgresStore(database)
    store.close()


def test_a_commit_without_jobs_leaves_the_journal_alone(database: str) -> None:
    store = PostgresStore(database)
    store.commit(_batch(1))
    assert _rows(database) == 0
    store.commit(_batch(2, {4: 7}))
    store.commit(_batch(3))
    assert _rows(database) == 1
    store.close()


def test_many_jobs_that_wait_are_not_written_anew_with_every_few_that_come(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHANGES_MAX", 10)
    store = PostgresStore(database)
    store.commit(_batch(1, dict.fromkeys(range(1000), 7)))
    for position in range(2, 102):
        store.commit(_batch(position, {position + 5000: 7}))
    assert _rows(database) == 101
    assert len(store.at_work()) == 1100
    store.close()


def test_what_was_refused_is_not_in_it(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHANGES_MAX", 3)
    store = PostgresStore(database)
    store.commit(_batch(1, {1: 7, 2: 7}))
    with pytest.raises(StoreError):
        store.commit(_batch(1, {3: 7}, {1}))
    store.commit(_batch(2, {4: 7}, {2}))
    assert list(store.at_work()) == [(1, 7), (4, 7)]
    store.close()


@pytest.mark.parametrize("done", [True, False])
def test_after_a_commit_in_doubt_it_has_each_change_once(
    database: str, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    monkeypatch.setattr(work, "CHANGES_MAX", 3)
    store = PostgresStore(database)
    store.commit(_batch(1, {1: 7, 2: 7}))
    write = store._write

    def cut_off(batch: Batch, epoch: int) -> None:
        if done:
            write(batch, epoch)
        cut(database)
        store._writes.execute("SELECT 1")

    monkeypatch.setattr(store, "_write", cut_off)
    doubtful = _batch(2, {3: 8}, {1})
    with pytest.raises(Interrupted):
        store.commit(doubtful)
    monkeypatch.setattr(store, "_write", write)
    store.commit(doubtful)
    store.commit(_batch(3, {4: 9}, {2}))
    assert list(store.at_work()) == [(3, 8), (4, 9)]
    assert _rows(database) == 1, "it was folded"
    store.close()
