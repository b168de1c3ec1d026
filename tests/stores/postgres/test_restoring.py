"""A restore into a database is there as a whole, or not at all, wherever it is killed; and it can be made again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clearance.backup import Moment, back_up, restore
from clearance.cli import app
from clearance.compose import ConfigurationError, verify_ledger
from clearance.ledger.ledgers import agree
from clearance.ledger.rows import Batch, Entry
from clearance.ledger.store import StoreError
from clearance.stores.blobs import FolderBlobs
from clearance.stores.opening import StoreSettings, find_stores, open_stores
from clearance.stores.postgres import PostgresStore
from clearance.testing.store_suite import entry
from clearance.testing.tables import differences
from tests.engine.helpers import until
from tests.integrity.archives import archived, everything, played
from tests.stores.postgres.restore import MOMENTS
from tests.stores.server import others

psycopg: Any = pytest.importorskip("psycopg")
_ROOT = Path(__file__).parents[3]
_BROKEN_OFF = "a restore into this database has not come to its end"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of two shards, with an archive and a document."""
    stores = open_stores(tmp_path / "data", shards=2)
    agree(stores)
    scenario = played(*stores)
    assert archived(stores[0], int(scenario.now.timestamp() * 1000), entries_max=20).archives > 0
    for store in stores:
        store.close()
    FolderBlobs(tmp_path / "data" / "blobs").keep(b"a document", "text/plain", "a.txt")
    back_up(tmp_path / "data", tmp_path / "backup")
    return tmp_path / "backup"


def _killed(backup: Path, target: Path, database: str, moment: str) -> int:
    """The exit code, once the server has noticed that it is gone."""
    code = subprocess.run(
        [sys.executable, "-m", "tests.stores.postgres.restore", str(backup), str(target), database, moment],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(_ROOT / part) for part in ("src", "examples", "."))},
        cwd=_ROOT,
        timeout=120,
    ).returncode
    until(lambda: not others(database), "the server still takes it to be there")
    return code


def _contents(folder: Path, address: str = "") -> list[list[Entry]]:
    stores = find_stores(folder, address)
    try:
        return [everything(store) for store in stores]
    finally:
        for store in stores:
            store.close()


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_nothing_can_be_opened_and_the_next_restore_begins_anew(
    backup: Path, database: str, tmp_path: Path, moment: str
) -> None:
    assert _killed(backup, tmp_path / "killed", database, moment) == -signal.SIGKILL
    for shard in range(2 if moment in MOMENTS[2:] else 1):
        for readonly in (True, False):
            with pytest.raises(StoreError, match=f"{_BROKEN_OFF}.*run `clearance restore` again"):
                PostgresStore(database, shard=shard, readonly=readonly)
    with pytest.raises(StoreError, match=_BROKEN_OFF):
        find_stores(tmp_path, database)
    target = tmp_path / "restored"
    restore(backup, target, address=database)
    assert _contents(target, database) == _contents(backup)
    assert verify_ledger(target, address=database).ok
    for store in find_stores(target, database):
        assert differences(store) == []
        store.close()
    for store in open_stores(target, StoreSettings(database)):
        store.close()


def test_a_restore_that_failed_says_why_and_leaves_nothing_that_can_be_opened(
    backup: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("clearance.backup._copy_documents", full)
        with pytest.raises(OSError, match="No space left"):
            restore(backup, tmp_path / "restored", address=database)
    assert not (tmp_path / "restored").exists()
    with pytest.raises(StoreError, match=_BROKEN_OFF):
        PostgresStore(database)
    restore(backup, tmp_path / "restored", address=database)
    assert verify_ledger(tmp_path / "restored", address=database).ok


def test_while_it_is_restored_nobody_else_gets_in(backup: Path, database: str, tmp_path: Path) -> None:
    refused: list[str] = []

    def look(position: int) -> None:
        with pytest.raises(StoreError) as raised:
            PostgresStore(database, readonly=True)
        refused.append(str(raised.value))

    restore(backup, tmp_path / "restored", address=database, progress=look)
    assert refused
    assert all(_BROKEN_OFF in said for said in refused)
    PostgresStore(database, readonly=True).close()


def test_a_ledger_that_is_there_is_neither_overwritten_nor_marked(backup: Path, database: str, tmp_path: Path) -> None:
    store = PostgresStore(database)
    store.commit(Batch(entries=[entry(1)], next_key=5))
    store.close()
    with pytest.raises(StoreError, match="the database holds a ledger already: give one that is new"):
        restore(backup, tmp_path / "restored", address=database)
    assert not (tmp_path / "restored").exists()
    store = PostgresStore(database)
    assert everything(store) == [entry(1)]
    store.close()


def test_a_restore_of_fewer_shards_takes_the_place_of_one_that_was_broken_off(
    backup: Path, database: str, tmp_path: Path
) -> None:
    assert _killed(backup, tmp_path / "killed", database, MOMENTS[2]) == -signal.SIGKILL
    store = open_stores(tmp_path / "other")[0]
    played(store)
    store.close()
    back_up(tmp_path / "other", tmp_path / "small")
    with pytest.raises(ConfigurationError, match="nothing was recorded by then"):
        restore(tmp_path / "small", tmp_path / "restored", Moment(time=1000), address=database)
    restore(tmp_path / "small", tmp_path / "restored", Moment(position=60), address=database)
    (contents,) = _contents(tmp_path / "restored", database)
    assert contents == _contents(tmp_path / "small")[0][: len(contents)]
    assert len(contents) > 20


def test_the_command_line_says_it_in_one_message(backup: Path, database: str, tmp_path: Path) -> None:
    assert _killed(backup, tmp_path / "killed", database, MOMENTS[1]) == -signal.SIGKILL
    for asked in (["ledger", "verify"], ["backup", str(tmp_path / "again")]):
        done = CliRunner().invoke(app, [*asked, "--data", str(tmp_path / "data"), "--store", database])
        assert done.exit_code != 0
        assert _BROKEN_OFF in f"{done.output}{done.exception}"
    done = CliRunner().invoke(app, ["restore", str(backup), "--data", str(tmp_path / "new"), "--store", database])
    assert done.exit_code == 0, done.exception
