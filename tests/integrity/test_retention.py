"""Retention: what has ended moves to archives, all of it can still be read and proved, and nothing else moves."""

import lzma
import shutil
import sqlite3
from pathlib import Path

import pytest

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.retention import Retention, RetentionSettings
from clearance.ledger import archive_format
from clearance.ledger.store import Store, StoreError
from clearance.model import commands, events
from clearance.model.commands import Refusal
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from clearance.testing.scenario import PermitAll, ScenarioError
from clearance.views.diagram import standing
from tests.integrity.archives import archived, everything, played, verified, whole

_DAY = 24 * 3600 * 1000


def _now(scenario: Scenario) -> int:
    return int(scenario.now.timestamp() * 1000)


def _statuses(store: Store) -> list[str]:
    return [row.status for row in store.instances() if row.key]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "ledger.sqlite")


def test_what_has_ended_goes_what_waits_stays_and_every_entry_reads_as_before(store: Store) -> None:
    scenario = played(store)
    before = everything(store)
    histories = {row.key: whole(store, row.key) for row in store.instances()}
    ended = {row.key for row in store.instances() if row.status != "active"}
    moved = archived(store, _now(scenario), entries_max=20)
    assert moved.archives > 1
    assert everything(store)[: len(before)] == before
    gone = {key for key, _ in store.archived_instances()}
    assert gone < ended
    assert {row.key for row in store.instances()} == histories.keys() - gone
    for key in gone:
        assert whole(store, key) == histories[key]
        assert list(store.history(key, after=2, limit=1)) == histories[key][2:3]
    own = whole(store, 0)
    assert own[: len(histories[0])] == histories[0]
    for after in range(len(own) + 1):
        for limit in (1, 2, len(own)):
            assert list(store.history(0, after, limit)) == own[after : after + limit], "a page is as full as it can be"
    assert len(store.unarchived(0, 1000)) + moved.entries == len(everything(store))
    assert verified(store).ok, verified(store).problems
    assert verified(store).entries == len(everything(store))


def test_a_tree_goes_whole_or_not_at_all(store: Store) -> None:
    scenario = played(store)
    parents = {
        event.key: event.parent
        for run in scenario.runs
        for event in run.events
        if isinstance(event, events.InstanceCreated)
    }
    archived(store, _now(scenario))
    gone = {key for key, _ in store.archived_instances()}
    assert any(parents[key] for key in gone), "a called instance has gone"
    for key, parent in parents.items():
        if parent:
            assert (key in gone) == (parent in gone)
    stays = {key for key, parent in parents.items() if parent and key not in gone}
    assert any(scenario.store.instance(key).status == "completed" for key in stays)  # type: ignore[union-attr]


def test_what_ended_later_stays(store: Store) -> None:
    scenario = played(store)
    assert archived(store, _now(scenario) - 41 * _DAY).instances == 0
    assert archived(store, _now(scenario) - 40 * _DAY).instances > 0


def test_what_is_held_stays(store: Store) -> None:
    scenario = played(store)
    first = next(row.key for row in store.instances() if row.status == "completed" and row.process == "calling")
    archived(store, _now(scenario), hold=("started", str(first)))
    assert {row.process for row in store.instances() if row.status == "completed"} >= {"started", "calling"}
    assert store.archived(first) is None
    archived(store, _now(scenario))
    assert store.archived(first) is not None


def test_again_finds_nothing_more_and_later_what_has_ended_since(store: Store) -> None:
    scenario = played(store)
    archived(store, _now(scenario))
    assert archived(store, _now(scenario)).instances == 0
    later = Scenario(store=store, start=scenario.now)
    later.publish("paid", "6")
    later.advance("P2D")
    assert archived(store, _now(later), entries_max=3).instances == 2
    assert verified(store).ok, verified(store).problems


def test_the_shard_goes_on_and_what_is_archived_refuses_commands(store: Store) -> None:
    scenario = played(store)
    archived(store, _now(scenario))
    gone = next(key for key, _ in store.archived_instances())
    shard = Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    refused = shard.work(commands.CancelInstance(instance=gone), _now(scenario))
    assert isinstance(refused, Refusal)
    assert "archived" in refused.reason
    later = Scenario(store=store, start=scenario.now)
    with pytest.raises(ScenarioError, match="has been published already"):
        later.publish("begin", "key1", {"id": 1}, message_id="id1")
    assert verified(store).ok


def test_where_an_archived_instance_stood_can_be_drawn(store: Store) -> None:
    scenario = played(store)
    gone = next(row.key for row in store.instances() if row.status == "completed" and row.process == "calling")
    registry = Registry(Feel(), read_decisions)
    registry.load(list(store.definitions()), [])
    before = standing(store, registry, gone)
    archived(store, _now(scenario))
    assert store.instance(gone) is None
    assert standing(store, registry, gone) == before


def test_an_archive_is_lines_of_json_for_anybody(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    scenario = played(store)
    contents = {entry.content for entry in everything(store)}
    archived(store, _now(scenario))
    (file,) = (tmp_path / "ledger.archives").iterdir()
    header, *lines = lzma.decompress(file.read_bytes()).split(b"\n")
    assert header.startswith(b'{"archive":1,"installation"')
    assert set(lines) < contents
    assert store.archives()[0].sha256 == file.name.partition(".")[0]


def test_the_file_does_not_grow_while_as_much_goes_as_comes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    scenario = played(store)
    sizes = []
    for round_ in range(6):
        for number in range(60):
            scenario.publish("begin", f"{round_}-{number}", {"id": number, "text": "x" * 2000})
        while "work" in scenario.jobs:
            scenario.complete_job("work", {})
        scenario.advance("PT1H")
        archived(store, _now(scenario), entries_max=100)
        scenario = Scenario(store=store, start=scenario.now)
        store._read("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(store.path.stat().st_size)
    assert sizes[-1] <= sizes[1] * 1.05, sizes
    assert verified(store).ok


# ---- damage ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a ledger of which a part is in several archives."""
    store = SqliteStore(tmp_path / "ledger.sqlite")
    scenario = played(store)
    archived(store, _now(scenario), entries_max=40)
    store.close()
    return tmp_path


def _problems(data: Path) -> list[str]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return [problem.message for problem in verified(store).problems]
    finally:
        store.close()


def test_an_archive_that_is_missing_is_named_and_nothing_else_is_complained_of(data: Path) -> None:
    for file in sorted((data / "ledger.archives").iterdir()):
        shutil.move(file, data / "away")
        (said,) = _problems(data)
        assert f"archive {file.name.partition('.')[0]}" in said
        assert "is missing: put it back from a backup" in said
        shutil.move(data / "away", file)
    assert _problems(data) == []


def test_whoever_asks_for_what_is_in_a_missing_archive_is_told_so(data: Path) -> None:
    for file in (data / "ledger.archives").iterdir():
        file.unlink()
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    instance, _ = next(store.archived_instances())
    with pytest.raises(StoreError, match=r"archive .* is missing: put it back"):
        store.history(instance)
    with pytest.raises(StoreError, match=r"archive .* is missing: put it back"):
        store.entries()
    store.close()


def test_an_archive_that_has_changed_is_named(data: Path) -> None:
    for file in sorted((data / "ledger.archives").iterdir()):
        content = file.read_bytes()
        file.write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
        (said,) = _problems(data)
        assert "is damaged: it has changed" in said
        file.write_bytes(content[:-20])
        (said,) = _problems(data)
        assert "is damaged: it has changed" in said
        file.write_bytes(content)


def test_an_archive_that_was_written_anew_with_another_story_is_found(data: Path) -> None:
    """By somebody who changes the file, its name, and the table that knows its name."""
    file = sorted((data / "ledger.archives").iterdir())[0]
    story = lzma.decompress(file.read_bytes()).replace(b'"done":true', b'"done":false')
    forged = lzma.compress(story)
    import hashlib

    name = hashlib.sha256(forged).hexdigest()
    (data / "ledger.archives" / f"{name}.jsonl.xz").write_bytes(forged)
    with sqlite3.connect(data / "ledger.sqlite") as db:
        db.execute(
            "UPDATE archives SET sha256=?, size=? WHERE sha256=?", (name, len(forged), file.name.partition(".")[0])
        )
    db.close()
    assert any("is not kept as it was recorded" in said for said in _problems(data))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DELETE FROM archives WHERE position = (SELECT max(position) FROM archives)", "the tables do not know it"),
        ("UPDATE archives SET last = last + 1", "does not hold the entries that are recorded"),
        ("DELETE FROM archived WHERE instance = (SELECT min(instance) FROM archived)", "the instances that it should"),
        ("UPDATE archives SET shard_sequence = shard_sequence + 1 WHERE shard_sequence", "as far as is recorded"),
    ],
)
def test_tables_that_say_something_else_are_found(data: Path, change: str, said: str) -> None:
    with sqlite3.connect(data / "ledger.sqlite") as db:
        db.execute(change)
    db.close()
    found = _problems(data)
    assert any(said in problem for problem in found), found


def test_an_entry_that_comes_back_into_the_tables_is_found(data: Path) -> None:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    entry = store.entries(0, 1)[0]
    store.close()
    with sqlite3.connect(data / "ledger.sqlite") as db:
        db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (1, 777, 1, entry.hash, entry.content))
    db.close()
    assert "entry 1 is in an archive too" in _problems(data)


def test_what_a_crash_has_left_is_removed_and_archives_of_others_are_not(data: Path) -> None:
    folder = data / "ledger.archives"
    store = SqliteStore(data / "ledger.sqlite")
    known = {file.name for file in folder.iterdir()}
    rest = archive_format.pack(store.head().installation, [], store.unarchived(0, 1))
    foreign = archive_format.pack("another", [], store.unarchived(0, 1))
    left, others = store.archive_files.keep(rest), store.archive_files.keep(foreign)
    archived(store, 0)
    store.close()
    assert {file.name for file in folder.iterdir()} == known | {f"{others}.jsonl.xz"}
    assert left != others


def test_a_piece_that_was_archived_meanwhile_is_refused(store: Store) -> None:
    scenario = played(store)
    archived(store, _now(scenario))
    one = store.archives()[0]
    shard = Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    again = commands.ArchiveInstances(
        sha256=one.sha256,
        first=one.first,
        last=one.last,
        entries=one.entries,
        size=one.size,
        instances=tuple(key for key, _ in store.archived_instances()),
    )
    assert isinstance(shard.work(again, _now(scenario)), Refusal)
    assert RetentionSettings().finished_after_days == 0, "nothing is archived unless somebody says so"


def test_an_archive_that_may_yet_be_recorded_is_kept_whatever_is_answered_when_it_is_asked_for_again(
    store: Store,
) -> None:
    """The first time nobody answers in time, the second time the queue is full; then the first one is worked out."""
    scenario = played(store)
    queue: list[commands.ArchiveInstances] = []

    def ask(command: commands.ArchiveInstances) -> Refusal:
        if queue:
            return Refusal("busy", "the queue is full")
        queue.append(command)
        raise TimeoutError

    made = Retention(store, ask, RetentionSettings())
    for expected in (TimeoutError, StoreError):
        with pytest.raises(expected):
            made.run(_now(scenario))
    made.run(0)
    shard = Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    shard.work(queue[0], _now(scenario))
    store.commit(shard.cut().batch)
    assert len(store.archives()) == 1
    assert verified(store).ok, verified(store).problems
