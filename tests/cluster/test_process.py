"""A shard in a process of its own behaves as an engine does, also when the process dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from clearance.cluster import ShardProcess
from clearance.engine.runtime.engine import Engine, Left
from clearance.engine.runtime.intake import Reply, submitted
from clearance.engine.runtime.shards import Carry
from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from tests.cluster.shop import JOURNAL, kill, make_engine, process
from tests.engine.helpers import statuses, until, verified

ROOT = Path(__file__).parents[2]
DEPLOY = commands.DeployProcess(process=process(), xml="")


@pytest.fixture
def shard(tmp_path: Path) -> Iterator[ShardProcess]:
    made = ShardProcess(0, partial(make_engine, tmp_path, 1), lambda leaving: None, lambda number: None)
    made.start()
    assert isinstance(submit(made, DEPLOY).result(20), Answer)
    yield made
    made.stop()


def submit(shard: ShardProcess, command: Command) -> Reply:
    return submitted(command, shard.bring)


def lines(folder: Path) -> list[list[str]]:
    journal = folder / JOURNAL
    return [line.split() for line in journal.read_text().splitlines()] if journal.exists() else []


def test_commands_are_answered_and_jobs_done_in_another_process(shard: ShardProcess, tmp_path: Path) -> None:
    told: list[int] = []
    shard.listen(told.append)
    answers = [submit(shard, commands.StartInstance(process="p")).result(20) for _ in range(3)]
    assert all(isinstance(answer, Answer) for answer in answers)
    refused = submit(shard, commands.StartInstance(process="unknown")).result(20)
    assert isinstance(refused, Refusal)
    assert refused.kind == "not-found"
    until(lambda: len(lines(tmp_path)) == 3, "the jobs are not done")
    assert {int(pid) for _, pid in lines(tmp_path)} == {shard.process_id}
    assert shard.process_id != os.getpid()
    until(lambda: bool(told) and told[-1] >= 7, "commits are not told")
    assert shard.stop() == Left(instances=0, running=0)
    assert shard.process_id is None
    assert statuses(tmp_path / "ledger-0.sqlite") == ["completed"] * 3
    assert verified(tmp_path / "ledger-0.sqlite")


def test_a_process_that_is_killed_is_started_again_and_goes_on(shard: ShardProcess, tmp_path: Path) -> None:
    first = shard.process_id
    started = submit(shard, commands.StartInstance(process="p", variables={"seconds": 1.5})).result(20)
    assert isinstance(started, Answer)
    kill(shard)
    until(lambda: shard.process_id not in (None, first) and not shard.trouble, "it is not started again")
    until(lambda: len(lines(tmp_path)) >= 1, "the job is not done again")
    assert isinstance(submit(shard, commands.StartInstance(process="p")).result(20), Answer)
    until(lambda: len(lines(tmp_path)) >= 2, "it takes in nothing new")
    shard.stop()
    assert statuses(tmp_path / "ledger-0.sqlite") == ["completed"] * 2
    assert len({key for key, _ in lines(tmp_path)}) == 2, "the job that was at work keeps its key"
    assert verified(tmp_path / "ledger-0.sqlite")


def test_whoever_waits_for_an_answer_of_a_process_that_dies_gets_one(shard: ShardProcess) -> None:
    kill(shard, signal.SIGSTOP)
    waiting = submit(shard, commands.StartInstance(process="p"))
    kill(shard)
    answer = waiting.result(20)
    assert isinstance(answer, Refusal)
    assert answer.kind == "busy"
    assert "shard 0" in answer.reason


def test_a_command_that_holds_what_is_no_data_is_refused_and_holds_nobody_up(shard: ShardProcess) -> None:
    answer = submit(shard, commands.StartInstance(process="p", variables={"lock": threading.Lock()})).result(20)  # type: ignore[dict-item]
    assert isinstance(answer, Refusal)
    assert answer.kind == "invalid"
    assert "shard 0" in answer.reason
    assert isinstance(submit(shard, commands.StartInstance(process="p")).result(20), Answer)


def test_what_other_shards_have_for_one_that_does_not_listen_does_not_hold_them_up(shard: ShardProcess) -> None:
    """Who pushes hears another shard meanwhile: two that waited for each other's processes would wait for ever."""
    kill(shard, signal.SIGSTOP)

    def push() -> None:
        for _ in range(30_000):
            shard.push([commands.ExpireMessages()])

    pushing = threading.Thread(target=push, daemon=True)
    pushing.start()
    pushing.join(20)
    assert not pushing.is_alive()
    kill(shard)


def test_a_shard_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "ledger-0.sqlite").write_bytes(b"this is no database at all" * 100)
    made = ShardProcess(0, partial(make_engine, tmp_path, 1), lambda leaving: None, lambda number: None)
    with pytest.raises(StoreError, match=r"ledger-0\.sqlite"):
        made.start()
    answer = submit(made, commands.StartInstance(process="p")).result(20)
    assert isinstance(answer, Refusal)
    made.stop()


def _dies(number: int, carry: Carry) -> Engine:
    os._exit(7)


def test_a_process_that_dies_before_it_has_started_is_reported_at_once_and_not_tried_for_ever() -> None:
    made = ShardProcess(3, _dies, lambda leaving: None, lambda number: None)
    with pytest.raises(StoreError, match="shard 3 ended with code 7 before it had started"):
        made.start()
    made.stop()


def test_a_script_that_would_start_itself_again_and_again_ends_at_once_and_says_why(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PARENT.replace('if __name__ == "__main__":', "if True:"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "before it had started" in done.stderr
    assert "if __name__ == '__main__':" in done.stderr


PARENT = """
import sys, time
from functools import partial
from pathlib import Path
from clearance.cluster import ShardProcess
from tests.cluster.shop import make_engine

if __name__ == "__main__":
    shard = ShardProcess(0, partial(make_engine, Path(sys.argv[1]), 1), lambda leaving: None, lambda number: None)
    shard.start()
    print(shard.process_id, flush=True)
    time.sleep(60)
"""


def test_a_process_ends_when_the_one_that_runs_it_is_gone(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    with subprocess.Popen(
        [sys.executable, script, tmp_path], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    end = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()
    assert verified(tmp_path / "ledger-0.sqlite")
