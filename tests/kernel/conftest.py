"""After every test here: the ledger verifies, replaying each instance gives exactly the state that is at work, and
every table can be made anew from the entries.

Every test runs on one shard and on three: where an instance lives is not to be noticed. What goes the straight way is
worked out the general way too.
"""

from collections.abc import Iterator

import pytest

from clearance.integrity.verify import verify
from clearance.kernel.appliers import replay
from clearance.kernel.state import snapshot
from clearance.kernel.straight import Passage
from clearance.ledger import chain
from clearance.testing import Scenario
from clearance.testing.tables import differences
from tests.kernel.both_ways import compared


@pytest.fixture(autouse=True, params=[1, 3], ids=["one shard", "three shards"])
def passages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Passage]]:
    """What has gone straight so far."""
    made: list[Scenario] = []
    build = Scenario.__init__

    def remember(scenario: Scenario, *arguments: object, **options: object) -> None:
        build(scenario, *arguments, **{"shards": request.param, **options})  # type: ignore[arg-type]
        made.append(scenario)

    monkeypatch.setattr(Scenario, "__init__", remember)
    with compared(monkeypatch) as passages:
        yield passages
    for scenario in made:
        for shard in scenario.fleet.shards:
            verified = verify(shard.store, shard.registry)
            assert verified.ok, verified.problems
            assert differences(shard.store) == [], "the tables cannot be made anew from the entries"
        for run in scenario.runs:
            shard = scenario.fleet.of(run.key)
            events = [e for entry in shard.store.history(run.key, limit=100_000) for e in chain.read(entry).events]
            again = replay(events, shard.registry.graph)
            if again.status == "active":
                assert snapshot(again) == snapshot(scenario._instance(run.key))
            else:
                assert scenario._instance(run.key).status == again.status
