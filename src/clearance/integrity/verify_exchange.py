"""Verification of what a shard has exchanged with others: parcels, how far they came, who waits here from elsewhere.

As the rest of what belongs to no instance it was derived from the shard's own stream, and is compared with it.
"""

from collections.abc import Callable, Iterable

import msgspec

from clearance.ledger.rows import LinkRow, ParcelRow, SubscriptionRow
from clearance.ledger.store import Store
from clearance.model import events
from clearance.model.values import to_json

Found = Callable[[int, int, str], None]
"""Position, stream, message."""


class Exchange:
    """What the stream says of other shards, as it is read."""

    def __init__(self) -> None:
        self.sent: dict[int, dict[int, events.ParcelSent]] = {}
        """By shard and number, without those that have arrived."""
        self.links: dict[int, LinkRow] = {}
        self.guests: dict[int, SubscriptionRow] = {}
        self.offers: dict[int, tuple[tuple[str, int], ...]] = {}
        """Messages with the processes and subscriptions that they are on their way to."""

    def note(self, event: events.Event) -> None:
        """The next event, in order."""
        if isinstance(event, events.ParcelSent):
            self.sent.setdefault(event.shard, {})[event.sequence] = event
            self._link(event.shard, sent=event.sequence)
        elif isinstance(event, events.ParcelTaken):
            self._link(event.shard, taken=event.sequence)
        elif isinstance(event, events.ParcelsArrived):
            sent = self.sent.setdefault(event.shard, {})
            for number in range(self.links[event.shard].arrived + 1, event.sequence + 1):
                sent.pop(number, None)
            self._link(event.shard, arrived=event.sequence)
        elif isinstance(event, events.SubscriptionOpened):
            self.guests[event.key] = guest(event)
        elif isinstance(event, events.SubscriptionClosed):
            self.guests.pop(event.key, None)
        elif isinstance(event, events.MessageDeclined):
            self.guests.pop(event.subscription, None)

    def offered(self, event: events.MessageOffered) -> None:
        self.offers[event.key] = (*self.offers.get(event.key, ()), (event.process, event.subscription))

    def answered(self, message: int, process: str) -> bool:
        """Whether there was an offer to the process; there is none any longer."""
        offered = self.offers.pop(message, ())
        left = tuple(one for one in offered if one[0] != process)
        if left:
            self.offers[message] = left
        return left != offered

    def _link(self, shard: int, **changed: int) -> None:
        link = self.links.get(shard, LinkRow(shard, 0, 0, 0))
        self.links[shard] = msgspec.structs.replace(link, **changed)


def compare(store: Store, exchange: Exchange, guests: Iterable[SubscriptionRow], found: Found) -> None:
    """Compare the tables with the record."""
    kept = {link.shard: link for link in store.links()}
    for shard in sorted(kept.keys() | exchange.links.keys()):
        if kept.get(shard) != exchange.links.get(shard):
            found(0, 0, f"how far the exchange with shard {shard} has come is not kept as it is on record")
        sent = exchange.sent.get(shard, {})
        rows = {row.sequence: row for row in store.parcels(shard, 0, len(sent) + 1)}
        for number in sorted(sent.keys() | rows.keys()):
            if number not in sent or number not in rows or not _same(rows[number], sent[number]):
                found(0, 0, f"parcel {number} for shard {shard} is not kept as it was sent")
    waiting = {row.key: row for row in guests}
    for key in sorted(waiting.keys() | exchange.guests.keys()):
        if waiting.get(key) != exchange.guests.get(key):
            found(0, 0, f"subscription {key} of another shard is not in the index as it was opened")


def same_json(text: bytes, data: object) -> bool:
    """Whether the text is how the data is written."""
    try:
        return text == to_json(data)
    except (TypeError, ValueError, msgspec.DecodeError):
        return False


def guest(event: events.SubscriptionOpened) -> SubscriptionRow:
    """What is kept of it."""
    return SubscriptionRow(
        "message",
        event.name,
        event.correlation_key,
        event.key,
        event.instance,
        event.process,
        "",
        0,
        event.place,
    )


def _same(row: ParcelRow, sent: events.ParcelSent) -> bool:
    return row.depth == sent.depth and same_json(row.content, sent.parcel)
