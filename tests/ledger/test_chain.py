"""Entries carry the number of their format: those without one are read, those of a later release are refused."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from clearance import __version__
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.shard import Shard
from clearance.engine.state.registry import Registry
from clearance.integrity.verify import verify
from clearance.ledger import archive_format, chain
from clearance.ledger.chain import FORMAT, GENESIS, UnknownFormat
from clearance.ledger.rows import SHARD_STREAM, Batch, Entry, InstanceRow
from clearance.model.events import MessageExpired
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing.scenario import PermitAll

EARLIER = b'[1,0,1,1000,{"type":"x"},[["message-expired",7]]]'
"""As release 0.1.0 wrote entries."""
LATER = b'[2,0,2,1000,{"type":"x"},[["no such event"]],%d]' % (FORMAT + 1)


def entry(content: bytes, previous: bytes = GENESIS) -> Entry:
    position, stream, sequence = msgspec.json.decode(content)[:3]
    return Entry(position, stream, sequence, hashlib.sha256(previous + content).digest(), content)


def test_an_entry_says_its_format_last() -> None:
    written = chain.link(1, 0, 1, 1000, {"type": "x"}, [MessageExpired(7)], GENESIS)
    assert msgspec.json.decode(written.content)[6:] == [FORMAT]
    assert chain.read(written).format == FORMAT


def test_an_entry_without_a_number_is_of_the_first_format() -> None:
    assert chain.read(entry(EARLIER)).format == 1
    assert chain.read(entry(EARLIER)).events == (MessageExpired(7),)


def test_a_chain_goes_on_from_entries_of_an_earlier_format() -> None:
    first = entry(EARLIER)
    second = chain.link(2, 0, 2, 2000, {"type": "x"}, [MessageExpired(8)], first.hash)
    assert chain.follows(first, GENESIS)
    assert chain.follows(second, first.hash)
    assert [chain.read(one).format for one in (first, second)] == [1, FORMAT]


def test_an_archive_may_hold_entries_of_several_formats() -> None:
    first = entry(EARLIER)
    entries = [first, chain.link(2, 0, 2, 2000, {"type": "x"}, [], first.hash)]
    assert list(archive_format.unpack(archive_format.pack("here", [], entries)).entries) == entries


@pytest.mark.parametrize(
    "content",
    [
        LATER,
        b'[2,0,2,1000,{"type":"x"},[],%d]' % (FORMAT + 1),
        b'[2,0,2,1000,"another thing",{},%d,"and more"]' % (FORMAT + 1),
    ],
)
def test_an_entry_of_a_later_release_says_which_release_it_needs(content: bytes) -> None:
    with pytest.raises(UnknownFormat, match=f"entry 2 .* format {FORMAT + 1}.* release later than {__version__}"):
        chain.read(entry(content))


@pytest.mark.parametrize("content", [b"[2,0,2,1000,{},[],2,1]", b"[2,0,2,1000,{}]", b'[2,0,2,1000,{},[],"2"]', b"{"])
def test_a_damaged_entry_is_not_taken_for_a_later_format(content: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        chain.read(Entry(2, 0, 2, GENESIS, content))


def _with_later_entries(store: MemoryStore | SqliteStore) -> None:
    first = entry(EARLIER)
    last = entry(LATER, first.hash)
    row = InstanceRow(SHARD_STREAM, "", "", "active", 2, 2, last.hash, b"")
    store.commit(Batch(entries=[first, last], instances={SHARD_STREAM: row}, next_key=9))


def test_a_ledger_that_a_later_release_has_written_to_is_not_written_to(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    _with_later_entries(store)
    with pytest.raises(UnknownFormat, match="release later than"):
        Shard(store, PermitAll(), Registry(Feel(), read_decisions), {})
    store.close()


def test_verification_says_that_it_cannot_read_a_later_format() -> None:
    store = MemoryStore()
    _with_later_entries(store)
    found = verify(store, Registry(Feel(), read_decisions))
    assert any("release later than" in problem.message for problem in found.problems)
