"""What docs/governance.md shows works as it is printed there, and its tables are complete."""

import re
from pathlib import Path

import pytest

from clearance.governance import PolicyGate
from clearance.governance.context import ATTRIBUTES
from clearance.governance.files import SHIPPED
from clearance.governance.obligations import KNOWN

TEXT = (Path(__file__).parents[2] / "docs" / "governance.md").read_text(encoding="utf-8")


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL))


def test_the_examples_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "own.cedar").write_text(blocks("cedar"))
    (folder / "own.cedarschema").write_text(blocks("cedarschema"))
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python"), "governance.md", "exec"), {})
    assert capsys.readouterr().out.startswith("actor pay-invoice may pay at invoice-to-pay/pay-it.")


def test_every_shipped_policy_is_named():
    shipped = [policy.id for policy in PolicyGate.load().files.policies]
    assert len(shipped) == (SHIPPED / "default.cedar").read_text().count("@id(")
    assert [name for name in shipped if f"`{name}`" not in TEXT] == []


def test_every_shipped_action_is_named():
    assert [
        name for name in PolicyGate.load().files.actions if f"`{name}`" not in TEXT and f'"{name}"' not in TEXT
    ] == []


def test_every_attribute_and_annotation_is_explained():
    assert [name for name in ATTRIBUTES if f"`{name}`" not in TEXT] == []
    assert [name for name in KNOWN if f"`@{name}(" not in TEXT] == []
