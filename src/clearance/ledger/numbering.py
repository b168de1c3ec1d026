"""Keys and positions where there are several shards: the high bits say whose they are. Pure, and the same for ever.

A key carries the shard that gave it. A *place* is a position in one shard's ledger as a number that no other shard's
has; of the first shard places are the plain positions.
"""

SHARD_BITS = 50
"""Keys of one shard: a thousand a second for 35,000 years."""
POSITION_BITS = 42
"""Ledger entries of one shard. Positions travel as JSON numbers, which are exact up to 2 to the power of 53."""
SHARDS_MAX = 2048
FIRST = 0


def shard_of(key: int) -> int:
    """The shard that gave the key."""
    return key >> SHARD_BITS


def age_of(key: int) -> int:
    """What orders keys of any shards by when they were given, about: what is left of one without its shard."""
    return key & ((1 << SHARD_BITS) - 1)


def is_key(key: int) -> bool:
    """Whether any shard may ever give it. No store can look for what is longer than 64 bits."""
    return 0 < key < SHARDS_MAX << SHARD_BITS


def first_key(shard: int) -> int:
    return (shard << SHARD_BITS) + 1


def place_of(position: int, shard: int) -> int:
    """A position in one shard's ledger as a number that no other shard's has."""
    return (shard << POSITION_BITS) + position


def shard_at(place: int) -> int:
    """The shard of a place."""
    return place >> POSITION_BITS


def position_at(place: int) -> int:
    """The position in its shard's ledger."""
    return place & ((1 << POSITION_BITS) - 1)
