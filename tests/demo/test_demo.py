"""``clearance demo`` as a newcomer runs it: through to its figures, interrupted, and on their own folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("SHARED_DATA", ROOT / ".." / "shared" / "data")).resolve()
KEYS = {
    "instances", "completed", "automated", "escalated", "wrongly_paid", "missed_exceptions",
    "ledger_entries", "ledger_verified", "seconds",
}  # fmt: skip

pytestmark = pytest.mark.timeout(280)


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'examples'}"}
    return subprocess.Popen(
        [sys.executable, "-m", "clearance.cli", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def run(*arguments: str) -> tuple[int, str, str]:
    process = start(*arguments)
    out, errors = process.communicate(timeout=240)
    return process.returncode, out, errors


def figures(out: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(out.strip().splitlines()[-1])
    return found


def test_headless_runs_through_and_its_last_line_is_the_figures(tmp_path: Path) -> None:
    code, out, errors = run("--headless", "--count", "60", "--data", str(tmp_path / "demo"))
    assert code == 0, out + errors
    found = figures(out)
    assert set(found) == KEYS
    assert (found["wrongly_paid"], found["missed_exceptions"], found["ledger_verified"]) == (0, 0, True)
    assert found["instances"] == 60
    assert 0.85 <= int(str(found["automated"])) / 60 <= 0.92
    assert int(str(found["escalated"])) + int(str(found["automated"])) == 60
    assert "Waits for a person" in out


def test_interrupted_it_stops_cleanly_and_another_start_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    process = start("--count", "60", "--data", str(data), "--port", str(free_port()))
    ledger = data / "tower" / "ledger.sqlite"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (ledger.exists() and len(list((data / "inbox").glob("0*"))) >= 6):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, out + errors
    assert "Traceback" not in out + errors
    assert 6 <= len(list((data / "inbox").glob("0*"))) < 60
    code, out, errors = run("--headless", "--data", str(data))
    assert code == 0, out + errors
    assert figures(out)["instances"] == 60
    assert (figures(out)["wrongly_paid"], figures(out)["ledger_verified"]) == (0, True)


def test_a_killed_demo_leaves_no_company_behind(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    process = start("--count", "20", "--data", str(data), "--port", str(free_port()))
    port = data / "sandbox" / "port"
    until = time.monotonic() + 60
    while time.monotonic() < until and not port.exists():
        time.sleep(0.05)
    number = int(port.read_text())
    process.kill()
    process.communicate()
    while time.monotonic() < until and answers(number):
        time.sleep(0.05)
    assert not answers(number)


def test_own_invoices_and_broken_files_each_reach_a_person(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    real = sorted((SHARED / "xrechnung" / "business-cases" / "standard").glob("*.xml"))[:4]
    for path in real:
        (folder / path.name).write_bytes(path.read_bytes())
    broken = {
        "broken.xml": b"<Invoice><oops>",
        "empty.pdf": b"%PDF-1.4\n%%EOF\n",
        "entity.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>',
        "bomb.xml": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Invoice>&b;</Invoice>',
        "rubbish.txt": bytes(range(256)) * 20,
    }
    for name, content in broken.items():
        (folder / name).write_bytes(content)
    with (folder / "huge.pdf").open("wb") as huge:
        huge.write(b"%PDF-1.4\n")
        huge.truncate(200 * 1024 * 1024)
    code, out, errors = run("--headless", "--invoices", str(folder), "--data", str(tmp_path / "demo"))
    assert code == 0, out + errors
    found = figures(out)
    assert found["instances"] == len(real) + len(broken) + 1
    assert found["escalated"] == found["instances"], "nobody knows these suppliers: people decide"
    assert (found["wrongly_paid"], found["ledger_verified"]) == (0, True)
    assert "Traceback" not in out + errors
    assert all(f"Document {name}" in out for name in (*broken, "huge.pdf")), "known by their names, as nothing is read"


def test_a_port_in_use_is_one_message(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, errors = run("--count", "5", "--data", str(tmp_path / "demo"), "--port", str(port))
    assert code == 2
    assert f"Port {port}" in " ".join(errors.split())
    assert "Traceback" not in out + errors


def test_a_data_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, out, errors = run("--headless", "--data", str(tmp_path / "file" / "demo"))
    assert code == 2
    assert "Traceback" not in out + errors
    assert str(tmp_path / "file") in "".join(errors.split("\n"))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
