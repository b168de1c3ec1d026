"""What a plain step costs, counted in calls, which no neighbour moves: its actor, the shard with the gate, and a commit
that holds nothing else. Whoever adds a call to every step of everybody shall mean to.
"""

from functools import partial
from pathlib import Path

from benchmarks.record import FIRST, STEPS

from benchmarks import ours
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.dispatcher import job_of, perform
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.model import commands
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from tests.counting import calls

NOW = 1_700_000_000_000
ACTOR_MAX = 17
SHARD_MAX = 58
COMMIT_MAX = 28
"""A few more than the 15, 54 and 23 of when this was written."""


def test_a_plain_step_takes_few_calls(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    shard = Shard(store, PolicyGate.load(ours.POLICIES), Registry(Feel(), read_decisions), {"work": ours.work})
    shard.work(commands.DeployProcess(process=ours.ten_steps().definition(), xml=""), NOW)
    _instance(shard, store)  # from then on the gate remembers what Cedar has said
    _, *taken = _instance(shard, store)  # the first commit has the new instance's row as well
    store.close()
    acting, working, committing = (max(counts) for counts in zip(*taken, strict=True))
    assert acting <= ACTOR_MAX
    assert working <= SHARD_MAX
    assert committing <= COMMIT_MAX


def _instance(shard: Shard, store: SqliteStore) -> list[tuple[int, int, int]]:
    """The calls of actor, shard and commit for each step of an instance that leads to another one."""
    shard.work(commands.StartInstance(process="ten-steps", variables={"record": FIRST}), NOW)
    taken: list[tuple[int, int, int]] = []
    for _ in range(STEPS - 1):
        cut = shard.cut()
        committing = calls(partial(store.commit, cut.batch))
        shard.committed(cut.batch)
        release = cut.releases[-1]
        job = job_of(release, MemoryBlobs(), "here")
        acting = calls(partial(perform, ours.work, job))
        outcome = perform(ours.work, job)
        done = commands.FinishJob(instance=release.instance, job=release.job, attempt=1, outcome=outcome)
        working = calls(partial(shard.work, done, NOW))
        taken.append((acting, working, committing))
    assert len(shard.cut().releases) == 1, "the last task is at hand"
    return taken
