"""A shard by hand, without loop or threads: what one command has done is there for the next in the same batch."""

import pytest

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.engine.state.shard_state import ShardState
from clearance.kernel import step
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Completed
from clearance.stores.memory import MemoryStore
from clearance.testing.scenario import PermitAll
from tests.engine.helpers import ONE_JOB
from tests.kernel.files import END, START, bpmn, each, scope, service

NOW = 1_700_000_000_000


def test_after_a_defect_an_instance_has_all_that_it_had_before_also_what_is_not_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shard = Shard(MemoryStore(), PermitAll(), Registry(Feel(), read_decisions), {})
    for process in read(ONE_JOB).processes:
        shard.work(commands.DeployProcess(process=process, xml=""), NOW)
    started = shard.work(commands.StartInstance(process="p"), NOW)
    assert isinstance(started, Answer)
    shard.work(commands.SetVariables(instance=started.key, variables={"kept": "yes"}), NOW)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    with monkeypatch.context() as patched:
        patched.setitem(step.HANDLERS, commands.SetVariables, broken)
        refused = shard.work(commands.SetVariables(instance=started.key, variables={"lost": "yes"}), NOW)
    assert isinstance(refused, Refusal)
    assert refused.kind == "defect"
    stream = shard.stream(started.key)
    assert stream is not None
    assert stream.instance is not None
    assert set(stream.instance.elements[started.key].variables) == {"kept"}
    assert [incident.kind for incident in stream.instance.incidents.values()] == ["defect"]


def test_a_large_state_is_not_written_with_every_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = '<startEvent id="s2"/>' + service("a") + service("b") + '<endEvent id="e2"/>'
    parts = scope("subProcess", "sub", each("for i in 1..60 return i") + inside, "s2 -> a\na -> b\nb -> e2")
    kept: list[int] = []
    keep = ShardState.keep
    monkeypatch.setattr(ShardState, "keep", lambda state, stream: (kept.append(stream.key), keep(state, stream)))
    settings = EngineSettings(snapshot_every=3)
    shard = Shard(MemoryStore(), PermitAll(), Registry(Feel(), read_decisions), {}, settings)
    for process in read(bpmn(START + parts + END, "s -> sub\nsub -> e")).processes:
        shard.work(commands.DeployProcess(process=process, xml=""), NOW)
    shard.work(commands.StartInstance(process="p"), NOW)
    kept.clear()
    for release in shard.cut().releases:
        done = commands.FinishJob(instance=release.instance, job=release.job, attempt=1, outcome=Completed({}))
        assert isinstance(shard.work(done, NOW), Answer)
    assert len(shard.cut().releases) == 60, "each round has come to its second task"
    assert len(kept) <= 1
