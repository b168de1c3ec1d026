"""Where commands go, and what every key and place says of its shard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.engine import routing
from clearance.kernel.shared.correlation import PREFIX
from clearance.ledger import numbering
from clearance.model import commands
from clearance.model.commands import Command

_shards = st.integers(1, numbering.SHARDS_MAX)


@pytest.mark.parametrize(
    ("key", "three", "seven"), [("order-1", 1, 6), ("order-2", 0, 6), ("4711", 1, 4), ("größer", 0, 1), ("x", 0, 1)]
)
def test_the_home_of_a_key_never_changes(key: str, three: int, seven: int) -> None:
    """A release that put them elsewhere would lose whatever waits."""
    assert (routing.home(key, 3), routing.home(key, 7)) == (three, seven)


@given(st.text(), _shards)
def test_every_key_has_one_home_among_the_shards(key: str, shards: int) -> None:
    assert 0 <= routing.home(key, shards) < shards
    assert routing.home(key, 1) == 0


@given(_shards)
def test_who_knows_no_key_meets_every_conversation_on_the_first_shard(shards: int) -> None:
    assert routing.home("", shards) == routing.home(f"{PREFIX}anything", shards) == 0


def test_keys_are_spread_evenly() -> None:
    homes = [routing.home(f"order {number}", 4) for number in range(4000)]
    assert all(900 < homes.count(shard) < 1100 for shard in range(4))


@given(st.integers(0, numbering.SHARDS_MAX - 1), st.integers(1, 2**42 - 1))
def test_a_place_says_its_shard_and_position_and_is_exact_in_json(shard: int, position: int) -> None:
    place = numbering.place_of(position, shard)
    assert (numbering.shard_at(place), numbering.position_at(place)) == (shard, position)
    assert place == int(float(place))
    assert numbering.place_of(position, 0) == position


@given(st.integers(0, numbering.SHARDS_MAX - 1))
def test_a_key_says_its_shard_and_fits_into_a_signed_number_of_64_bits(shard: int) -> None:
    first, last = numbering.first_key(shard), numbering.first_key(shard + 1) - 2
    assert numbering.shard_of(first) == numbering.shard_of(last) == shard
    assert numbering.shard_of(last + 1) == shard + 1
    assert last < 2**63


_THERE = numbering.first_key(2) + 5


@pytest.mark.parametrize(
    ("command", "shard"),
    [
        (commands.CancelInstance(instance=_THERE), 2),
        (commands.FireTimer(instance=_THERE, timer=1), 2),
        (commands.Correlate(instance=_THERE, subscription=1, message=1, variables={}), 2),
        (commands.PublishMessage(name="m", correlation_key="order-1"), 1),
        (commands.PublishMessage(name="m"), 0),
        (commands.DeployDecisions(name="d", content=b""), 0),
        (commands.FireStart(key=1, due=1, detail=""), 0),
        (commands.StartInstance(process="p"), None),
        (commands.BroadcastSignal(name="s"), None),
        (commands.EvaluateConditions(variables={}), None),
    ],
)
def test_a_command_goes_to_its_instance_to_its_home_to_the_first_or_anywhere(command: Command, shard: int) -> None:
    assert routing.route(command, 3) == shard
