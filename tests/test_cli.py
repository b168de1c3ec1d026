"""The command line: what it says, and how it ends."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clearance import bpmn, cli
from clearance.web.serving import bind
from clearance.web.users import Users
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


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("application =", "invalid syntax (their_code.py, line 1)"),
        ("\napplication = 1 / 0", "line 2: ZeroDivisionError: division by zero"),
        ("import what_nobody_has", "No module named 'what_nobody_has'"),
        ("def application(wanted):\n    return wanted", "missing 1 required positional argument"),
        ("other = 3", "has no attribute 'application'"),
        ("application = 3", "is a int, not a clearance.compose.Application"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_what_is_wrong_in_the_code_of_an_application_is_one_message_with_its_line(  # type: ignore[no-untyped-def]
    monkeypatch, capsys, tmp_path, code: str, said: str, command: str
) -> None:
    (tmp_path / "their_code.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "their_code", raising=False)
    ended, complaint = call(monkeypatch, capsys, command, "their_code", "--data", str(tmp_path / "d"))
    assert ended == 2
    assert said in complaint


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere:p", "No module named 'nowhere'"), (".x", "names no module"), ("json:decoder", "not a clearance.build")],
)
def test_exporting_what_is_no_process_is_one_message(monkeypatch, capsys, tmp_path, name: str, said: str) -> None:  # type: ignore[no-untyped-def]
    ended, complaint = call(monkeypatch, capsys, "export", name, str(tmp_path / "p.bpmn"))
    assert (ended, said in complaint) == (2, True), complaint


def test_messages_are_printed_as_they_are(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Neither brackets, which style text for the library that prints, nor what it takes for emoji, get lost."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[engine]\nbatch_max = 0")
    _, said = call(monkeypatch, capsys, "serve", "nowhere", "--settings", str(settings), "--data", str(tmp_path / "d"))
    assert "[engine] batch_max" in said
    _, said = call(monkeypatch, capsys, "serve", "a:b:c", "--data", str(tmp_path / "[/red]"))
    assert "a:b:c" in said
    _, said = call(monkeypatch, capsys, "ledger", "verify", "--data", str(tmp_path / "[/red]"))
    assert str(tmp_path / "[/red]") in said


def test_removing_a_user_where_there_are_none_names_the_folder(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "users", "remove", "ada", "--data", str(tmp_path / "nowhere"))
    assert (code, "--data" in said) == (2, True)
    (tmp_path / "users.sqlite").write_bytes(b"noise" * 1000)
    code, said = call(monkeypatch, capsys, "users", "remove", "ada", "--data", str(tmp_path))
    assert (code, str(tmp_path / "users.sqlite") in said) == (2, True)


def test_users_are_listed_with_their_roles(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "users", "list", "--data", str(tmp_path))
    assert (code, "--data" in said) == (2, True)
    known = Users(tmp_path / "users.sqlite")
    code, said = call(monkeypatch, capsys, "users", "list", "--data", str(tmp_path))
    assert (code, "clearance users add" in said) == (0, True)
    known.add("bob", "secret", ["clerk"])
    known.add("ada", "secret", ["admin", "auditor"], "Ada L.")
    known.close()
    code, said = call(monkeypatch, capsys, "users", "list", "--data", str(tmp_path))
    assert (code, said) == (0, "ada (Ada L.): admin, auditor bob: clerk")
    code, said = call(monkeypatch, capsys, "users", "remove", "eve", "--data", str(tmp_path))
    assert (code, "clearance users list" in said) == (2, True)


def test_a_folder_without_policies_is_not_called_fine(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "check", str(tmp_path))
    assert (code, "no .cedar files" in said) == (2, True)


def test_a_data_folder_that_is_a_file_is_said_so(monkeypatch, capsys, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "data").write_text("")
    code, said = call(monkeypatch, capsys, "serve", "invoice_to_pay.app:sandbox", "--data", str(tmp_path / "data"))
    assert code == 2
    monkeypatch.setenv("INVOICE_TO_PAY_SANDBOX", "http://127.0.0.1:9")
    code, said = call(monkeypatch, capsys, "serve", "invoice_to_pay.app:sandbox", "--data", str(tmp_path / "data"))
    assert (code, "is a file and no folder" in said) == (2, True), said


def test_a_port_that_cannot_be_is_refused(monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    code, said = call(monkeypatch, capsys, "serve", "nowhere", "--port", "80000")
    assert (code, "--port" in said) == (2, True)


@pytest.mark.parametrize("command", [("serve", "invoice_to_pay.app:sandbox"), ("demo",)])
def test_a_port_in_use_is_said_before_anything_begins(monkeypatch, capsys, tmp_path, command) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("INVOICE_TO_PAY_SANDBOX", "http://127.0.0.1:9")
    data = tmp_path / "data"
    with closing(bind("127.0.0.1", 0)) as taken:
        taken.listen()
        port = str(taken.getsockname()[1])
        code, said = call(monkeypatch, capsys, *command, "--port", port, "--data", str(data))
    assert (code, f"Port {port} on 127.0.0.1 is in use" in said) == (2, True), said
    assert not data.exists()


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
