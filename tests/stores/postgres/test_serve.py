"""``clearance serve`` on PostgreSQL, two of them on one database and one data folder, and the commands beside it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from clearance import cli
from clearance.web.users import Users
from tests.stores.server import Server, free_port

_ROOT = Path(__file__).parents[3]
_WITHIN_S = 30.0


class Tower:
    """A ``clearance serve`` of its own process."""

    def __init__(self, database: str, data: Path, log: Path, shards: int) -> None:
        self._port = free_port()
        self._log = log
        arguments = ["tests.stores.postgres.application:application", "--store", database, "--data", str(data)]
        arguments += ["--port", str(self._port), "--shards", str(shards)]
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clearance.cli", "serve", *arguments],
                stdout=file,
                stderr=file,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(str(_ROOT / part) for part in ("src", "."))},
                cwd=_ROOT,
            )
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}", auth=("ada", "secret"), timeout=60, trust_env=False
        )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def status(self) -> tuple[int, str]:
        """What a load balancer would see; 0: nobody answers."""
        try:
            answer = self.client.get("/v2/status")
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.text

    def until(self, code: int) -> str:
        """Wait for a status; returns what it says."""
        end = time.monotonic() + _WITHIN_S
        while (found := self.status())[0] != code:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, (found, self.said)
            time.sleep(0.05)
        return found[1]

    def start(self) -> httpx.Response:
        body = {"processDefinitionId": "doubling", "variables": {"number": 21}}
        return self.client.post("/v2/process-instances", json=body)

    def instances(self, state: str) -> int:
        """How many there are, by the views."""
        body = {"filter": {"state": state}}
        return int(self.client.post("/v2/process-instances/search", json=body).json()["page"]["totalItems"])


Serve = Callable[..., Tower]


@pytest.fixture
def serve(database: str, tmp_path: Path) -> Iterator[Serve]:
    """Starts towers, all on one database and one data folder."""
    data = tmp_path / "data"
    data.mkdir()
    users = Users(data / "users.sqlite")
    users.add("ada", "secret", ["admin"])
    users.close()
    begun: list[Tower] = []

    def begin(shards: int = 1) -> Tower:
        begun.append(Tower(database, data, tmp_path / f"log-{len(begun)}", shards))
        return begun[-1]

    yield begin
    for tower in begun:
        if tower.process.poll() is None:
            tower.process.send_signal(signal.SIGCONT)
            tower.process.kill()
        tower.process.wait()
        tower.client.close()


def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _WITHIN_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def _call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code of a command in this process, and all that it said."""
    monkeypatch.setattr(sys, "argv", ["clearance", *arguments])
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    code = ended.value.code
    return (0 if code is None else int(str(code))), said.out + said.err


@pytest.mark.timeout(180)
@pytest.mark.parametrize("shards", [1, 3])
def test_a_standby_answers_503_until_the_owner_is_killed_and_then_goes_on_where_that_was(
    serve: Serve,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shards: int,
) -> None:
    owner = serve(shards)
    owner.until(204)
    assert owner.start().status_code == 200
    standby = serve(shards)
    assert f"held by process {owner.process.pid} on" in standby.until(503)
    refused = standby.start()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert not (tmp_path / "data" / "views-2.sqlite").exists(), "a standby touches nothing"
    _until(lambda: owner.instances("COMPLETED") == 1, "the process does not run")
    time.sleep(1)
    owner.process.kill()
    killed = time.monotonic()
    standby.until(204)
    with capsys.disabled():
        print(f"answers {time.monotonic() - killed:.2f} s after kill -9")
    key = standby.start().json()["processInstanceKey"]
    _until(lambda: standby.instances("COMPLETED") == 2, "the standby does not show all that happened")

    code, said = _call(monkeypatch, capsys, "ledger", "verify", "--store", database, "--data", str(tmp_path))
    assert (code, "every hash, chain and state agrees" in said) == (0, True)
    monkeypatch.setenv("CLEARANCE_STORE_ADDRESS", database)
    code, said = _call(monkeypatch, capsys, "ledger", "show", "--instance", key)
    assert (code, key in said) == (0, True)
    code, said = _call(monkeypatch, capsys, "show", key)
    assert (code, "Double it" in said) == (0, True)
    code, said = _call(monkeypatch, capsys, "doctor", "--data", str(tmp_path / "data"))
    assert code == 0, said
    assert f"the last to hold it is process {standby.process.pid} on" in said
    standby.process.send_signal(signal.SIGTERM)
    assert standby.process.wait(30) == 0


@pytest.mark.timeout(180)
def test_a_server_that_is_away_is_429_and_a_tower_that_was_replaced_while_paused_ends(
    serve: Serve, server: Server, tmp_path: Path
) -> None:
    owner = serve()
    owner.until(204)
    assert owner.start().status_code == 200
    standby = serve()
    standby.until(503)
    server.stop()
    try:
        assert "Nothing can be committed: postgresql://" in owner.until(503)
        refused = owner.start()
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        server.start()
    owner.until(204)
    assert owner.start().status_code == 200

    owner.process.send_signal(signal.SIGSTOP)
    standby.until(204)
    assert (tmp_path / "data" / "views-2.sqlite").exists(), "the paused one may still hold the first"
    owner.process.send_signal(signal.SIGCONT)
    assert owner.process.wait(30) == 3
    assert "another engine has taken over" in owner.said
    assert "Traceback" not in owner.said
    assert standby.start().status_code == 200
    _until(lambda: standby.instances("COMPLETED") == 3, "the standby does not show all that happened")


def test_a_standby_that_is_told_to_stop_ends_well(serve: Serve) -> None:
    owner = serve()
    owner.until(204)
    standby = serve()
    standby.until(503)
    standby.process.send_signal(signal.SIGTERM)
    assert standby.process.wait(30) == 0
    assert owner.start().status_code == 200


def test_what_is_wrong_with_the_address_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for address, said_of_it in (
        ("postgresql://ada:hidden@127.0.0.1:1/none", "start the server"),
        ("mysql://ada:hidden@127.0.0.1/none", "does not begin with postgresql://"),
    ):
        code, said = _call(
            monkeypatch,
            capsys,
            "serve",
            "tests.stores.postgres.application:application",
            "--store",
            address,
            "--data",
            str(tmp_path / "d"),
        )
        assert (code, said_of_it in said, "hidden" in said, "Traceback" in said) == (2, True, False, False)
    assert not (tmp_path / "d").exists()
