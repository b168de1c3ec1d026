"""``clearance show``: files and instances as pictures, or as lines in the terminal."""

import io
import sys
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from clearance import bpmn, cli
from clearance.build import Process
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario


def process() -> Process:
    p = Process("Claim")
    p.service("Read it", does="read")
    p.person("Look at it", roles="clerk")
    return p


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "claim.bpmn"
    path.write_bytes(bpmn.write(process().definitions()))
    return path


@pytest.fixture
def instance(tmp_path: Path) -> int:
    """Of an installation that has been stopped; its data folder is ``tmp_path``."""
    store = SqliteStore(tmp_path / "ledger.sqlite")
    scenario = Scenario(store=store)
    scenario.deploy(process())
    scenario.worker("read", lambda job: {})
    key = scenario.start("claim").key
    store.close()
    return key


def show(monkeypatch, capsys, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["clearance", "show", *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return int(str(ended.value.code or 0)), said.out + said.err


def test_a_file_is_an_outline_in_the_terminal(monkeypatch, capsys, file):
    code, said = show(monkeypatch, capsys, str(file))
    assert (code, [line.strip() for line in said.splitlines()]) == (
        0,
        ["Claim", "(start)", "Read it (service)", "Look at it (person)", "(end)"],
    )


def test_a_file_becomes_svg_and_png(monkeypatch, capsys, file, tmp_path):
    for ending in ("svg", "png"):
        code, said = show(monkeypatch, capsys, str(file), "-o", str(tmp_path / f"claim.{ending}"))
        assert (code, f"claim.{ending}" in said) == (0, True)
    root = etree.parse(tmp_path / "claim.svg").getroot()
    picture = Image.open(tmp_path / "claim.png")
    assert abs(picture.width - 2 * float(root.get("width"))) <= 2


def test_svg_can_be_piped(monkeypatch, capsys, file):
    code, said = show(monkeypatch, capsys, str(file), "-o", "-", "--dark")
    assert code == 0
    assert etree.parse(io.BytesIO(said.encode())).getroot().tag.endswith("svg")
    assert "#14181d" in said


def test_an_instance_shows_where_it_stands(monkeypatch, capsys, instance, tmp_path):
    code, said = show(monkeypatch, capsys, str(instance), "--data", str(tmp_path))
    assert code == 0
    assert "Read it (service)  ✓" in said
    assert "Look at it (person)  ●" in said
    code, said = show(monkeypatch, capsys, str(instance), "--data", str(tmp_path), "-o", "-")
    assert "#1864ab" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.bpmn",), "nowhere.bpmn"),
        (("42",), "there is no ledger in"),
        (("{file}", "-o", "claim.gif"), "pictures are .svg or .png"),
        (("{file}", "-o", "-", "--page", "2"), "there is no diagram"),
    ],
)
def test_what_cannot_be_shown_is_one_message(monkeypatch, capsys, file, tmp_path, arguments, message):
    given = [part.replace("{file}", str(file)) for part in arguments]
    code, said = show(monkeypatch, capsys, *given, "--data", str(tmp_path / "none"))
    assert code == 2
    assert message in said
    assert "Traceback" not in said
