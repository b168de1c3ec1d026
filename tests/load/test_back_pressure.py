"""Twice as much as can be done, for a while: what waits is bounded, the rest is told to come again, nothing is lost."""

import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.ledger.rows import Batch
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Completed, Job, Outcome
from clearance.stores.sqlite import SqliteStore
from clearance.web.serving import Background
from tests.engine.helpers import actor, engine, start, until
from tests.load import overload
from tests.web.conftest import House, house, settings  # noqa: F401 (fixtures)
from tests.web.tower import password_of

_COMMIT_S = 0.02
_BATCH = 5
_QUEUE = 60
_SUSTAINABLE_PER_S = _BATCH / _COMMIT_S
_LOAD_S = 4.0


class SlowStore(SqliteStore):
    """A disk of a known speed."""

    def commit(self, batch: Batch) -> None:
        time.sleep(_COMMIT_S)
        super().commit(batch)


def _latency_s(made: Engine) -> float:
    began = time.monotonic()
    start(made)
    return time.monotonic() - began


def test_at_twice_the_sustainable_load_the_queue_is_bounded_and_latency_recovers(tmp_path: Path) -> None:
    bounds = EngineSettings(batch_max=_BATCH, queue_max=_QUEUE)
    made = engine(SlowStore(tmp_path / "ledger.sqlite"), settings=bounds)
    quiet = median(_latency_s(made) for _ in range(10))
    replies, longest = [], 0
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < _LOAD_S:
        while len(replies) < elapsed * 2 * _SUSTAINABLE_PER_S:
            replies.append(made.submit(commands.StartInstance(process="p")))
        longest = max(longest, made.waiting)
        time.sleep(0.002)
    answers = [reply.result(20) for reply in replies]
    accepted = [answer.key for answer in answers if isinstance(answer, Answer)]
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert longest <= _QUEUE
    assert {answer.kind for answer in refused} == {"busy"}
    assert len(refused) > len(replies) / 5
    assert len(accepted) > _LOAD_S * _SUSTAINABLE_PER_S / 4
    recovered = median(_latency_s(made) for _ in range(10))
    assert recovered < quiet * 3 + 0.05
    made.stop()
    reader = SqliteStore(tmp_path / "ledger.sqlite", readonly=True)
    assert set(accepted) <= {row.key for row in reader.instances()}
    reader.close()


def test_nothing_new_is_started_while_the_actors_are_too_far_behind(tmp_path: Path) -> None:
    go = threading.Event()

    def work(job: Job) -> Outcome:
        go.wait(20)
        return Completed({})

    bounds = EngineSettings(jobs_waiting_max=20)
    made = engine(SqliteStore(tmp_path / "ledger.sqlite"), actor(work, concurrency=1), settings=bounds)
    answer: Any = None
    begun = []
    while not isinstance(answer, Refusal):
        answer = made.ask(commands.StartInstance(process="p"))
        if isinstance(answer, Answer):
            begun.append(answer.key)
        assert len(begun) < 60, "jobs pile up without bound"
    assert (answer.kind, "jobs wait for their actors" in answer.reason) == ("busy", True)
    changed = made.ask(commands.SetVariables(instance=begun[0], variables={"x": 1}))
    assert isinstance(changed, Answer), "what goes on with work is not refused"
    go.set()
    until(lambda: isinstance(made.ask(commands.StartInstance(process="p")), Answer), "it never takes work again")
    made.stop()


@pytest.mark.timeout(120)
def test_over_http_a_rush_is_taken_as_far_as_it_can_be_done_and_the_rest_told_when_to_come_again(
    tmp_path: Path,
) -> None:
    """A few seconds of what ``python -m tests.load.overload`` does for minutes."""
    rush = overload.run(tmp_path, 9.0)
    assert overload.judge(rush, tmp_path / "data") == []
    assert len(rush.memory) >= 8


def test_a_tower_that_does_not_withstand_a_rush_is_found(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "ledger.sqlite").close()
    bad = overload.Rush(Counter({200: 10, 500: 1}), 3, [9.0], {7}, [100] * 6 + [200] * 3, 0.1, 2.0, 10.0)
    found = overload.judge(bad, tmp_path)
    for said in ("not all", "when to come again", "only 10", "sent away", "no bound", "takes 2.00", "memory", "gone"):
        assert any(said in one for one in found), said


def test_over_http_a_full_queue_is_429_with_when_to_come_again(house: House, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.setattr(house.engine._intake, "_queue_max", 0)
    body = {"processDefinitionId": "invoice", "variables": {"number": "7"}}
    with Background(house.app) as server:
        url, somebody = f"{server.url}/v2/process-instances", ("cora", password_of("cora"))
        refused = httpx.post(url, json=body, auth=somebody)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
        monkeypatch.setattr(house.engine._intake, "_queue_max", 100)
        assert httpx.post(url, json=body, auth=somebody).status_code == 200
