"""Backups that are brought up to date, and restoring to a moment: nothing before it is missing, nothing after stays."""

import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearance.backup import Moment, back_up, restore
from clearance.cli import app
from clearance.compose import ConfigurationError, verify_ledger
from clearance.integrity import rebuild
from clearance.ledger import chain
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Completed
from clearance.stores.blobs import FolderBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.testing.tables import differences
from tests.engine.helpers import actor, engine, start
from tests.integrity.archives import archived, everything, played


def _contents(data: Path) -> list[bytes]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return [entry.content for entry in everything(store)]
    finally:
        store.close()


def _differences(data: Path) -> list[str]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return differences(store)
    finally:
        store.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a ledger of forty days, part of it in archives."""
    store = SqliteStore(tmp_path / "data" / "ledger.sqlite")
    scenario = played(store)
    archived(store, int(scenario.now.timestamp() * 1000), entries_max=20)
    store.close()
    FolderBlobs(tmp_path / "data" / "blobs").keep(b"a document", "text/plain", "a.txt")
    return tmp_path / "data"


# ---- brought up to date ----------------------------------------------------------------------------------------------


def test_a_backup_is_brought_up_to_date_while_work_goes_on_by_what_is_new_alone(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    blobs = FolderBlobs(data / "blobs")
    blobs.keep(b"one", "text/plain", "one.txt")
    made = engine(SqliteStore(data / "ledger.sqlite"), actor(lambda job: Completed({})))
    before = [start(made) for _ in range(20)]
    first = back_up(data, backup)
    kept = (backup / "ledger.sqlite").stat().st_ino
    for number in range(3):
        later = [start(made) for _ in range(10)]
        blobs.keep(f"two {number}".encode(), "text/plain", "two.txt")
        again = back_up(data, backup)
        assert (again.new_documents, again.documents) == (1, 2 + number)
        assert 10 <= again.new_entries < again.entries
        assert set(before) | set(later) <= _keys(backup)
    made.stop()
    assert (backup / "ledger.sqlite").stat().st_ino == kept, "the file is added to, not copied"
    last = back_up(data, backup)
    assert last.entries > first.entries
    assert back_up(data, backup).new_entries == 0
    assert _contents(backup) == _contents(data)
    assert verify_ledger(backup).ok
    assert _differences(backup) == []


def _keys(data: Path) -> set[int]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return {row.key for row in store.instances()}
    finally:
        store.close()


def test_a_backup_takes_archives_over_whenever_they_were_made(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "earlier")
    back_up(data, tmp_path / "backup")
    names = sorted(os.listdir(data / "ledger.archives"))
    assert sorted(os.listdir(tmp_path / "backup" / "ledger.archives")) == names
    store = SqliteStore(data / "ledger.sqlite")
    assert archived(store, 10**15, entries_max=1).archives > 0
    store.close()
    back_up(data, tmp_path / "backup")
    more = sorted(os.listdir(data / "ledger.archives"))
    assert len(more) > len(names)
    assert sorted(os.listdir(tmp_path / "backup" / "ledger.archives")) == more
    assert verify_ledger(tmp_path / "backup").ok
    assert _contents(tmp_path / "backup") == _contents(data)


def test_a_backup_of_another_ledger_or_of_what_has_gone_another_way_is_left_alone(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    made = engine(SqliteStore(tmp_path / "other" / "ledger.sqlite"), actor(lambda job: Completed({})))
    start(made)
    made.stop()
    before = _contents(tmp_path / "backup")
    with pytest.raises(ConfigurationError, match="is a backup of another installation: choose a new folder"):
        back_up(tmp_path / "other", tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "branch", Moment(position=60))
    with pytest.raises(ConfigurationError, match="entries already, the ledger only"):
        back_up(tmp_path / "branch", tmp_path / "backup")
    assert _contents(tmp_path / "backup") == before


def test_an_entry_that_was_changed_since_the_last_backup_does_not_get_into_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = engine(SqliteStore(data / "ledger.sqlite"), actor(lambda job: Completed({})))
    start(made)
    back_up(data, tmp_path / "backup")
    before = _contents(tmp_path / "backup")
    start(made)
    made.stop()
    with sqlite3.connect(data / "ledger.sqlite") as db:
        changed = "UPDATE entries SET content = CAST(replace(content, 'type', 'tyPe') AS BLOB) WHERE position = ?"
        db.execute(changed, (len(before) + 1,))
    db.close()
    with pytest.raises(ConfigurationError, match=r"cannot be brought up to date: entry \d+: its hash is wrong"):
        back_up(data, tmp_path / "backup")
    assert _contents(tmp_path / "backup") == before


# ---- to a moment -----------------------------------------------------------------------------------------------------


def test_restored_to_any_position_it_is_what_it_was_then_and_verifies(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    whole = _contents(data)
    for position in (25, 60, 90, len(whole) - 1, len(whole), len(whole) + 100):
        target = tmp_path / f"at-{position}"
        made = restore(tmp_path / "backup", target, Moment(position=position))
        assert 0 < made.entries <= position
        assert _contents(target) == whole[: made.entries]
        assert verify_ledger(target).ok
        assert _differences(target) == []
    assert FolderBlobs(target / "blobs").read(_document(data)) == b"a document"


def _document(data: Path) -> str:
    return next(path.name for path in (data / "blobs").glob("??/*") if not path.suffix)


def test_what_one_commit_wrote_is_never_cut_in_two(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    times = {entry.position: chain.read(entry).at for entry in everything(store)}
    position = next(place for place in times if place > 20 and times[place] == times[place + 1])
    end = rebuild.cut(store, position=position)
    store.close()
    assert end < position
    assert times[end] < times[end + 1]
    made = restore(tmp_path / "backup", tmp_path / "restored", Moment(position=position))
    assert made.entries == end


def test_restored_to_a_time_it_holds_what_was_answered_by_then_and_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = engine(SqliteStore(data / "ledger.sqlite"), actor(lambda job: Completed({})))
    before = {start(made) for _ in range(10)}
    time.sleep(0.05)
    moment = time.time_ns() // 1_000_000
    time.sleep(0.05)
    later = {start(made) for _ in range(10)}
    made.stop()
    back_up(data, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "then", Moment(time=moment))
    assert _keys(tmp_path / "then") - {0} == before
    again = engine(SqliteStore(tmp_path / "then" / "ledger.sqlite"), actor(lambda job: Completed({})))
    new = {start(again) for _ in range(10)}
    answer = again.ask(commands.CancelInstance(instance=min(later)))
    again.stop()
    assert not isinstance(answer, Answer), "what came after is not known"
    assert not new & (before | later), "no key is given twice"
    assert verify_ledger(tmp_path / "then").ok


def test_a_moment_before_everything_is_refused_and_nothing_is_left(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    with pytest.raises(ConfigurationError, match="nothing was recorded by then"):
        restore(tmp_path / "backup", tmp_path / "restored", Moment(time=1000))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_a_restore_that_was_broken_off_leaves_no_data_folder_and_can_be_made_again(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup")
    told: list[int] = []

    def break_off(position: int) -> None:
        told.append(position)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "backup", tmp_path / "restored", Moment(position=90), progress=break_off)
    assert told
    assert not (tmp_path / "restored").exists()
    (tmp_path / "restored.partial").mkdir()
    (tmp_path / "restored.partial" / "ledger.sqlite").write_bytes(b"killed before the end")
    restore(tmp_path / "backup", tmp_path / "restored", Moment(position=90))
    assert verify_ledger(tmp_path / "restored").ok


def test_the_command_line_restores_to_a_moment(data: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(app, ["backup", str(tmp_path / "backup"), "--data", str(data)]).exit_code == 0
    done = run(app, ["backup", str(tmp_path / "backup"), "--data", str(data)])
    assert "0 entries and 0 documents are new" in done.output
    options = ["restore", str(tmp_path / "backup"), "--data"]
    done = run(app, [*options, str(tmp_path / "a"), "--time", "2026-01-02T00:00:00Z"])
    assert (done.exit_code, "verified" in done.output) == (0, True)
    done = run(app, [*options, str(tmp_path / "b"), "--position", "60"])
    assert (done.exit_code, len(_contents(tmp_path / "b")) <= 60) == (0, True)
    done = run(app, [*options, str(tmp_path / "c"), "--time", "2026-01-02T00:00:00"])
    assert "has no time zone: end it with Z" in str(done.exception)
    done = run(app, [*options, str(tmp_path / "c"), "--time", "yesterday"])
    assert "is no time: write it as" in str(done.exception)
