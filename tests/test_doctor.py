"""The doctor finds what is wrong with what the tower stands on, and says what to do."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearance import doctor
from clearance.cli import app
from clearance.compose import Application
from clearance.doctor import examine
from clearance.model.work import Actor, Completed
from clearance.stores.sqlite import SqliteStore
from clearance.web.users import Users
from tests.engine.helpers import MovableClock, actor, engine, start

DAY_MS = 24 * 3_600_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which all is well."""
    folder = tmp_path / "data"
    made = engine(SqliteStore(folder / "ledger.sqlite"), actor(lambda job: Completed({})))
    start(made)
    made.stop()
    users = Users(folder / "users.sqlite")
    users.add("ann", "a long password", ["clerk"])
    users.close()
    return folder


@pytest.fixture(autouse=True)
def _any_disk_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_SYNC_SLOW_S", 60.0)
    monkeypatch.setattr(doctor, "_FREE_MIN", 1)


def _ill(data: Path, application: Application | None = None) -> dict[str, str]:
    return {check.name: check.said for check in examine(data, application) if not check.well}


def _application(*types: str) -> Application:
    return Application(name="a", actors=tuple(Actor(kind, lambda job: Completed({})) for kind in types))


def test_when_all_is_well_it_says_so(data: Path) -> None:
    checks = list(examine(data, _application("work")))
    assert [check for check in checks if not check.well] == []
    assert [check.name for check in checks] == [
        "disk",
        "disk speed",
        "clock",
        "ledger",
        "keys",
        "users",
        "policies",
        "actors",
    ]


def test_a_job_type_that_nobody_does_is_named(data: Path) -> None:
    assert "no actor does jobs of type work" in _ill(data, _application("other"))["actors"]


def test_a_clock_behind_the_ledger_is_found(data: Path) -> None:
    clock = MovableClock()
    clock.ahead_ms = DAY_MS
    made = engine(SqliteStore(data / "ledger.sqlite"), actor(lambda job: Completed({})), clock=clock)
    start(made)
    made.stop()
    assert "in the future" in _ill(data)["clock"]


def test_a_clock_that_was_never_set_is_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "machine_time", lambda: 1000)
    assert "the clock says 1970-01-01" in _ill(data)["clock"]


def test_a_disk_that_is_nearly_full_or_slow_is_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(data)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage._replace(free=10 * 2**20))
    monkeypatch.setattr(doctor, "_SYNC_SLOW_S", 0.0)
    monkeypatch.setattr(doctor, "_FREE_MIN", 500 * 2**20)
    found = _ill(data)
    assert "only 10 MiB are free" in found["disk"]
    assert "faster, local disk" in found["disk speed"]


def test_a_damaged_ledger_and_a_tower_without_users_are_found(data: Path) -> None:
    (data / "users.sqlite").unlink()
    path = data / "ledger.sqlite"
    content = path.read_bytes()
    place = content.index(b'"type":"create"')
    path.write_bytes(content[:place] + b'"type":"crEate"' + content[place + 15 :])
    found = _ill(data)
    assert "hash is wrong" in found["ledger"]
    assert "clearance users add" in found["users"]


def test_keys_that_would_be_given_twice_are_found(data: Path) -> None:
    said = next(check.said for check in examine(data) if check.name == "keys")
    store = SqliteStore(data / "ledger.sqlite", readonly=True)
    assert f"clearance-{store.head().installation}-" in said
    store.close()
    with sqlite3.connect(data / "ledger.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'next_key'")
    connection.close()
    assert "would give key 2 next" in _ill(data)["keys"]
    assert "restore the ledger from a backup" in _ill(data)["keys"]


def test_a_folder_that_may_not_be_written_is_found(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)  # whoever runs tests as root may write anywhere
    assert "give whoever runs Clearance leave to write there" in _ill(data)["disk"]


def test_a_page_of_noise_in_the_ledger_is_found(data: Path) -> None:
    path = data / "ledger.sqlite"
    pages = path.stat().st_size // 4096
    for page in (0, pages // 2):
        content = path.read_bytes()
        path.write_bytes(content[: page * 4096] + random.Random(page).randbytes(4096) + content[(page + 1) * 4096 :])
        assert "damaged" in _ill(data)["ledger"]
        assert "restore" in _ill(data)["ledger"]
        path.write_bytes(content)


def test_every_check_that_fails_says_what_to_do(data: Path, tmp_path: Path) -> None:
    """Words of advice: a person who is woken at night reads nothing else."""
    (data / "users.sqlite").unlink()
    (data / "ledger.sqlite").write_bytes(b"not a database" * 1000)
    for check in (*examine(data, _application("other")), *examine(tmp_path / "nothing")):
        if not check.well:
            assert any(
                word in check.said for word in ("restore", "add somebody", "give another --data", "mend first")
            ), check
    ill = _ill(data, _application("other"))
    assert {"clock", "ledger", "keys", "users", "actors"} <= ill.keys()


def test_the_command_line_says_what_is_wrong_and_ends_with_one(data: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--data", str(data)])
    assert (done.exit_code, "wrong" in done.output) == (0, False), done.output
    done = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path / "nothing")])
    assert done.exit_code == 1
    assert "there is no folder" in done.output.replace("\n", " ")
