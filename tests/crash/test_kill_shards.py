"""Kill three shards that speak with one another, at random moments: every order gets the payment it was told of."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.compose import verify_ledger
from clearance.ledger import chain, numbering
from clearance.ledger.store import Store
from clearance.model import events
from clearance.stores.opening import find_stores
from tests.crash.shards import SHARDS
from tests.crash.test_kill_engine import Lives

_KILLS = 60
_VERIFY_EVERY = 20


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    made = Lives("tests.crash.shards")
    yield made
    made.end()


def _told(folder: Path) -> list[list[str]]:
    """What was told whole, in parts: kind, name, key."""
    path = folder / "told"
    lines = path.read_text().split() if path.exists() else []
    return [line.removesuffix(".").split(":") for line in lines if line.endswith(".")]


def _names(folder: Path, process: str) -> dict[str, int]:
    return {told[1]: int(told[2]) for told in _told(folder) if told[0] == process}


@pytest.mark.timeout(180)
def test_sixty_kills_lose_no_message_between_shards_and_deliver_none_twice(tmp_path: Path, lives: Lives) -> None:
    chance = random.Random(5)
    for kill in range(1, _KILLS + 1):
        said = len(_told(tmp_path))
        process = lives.begin(tmp_path)
        if chance.random() < 0.8:
            _until_more_is_said(tmp_path, said)
        time.sleep(chance.uniform(0.0, 0.2))
        lives.kill(process)
        if kill % _VERIFY_EVERY == 0:
            assert verify_ledger(tmp_path).ok, verify_ledger(tmp_path).problems
    orders, payments = _names(tmp_path, "order"), _names(tmp_path, "pay")
    both = orders.keys() & payments.keys()
    assert len(both) > _KILLS
    assert {numbering.shard_of(key) for key in orders.values()} == set(range(SHARDS))
    _let_all_end(tmp_path, lives, [orders[name] for name in both])
    found = verify_ledger(tmp_path)
    assert found.ok, found.problems
    _each_once(tmp_path, sum(told == ["bell"] for told in _told(tmp_path)))


def _until_more_is_said(folder: Path, said: int) -> None:
    end = time.monotonic() + 30
    while len(_told(folder)) == said:
        assert time.monotonic() < end, "the shards do not come up again"
        time.sleep(0.002)


def _let_all_end(folder: Path, lives: Lives, keys: list[int]) -> None:
    process = lives.begin(folder)
    stores = find_stores(folder)
    end = time.monotonic() + 60
    while waiting := [key for key in keys if _status(stores, key) != "completed"]:
        assert time.monotonic() < end, f"{len(waiting)} orders never hear of their payment"
        time.sleep(0.1)
    lives.kill(process)
    for store in stores:
        store.close()


def _status(stores: list[Store], key: int) -> str:
    row = stores[numbering.shard_of(key)].instance(key)
    assert row is not None, "an instance that was answered for is gone"
    return row.status


def _each_once(folder: Path, bells: int) -> None:
    """Every payment reached one order at the most, and every bell that was answered for started one instance."""
    stores = find_stores(folder)
    entries = [entry for store in stores for entry in store.entries(limit=1_000_000)]
    recorded = [event for entry in entries for event in chain.read(entry).events]
    reached = Counter(event.message for event in recorded if isinstance(event, events.Correlated))
    assert set(reached.values()) == {1}
    rung = sum(isinstance(event, events.SignalBroadcast) for event in recorded)
    started = sum(isinstance(event, events.InstanceCreated) and event.process == "rings" for event in recorded)
    assert bells <= rung == started
    for store in stores:
        store.close()
