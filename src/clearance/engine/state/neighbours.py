"""What goes to other shards and comes from them: sent with what it follows from, carried out exactly once, in order.

Whatever a shard has for another is a parcel: a row in its store and an event in its ledger, committed with all else
that the command led to. It leaves after the commit, and again from time to time until the other shard has said that it
arrived. That shard records how far it has taken the parcels of each neighbour in the transaction of their effects, so
one that comes twice is known, and one that comes too early is left for its turn. At most :data:`WINDOW` parcels are
under way to a neighbour at a time; the others wait in the store.

A shard that is alone has no :class:`Neighbours`, and nothing of this costs it anything.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from clearance.engine import routing
from clearance.engine.state.indexes import Indexes
from clearance.kernel.state import Instance
from clearance.ledger import numbering
from clearance.ledger.rows import Batch, LinkRow, MessageRow, ParcelRow
from clearance.model.events import Event, ParcelSent
from clearance.model.parcels import Close, Open, Parcel
from clearance.model.values import to_json

WINDOW = 500


class Leaving(Protocol):
    """A batch with what may leave once it is committed."""

    parcels: list[ParcelRow]
    arrived: dict[int, int]
    caused: list[tuple[tuple[int, int], tuple[tuple[int, int], ...]]]


class Link(msgspec.Struct):
    """How far the exchange with one neighbour has come."""

    shard: int
    sent: int = 0
    arrived: int = 0
    taken: int = 0
    left: int = 0
    """The last one that has left since the shard was loaded."""
    stands: int = -1
    """What had arrived when it was last looked whether anything must be sent again."""

    def row(self) -> LinkRow:
        """What is kept of it."""
        return LinkRow(self.shard, self.sent, self.arrived, self.taken)


class Neighbours:
    """The other shards, as one shard knows them."""

    def __init__(self, own: int, count: int, links: Sequence[LinkRow]) -> None:
        self.own = own
        self.count = count
        self.others = tuple(shard for shard in range(count) if shard != own)
        self._links = {shard: Link(shard) for shard in self.others}
        for row in links:
            self._links[row.shard] = Link(row.shard, row.sent, row.arrived, row.taken, row.arrived)
        self._posted: list[tuple[int, int, Parcel]] = []
        self._leaving: list[ParcelRow] = []
        self._caused: list[tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = []
        self._first_time = False
        """Whether the parcel at hand is being carried out, and not one that has come again."""
        self._heard: set[int] = set()
        """Whose parcels have been taken, or come again, since the last batch."""

    def link(self, shard: int) -> Link | None:
        return self._links.get(shard)

    @property
    def under_way(self) -> int:
        """The most that any neighbour has not taken yet."""
        return max((link.sent - link.arrived for link in self._links.values()), default=0)

    def is_home(self, correlation_key: str) -> bool:
        """Whether messages with this key are kept here."""
        return routing.home(correlation_key, self.count) == self.own

    def home(self, correlation_key: str) -> int:
        return routing.home(correlation_key, self.count)

    def begins_elsewhere(self, message: MessageRow) -> bool:
        """Whether what this message starts is to live on another shard. With a key it lives where its lock is kept."""
        return not message.correlation_key and routing.spread(message.key, self.count) != self.own

    def strange(self, key: int) -> bool:
        """Whether the key is another shard's."""
        return key >> numbering.SHARD_BITS != self.own

    # ---- sending -----------------------------------------------------------------------------------------------------

    def post(self, shard: int, parcel: Parcel, depth: int = 0) -> None:
        """Something for another shard; :meth:`number` gives it its number."""
        self._posted.append((shard, depth, parcel))

    @property
    def posted(self) -> bool:
        """Whether there is anything for another shard that has no number yet."""
        return bool(self._posted)

    def number(self, batch: Batch) -> tuple[list[Event], tuple[tuple[int, int], ...]]:
        """Give what was posted its numbers, and rows in the batch; returns the events that record it, and by shard and
        number what was sent.
        """
        events: list[Event] = []
        sent: list[tuple[int, int]] = []
        for target, depth, parcel in self._posted:
            link = self._links[target]
            link.sent += 1
            row = ParcelRow(target, link.sent, depth, to_json(parcel))
            batch.send_parcel(row)
            batch.links[target] = link.row()
            events.append(ParcelSent(target, row.sequence, depth, parcel))
            sent.append((target, row.sequence))
            if link.left == row.sequence - 1 and row.sequence - link.arrived <= WINDOW:
                link.left = row.sequence
                self._leaving.append(row)
        self._posted.clear()
        return events, tuple(sent)

    def caused(self, parcel: tuple[int, int], sent: tuple[tuple[int, int], ...]) -> None:
        """What has followed from a parcel; one that has come again has led to nothing."""
        if self._first_time:
            self._caused.append((parcel, sent))
        self._first_time = False

    def hand_over(self, cut: Leaving) -> None:
        """What leaves with this batch, and what is said to have arrived."""
        cut.parcels, self._leaving = self._leaving, []
        cut.caused, self._caused = self._caused, []
        cut.arrived = {shard: self._links[shard].taken for shard in self._heard}
        self._heard.clear()

    def go_on(self, indexes: Indexes, link: Link) -> None:
        """Let leave what fits into the window now."""
        room = min(link.arrived + WINDOW, link.sent) - link.left
        if room > 0:
            rows = indexes.parcels(link.shard, link.left, room)
            self._leaving.extend(rows)
            link.left += len(rows)

    def heard(self, shard: int, *, first_time: bool) -> None:
        """It is to be told what has been taken."""
        self._heard.add(shard)
        self._first_time = first_time

    # ---- who waits for messages that are elsewhere -------------------------------------------------------------------

    def waits(self, instance: Instance | None) -> dict[int, tuple[str, str, str]]:
        """Open subscriptions whose messages are kept by others: process, name and correlation key of each."""
        if instance is None:
            return {}
        return {
            key: (instance.process, wait.name, wait.correlation_key)
            for key, wait in instance.subscriptions.items()
            if wait.kind == "message" and not self.is_home(wait.correlation_key)
        }

    def tell(self, before: dict[int, tuple[str, str, str]], instance: Instance) -> None:
        """Tell the homes of messages what has changed in what an instance waits for."""
        now = self.waits(instance)
        for key, (_, _, correlation_key) in before.items():
            moved = key in now and now[key][1:] != (before[key][1], correlation_key)
            if key not in now or moved:
                self.post(self.home(correlation_key), Close(subscription=key))
            if moved:
                self._open(key, now[key], instance)
        for key, wait in now.items():
            if key not in before:
                self._open(key, wait, instance)
            elif wait[0] != before[key][0] and wait[1:] == before[key][1:]:
                self._open(key, wait, instance, again=True)

    def _open(self, key: int, wait: tuple[str, str, str], instance: Instance, *, again: bool = False) -> None:
        process, name, correlation_key = wait
        opened = Open(
            subscription=key,
            instance=instance.key,
            process=process,
            definition=instance.definition,
            name=name,
            correlation_key=correlation_key,
            tenant=instance.tenant,
            again=again,
        )
        self.post(self.home(correlation_key), opened)
