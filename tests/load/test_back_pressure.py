"""Twice as much as can be done, for a while: what waits is bounded, the rest is told to come again, nothing is lost."""

import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from clearance.engine.engine import Engine
from clearance.engine.ports import Batch
from clearance.engine.settings import EngineSettings
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Completed, Job, Outcome
from clearance.stores.sqlite import SqliteStore
from clearance.web.serving import Background
from tests.engine.helpers import actor, engine, start, until
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
