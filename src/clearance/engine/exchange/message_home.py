"""Messages whose home is here and whose receivers are elsewhere.

An instance tells the home of its correlation key that it waits (:class:`Open`). The home finds who waits as if all
lived here, and offers the message (:class:`Offer`); until the instance's shard has answered (:class:`Settle`), the
message counts as having reached that process, so that it reaches no other instance of it. An instance that waits no
longer declines: the message goes to the next who waits, starts what it would start, or is kept for as long as its time
to live says. Parcels between two shards stay in order, so whoever declines has been taken off the list before. What a
message without a key starts may live anywhere: it is offered to a start event of another shard in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from clearance.engine import messages, starts
from clearance.ledger import numbering
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import SubscriptionRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import (
    CommandRefused,
    Event,
    MessageCorrelated,
    MessageDeclined,
    MessageExpired,
    SubscriptionClosed,
    SubscriptionOpened,
)
from clearance.model.parcels import Close, Offer, Open, Parcel, Publish, Ring, Settle

if TYPE_CHECKING:
    from clearance.engine.shard import Shard

_decode = msgspec.json.Decoder(Parcel, float_hook=Decimal).decode


def _open(shard: Shard, parcel: Open) -> None:
    """The instance waits here; a message that was published before goes to it now."""
    present = _waiting(shard, parcel) if parcel.again else None
    place = present.place if present is not None else shard.new_key()
    row = SubscriptionRow(
        "message",
        parcel.name,
        parcel.correlation_key,
        parcel.subscription,
        parcel.instance,
        parcel.process,
        "",
        0,
        place,
    )
    shard.batch.subscriptions_set[row.key] = row
    opened = SubscriptionOpened(row.key, row.instance, row.process, row.name, row.correlation_key, place)
    shard.write_shard({"type": "open"}, [opened])
    if parcel.again:
        return
    graph = shard.registry.graph(parcel.definition)
    for message in messages.kept_for(shard, graph, row.name, row.correlation_key):
        if message.expires > shard.now and row.process not in message.correlated:
            messages.offer(shard, message, row, parcel.tenant)
            return


def _waiting(shard: Shard, parcel: Open) -> SubscriptionRow | None:
    rows = shard.indexes.subscriptions("message", parcel.name, parcel.correlation_key)
    return next((row for row in rows if row.key == parcel.subscription), None)


def _close(shard: Shard, parcel: Close) -> None:
    _forget(shard, parcel.subscription)
    shard.write_shard({"type": "close"}, [SubscriptionClosed(parcel.subscription)])


def _forget(shard: Shard, subscription: int) -> None:
    shard.batch.subscriptions_set.pop(subscription, None)
    shard.batch.subscriptions_gone.add(subscription)


def _offered(shard: Shard, parcel: Offer) -> None:
    """Here lives who waits, or did. One whom the message has broken has taken it: its incident says so."""
    if not parcel.instance:
        _begin(shard, parcel)
        return
    reached = shard.advance(
        commands.Correlate(
            instance=parcel.instance,
            subscription=parcel.subscription,
            message=parcel.message,
            variables=parcel.variables,
        )
    )
    _settle(shard, parcel, taken=isinstance(reached, Answer) or reached.kind == "defect")


def _begin(shard: Shard, parcel: Offer) -> None:
    """The start event is open here too: deployments come from the same shard as messages without a key, in order."""
    rows = shard.indexes.subscriptions("start-message", parcel.name, None)
    begun: Answer | Refusal = Refusal("not-found", "the start event waits no longer")
    for row in rows:
        if row.key == parcel.subscription:
            begun = starts.start_on_message(shard, row, parcel.message, parcel.variables, parcel.tenant, "")
    key = begun.key if isinstance(begun, Answer) else 0
    _settle(shard, msgspec.structs.replace(parcel, instance=key, subscription=0), taken=bool(key))


def leave(shard: Shard, content: bytes) -> None:
    """A parcel that cannot be carried out; whoever offers a message must hear of it all the same.

    The instance may still wait; if it does not, it declines the next message.
    """
    try:
        parcel = read(content)
    except ValueError:
        return  # nobody can tell what it is: the refusal on record is all that can be said
    if isinstance(parcel, Offer):
        assert shard.neighbours is not None
        if not parcel.instance:
            _settle(shard, msgspec.structs.replace(parcel, subscription=0), taken=False)
            return
        _settle(shard, parcel, taken=False)
        waits_on = Open(
            subscription=parcel.subscription,
            instance=parcel.instance,
            process=parcel.process,
            definition="",
            name=parcel.name,
            correlation_key=parcel.correlation_key,
            tenant=parcel.tenant,
            again=True,
        )
        shard.neighbours.post(numbering.shard_of(parcel.message), waits_on, shard.depth)


def _settle(shard: Shard, parcel: Offer, *, taken: bool) -> None:
    assert shard.neighbours is not None
    settled = Settle(
        message=parcel.message,
        name=parcel.name,
        correlation_key=parcel.correlation_key,
        subscription=parcel.subscription,
        instance=parcel.instance,
        process=parcel.process,
        taken=taken,
        tenant=parcel.tenant,
    )
    shard.neighbours.post(numbering.shard_of(parcel.message), settled, shard.depth)


def _settled(shard: Shard, parcel: Settle) -> None:
    kept = {row.key: row for row in shard.indexes.messages(parcel.name, parcel.correlation_key)}
    row = kept[parcel.message]
    left = tuple(one for one in row.offered if one != (parcel.process, parcel.subscription))
    if parcel.taken:
        event: Event = MessageCorrelated(row.key, parcel.process, parcel.instance)
        row = msgspec.structs.replace(row, offered=left)
        shard.batch.messages_set[row.key] = row
        shard.write_shard({"type": "correlated"}, [event])
    else:
        others = tuple(process for process in row.correlated if process != parcel.process)
        row = msgspec.structs.replace(row, correlated=others, offered=left)
        shard.batch.messages_set[row.key] = row
        event = MessageDeclined(row.key, parcel.process, parcel.subscription)
        if parcel.instance:
            _forget(shard, parcel.subscription)
        shard.write_shard({"type": "declined"}, [event])
        if parcel.instance:
            row = messages.reach(shard, row, parcel.tenant)
    if not row.offered and row.forget <= shard.now:
        shard.batch.messages_set.pop(row.key, None)
        shard.batch.messages_gone.add(row.key)
        shard.write_shard({"type": "expire"}, [MessageExpired(row.key)])


def _publish(shard: Shard, parcel: Publish) -> None:
    command = commands.PublishMessage(
        name=parcel.name,
        correlation_key=parcel.correlation_key,
        message_id=parcel.message_id,
        time_to_live=parcel.time_to_live,
        variables=parcel.variables,
        tenant=parcel.tenant,
    )
    refused = messages.publish(shard, command)
    if isinstance(refused, Refusal):
        shard.write_shard(summary(command), [CommandRefused(refused.reason)])


def _ring(shard: Shard, parcel: Ring) -> None:
    messages.ring(shard, parcel.name, parcel.key, parcel.variables)


TAKERS: dict[type, Callable[[Shard, Any], None]] = {
    Publish: _publish,
    Ring: _ring,
    Open: _open,
    Close: _close,
    Offer: _offered,
    Settle: _settled,
}
"""What each parcel leads to where it arrives."""


def read(content: bytes) -> Parcel:
    """A parcel from its JSON, with exact numbers; raises ValueError."""
    parcel: Parcel = _decode(content)
    return parcel
