"""The command line: what it says, and how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from clearance import bpmn, cli
from invoice_to_pay.app import HERE
from invoice_to_pay.process import p

ROOT = Path(__file__).resolve().parent.parent


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and all that was said, line ends taken out."""
    monkeypatch.setattr(sys, "argv", ["clearance", *arguments])
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    code = ended.value.code
    return (0 if code is None else int(str(code))), " ".join((said.out + said.err).split())


def test_check_finds_the_shipped_files_fine(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    exported = tmp_path / "process.bpmn"
    exported.write_bytes(bpmn.write(p.definitions()))
    code, said = call(monkeypatch, capsys, "check", str(exported), str(HERE / "policies"))
    assert (code, "error" in said) == (0, False)


def test_check_names_the_element_that_is_wrong(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "process.bpmn"
    path.write_bytes(bpmn.write(p.definitions()).replace(b"routing.Route = ", b"routing.Route = = "))
    code, said = call(monkeypatch, capsys, "check", str(path))
    assert code == 2
    assert "which-way" in said
    assert "Traceback" not in said


def test_check_of_an_unknown_kind_of_file_says_what_to_give(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "check", str(tmp_path / "notes.txt"))
    assert code == 2
    assert ".bpmn" in said


def test_verify_without_a_ledger_is_one_message(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "ledger", "verify", "--data", str(tmp_path))
    assert code == 2
    assert "there is no ledger" in said


def test_serving_what_is_no_application_is_one_message(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "serve", "nowhere:app", "--data", str(tmp_path / "d"))
    assert code == 2
    assert "nowhere" in said


def test_export_and_convert_write_files(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, _ = call(monkeypatch, capsys, "export", "invoice_to_pay.process:p", str(tmp_path / "p.bpmn"))
    assert code == 0
    assert bpmn.read(tmp_path / "p.bpmn").processes[0].id == "invoice-to-pay"
    code, said = call(
        monkeypatch, capsys, "dmn", "convert", str(HERE / "decisions" / "routing.csv"), str(tmp_path / "routing.xlsx")
    )
    assert code == 0, said
    assert (tmp_path / "routing.xlsx").stat().st_size > 0


def test_the_program_of_the_readme_does_what_it_says() -> None:
    code = (ROOT / "README.md").read_text().split("```python")[1].split("```")[0]
    promised = code.rsplit("# ", 1)[1].strip()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT / "src")
    assert done.stdout.strip() == promised, done.stderr
