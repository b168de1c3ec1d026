"""The projector: it follows, it can be rebuilt to the same content, and it mends what is damaged or foreign."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from clearance.model.events import (
    ApprovalGiven,
    ApprovalRequested,
    IncidentRaised,
    JobCleared,
    JobCreated,
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    VariablesSet,
)
from clearance.model.values import Value
from clearance.views.ask import instances
from clearance.views.texts import TABLES
from clearance.views.views import Views

from .ledger import ASK, PAY, PERMIT, READ, REVIEW, SHA, Ledger, through


def content_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and the schema; but what the index of texts holds depends on when it was filled."""
    connection = sqlite3.connect(path)
    schema = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    named = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    tables = [name for (name,) in named if not name.startswith(TABLES)]
    rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    return {"schema": schema, **rows}


def eventful(ledger: Ledger) -> None:
    """A ledger in which every view has something to keep."""
    for instance in range(100, 160):
        ledger.start(instance, f"Invoice {instance}")
        ledger.enter(instance, instance * 10, READ, JobCreated(instance * 10 + 1, instance * 10, "reader", 0, {}))
        ledger.say(instance, JobCleared(instance * 10 + 1, PERMIT))
        ledger.say(instance, VariablesSet(instance, {"scan": Value({"sha256": SHA, "size": 9, "name": "a.pdf"})}))
        task = TaskCreated(instance * 10 + 3, instance * 10 + 2, "", ("clerk",), (), 0, 0, 50, "", {"reasons": ["?"]})
        ledger.enter(instance, instance * 10 + 2, REVIEW, task)
        ledger.say(instance, TaskAssigned(instance * 10 + 3, "cora", "cora", PERMIT))
        if instance % 3:
            ledger.say(instance, TaskCompleted(instance * 10 + 3, "cora", "pay", "fine", PERMIT))
        if instance % 5 == 0:
            ledger.say(instance, IncidentRaised(instance * 10 + 4, instance * 10 + 2, "job", "ERP is away"))
        if instance % 7 == 0:
            pay = instance * 10 + 5
            ledger.enter(instance, pay, PAY, JobCreated(pay + 1, pay, "bank", 0, {}))
            ledger.say(instance, ApprovalRequested(pay + 2, pay + 1, ASK, {"amount": 12_000}))
            ledger.say(instance, ApprovalGiven(pay + 2, "ann", ("approver",), True, "ok", PERMIT))
        if instance % 2:
            ledger.complete(instance, instance)


def test_a_rebuilt_database_equals_the_kept_one_in_every_row(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.deploy()
    kept = Views(tmp_path / "kept.sqlite", ledger)
    eventful(ledger)
    half = Ledger()
    half.all = ledger.all[: len(ledger.all) // 2]
    kept.projector._stores = [half]  # type: ignore[list-item]
    kept.projector.catch_up()
    kept.stop()
    kept = Views(tmp_path / "kept.sqlite", ledger)
    assert kept.position() == len(half.all)
    assert kept.projector.catch_up() == len(ledger.all)
    kept.stop()

    rebuilt = Views(tmp_path / "rebuilt.sqlite", ledger)
    rebuilt.projector.catch_up()
    rebuilt.stop()

    content = content_of(tmp_path / "kept.sqlite")
    assert content == content_of(tmp_path / "rebuilt.sqlite")
    empty = {table for table, rows in content.items() if not rows}
    assert empty <= {"messages", "correlations", "offers", "sqlite_stat1"}, f"nothing was compared in {empty}"


def test_it_follows_in_its_own_thread_and_a_client_reads_its_own_write(ledger: Ledger, tmp_path: Path) -> None:
    views = Views(tmp_path / "views.sqlite", ledger)
    views.start()
    ledger.start(100, "Invoice 1")
    position = ledger.start(101, "Invoice 2")
    assert views.wait_for(position, 5)
    found = instances.get(views.reader, 101)
    assert found is not None
    assert found.subject == "Invoice 2"
    assert not views.wait_for(position + 1, 0.05), "what is not committed cannot be waited for"
    views.stop()
    assert ledger.closed


def test_listeners_hear_the_position_and_what_changed(ledger: Ledger, tmp_path: Path) -> None:
    views = Views(tmp_path / "views.sqlite", ledger)
    heard: list[tuple[int, frozenset[str]]] = []
    views.projector.listen(lambda position, topics: heard.append((position, topics)))
    views.projector.catch_up()
    ledger.start(100)
    position = ledger.enter(100, 101, REVIEW, TaskCreated(102, 101, "", ("clerk",), (), 0, 0, 50, "", None))
    views.projector.catch_up()
    assert heard == [(1, frozenset({"overview"})), (position, frozenset({"inbox", "instances", "overview"}))]
    views.stop()


@pytest.mark.parametrize("damage", ["not a database", "older schema", "other ledger", "ahead of the ledger"])
def test_a_database_that_does_not_fit_is_built_anew(damage: str, ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "views.sqlite"
    through(ledger, 100, "Invoice 1")
    views = Views(path, ledger)
    views.projector.catch_up()
    views.stop()
    if damage == "not a database":
        path.write_bytes(b"this was once a database" * 500)
    elif damage == "older schema":
        connection = sqlite3.connect(path)
        connection.execute("UPDATE projected SET fingerprint = 'of an older version'")
        connection.commit()
        connection.close()
    elif damage == "other ledger":
        ledger = Ledger()
        ledger.deploy()
        through(ledger, 200, "Invoice 2")
    else:
        ledger.all.pop()

    views = Views(path, ledger)
    assert views.position() == 0
    views.projector.catch_up()
    found = instances.search(views.reader, instances.InstanceFilter())
    wanted = {"other ledger": "Invoice 2"}.get(damage, "Invoice 1")
    assert [item.subject for item in found.items] == [wanted]
    views.stop()


def test_a_failed_projection_is_told_and_nobody_waits_for_it(ledger: Ledger, tmp_path: Path) -> None:
    views = Views(tmp_path / "views.sqlite", ledger)
    broken = ledger.all[0].__class__(2, 100, 1, b"", b'[2,100,1,0,{},[["no-such-event"]]]')
    ledger.all.append(broken)
    views.start()
    assert not views.wait_for(2, 5)
    assert "no-such-event" in str(views.projector.failure)
    assert views.position() == 0, "the batch is taken whole or not at all"
