"""The ledger's chain: how an entry's content is written, and how its hash covers all that came before it in its stream.

``content`` is a JSON array ``[position, stream, sequence, at, command, events]``: ``at`` in milliseconds since 1970
(UTC), ``command`` an object with a ``type`` that says what was asked (large values left out), ``events`` as in
``model/events``. ``hash = SHA-256(previous hash || content)``, where the first entry of a stream has 32 zero bytes
before it. Anybody with SHA-256 and a JSON reader can check a ledger; ``clearance ledger verify`` does.
"""

import hashlib
from decimal import Decimal

import msgspec

from clearance.ledger.rows import Entry
from clearance.model.events import Event
from clearance.model.values import Data

GENESIS = bytes(32)

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decoder = msgspec.json.Decoder(
    tuple[int, int, int, int, dict[str, Data], tuple[Event, ...]],
    float_hook=Decimal,
)
_sha256 = hashlib.sha256


class Transition(msgspec.Struct, frozen=True, gc=False):
    """An entry's content, read."""

    position: int
    stream: int
    sequence: int
    at: int
    command: dict[str, Data]
    events: tuple[Event, ...]


def link(
    position: int, stream: int, sequence: int, at: int, command: dict[str, Data], events: list[Event], previous: bytes
) -> Entry:
    """The next entry of a stream."""
    content = _encode((position, stream, sequence, at, command, events))
    return Entry(position, stream, sequence, _sha256(previous + content).digest(), content)


def follows(entry: Entry, previous: bytes) -> bool:
    """Whether the entry's hash is right, given the hash of the entry before it in its stream."""
    return _sha256(previous + entry.content).digest() == entry.hash


def read(entry: Entry) -> Transition:
    """The content of an entry; raises ``msgspec.DecodeError`` when it is not what was written."""
    return Transition(*_decoder.decode(entry.content))
