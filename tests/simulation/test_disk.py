"""The simulated disk, and the SQLite store on it: what was committed survives the power, whatever was not synced."""

import random
import sqlite3

import pytest

from clearance.ledger.rows import Batch, Entry, TimerRow
from clearance.ledger.store import StoreError
from clearance.testing.simulation.disk import DiskError, DiskFull, Moment, SimulatedDisk
from clearance.testing.simulation.files import FileSystem, SimulatedStore

# apsw prints what SQLite does without: a look at the log, a close, once the disk has stopped.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def _disk(seed: int = 1) -> SimulatedDisk:
    return SimulatedDisk(random.Random(seed))


# ---- the disk --------------------------------------------------------------------------------------------------------


def test_what_was_synced_survives_the_power() -> None:
    disk = _disk()
    file = disk.open("f")
    disk.write(file, 0, b"kept")
    disk.sync(file)
    disk.restart(power_lost=True)
    assert disk.files["f"].content == b"kept"


def test_what_was_not_synced_survives_the_process_but_not_always_the_power() -> None:
    ends = set()
    for seed in range(50):
        disk = _disk(seed)
        file = disk.open("f")
        disk.write(file, 0, b"a" * 1024)
        disk.sync(file)
        disk.write(file, 0, b"b" * 1024)
        disk.restart(power_lost=False)
        assert disk.files["f"].content == b"b" * 1024
        disk.restart(power_lost=True)
        content = bytes(disk.files["f"].content)
        ends.add((content[:512] == b"b" * 512, content[512:] == b"b" * 512))
        assert len(content) == 1024
    assert ends == {(False, False), (True, False), (False, True), (True, True)}


def test_a_file_that_was_never_synced_may_be_gone() -> None:
    disk = _disk()
    disk.write(disk.open("f"), 0, b"x")
    disk.restart(power_lost=True)
    assert not disk.exists("f")


@pytest.mark.parametrize("moment", list(Moment))
def test_everything_stops_at_the_operation_that_was_chosen(moment: Moment) -> None:
    disk = _disk()
    file = disk.open("f")
    disk.stop_at = (disk.operations + 1, moment)
    with pytest.raises(DiskError):
        disk.write(file, 0, b"0123456789")
    written = len(file.content)
    assert {Moment.BEFORE: written == 0, Moment.DURING: written <= 10, Moment.AFTER: written == 10}[moment]
    with pytest.raises(DiskError, match="stopped"):
        disk.sync(file)


def test_a_full_disk_takes_no_more_but_lets_what_is_there_be_changed() -> None:
    disk = _disk()
    file = disk.open("f")
    disk.write(file, 0, b"0123456789")
    disk.room = 10
    disk.write(file, 5, b"abcde")
    with pytest.raises(DiskFull):
        disk.write(file, 6, b"abcde")
    assert file.content == b"01234abcde"


# ---- the store -------------------------------------------------------------------------------------------------------


def _batch(number: int, chance: random.Random) -> Batch:
    """Of a few entries, with a timer that the next batch takes away."""
    entry = Entry(number, 0, number, bytes(32), chance.randbytes(chance.choice((10, 300, 9000))))
    timer = TimerRow(number, number, 0, "timer")
    return Batch(entries=[entry], timers_set={number: timer}, timers_gone={number - 1}, next_key=number)


def _open(disk: SimulatedDisk) -> SimulatedStore:
    return SimulatedStore("ledger.sqlite", FileSystem(disk))


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_was_committed_is_lost_with_the_power(seed: int) -> None:
    chance = random.Random(seed)
    disk = SimulatedDisk(chance)
    committed: list[bytes] = []
    for _ in range(6):
        disk.stop_at = (disk.operations + chance.randint(1, 150), chance.choice(list(Moment)))
        store = None
        try:
            store = _open(disk)
            _same(store, committed)
            while True:
                batch = _batch(len(committed) + 1, chance)
                store.commit(batch)
                committed.append(batch.entries[0].content)
        except (StoreError, sqlite3.Error):
            assert disk.stopped
        disk.life += 1
        if store is not None:
            store.abandon()
        disk.restart(power_lost=True)
    store = _open(disk)
    _same(store, committed)
    assert store._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _same(store: SimulatedStore, committed: list[bytes]) -> None:
    """What is there is what was committed, and perhaps the batch that nobody was told of."""
    kept = [entry.content for entry in store.entries(limit=10_000)]
    assert kept[: len(committed)] == committed
    assert len(kept) <= len(committed) + 1
    committed.extend(kept[len(committed) :])
    assert [row.key for row in store.timers()] == ([len(committed)] if committed else [])
    head = store.head()
    assert (head.position, head.recorded) == (len(committed), len(committed))


def test_a_disk_that_lies_about_syncs_does_lose_what_was_committed() -> None:
    lost = 0
    for seed in range(20):
        disk = _disk(seed)
        store = _open(disk)
        disk.lies = True
        for number in range(1, 4):
            store.commit(_batch(number, random.Random(seed)))
        disk.life += 1
        store.abandon()
        disk.restart(power_lost=True)
        disk.lies = False
        try:
            lost += len(_open(disk).entries(limit=10)) < 3
        except StoreError:
            lost += 1
    assert lost > 5, "the simulated disk keeps what it should lose: the other tests prove nothing"


def test_a_full_disk_changes_nothing_and_is_said_in_words() -> None:
    disk = _disk()
    store = _open(disk)
    store.commit(_batch(1, random.Random(1)))
    disk.room = disk.used
    committed = 1
    said = ""
    while not said:
        try:
            store.commit(_batch(committed + 1, random.Random(committed)))
            committed += 1
        except StoreError as error:
            said = str(error)
    assert said == "ledger.sqlite: the disk is full: make room; work goes on by itself"
    assert store.head().position == committed
    disk.room = None
    store.commit(_batch(committed + 1, random.Random(3)))
    assert store.head().position == committed + 1


def test_an_error_of_the_disk_changes_nothing() -> None:
    disk = _disk()
    store = _open(disk)
    store.commit(_batch(1, random.Random(1)))
    disk.failing = 1
    with pytest.raises(StoreError):
        store.commit(_batch(2, random.Random(1)))
    store.commit(_batch(2, random.Random(1)))
    assert [row.key for row in store.timers()] == [2]


def test_what_a_killed_process_left_unsynced_is_synced_before_anybody_acts_on_it() -> None:
    """Killed within the sync of a commit: its log is whole, and on no medium. Then it is read, and the power goes."""
    disk = _disk(3)
    store = _open(disk)
    store.commit(_batch(1, random.Random(1)))
    disk.lies = True
    store.commit(_batch(2, random.Random(2)))
    disk.lies = False
    disk.life += 1
    store.abandon()
    disk.restart(power_lost=False)
    seen = _open(disk)
    assert seen.head().position == 2
    disk.life += 1
    seen.abandon()
    disk.restart(power_lost=True)
    assert _open(disk).head().position == 2
