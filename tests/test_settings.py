"""The settings file and its variables: what is wrong is said by its place, before anything is started."""

from pathlib import Path

import pytest

from clearance.settings import SettingsError, load_settings


def refusal(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    said = str(refused.value)
    assert said.startswith(str(path)), "the file is named"
    return said.removeprefix(f"{path}").lstrip(": ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[engine]\nbatch_max = "many"', "[engine] batch_max: expected `int`, got `str`"),
        ("[engine]\nbatch_maxx = 3", "[engine] has no setting batch_maxx: is it batch_max?"),
        ("[web]\nbody_bytes = 3", "[web] has no setting body_bytes: is it body_bytes_max?"),
        ("[wep]\nbody_bytes_max = 3", "there is no part [wep]: is it web?"),
        ("[store]\nwhere = 3", "[store] has no setting where: there are address, lease_s"),
        ("[retention]\nhold = [3]", "[retention] hold[0]: expected `str`, got `int`"),
        ("engine = 3", "[engine]: expected `object`, got `int`"),
        ("[engine", "is no TOML"),
        (b"\xff\xfe", "is not text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_what_is_meant(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    assert said in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "setting",
    [
        "[engine]\nbatch_max = 0",
        "[engine]\nworkers = 0",
        "[engine]\nqueue_max = -1",
        "[engine]\ndrain_s = -1",
        "[engine]\nshard = 2048",
        "[engine]\nshards = 2049",
        f"[engine]\ntimers_per_turn = {10**30}",
        "[web]\ncommit_timeout_s = 0",
        "[web]\nsession_hours = inf",
        "[web]\nbody_bytes_max = -3",
        '[web]\ntenant = ""',
        "[ledger]\nverify_every_s = nan",
        "[retention]\nfinished_after_days = -1",
        "[retention]\nevery_s = 0",
        "[store]\nlease_s = -4",
    ],
)
def test_a_number_with_which_nothing_could_run_is_refused(tmp_path: Path, setting: str) -> None:
    part, name = setting.split(" =")[0].splitlines()
    assert refusal(tmp_path, setting).startswith(f"{part} {name}: ")


def test_a_variable_is_named_when_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_ENGINE_WORKERS", "none")
    with pytest.raises(SettingsError, match=r"CLEARANCE_ENGINE_WORKERS: \[engine\] workers"):
        load_settings(None)


def test_variables_come_before_the_file_and_lists_are_separated_by_commas(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[engine]\nworkers = 3\nbatch_max = 7\n[retention]\nhold = ["a"]\n')
    monkeypatch.setenv("CLEARANCE_ENGINE_WORKERS", "5")
    monkeypatch.setenv("CLEARANCE_RETENTION_HOLD", "litigation, 2251799813685255")
    found = load_settings(path)
    assert (found.engine.workers, found.engine.batch_max) == (5, 7)
    assert found.retention.hold == ("litigation", "2251799813685255")
