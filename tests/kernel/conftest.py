"""After every test here: the ledger verifies, and replaying each instance gives exactly the state that is at work."""

from collections.abc import Iterator

import pytest

from clearance.engine import chain
from clearance.engine.verify import verify
from clearance.kernel.appliers import replay
from clearance.kernel.state import snapshot
from clearance.testing import Scenario


@pytest.fixture(autouse=True)
def _replay_equals_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made: list[Scenario] = []
    build = Scenario.__init__

    def remember(scenario: Scenario, *arguments: object, **options: object) -> None:
        build(scenario, *arguments, **options)  # type: ignore[arg-type]
        made.append(scenario)

    monkeypatch.setattr(Scenario, "__init__", remember)
    yield
    for scenario in made:
        verified = verify(scenario.store, scenario._shard.registry)
        assert verified.ok, verified.problems
        for run in scenario.runs:
            events = [e for entry in scenario.store.history(run.key, limit=100_000) for e in chain.read(entry).events]
            again = replay(events, scenario._shard.registry.graph)
            if again.status == "active":
                assert snapshot(again) == snapshot(scenario._instance(run.key))
            else:
                assert scenario._instance(run.key).status == again.status
