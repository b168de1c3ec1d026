"""Kill the engine while it archives, at random moments: nothing is lost, nothing is in two places, leftovers go."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.integrity.retention import RetentionSettings
from clearance.keeping import archive_in
from clearance.stores.sqlite import SqliteStore
from clearance.testing.tables import differences
from tests.crash.test_kill_engine import Lives, _told, _until_more_is_said
from tests.integrity.archives import everything, verified

_KILLS = 45
_VERIFY_EVERY = 15


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    made = Lives()
    yield made
    made.end()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(2))
def test_kills_while_archiving_lose_nothing_and_leave_nothing(tmp_path: Path, lives: Lives, seed: int) -> None:
    chance = random.Random(seed)
    (tmp_path / "archiving").touch()
    archives = []
    for kill in range(1, _KILLS + 1):
        said = len(_told(tmp_path))
        process = lives.begin(tmp_path)
        _until_more_is_said(tmp_path, said)
        time.sleep(chance.uniform(0.0, 0.25))
        lives.kill(process)
        archives.append(_check(tmp_path, whole=kill % _VERIFY_EVERY == 0))
    assert len(set(archives)) > _KILLS / 4, "hardly any life has archived anything"
    assert archives == sorted(archives)
    _clean_up(tmp_path)


def _check(folder: Path, *, whole: bool) -> int:
    """How many archives there are."""
    store = SqliteStore(folder / "ledger.sqlite", readonly=True)
    try:
        gone = {key for key, _ in store.archived_instances()}
        there = {row.key for row in store.instances()}
        assert not gone & there
        assert {int(key) for key in _told(folder)} <= gone | there, "an instance that was answered for is gone"
        archives = store.archives()
        assert {one.sha256 for one in archives} <= set(store.archive_files.names())
        if whole:
            found = verified(store)
            assert found.ok, found.problems
            assert [entry.position for entry in everything(store)] == list(range(1, store.head().position + 1))
        return len(archives)
    finally:
        store.close()


def _clean_up(folder: Path) -> None:
    """The next retention, on a quiet ledger, removes what the kills have left and archives what is there."""
    store = SqliteStore(folder / "ledger.sqlite")
    archive_in(store, time.time_ns() // 1_000_000, RetentionSettings())
    assert {one.sha256 for one in store.archives()} == set(store.archive_files.names())
    assert {path.suffix for path in (folder / "ledger.archives").iterdir()} == {".xz"}, "files that were half written"
    assert verified(store).ok, verified(store).problems
    assert differences(store) == []
    store.close()
