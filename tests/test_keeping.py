"""Archiving and rebuilding by the command line, on a ledger at rest."""

import os
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearance.cli import app
from clearance.compose import ConfigurationError, read_ledger, verify_ledger
from clearance.integrity.retention import RetentionSettings
from clearance.keeping import archive, rebuild
from clearance.ledger.store import StoreError
from clearance.stores.sqlite import SqliteStore
from clearance.testing.tables import differences
from tests.integrity.archives import archived, everything, played


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    played(store)
    store.close()
    return tmp_path


def test_a_dry_run_says_what_would_go_and_changes_nothing(data: Path) -> None:
    before = (data / "ledger.sqlite").read_bytes()
    done = CliRunner().invoke(app, ["ledger", "archive", "--older-than", "30d", "--dry-run", "--data", str(data)])
    assert done.exit_code == 0
    assert " instances with " in done.output
    assert "would go to 1 archive\n" in done.output
    assert (data / "ledger.sqlite").read_bytes() == before
    assert not (data / "ledger.archives").exists()


def test_archiving_makes_the_file_smaller_and_the_ledger_says_the_same(data: Path) -> None:
    before = list(read_ledger(data))
    instance = next(int(key) for key in _ended(data))
    history = list(read_ledger(data, instance))
    size = (data / "ledger.sqlite").stat().st_size
    done = CliRunner().invoke(app, ["ledger", "archive", "--older-than", "30d", "--data", str(data)])
    assert (done.exit_code, "went to 1 archive (" in done.output) == (0, True), done.output
    assert (data / "ledger.sqlite").stat().st_size < size
    assert list(read_ledger(data))[: len(before)] == before
    assert list(read_ledger(data, instance)) == history
    assert next(read_ledger(data, after=len(before) - 1)) == before[-1]
    assert verify_ledger(data).ok
    with pytest.raises(ConfigurationError, match="no process instance 7 "):
        next(read_ledger(data, 7))
    done = CliRunner().invoke(app, ["ledger", "verify", "--data", str(data)])
    assert done.exit_code == 0
    for file in (data / "ledger.archives").iterdir():
        file.unlink()
    done = CliRunner().invoke(app, ["ledger", "verify", "--data", str(data)])
    assert (done.exit_code, "is missing: put it back from a backup" in " ".join(done.output.split())) == (1, True)


def _ended(data: Path) -> list[int]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return [row.key for row in store.instances() if row.status == "completed" and row.process == "calling"]
    finally:
        store.close()


def test_what_is_wrong_with_the_command_is_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'soon' is no span of time: write 90d, 12h or 30m"):
        archive(data, "soon", RetentionSettings())
    with pytest.raises(ConfigurationError, match="there is no ledger in"):
        archive(tmp_path / "nothing", "90d", RetentionSettings())
    store = SqliteStore(data / "ledger.sqlite")
    with pytest.raises(StoreError, match="in use by another Clearance"):
        archive(data, "1d", RetentionSettings())
    assert archive(data, "1d", RetentionSettings(), dry_run=True).instances > 0, "a dry run does not mind"
    store.close()


# ---- rebuilding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM timers",
        "UPDATE instances SET snapshot = x'00' WHERE status = 'active'",
        "DELETE FROM instances WHERE key IN (SELECT key FROM instances WHERE key LIMIT 3)",
        "UPDATE subscriptions SET correlation_key = 'another'",
        "DELETE FROM messages",
        "DELETE FROM at_work; DELETE FROM locks; DELETE FROM definitions; DELETE FROM decisions",
        "DELETE FROM archived; DELETE FROM archives",
    ],
)
def test_tables_that_are_damaged_are_made_anew(data: Path, damage: str) -> None:
    store = SqliteStore(data / "ledger.sqlite")
    archived(store, 10**15, entries_max=20)
    before = everything(store)
    store.close()
    with sqlite3.connect(data / "ledger.sqlite") as db:
        db.executescript(damage)
    db.close()
    rebuilt = rebuild(data)
    assert rebuilt.entries == len(before)
    assert verify_ledger(data).ok
    store = SqliteStore(data / "ledger.sqlite")
    assert everything(store) == before
    assert differences(store) == []
    store.close()
    left = set(os.listdir(data)) - {"ledger.archives"}
    assert left == {"ledger.sqlite", "ledger.sqlite.lock", "ledger.before-1.sqlite"}


def test_a_rebuilt_ledger_gives_no_key_twice_and_keeps_its_name(data: Path) -> None:
    store = SqliteStore(data / "ledger.sqlite")
    before = store.head()
    store.close()
    rebuild(data)
    rebuild(data)
    store = SqliteStore(data / "ledger.sqlite")
    assert store.head().installation == before.installation
    assert store.head().next_key > before.next_key
    store.close()
    assert (data / "ledger.before-2.sqlite").exists()


def test_entries_that_are_lost_or_changed_cannot_be_rebuilt_and_nothing_is_touched(data: Path) -> None:
    path = data / "ledger.sqlite"
    whole = path.read_bytes()
    for damage, said in (
        ("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)", "restore it from a backup"),
        ("DELETE FROM entries WHERE position = 50", "entry 50 is missing"),
        ("UPDATE entries SET hash = zeroblob(32) WHERE position = 50", "entry 50: its hash is wrong"),
    ):
        path.write_bytes(whole)
        with sqlite3.connect(path) as db:
            db.execute(damage)
        db.close()
        damaged = path.read_bytes()
        with pytest.raises((ConfigurationError, StoreError), match=said):
            rebuild(data)
        assert path.read_bytes() == damaged
        assert not (data / "rebuilding.sqlite").exists()


def test_a_shard_that_is_not_there_is_no_missing_ledger(data: Path) -> None:
    with pytest.raises(ConfigurationError, match="give --shard a number below 1"):
        rebuild(data, shard=7)


def test_the_command_line_rebuilds(data: Path) -> None:
    done = CliRunner().invoke(app, ["ledger", "rebuild", "--data", str(data)])
    assert done.exit_code == 0
    assert "all tables are made anew, and verified" in " ".join(done.output.split())
