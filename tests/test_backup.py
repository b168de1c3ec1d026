"""Backups: taken under load, put back, and going on where they were, without giving a key twice."""

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearance.backup import back_up, restore
from clearance.cli import app
from clearance.compose import ConfigurationError, verify_ledger
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Completed, Job, Outcome, Temporary
from clearance.stores.blobs import FolderBlobs
from clearance.stores.sqlite import SqliteStore
from clearance.web.users import Users
from tests.engine.helpers import actor, engine, start, until


def _keys(data: Path) -> set[int]:
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    try:
        return {row.key for row in store.instances() if row.key}
    finally:
        store.close()


def test_a_backup_under_load_holds_all_that_was_answered_for_before_it_began(tmp_path: Path) -> None:
    data = tmp_path / "data"
    users = Users(data / "users.sqlite") if data.mkdir() is None else None
    assert users is not None
    users.add("ann", "a long password", ["clerk"])
    reference = FolderBlobs(data / "blobs").keep(b"a document", "text/plain", "a.txt")
    made = engine(SqliteStore(data / "ledger.sqlite"), actor(lambda job: Completed({})))
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            made.ask(commands.StartInstance(process="p"))

    loading = threading.Thread(target=load)
    loading.start()
    before = [start(made) for _ in range(50)]
    backup = back_up(data, tmp_path / "backup")
    stop.set()
    loading.join()
    made.stop()
    users.close()
    assert backup.documents == 1
    assert set(before) <= _keys(tmp_path / "backup") <= _keys(data)
    restore(tmp_path / "backup", tmp_path / "again")
    assert verify_ledger(tmp_path / "again").ok
    assert FolderBlobs(tmp_path / "again" / "blobs").read(reference.sha256) == b"a document"
    assert FolderBlobs(tmp_path / "again" / "blobs").about(reference.sha256) == reference
    again = Users(tmp_path / "again" / "users.sqlite")
    assert again.get("ann") is not None
    again.close()


def test_what_was_restored_goes_on_with_old_keys_for_old_jobs_and_new_keys_for_new_ones(tmp_path: Path) -> None:
    data = tmp_path / "data"
    called: list[str] = []

    def away(job: Job) -> Outcome:
        called.append(job.idempotency_key)
        raise Temporary("away")

    made = engine(SqliteStore(data / "ledger.sqlite"), actor(away, retries=100, backoff_s=0.05))
    waiting = start(made)
    until(lambda: bool(called), "the job never leaves")
    back_up(data, tmp_path / "backup")
    later = {start(made) for _ in range(20)}
    until(lambda: len(set(called)) == 21, "not all jobs leave")
    made.stop()
    before = set(called)
    old = called[0]
    called.clear()
    restore(tmp_path / "backup", tmp_path / "again")

    def works(job: Job) -> Outcome:
        called.append(job.idempotency_key)
        return Completed({})

    made = engine(SqliteStore(tmp_path / "again" / "ledger.sqlite"), actor(works))
    new = {start(made) for _ in range(20)}
    until(lambda: len(set(called)) == 21, "not all jobs are done")
    made.stop()
    assert not new & later
    assert set(called) & before == {old}, "only the job that was at work when the backup was taken keeps its key"
    assert waiting in _keys(tmp_path / "again")
    assert verify_ledger(tmp_path / "again").ok


def test_nothing_is_overwritten_and_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no ledger in"):
        back_up(tmp_path / "nothing", tmp_path / "backup")
    made = engine(SqliteStore(tmp_path / "data" / "ledger.sqlite"), actor(lambda job: Completed({})))
    assert isinstance(made.ask(commands.StartInstance(process="p")), Answer)
    made.stop()
    with pytest.raises(ConfigurationError, match="is not empty: choose a new folder"):
        back_up(tmp_path / "data", tmp_path / "data")
    back_up(tmp_path / "data", tmp_path / "backup")
    with pytest.raises(ConfigurationError, match="is not empty"):
        restore(tmp_path / "backup", tmp_path / "data")


def test_a_damaged_ledger_makes_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.sqlite"
    made = engine(SqliteStore(path), actor(lambda job: Completed({})))
    start(made)
    made.stop()
    content = path.read_bytes()
    place = content.index(b'"type":"create"')
    path.write_bytes(content[:place] + b'"type":"crEate"' + content[place + 15 :])
    with pytest.raises(ConfigurationError, match=r"does not verify: entry .* hash is wrong"):
        back_up(tmp_path / "data", tmp_path / "backup")


def test_the_command_line_backs_up_and_restores(tmp_path: Path) -> None:
    made = engine(SqliteStore(tmp_path / "data" / "ledger.sqlite"), actor(lambda job: Completed({})))
    start(made)
    made.stop()
    done = CliRunner().invoke(app, ["backup", str(tmp_path / "backup"), "--data", str(tmp_path / "data")])
    assert (done.exit_code, "verified" in done.output) == (0, True)
    done = CliRunner().invoke(app, ["restore", str(tmp_path / "backup"), "--data", str(tmp_path / "again")])
    assert (done.exit_code, "verified" in done.output) == (0, True)
    assert _keys(tmp_path / "again") == _keys(tmp_path / "data")
