"""Loading what a batch of commands is for: with few questions, and never otherwise than one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Shard
from clearance.engine.state import loader
from clearance.engine.state.registry import Registry
from clearance.kernel import step
from clearance.kernel.state import snapshot
from clearance.ledger import reading
from clearance.ledger.rows import Entry, InstanceRow
from clearance.ledger.store import Interrupted, Store, StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll
from tests.engine.helpers import MovableClock, engine, start, statuses, until
from tests.kernel.files import END, START, bpmn, event, timer

NOW = 1_700_000_000_000
WAIT = bpmn(START + event("intermediateCatchEvent", "w", timer("PT1H")) + END, "s -> w\nw -> e")


class CountingStore(MemoryStore):
    """Counts what it is asked, and does not answer when it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()
        self.silent_after: int | None = None
        self.failure: StoreError = StoreError("the disk does not answer")

    def instance(self, key: int) -> InstanceRow | None:
        self.asked["instance"] += 1
        return super().instance(key)

    def instances_of(self, keys: Sequence[int]) -> Sequence[InstanceRow]:
        self.asked["instances_of"] += 1
        return super().instances_of(keys)

    def tails(self, after: Mapping[int, int], limit: int = 1000) -> Sequence[Entry]:
        self.asked["tails"] += 1
        if self.silent_after is not None and self.asked["tails"] > self.silent_after:
            raise self.failure
        return super().tails(after, limit)


def shard_on(store: Store, cached_max: int = 10_000) -> Shard:
    settings = EngineSettings(instances_cached_max=cached_max, snapshot_every=1000)
    return Shard(store, PermitAll(), Registry(Feel(), read_decisions), {}, settings)


def started(shard: Shard, count: int) -> list[int]:
    keys = []
    for _ in range(count):
        answer = shard.work(commands.StartInstance(process="p"), NOW)
        assert isinstance(answer, Answer)
        keys.append(answer.key)
    return keys


def waiting(store: Store, count: int) -> list[int]:
    """So many instances in the store that wait, each with as many entries after its snapshot as its place says."""
    shard = shard_on(store)
    for process in read(WAIT).processes:
        shard.work(commands.DeployProcess(process=process, xml=""), NOW)
    keys = started(shard, count)
    for place, key in enumerate(keys):
        for number in range(place):
            shard.work(changed(key, n=number), NOW)
    commit(shard)
    return keys


def changed(key: int, **variables: object) -> commands.SetVariables:
    return commands.SetVariables(instance=key, variables=variables)


def commit(shard: Shard) -> None:
    cut = shard.cut()
    shard.store.commit(cut.batch)
    shard.committed(cut.batch)


def fetch(shard: Shard, keys: Sequence[int]) -> None:
    shard.fetch([changed(key) for key in keys])


def standing(shard: Shard, keys: Sequence[int]) -> dict[int, object]:
    """All that a stream holds, of those that can be loaded."""
    found: dict[int, object] = {}
    for key in keys:
        stream = shard.stream(key)
        if stream is not None and stream.instance is not None and stream.graph is not None:
            place = (stream.position, stream.sequence, stream.hash, stream.kept, stream.graph.definition)
            found[key] = (*place, snapshot(stream.instance))
    return found


def test_what_many_commands_are_for_is_asked_for_with_two_questions() -> None:
    store = CountingStore()
    keys = waiting(store, 30)
    shard = shard_on(store)
    store.asked.clear()
    asked = [changed(key, done=True) for key in keys]
    shard.fetch(asked)
    for command in asked:
        assert isinstance(shard.work(command, NOW), Answer)
    assert store.asked == {"instances_of": 1, "tails": 1}
    shard.fetch(asked)
    assert store.asked == {"instances_of": 1, "tails": 1}, "what is in memory is asked for again"


def test_one_instance_alone_is_asked_for_with_two_questions() -> None:
    store = CountingStore()
    keys = waiting(store, 5)
    shard = shard_on(store)
    store.asked.clear()
    shard.fetch([changed(keys[4])])
    assert isinstance(shard.work(changed(keys[4], done=True), NOW), Answer)
    assert store.asked == {"instance": 1, "tails": 1}


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_what_is_loaded_together_is_what_is_loaded_one_by_one(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(reading, "_PAGE", page)
    store = MemoryStore()
    keys = waiting(store, 9)
    alone = standing(shard_on(store), keys)
    shard = shard_on(store)
    fetch(shard, [*reversed(keys), 999_999])
    assert set(shard._state._fetched) == set(keys)
    assert standing(shard, keys) == alone
    assert len(alone) == len(keys)
    assert not shard._state._fetched


def test_entries_that_are_too_large_to_be_read_together_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_TAILS_BYTES_MAX", 2000)
    store = MemoryStore()
    keys = waiting(store, 9)
    alone = standing(shard_on(store), keys)
    shard = shard_on(store)
    fetch(shard, keys)
    assert 0 < len(shard._state._fetched) < len(keys)
    assert standing(shard, keys) == alone


def test_nothing_that_was_read_is_kept_beyond_its_batch() -> None:
    store = MemoryStore()
    first, second = waiting(store, 2)
    shard = shard_on(store)
    fetch(shard, [first, second])
    assert isinstance(shard.work(changed(first, seen="yes"), NOW), Answer)
    commit(shard)
    assert not shard._state._fetched
    shard._state._streams.clear()
    fetch(shard, [first, second])
    assert shard._state._fetched
    shard.reset()
    assert not shard._state._fetched


def test_who_ends_and_is_asked_for_again_in_the_same_batch_has_ended() -> None:
    store = MemoryStore()
    keys = waiting(store, 2)
    shard = shard_on(store)
    asked = [commands.CancelInstance(instance=keys[0]), changed(keys[0], late=True), changed(keys[1], n=7)]
    shard.fetch(asked)
    told = [shard.work(command, NOW) for command in asked]
    assert [isinstance(one, Answer) for one in told] == [True, False, True]


def test_batches_that_are_not_committed_yet_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    keys = waiting(store, 6)
    shard = shard_on(store, cached_max=0)
    evicted, ended, dropped, kept, *untouched = keys
    shard.work(changed(evicted, seen="yes"), NOW)
    shard.work(commands.CancelInstance(instance=ended), NOW)
    first = shard.cut()
    shard.work(changed(kept, seen="yes"), NOW)
    shard.work(changed(evicted, seen="again"), NOW)
    new = started(shard, 1)
    shard.work(changed(dropped, seen="yes"), NOW)
    with monkeypatch.context() as patched:
        patched.setitem(step.HANDLERS, commands.SetVariables, lambda *_: 1 / 0)
        refused = shard.work(changed(dropped, lost="yes"), NOW)
    assert isinstance(refused, Refusal)
    second = shard.cut()
    everyone = [*keys, *new]
    alone = standing(shard, everyone)
    assert len(alone) == len(everyone)
    shard._state._streams.clear()
    fetch(shard, everyone)
    assert set(shard._state._fetched) == {evicted, ended, kept, *untouched, *new}
    assert standing(shard, everyone) == alone
    for cut in (first, second):
        store.commit(cut.batch)
        shard.committed(cut.batch)
    shard._state._streams.clear()
    fetch(shard, everyone)
    assert standing(shard, everyone) == alone


def test_who_has_ended_is_archived_or_never_was_is_refused_as_ever() -> None:
    store = MemoryStore()
    ended, archived, other = waiting(store, 3)
    shard = shard_on(store)
    for key in (ended, archived):
        shard.work(commands.CancelInstance(instance=key), NOW)
    commit(shard)
    last = store.head().position
    move = commands.ArchiveInstances(sha256="s", first=1, last=last, entries=2, size=9, instances=(archived,))
    assert isinstance(shard.work(move, NOW), Answer)
    commit(shard)
    fresh = shard_on(store)
    asked = [changed(ended), changed(archived), changed(999_999), changed(other)]
    fresh.fetch(asked)
    told = [fresh.work(command, NOW) for command in asked]
    again = shard_on(store)
    assert told == [again.work(command, NOW) for command in asked]
    assert [isinstance(one, Answer) for one in told] == [False, False, False, True]


def test_a_batch_may_be_for_more_instances_than_are_kept_in_memory() -> None:
    store = MemoryStore()
    keys = waiting(store, 9)
    shard = shard_on(store, cached_max=3)
    fetch(shard, keys)
    for key in keys:
        assert isinstance(shard.work(changed(key, done=True), NOW), Answer)
    commit(shard)
    assert len(shard._state._streams) == 3
    assert all(b'"done"' in snapshot(stream.instance) for stream in shard._state._streams.values() if stream.instance)


def test_a_read_that_fails_half_way_leaves_no_instance_half_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE", 4)
    store = CountingStore()
    keys = waiting(store, 9)
    alone = standing(shard_on(store), keys)
    for pages in range(12):
        shard = shard_on(store)
        store.asked.clear()
        store.silent_after = pages
        fetch(shard, keys)
        assert len(shard._state._fetched) < len(keys) or pages > 8
        store.silent_after = None
        assert standing(shard, keys) == alone


def test_a_store_that_cannot_be_reached_is_not_asked_for_each_instance() -> None:
    store = CountingStore()
    keys = waiting(store, 3)
    store.silent_after, store.failure = 0, Interrupted("the server has gone")
    shard = shard_on(store)
    with pytest.raises(Interrupted):
        fetch(shard, keys)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE instances SET snapshot=CAST('{' AS BLOB) WHERE key=?",
        "UPDATE instances SET process=CAST(x'ff' AS TEXT) WHERE key=?",
        "UPDATE entries SET content=CAST('[' AS BLOB) WHERE stream=? AND sequence>1",
    ],
)
def test_one_damaged_instance_hurts_no_other(tmp_path: Path, damage: str) -> None:
    store = SqliteStore(tmp_path / "l.sqlite")
    keys = waiting(store, 7)
    alone = standing(shard_on(store), keys)
    store._db.execute(damage, (keys[4],))
    shard = shard_on(store)
    fetch(shard, keys)
    others = [key for key in keys if key != keys[4]]
    assert standing(shard, others) == {key: alone[key] for key in others}
    with pytest.raises(Exception, match=r".") as met:
        shard.stream(keys[4])
    with pytest.raises(type(met.value)):
        shard_on(store).stream(keys[4])
    store.close()


def test_timers_of_others_fire_beside_one_of_a_damaged_instance(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "l.sqlite"
    made = engine(SqliteStore(path), files=(WAIT,))
    keys = [start(made) for _ in range(5)]
    made.stop()
    store = SqliteStore(path)
    store._db.execute("UPDATE instances SET snapshot=CAST('{' AS BLOB) WHERE key=?", (keys[2],))
    clock = MovableClock()
    clock.ahead_ms = 3_600_001
    made = engine(store, clock=clock, files=())
    until(lambda: sorted(statuses(path)) == ["active", *["completed"] * 4], "the others do not go on")
    assert not made.trouble
    made.stop()
    assert len([one for one in caplog.messages if "a defect while working out FireTimer" in one]) == 1
