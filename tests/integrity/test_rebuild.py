"""Every table can be made from the entries: of what earlier releases wrote, of anything that runs, up to any moment."""

import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from clearance.engine.commands.start_events import StartTimer
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.integrity import rebuild
from clearance.ledger import chain
from clearance.ledger.rows import Batch
from clearance.ledger.store import Store, StoreError
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from clearance.testing.tables import between, differences
from tests.integrity.archives import archived, everything, played, verified
from tests.simulation.random_processes import processes
from tests.simulation.test_random_processes import _moves, _play

_HISTORIES = Path(__file__).parents[1] / "histories"
_RECORDED = sorted(str(path.relative_to(_HISTORIES)) for path in _HISTORIES.glob("*/ledger*.sqlite"))


def _registry() -> Registry:
    return Registry(Feel(), read_decisions)


def _followed(source: Store, target: Store, until: int | None = None) -> Store:
    rebuild.follow(source, target, _registry(), until=until)
    rebuild.finish(target, source.head())
    return target


@pytest.mark.parametrize("name", _RECORDED)
def test_tables_made_from_what_a_release_wrote_are_those_that_it_kept(name: str, tmp_path: Path) -> None:
    shutil.copytree((_HISTORIES / name).parent, tmp_path / "data")
    kept = SqliteStore(tmp_path / "data" / Path(name).name)
    made = _followed(kept, MemoryStore())
    assert [one for one in between(kept, made, _loaded(made)) if not one.startswith("timer")] == []
    assert [_unsealed(row) for row in made.timers()] == [_unsealed(row) for row in kept.timers()]
    assert verified(made).ok, verified(made).problems
    kept.close()


def _unsealed(row: object) -> object:
    """The first release did not seal start timers."""
    detail = getattr(row, "detail", "")
    if not detail:
        return row
    bare = msgspec.structs.replace(msgspec.json.decode(detail, type=StartTimer), seal="")
    return msgspec.structs.replace(row, detail=msgspec.json.encode(bare).decode())  # type: ignore[type-var]


def _loaded(store: Store) -> Registry:
    registry = _registry()
    registry.load(list(store.definitions()), [])
    return registry


def test_tables_made_anew_are_those_that_were_kept() -> None:
    scenario = played(MemoryStore())
    assert differences(scenario.store) == []
    archived(scenario.store, int(scenario.now.timestamp() * 1000), entries_max=20)
    assert list(scenario.store.archives()) != []
    assert differences(scenario.store) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=processes(), moves=_moves)
def test_whatever_runs_its_tables_can_be_made_anew(file: bytes, moves: list[tuple[str, int]]) -> None:
    scenario = Scenario()
    _play(scenario, file, moves)
    assert differences(scenario.store) == []


@pytest.mark.parametrize("page", [1, 7, 1000])
def test_it_does_not_matter_in_how_many_pieces(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = played(MemoryStore())
    archived(scenario.store, int(scenario.now.timestamp() * 1000), entries_max=20)
    monkeypatch.setattr(rebuild, "_PAGE", page)
    monkeypatch.setattr(rebuild, "_CACHED_MAX", 3)
    made = _followed(scenario.store, MemoryStore())
    assert list(between(scenario.store, made, _loaded(made))) == []


def test_following_goes_on_where_it_was_also_when_the_source_has_archived_meanwhile(tmp_path: Path) -> None:
    scenario = played(MemoryStore())
    target = SqliteStore(tmp_path / "ledger.sqlite")
    source = scenario.store
    for until in (10, 11, 60):
        rebuild.follow(source, target, _registry(), until=until)
        assert target.head().position == until
    archived(source, int(scenario.now.timestamp() * 1000), entries_max=20)
    _followed(source, target)
    assert list(between(source, target, _loaded(target))) == []
    assert target.archive_files.names() == source.archive_files.names()
    assert everything(target) == everything(source)
    assert verified(target).ok, verified(target).problems
    assert rebuild.follow(source, target, _registry()) == 0


def test_up_to_any_moment_it_is_as_it_was_then() -> None:
    """Every prefix at which a commit ended verifies, and is what a store had that stopped there."""
    source = MemoryStore()
    scenario = played(source)
    ends = sorted({rebuild.cut(source, position=position) for position in range(source.head().position)} - {0})
    assert len(ends) > 5
    times = [chain.read(source.entries(end - 1, 1)[0]).at for end in ends]
    for end, time in zip(ends, times, strict=True):
        made = _followed(source, MemoryStore(), end)
        assert made.head().position == end
        assert verified(made).ok, (end, verified(made).problems)
        assert rebuild.cut(source, time=time) == end == rebuild.cut(source, time=time + 1)
    assert rebuild.cut(source, time=times[0] - 1) == 0
    assert rebuild.cut(source, position=10**9) == source.head().position
    assert scenario.runs


def test_what_was_followed_goes_on_and_gives_no_key_twice() -> None:
    scenario = played(MemoryStore())
    before = scenario.store.head()
    made = _followed(scenario.store, MemoryStore("other"))
    assert made.head() == before
    later = Scenario(store=made, start=scenario.now)
    later.start("calling", {"n": 100})
    later.advance("P2D")
    keys = [run.key for run in later.runs]
    assert len(keys) == len(set(keys))
    assert verified(made).ok, verified(made).problems
    assert differences(made) == []


def test_an_entry_that_does_not_follow_is_refused() -> None:
    source = played(MemoryStore()).store
    entries = everything(source)
    follower = rebuild.Follower(MemoryStore(), _registry(), str)
    follower.take(entries[:5])
    with pytest.raises(StoreError, match="entry 6 is missing"):
        follower.take(entries[6:8])
    changed = msgspec.structs.replace(entries[5], content=entries[5].content.replace(b'"x', b'"y'))
    follower = rebuild.Follower(MemoryStore(), _registry(), str)
    follower.take(entries[:5])
    with pytest.raises(StoreError, match="entry 6: its hash is wrong"):
        follower.take([changed])


def test_a_store_of_another_ledger_is_refused() -> None:
    one, other = played(MemoryStore()).store, Scenario(store=MemoryStore()).store
    other.commit(Batch(entries=[chain.link(1, 0, 1, 1, {"type": "x"}, [], chain.GENESIS)], next_key=9))
    with pytest.raises(StoreError, match="it is of another one"):
        rebuild.follow(one, other, _registry())
    made = _followed(one, MemoryStore())
    with pytest.raises(StoreError, match="entries already, the ledger only 10"):
        rebuild.follow(one, made, _registry(), until=10)
