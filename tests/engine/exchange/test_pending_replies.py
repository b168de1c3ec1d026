"""What is on its way between shards, and who waits for it."""

from clearance.engine.exchange.pending_replies import Ripples

FIRST, SECOND = (1, 1), (2, 1)
"""Parcels of shard 0 to two others."""


def waiting(ripples: Ripples, *parcels: tuple[int, int], patience_s: float = 60.0) -> list[str]:
    """Holds something once all that follows from these parcels of shard 0 has happened."""
    told: list[str] = []
    ripples.when(0, parcels, lambda: told.append("done"), patience_s)
    return told


def test_who_waits_is_told_when_all_that_follows_has_happened() -> None:
    ripples = Ripples()
    ripples.committed(0, [FIRST], [])
    told = waiting(ripples, FIRST)
    ripples.committed(1, [SECOND], [((0, 1), (SECOND,))])
    assert told == [], "the parcel was taken, and another follows from it"
    ripples.committed(2, [], [((1, 1), ())])
    assert told == ["done"]


def test_who_has_no_patience_is_told_earlier() -> None:
    ripples = Ripples()
    ripples.committed(0, [FIRST], [])
    told = waiting(ripples, FIRST, patience_s=0)
    ripples.look()
    assert told == ["done"]


def test_what_a_shard_had_no_time_to_say_is_not_remembered_for_ever() -> None:
    """It has taken the parcel, committed that, and ended before it said so."""
    ripples = Ripples()
    ripples.committed(0, [FIRST, SECOND], [])
    one, both = waiting(ripples, FIRST), waiting(ripples, FIRST, SECOND)
    ripples.forget(1)
    assert (one, both) == (["done"], [])
    ripples.committed(2, [], [((0, 1), ())])
    assert both == ["done"]
    assert not ripples._under_way
    ripples.committed(1, [], [((0, 1), ())])
    assert one == ["done"], "it comes again, and is said after all"


def test_what_follows_from_something_forgotten_ends_by_itself() -> None:
    ripples = Ripples()
    ripples.committed(0, [FIRST], [])
    told = waiting(ripples, FIRST)
    ripples.committed(1, [(2, 1), (2, 2)], [((0, 1), ((2, 1), (2, 2)))])
    ripples.forget(1)
    assert told == ["done"]
    ripples.committed(2, [], [((1, 1), ()), ((1, 2), ())])
    assert not ripples._under_way
