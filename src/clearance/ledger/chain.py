"""The ledger's chain: how an entry's content is written, and how its hash covers all that came before it in its stream.

``content`` is a JSON array ``[position, stream, sequence, at, command, events, format]``: ``at`` in milliseconds since
1970 (UTC), ``command`` an object with a ``type`` that says what was asked (large values left out), ``events`` as in
``model/events``, ``format`` a number. ``hash = SHA-256(previous hash || content)``, where the first entry of a stream
has 32 zero bytes before it. Anybody with SHA-256 and a JSON reader can check a ledger; ``clearance ledger verify``
does.

In every format, the first four elements and the seventh mean the same. Entries are never written again, so a ledger may
hold entries of several formats, and each release reads its own and all earlier ones:

1. the first six elements, without a number (release 0.1.0);
2. the number is there.
"""

import hashlib
from decimal import Decimal

import msgspec

from clearance import __version__
from clearance.ledger.rows import Entry
from clearance.ledger.store import StoreError
from clearance.model.events import Event
from clearance.model.values import Data

FORMAT = 2
"""Of the entries that this release writes, and the highest that it reads."""
GENESIS = bytes(32)

_sha256 = hashlib.sha256


class Transition(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    """An entry's content, read."""

    position: int
    stream: int
    sequence: int
    at: int
    command: dict[str, Data]
    events: tuple[Event, ...]
    format: int = 1


class Outline(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What can be read of an entry's content in any format."""

    position: int
    stream: int
    sequence: int
    at: int
    command: msgspec.Raw
    events: msgspec.Raw
    format: int = 1


class UnknownFormat(StoreError):
    """A later release has written the entry."""


_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(Transition, float_hook=Decimal).decode
outline = msgspec.json.Decoder(Outline).decode
"""Reads an entry's content as far as every format is the same; raises ``msgspec.DecodeError``."""


def link(
    position: int, stream: int, sequence: int, at: int, command: dict[str, Data], events: list[Event], previous: bytes
) -> Entry:
    """The next entry of a stream."""
    content = _encode((position, stream, sequence, at, command, events, FORMAT))
    return Entry(position, stream, sequence, _sha256(previous + content).digest(), content)


def follows(entry: Entry, previous: bytes) -> bool:
    """Whether the entry's hash is right, given the hash of the entry before it in its stream."""
    return _sha256(previous + entry.content).digest() == entry.hash


def read(entry: Entry) -> Transition:
    """The content of an entry; raises ``msgspec.DecodeError`` when it is not what was written, and
    :class:`UnknownFormat` when a later release has written it.
    """
    try:
        said = _decode(entry.content)
    except msgspec.DecodeError:
        check_format(entry)
        raise
    if said.format > FORMAT:
        check_format(entry)
    return said


def check_format(entry: Entry) -> None:
    """Raises :class:`UnknownFormat` when a later release has written the entry; of one that is damaged, nothing."""
    try:
        number = outline(entry.content).format
    except msgspec.DecodeError:
        return
    if number > FORMAT:
        raise UnknownFormat(
            f"entry {entry.position} of the ledger has format {number}, and Clearance {__version__} reads formats 1 to "
            f"{FORMAT}: it needs a release later than {__version__}, the one that wrote it or any after that"
        )
