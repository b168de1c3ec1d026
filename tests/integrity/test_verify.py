"""Verification: every way of tampering with a copy of a database is found and named."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import Verification, verify
from clearance.ledger.store import StoreError
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from clearance.testing.scenario import PermitAll
from tests.kernel.files import END, START, boundary, bpmn, event, message, service, timer

Tamper = Callable[[sqlite3.Connection], object]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ended and waiting instances, with jobs, timers, retries and subscriptions; longer than between two snapshots."""
    path = tmp_path_factory.mktemp("ledger") / "l.sqlite"
    store = SqliteStore(path)
    scenario = Scenario(store=store)
    edges = boundary("t", "work", timer("P1D")) + boundary("m", "work", message("stop"), interrupting=False)
    starts = START + event("startEvent", "by_message", message("order"))
    scenario.deploy(
        bpmn(starts + service("work") + END + edges, "s -> work\nby_message -> work\nwork -> e\nt -> e\nm -> e")
    )
    runs = [scenario.start("p", {"n": number}) for number in range(4)]
    scenario.complete_job("work", {"done": True})
    for number in range(40):
        scenario.set_variables(runs[1], {"n": number})
    scenario.publish("order", time_to_live="P1D")
    scenario.publish("stop")
    store.close()
    return path


def _verified(path: Path) -> Verification:
    store = SqliteStore(path, readonly=True)
    try:
        registry = Registry(Feel(), read_decisions)
        registry.load(list(store.definitions()), list(store.decisions()))
        return verify(store, registry)
    finally:
        store.close()


def _tampered(ledger: Path, folder: Path, tamper: Tamper) -> Verification:
    path = folder / "copy.sqlite"
    shutil.copy(ledger, path)
    with sqlite3.connect(path) as db:
        tamper(db)
    db.close()
    return _verified(path)


def _swap(db: sqlite3.Connection) -> None:
    rows = db.execute(
        "SELECT position, hash, content FROM entries WHERE position IN (3, 4) ORDER BY position"
    ).fetchall()
    for (position, _, _), (_, digest, content) in zip(rows, reversed(rows), strict=True):
        db.execute("UPDATE entries SET hash = ?, content = ? WHERE position = ?", (digest, content, position))


def _edit_snapshot(db: sqlite3.Connection) -> None:
    key, state = db.execute(
        "SELECT key, snapshot FROM instances WHERE status = 'active' AND key <> 0 ORDER BY key"
    ).fetchone()
    db.execute("UPDATE instances SET snapshot = ? WHERE key = ?", (state.replace(b'"n"', b'"m"'), key))


def _forge(db: sqlite3.Connection) -> None:
    """An entry with a content of one's own and a hash that fits it, as somebody would who knows how it is done."""
    import hashlib

    position, stream, sequence, content = db.execute(
        "SELECT position, stream, sequence, content FROM entries WHERE position = 10"
    ).fetchone()
    query = "SELECT hash FROM entries WHERE stream = ? AND sequence = ?"
    before = db.execute(query, (stream, sequence - 1)).fetchone()
    content = content.replace(b'"n"', b'"q"')
    digest = hashlib.sha256((before[0] if before else bytes(32)) + content).digest()
    db.execute("UPDATE entries SET content = ?, hash = ? WHERE position = ?", (content, digest, position))


def _change_byte(db: sqlite3.Connection) -> None:
    (content,) = db.execute("SELECT content FROM entries WHERE position = 5").fetchone()
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    db.execute("UPDATE entries SET content = ? WHERE position = 5", (changed,))


def _renumber(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entries WHERE position = 8")
    for (position,) in db.execute("SELECT position FROM entries WHERE position > 8 ORDER BY position").fetchall():
        db.execute("UPDATE entries SET position = ? WHERE position = ?", (position - 1, position))


def _run(*statements: str) -> Tamper:
    return lambda db: [db.execute(statement) for statement in statements]


_WAYS: dict[str, tuple[Tamper, str]] = {
    "a byte of an entry": (_change_byte, "entry 5"),
    "the hash of an entry": (_run("UPDATE entries SET hash = zeroblob(32) WHERE position = 5"), "entry 5"),
    "an entry with a hash that fits": (_forge, "hash is wrong"),
    "an entry that is gone": (_run("DELETE FROM entries WHERE position = 7"), "entry 7 is missing"),
    "an entry that is gone, the others renumbered": (_renumber, "says of itself that it is entry 9"),
    "two entries that changed places": (_swap, "says of itself that it is entry 4"),
    "the first entry": (_run("DELETE FROM entries WHERE position = 1"), "entry 1 is missing"),
    "the tail": (
        _run("DELETE FROM entries WHERE position > (SELECT max(position) - 3 FROM entries)"),
        "entries were committed",
    ),
    "the tail, and the note of it": (
        _run(
            "DELETE FROM entries WHERE position > (SELECT max(position) - 3 FROM entries)",
            "DELETE FROM meta WHERE name = 'position'",
        ),
        "which is not there",
    ),
    "a snapshot": (_edit_snapshot, "is not what its events lead to"),
    "the status of an instance": (
        _run("UPDATE instances SET status = 'terminated' WHERE status = 'completed'"),
        "says",
    ),
    "the hash of a row": (
        _run("UPDATE instances SET hash = zeroblob(32) WHERE status = 'active'"),
        "another entry or hash",
    ),
    "an instance without its row": (
        _run("DELETE FROM instances WHERE status = 'completed'"),
        "no row is kept for instance",
    ),
    "a timer that is gone": (_run("DELETE FROM timers"), "is not in the index: it would never happen"),
    "a timer at another time": (_run("UPDATE timers SET due = due + 1"), "with other values"),
    "a timer of nobody": (_run("INSERT INTO timers VALUES (99, 5, 98, 'timer', '')"), "there is none"),
    "a subscription that is gone": (_run("DELETE FROM subscriptions WHERE instance <> 0"), "is not in the index"),
    "a subscription of another key": (
        _run("UPDATE subscriptions SET correlation_key = 'x' WHERE instance <> 0"),
        "with other values",
    ),
    "work that nobody would do": (_run("DELETE FROM at_work"), "nobody would do them"),
    "work of an ended instance": (
        _run("INSERT INTO at_work SELECT key FROM instances WHERE status = 'completed'"),
        "it has none",
    ),
    "work of nobody": (_run("INSERT INTO at_work VALUES (99)"), "there is none"),
    "the content of a process": (
        _run("UPDATE definitions SET content = replace(CAST(content AS TEXT), 'work', 'play')"),
        "is not what was deployed",
    ),
    "a process that is gone": (_run("DELETE FROM definitions"), "is not deployed"),
}


def test_what_nobody_has_touched_verifies(ledger: Path) -> None:
    found = _verified(ledger)
    assert found.problems == ()
    assert (found.ok, found.streams) == (True, 6)
    assert found.entries > 50


@pytest.mark.parametrize("way", list(_WAYS))
def test_what_was_tampered_with_is_named(ledger: Path, tmp_path: Path, way: str) -> None:
    tamper, says = _WAYS[way]
    found = _tampered(ledger, tmp_path, tamper)
    assert any(says in problem.message for problem in found.problems), found.problems
    assert not found.ok


def test_an_engine_does_not_go_on_upon_a_ledger_whose_end_is_missing(ledger: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    shutil.copy(ledger, path)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM entries WHERE position > 20")
    db.close()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="ends at entry 20"):
        Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    store.close()


def test_progress_is_told_and_the_count_is_right(ledger: Path) -> None:
    told: list[int] = []
    store = SqliteStore(ledger, readonly=True)
    registry = Registry(Feel(), read_decisions)
    registry.load(list(store.definitions()), [])
    found = verify(store, registry, progress=told.append)
    store.close()
    assert told[-1] == found.entries


def test_a_ledger_in_use_is_verified_as_one_commit_left_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "l.sqlite")
    scenario = Scenario(store=store)
    scenario.deploy(bpmn(START + service("work") + END, "s -> work\nwork -> e"))
    for number in range(20):
        scenario.start("p", {"n": number})
    reader = SqliteStore(store.path, readonly=True)
    registry = Registry(Feel(), read_decisions)
    registry.load(list(reader.definitions()), [])
    found = verify(reader, registry, progress=lambda count: scenario.complete_job("work") if scenario.jobs else None)
    assert found.ok, found.problems
    assert found.entries == 21
    assert verify(reader, registry).entries > 21
    reader.close()
    store.close()
