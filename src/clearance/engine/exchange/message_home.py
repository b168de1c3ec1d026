"""Messages whose home is here and whose receivers are elsewhere.

An instance tells the home of its correlation key that it waits (:class:`Open`). The home finds who waits as if all
lived here, and offers the message (:class:`Offer`); until the instance's shard has answered (:class:`Settle`), the
message counts as having reached that process, so that it reaches no other instance of it. An instance that waits no
longer declines: the message goes to the next who waits, starts what it would start, or is kept for as long as its time
to live says. Parcels between two shards stay in order, so whoever declines has been taken off the list before. What a
message without a key starts may live anywhere: it is offered to a start event of another shard in the same way.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from clearance.engine.commands import messages, signals, start_events
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.ledger import numbering
from clearance.ledger.rows import SubscriptionRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import (
    Event,
    MessageCorrelated,
    MessageDeclined,
    MessageExpired,
    SubscriptionClosed,
    SubscriptionOpened,
)
from clearance.model.parcels import Close, Offer, Open, Parcel, Publish, Ring, Settle

_decode = msgspec.json.Decoder(Parcel, float_hook=Decimal).decode


def _open(state: ShardState, parcel: Open) -> None:
    """The instance waits here; a message that was published before goes to it now."""
    present = _waiting(state, parcel) if parcel.again else None
    place = present.place if present is not None else state.new_key()
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
    state.batch.open_subscription(row)
    opened = SubscriptionOpened(row.key, row.instance, row.process, row.name, row.correlation_key, place)
    state.record_own({"type": "open"}, [opened])
    if parcel.again:
        return
    graph = state.registry.graph(parcel.definition)
    for message in messages.kept_for(state, graph, row.name, row.correlation_key):
        if message.expires > state.now and row.process not in message.correlated:
            messages.offer(state, message, row, parcel.tenant)
            return


def _waiting(state: ShardState, parcel: Open) -> SubscriptionRow | None:
    rows = state.indexes.subscriptions("message", parcel.name, parcel.correlation_key)
    return next((row for row in rows if row.key == parcel.subscription), None)


def _close(state: ShardState, parcel: Close) -> None:
    state.batch.close_subscription(parcel.subscription)
    state.record_own({"type": "close"}, [SubscriptionClosed(parcel.subscription)])


def _offered(state: ShardState, parcel: Offer) -> Steps[None]:
    """Here lives who waits, or did. One whom the message has broken has taken it: its incident says so."""
    if not parcel.instance:
        yield from _begin(state, parcel)
        return
    reached = yield commands.Correlate(
        instance=parcel.instance,
        subscription=parcel.subscription,
        message=parcel.message,
        variables=parcel.variables,
    )
    _settle(state, parcel, taken=isinstance(reached, Answer) or reached.kind == "defect")


def _begin(state: ShardState, parcel: Offer) -> Steps[None]:
    """The start event is open here too: deployments come from the same shard as messages without a key, in order."""
    rows = state.indexes.subscriptions("start-message", parcel.name, None)
    begun: Answer | Refusal = Refusal("not-found", "the start event waits no longer")
    for row in rows:
        if row.key == parcel.subscription:
            begun = yield start_events.on_message(state, row, parcel.message, parcel.variables, parcel.tenant)
    key = begun.key if isinstance(begun, Answer) else 0
    _settle(state, msgspec.structs.replace(parcel, instance=key, subscription=0), taken=bool(key))


def decline(state: ShardState, content: bytes) -> None:
    """A parcel that cannot be carried out; whoever offers a message must hear of it all the same.

    The instance may still wait; if it does not, it declines the next message.
    """
    try:
        parcel = read(content)
    except ValueError:
        return  # nobody can tell what it is: the refusal on record is all that can be said
    if isinstance(parcel, Offer):
        assert state.neighbours is not None
        if not parcel.instance:
            _settle(state, msgspec.structs.replace(parcel, subscription=0), taken=False)
            return
        _settle(state, parcel, taken=False)
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
        state.neighbours.post(numbering.shard_of(parcel.message), waits_on, state.depth)


def _settle(state: ShardState, parcel: Offer, *, taken: bool) -> None:
    assert state.neighbours is not None
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
    state.neighbours.post(numbering.shard_of(parcel.message), settled, state.depth)


def _settled(state: ShardState, parcel: Settle) -> Steps[None]:
    kept = {row.key: row for row in state.indexes.messages(parcel.name, parcel.correlation_key)}
    row = kept[parcel.message]
    left = tuple(one for one in row.offered if one != (parcel.process, parcel.subscription))
    if parcel.taken:
        event: Event = MessageCorrelated(row.key, parcel.process, parcel.instance)
        row = msgspec.structs.replace(row, offered=left)
        state.batch.keep_message(row)
        state.record_own({"type": "correlated"}, [event])
    else:
        others = tuple(process for process in row.correlated if process != parcel.process)
        row = msgspec.structs.replace(row, correlated=others, offered=left)
        state.batch.keep_message(row)
        event = MessageDeclined(row.key, parcel.process, parcel.subscription)
        if parcel.instance:
            state.batch.close_subscription(parcel.subscription)
        state.record_own({"type": "declined"}, [event])
        if parcel.instance:
            row = yield from messages.reach(state, row, parcel.tenant)
    if not row.offered and row.forget <= state.now:
        state.batch.forget_message(row.key)
        state.record_own({"type": "expire"}, [MessageExpired(row.key)])


def _publish(state: ShardState, parcel: Publish) -> Steps[None]:
    command = commands.PublishMessage(
        name=parcel.name,
        correlation_key=parcel.correlation_key,
        message_id=parcel.message_id,
        time_to_live=parcel.time_to_live,
        variables=parcel.variables,
        tenant=parcel.tenant,
    )
    return messages.publish_or_record(state, command)


def _ring(state: ShardState, parcel: Ring) -> Steps[None]:
    return signals.ring(state, parcel.name, parcel.key, parcel.variables)


ON_ARRIVAL: dict[type, Callable[[ShardState, Any], Steps[None] | None]] = {
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
