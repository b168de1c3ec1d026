"""An archive: entries that have left the ledger's tables, in a file that anybody can read and check.

The file is xz-compressed text, one line each: first a JSON object (:class:`Header`), then the contents of the entries
in the order of their positions, byte for byte as they were chained. Hashes are not in it: ``chain.py`` says how each
follows from the contents, and the ledger holds the SHA-256 of the whole file in an entry of its own.

Instances are in it whole, from their first entry to their last. Of the shard's own stream it may hold a piece, which
follows the piece in the archive before it.
"""

import hashlib
import lzma
from collections.abc import Sequence

import msgspec

from clearance.ledger import chain
from clearance.ledger.rows import SHARD_STREAM, Archive, Entry

_PRESET = 1
"""A tenth of the size at 35 MB/s; the highest presets save a quarter more and take twenty times as long."""
_FORM = 1


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    archive: int
    """The form of the file: 1."""
    installation: str
    """Whose entries these are."""
    instances: tuple[int, ...]
    """All that are in it, by key."""
    shard_after: int = 0
    """The sequence number of the shard's own stream after which the piece in it begins."""
    shard_hash: str = ""
    """The hash of that entry, in hexadecimal digits; empty: the piece begins with the stream."""


class Content(msgspec.Struct, frozen=True):
    """What an archive holds."""

    header: Header
    entries: tuple[Entry, ...]
    """By position."""


class Damaged(ValueError):
    """The file is not an archive, or not as it was written; the message says how."""


def pack(installation: str, instances: Sequence[int], entries: Sequence[Entry], shard_hash: bytes = b"") -> bytes:
    """The content of an archive's file. ``entries`` by position; ``shard_hash`` as in :class:`Header`, as bytes."""
    own = next((entry.sequence for entry in entries if entry.stream == SHARD_STREAM), 1)
    header = Header(_FORM, installation, tuple(sorted(instances)), own - 1, shard_hash.hex())
    lines = [msgspec.json.encode(header), *(entry.content for entry in entries)]
    if any(b"\n" in line for line in lines):
        raise ValueError("an entry's content has more than one line: it was not written by Clearance")
    return lzma.compress(b"\n".join(lines), preset=_PRESET)


def unpack(content: bytes) -> Content:
    """Read a file; raises :class:`Damaged`."""
    try:
        first, *lines = lzma.decompress(content).split(b"\n")
        header = msgspec.json.decode(first, type=Header)
        if header.archive != _FORM:
            raise Damaged(f"it has form {header.archive}, this release knows {_FORM}: upgrade")
        tails = {SHARD_STREAM: bytes.fromhex(header.shard_hash) or chain.GENESIS}
        entries = []
        for line in lines:
            said = chain.outline(line)
            digest = hashlib.sha256(tails.get(said.stream, chain.GENESIS) + line).digest()
            tails[said.stream] = digest
            entries.append(Entry(said.position, said.stream, said.sequence, digest, line))
    except (lzma.LZMAError, msgspec.DecodeError, EOFError) as error:
        raise Damaged(f"it cannot be read: {error}") from error
    return Content(header, tuple(entries))


def check(archive: Archive, content: bytes) -> Content:
    """Read the file of a recorded archive and hold it against the record; raises :class:`Damaged`."""
    found = hashlib.sha256(content).hexdigest()
    if found != archive.sha256:
        raise Damaged(f"it has changed: its SHA-256 is {found}")
    read = unpack(content)
    positions = [entry.position for entry in read.entries]
    if not positions or (len(positions), positions[0], positions[-1]) != (archive.entries, archive.first, archive.last):
        raise Damaged("it does not hold the entries that are recorded")
    return read
