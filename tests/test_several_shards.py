"""A data folder with several shards, by every command that looks into it."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from clearance import cli
from clearance.build import Process
from clearance.compose import Application, ControlTower, read_ledger, verify_ledger
from clearance.doctor import examine
from clearance.engine.settings import EngineSettings
from clearance.ledger import numbering
from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.settings import Settings, load_settings
from clearance.showing import shown


def _process() -> Process:
    p = Process("Claim")
    p.person("Look at it", roles="clerk")
    return p


APPLICATION = Application(name="test", processes=(_process(),))


def _tower(folder: Path, shards: int = 0) -> ControlTower:
    tower = ControlTower(APPLICATION, folder, Settings(engine=EngineSettings(shards=shards)))
    tower.start()
    return tower


def _start(tower: ControlTower) -> int:
    answer = tower.engine.ask(commands.StartInstance(process="claim"))
    assert isinstance(answer, Answer), answer
    return answer.key


@pytest.fixture
def stopped(tmp_path: Path) -> list[int]:
    """Instances of a tower with three shards that has been stopped; its data folder is ``tmp_path``."""
    tower = _tower(tmp_path, 3)
    keys = [_start(tower) for _ in range(6)]
    tower.stop()
    return keys


def test_each_shard_has_a_file_and_a_third_of_what_is_started(tmp_path: Path, stopped: list[int]) -> None:
    assert sorted(path.name for path in tmp_path.glob("ledger*.sqlite")) == [
        "ledger-1.sqlite",
        "ledger-2.sqlite",
        "ledger.sqlite",
    ]
    assert sorted(numbering.shard_of(key) for key in stopped) == [0, 0, 1, 1, 2, 2]


def test_a_folder_keeps_the_shards_that_it_was_made_with(tmp_path: Path, stopped: list[int]) -> None:
    again = _tower(tmp_path)
    assert len(again.stores) == 3
    again.stop()
    with pytest.raises(StoreError, match="has 3 shards, not 2"):
        _tower(tmp_path, 2)
    assert not (tmp_path / "ledger-3.sqlite").exists()


def test_a_folder_of_one_shard_stays_so(tmp_path: Path) -> None:
    tower = _tower(tmp_path)
    _start(tower)
    tower.stop()
    with pytest.raises(StoreError, match="has 1 shard, not 2"):
        _tower(tmp_path, 2)
    assert not (tmp_path / "ledger-1.sqlite").exists()


@pytest.mark.parametrize("number", [-1, 2049])
def test_a_number_of_shards_that_cannot_be_is_refused(tmp_path: Path, number: int) -> None:
    with pytest.raises(StoreError, match=f"cannot be {number} shards: set shards to a number from 1 to 2048"):
        _tower(tmp_path, number)


def test_all_are_verified_listed_drawn_and_examined(tmp_path: Path, stopped: list[int]) -> None:
    found = verify_ledger(tmp_path)
    assert found.ok, found.problems
    assert found.streams == 6 + 3
    listed = [json.loads(line) for line in read_ledger(tmp_path)]
    assert len(listed) == found.entries
    for key in stopped:
        assert {json.loads(line)[1] for line in read_ledger(tmp_path, key)} == {key}
        assert "Look at it" in shown(str(key), tmp_path).outline()
    ledger = next(check for check in examine(tmp_path) if check.name == "ledger")
    assert (ledger.well, str(found.entries) in ledger.said) == (True, True)


def test_a_shard_whose_file_is_gone_is_missed(tmp_path: Path, stopped: list[int]) -> None:
    (tmp_path / "ledger-1.sqlite").unlink()
    with pytest.raises(StoreError, match=r"ledger-1\.sqlite is missing: restore"):
        verify_ledger(tmp_path)


def test_a_problem_says_which_shard_it_is_in(tmp_path: Path, stopped: list[int]) -> None:
    with sqlite3.connect(tmp_path / "ledger-1.sqlite") as connection:
        connection.execute("UPDATE instances SET status = 'completed' WHERE key > 0")
    found = verify_ledger(tmp_path)
    assert not found.ok
    assert all(problem.message.startswith("shard 1: ") for problem in found.problems)


def test_the_number_comes_from_the_command_line_before_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[engine]\nshards = 2\n")
    assert load_settings(path).engine.shards == 2
    assert load_settings(path, shards=4).engine.shards == 4


def test_the_command_line_says_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["clearance", "serve", "--help"])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        cli.main()
    assert "--shards" in capsys.readouterr().out
