"""The suite that every store must pass, shipped so that a store of your own can be held to it.

Subclass :class:`StoreSuite` in a test module and say how a new, empty store is opened; pytest does the rest::

    class TestMyStore(StoreSuite):
        def open(self, folder: Path) -> Store:
            return MyStore(folder / "ledger")

``ledger/store.py`` has the contract in words.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.ledger import archive_format, chain
from clearance.ledger.rows import (
    SHARD_STREAM,
    Archive,
    Batch,
    DecisionFile,
    Definition,
    Entry,
    InstanceRow,
    LinkRow,
    MessageRow,
    ParcelRow,
    SubscriptionRow,
    TimerRow,
)
from clearance.ledger.store import Store, StoreError


def entry(position: int, stream: int = 7, sequence: int = 1) -> Entry:
    """An entry that is whole by itself; the suite asks nothing of its content."""
    return chain.link(position, stream, sequence, 1000, {"type": "x"}, [], chain.GENESIS)


def _chained(position: int, stream: int, sequence: int) -> Entry:
    """An entry whose hash is what its stream leads to, each entry before it being made in the same way."""
    previous = chain.GENESIS
    if sequence > 1:
        previous = _chained(position - 2, stream, sequence - 1).hash
    return chain.link(position, stream, sequence, 1000, {"type": "x"}, [], previous)


class StoreSuite:
    """What every store must do. A subclass's name begins with ``Test``."""

    def open(self, folder: Path) -> Store:
        """A new, empty store; ``folder`` is empty and the test's own."""
        raise NotImplementedError("say in a subclass how a new store is opened")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        opened = self.open(tmp_path)
        yield opened
        opened.close()

    def test_a_new_store_is_empty_and_has_a_name_of_its_own(self, store: Store) -> None:
        head = store.head()
        assert (head.position, head.next_key) == (0, 0)
        assert head.installation
        assert store.next_due() is None

    def test_what_is_committed_is_read_back_in_order(self, store: Store) -> None:
        store.commit(Batch(entries=[entry(1), entry(2, 8), entry(3, 7, 2)], next_key=50))
        assert [one.position for one in store.entries()] == [1, 2, 3]
        assert [one.position for one in store.entries(after=1, limit=1)] == [2]
        assert [one.sequence for one in store.history(7)] == [1, 2]
        assert [one.sequence for one in store.history(7, after=1)] == [2]
        assert (store.head().position, store.head().next_key) == (3, 50)

    def test_a_batch_that_cannot_be_written_changes_nothing(self, store: Store) -> None:
        store.commit(Batch(entries=[entry(1)], next_key=5))
        with pytest.raises(StoreError):
            store.commit(Batch(entries=[entry(1, 9)], work_set={3}, next_key=9))
        assert (store.head().position, store.head().next_key) == (1, 5)
        assert list(store.at_work()) == []

    def test_timers_are_due_earliest_first(self, store: Store) -> None:
        rows = {key: TimerRow(due, key, 1, "timer") for key, due in ((1, 300), (2, 100), (3, 200))}
        store.commit(Batch(entries=[entry(1)], timers_set=rows, next_key=9))
        assert [row.key for row in store.due(250, 10)] == [2, 3]
        assert [row.key for row in store.due(900, 2)] == [2, 3]
        assert [store.next_due(), store.next_due(99), store.next_due(100), store.next_due(300)] == [100, 100, 200, None]
        store.commit(Batch(entries=[entry(2, 7, 2)], timers_gone={2}, next_key=9))
        assert store.next_due() == 200

    def test_subscriptions_are_found_by_kind_name_and_key(self, store: Store) -> None:
        rows = [
            SubscriptionRow("message", "paid", "A", 3, 1, "p", "d", 0),
            SubscriptionRow("message", "paid", "B", 2, 1, "p", "d", 0),
            SubscriptionRow("signal", "paid", "", 1, 1, "p", "d", 0),
        ]
        store.commit(Batch(entries=[entry(1)], subscriptions_set={row.key: row for row in rows}, next_key=9))
        assert [row.key for row in store.subscriptions("message", "paid", "A")] == [3]
        assert [row.key for row in store.subscriptions("message", "paid", None)] == [2, 3]
        assert [row.key for row in store.subscriptions("signal", "paid", "")] == [1]

    def test_messages_are_kept_found_by_id_and_forgotten(self, store: Store) -> None:
        row = MessageRow(4, "paid", "A", "id-1", 500, 900, b'{"n":1.50}', ("p",))
        store.commit(Batch(entries=[entry(1)], messages_set={4: row}, locks_set={("p", "A"): 11}, next_key=9))
        assert list(store.messages("paid", "A")) == [row]
        assert list(store.messages("paid", "B")) == []
        assert list(store.messages("paid", None)) == [row]
        assert list(store.messages("other", None)) == []
        assert store.message_with_id("paid", "A", "id-1") == row
        assert (store.message(4), store.message(5)) == (row, None)
        assert store.message_with_id("paid", "A", "id-2") is None
        assert [one.key for one in store.expired(900, 10)] == [4]
        assert list(store.expired(899, 10)) == []
        assert store.lock("p", "A") == 11
        assert store.lock_of(11) == ("p", "A")

    def test_an_instance_is_one_row(self, store: Store) -> None:
        row = InstanceRow(7, "hash", "p", "active", 1, 1, b"x" * 32, b"{}")
        store.commit(Batch(entries=[entry(1)], instances={7: row}, next_key=9))
        assert store.instance(7) == row
        assert store.instance(8) is None
        assert list(store.instances()) == [row]

    def test_many_instances_are_read_with_one_question(self, store: Store) -> None:
        rows = {key: InstanceRow(key, "hash", "p", "active", 1, 1, b"x" * 32, b"{}") for key in range(1, 701, 2)}
        store.commit(Batch(entries=[entry(1)], instances=rows, next_key=999))
        found = store.instances_of([700, 699, *range(1, 600)])
        assert sorted(row.key for row in found) == [*range(1, 600, 2), 699]
        assert all(row == rows[row.key] for row in found)
        assert list(store.instances_of([])) == []

    def test_of_many_instances_the_entries_after_a_sequence_of_each_are_read(self, store: Store) -> None:
        streams = [7, 9, SHARD_STREAM, 8, 7, 8, 7, 9]
        entries = [entry(place, stream, streams[:place].count(stream)) for place, stream in enumerate(streams, 1)]
        store.commit(Batch(entries=entries, next_key=99))

        def found(after: dict[int, int], limit: int = 1000) -> list[tuple[int, int]]:
            read = store.tails(after, limit)
            assert all(one == entries[one.position - 1] for one in read)
            return [(one.stream, one.sequence) for one in read]

        assert found({9: 1, 7: 1, 8: 0}) == [(7, 2), (7, 3), (8, 1), (8, 2), (9, 2)]
        assert found({9: 0, 7: 2, 8: 2}) == [(7, 3), (9, 1), (9, 2)]
        assert found({9: 0, 7: 0}, 4) == [(7, 1), (7, 2), (7, 3), (9, 1)]
        assert found({7: 3, 10: 0}) == []
        assert found({}) == []
        assert found({**dict.fromkeys(range(10, 900), 0), 9: 1, 7: 0}, 3) == [(7, 1), (7, 2), (7, 3)]
        assert found({**dict.fromkeys(range(10, 900), 0), 9: 1}) == [(9, 2)]

    def test_a_position_that_leaves_a_gap_is_never_given_twice(self, store: Store) -> None:
        store.commit(Batch(entries=[entry(1), entry(2, 8)], next_key=5))
        with pytest.raises(StoreError):
            store.commit(Batch(entries=[entry(2, 9)], next_key=9))
        assert [one.stream for one in store.entries()] == [7, 8]

    def test_rows_are_replaced_and_go(self, store: Store) -> None:
        subscription = SubscriptionRow("message", "paid", "A", 3, 1, "p", "d", 0)
        store.commit(
            Batch(
                entries=[entry(1)],
                timers_set={2: TimerRow(100, 2, 1, "timer")},
                subscriptions_set={3: subscription},
                work_set={4},
                locks_set={("p", "A"): 1},
                next_key=9,
            )
        )
        later = TimerRow(200, 2, 1, "retry", "again")
        gone = Batch(entries=[entry(2, 7, 2)], timers_set={2: later}, subscriptions_gone={3}, work_gone={4}, next_key=9)
        gone.locks_gone, gone.locks_set = {("p", "A")}, {("p", "A"): 5}
        store.commit(gone)
        assert store.timer(2) == later
        assert list(store.timers()) == [later]
        assert list(store.waiting()) == []
        assert list(store.at_work()) == []
        assert list(store.locks()) == [("p", "A", 5)]
        assert store.lock_of(1) is None

    def test_definitions_are_all_kept_and_of_decisions_the_latest(self, store: Store) -> None:
        first = Definition(1, "p", "Process", 1, "h1", b"{}", "<x/>")
        second = Definition(4, "p", "Process", 2, "h2", b"{}", "<y/>")
        rates, limits = DecisionFile(2, "rates", "s1", b"1"), DecisionFile(3, "limits", "s2", b"2")
        store.commit(Batch(entries=[entry(1)], definitions=[first], decisions=[rates, limits], next_key=4))
        newer = DecisionFile(5, "rates", "s3", b"3")
        store.commit(Batch(entries=[entry(2, 7, 2)], definitions=[second], decisions=[newer], next_key=6))
        assert list(store.definitions()) == [first, second]
        assert sorted(store.decisions(), key=lambda file: file.key) == [limits, newer]

    def test_what_is_archived_goes_from_the_tables_and_is_read_as_before(self, store: Store) -> None:
        own = [_chained(1, SHARD_STREAM, 1), _chained(3, SHARD_STREAM, 2)]
        one, other = _chained(2, 7, 1), _chained(4, 8, 1)
        rows = {key: InstanceRow(key, "hash", "p", "completed", 2, 1, one.hash, b"") for key in (7, 8)}
        store.commit(Batch(entries=[own[0], one, own[1], other], instances=rows, next_key=9))
        assert [row.key for row in store.ended(0, 2, 10)] == [7, 8]
        assert [row.key for row in store.ended(7, 2, 10)] == [8]
        assert list(store.ended(0, 1, 10)) == []
        content = archive_format.pack(store.head().installation, [7], [own[0], one])
        sha256 = store.archive_files.keep(content)
        moved = Archive(5, sha256, 1, 2, 2, len(content), 1)
        last = chain.link(5, SHARD_STREAM, 3, 1000, {"type": "x"}, [], own[1].hash)
        store.commit(Batch(entries=[last], archives=[moved], archived={7: 5}, next_key=9))
        assert (list(store.archives()), list(store.archived_instances())) == ([moved], [(7, 5)])
        assert (store.archived(7), store.archived(8), store.instance(7)) == (5, None, None)
        assert list(store.unarchived()) == [own[1], other, last]
        assert list(store.entries(0, 4)) == [own[0], one, own[1], other]
        assert list(store.entries(3)) == [other, last]
        assert list(store.history(7)) == [one]
        assert list(store.history(7, 1)) == []
        assert list(store.tails({7: 0, 8: 0})) == [other]
        assert list(store.history(SHARD_STREAM)) == [own[0], own[1], last]
        assert list(store.history(SHARD_STREAM, 0, 2)) == [own[0], own[1]]
        assert list(store.history(SHARD_STREAM, 1)) == [own[1], last]
        assert store.head().position == 5

    def test_archives_are_kept_by_their_content_until_they_are_dropped(self, store: Store) -> None:
        files = store.archive_files
        first, second = files.keep(b"one"), files.keep(b"two")
        assert files.keep(b"one") == first
        assert sorted(files.names()) == sorted([first, second])
        assert files.read(second) == b"two"
        files.drop(second)
        with pytest.raises(KeyError):
            files.read(second)
        assert files.names() == [first]

    def test_a_store_may_continue_another_installation(self, store: Store) -> None:
        store.commit(Batch(entries=[entry(1)], installation="another", next_key=9))
        reader = store.reader()
        assert (store.head().installation, reader.head().installation) == ("another", "another")
        if reader is not store:
            reader.close()

    def test_parcels_wait_in_order_until_they_have_arrived(self, store: Store) -> None:
        rows = [ParcelRow(2, number, 0, b'{"n":%d}' % number) for number in (1, 2, 3)]
        other = ParcelRow(1, 1, 4, b"{}")
        sent = {(row.shard, row.sequence): row for row in (*reversed(rows), other)}
        store.commit(Batch(entries=[entry(1)], parcels_set=sent, links={2: LinkRow(2, 3, 0, 0)}, next_key=9))
        assert list(store.parcels(2)) == rows
        assert list(store.parcels(2, after=1, limit=1)) == [rows[1]]
        assert list(store.parcels(1)) == [other]
        again = {(2, 4): ParcelRow(2, 4, 0, b"{}")}
        gone = Batch(entries=[entry(2, 7, 2)], parcels_gone={2: 2}, parcels_set=again, next_key=9)
        gone.links = {2: LinkRow(2, 4, 2, 0), 1: LinkRow(1, 0, 0, 7)}
        store.commit(gone)
        assert [row.sequence for row in store.parcels(2)] == [3, 4]
        assert list(store.links()) == [LinkRow(1, 0, 0, 7), LinkRow(2, 4, 2, 0)]
        assert list(store.parcels(1)) == [other]

    def test_who_waits_from_elsewhere_keeps_its_place_and_offers_are_kept(self, store: Store) -> None:
        guest = SubscriptionRow("message", "paid", "A", 3, 1, "p", "", 0, 77)
        offered = MessageRow(4, "paid", "A", "", 500, 900, b"{}", ("p", "q"), (("p", 3), ("q", 1 << 51)))
        store.commit(
            Batch(entries=[entry(1)], subscriptions_set={3: guest}, messages_set={4: offered}, next_key=9),
        )
        assert list(store.subscriptions("message", "paid", "A")) == [guest]
        assert list(store.messages("paid", "A")) == [offered]
        assert list(store.kept_messages()) == [offered]

    def test_it_is_told_once_how_many_shards_there_are(self, store: Store) -> None:
        assert store.head().shards == 0
        store.commit(Batch(next_key=1, shards=3))
        store.commit(Batch(entries=[entry(1)], next_key=2))
        assert store.head().shards == 3

    def test_a_reader_sees_what_is_committed(self, store: Store) -> None:
        reader = store.reader()
        try:
            store.commit(Batch(entries=[entry(1)], next_key=5))
            with reader.frozen():
                assert [one.position for one in reader.entries()] == [1]
                assert reader.head() == store.head()
        finally:
            if reader is not store:
                reader.close()
        assert list(store.damage()) == []
