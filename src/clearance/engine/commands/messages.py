"""Messages: who they reach, and how long they are kept.

A message reaches at most one instance of a process (name and correlation key must match), and starts an instance where
a start event waits for it and no instance that the same key started is still running. It is kept for its time to live
for those who come to wait later. Its id is remembered: publishing it again within
:attr:`EngineSettings.message_ids_kept_s` is refused and starts nothing.
"""

from datetime import UTC, datetime

import msgspec

from clearance.engine import routing
from clearance.engine.commands import follow_ups, signals, start_events
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.kernel.shared.correlation import PREFIX, prefixes
from clearance.ledger import numbering
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import MessageRow, SubscriptionRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.effects import SendSignal
from clearance.model.events import (
    CommandRefused,
    MessageCorrelated,
    MessageExpired,
    MessageOffered,
    MessagePublished,
    Subscribed,
)
from clearance.model.graph import Graph
from clearance.model.parcels import Offer, Publish
from clearance.model.values import from_json, to_json

_EXPIRE_AT_ONCE = 10_000


def send(state: ShardState, sent: follow_ups.Sent) -> Steps[None]:
    """A message or signal that an instance throws."""
    instance, effect = sent.instance, sent.effect
    if state.depth > state.settings.hops_max:
        yield from _talks_in_circles(state, sent)
    elif isinstance(effect, SendSignal):
        yield from signals.broadcast(state, commands.BroadcastSignal(name=effect.name, variables=effect.variables))
    elif state.neighbours is not None and not state.neighbours.is_home(effect.correlation_key):
        parcel = Publish(
            name=effect.name,
            correlation_key=effect.correlation_key,
            message_id=effect.message_id,
            time_to_live=effect.time_to_live,
            variables=dict(effect.variables),
            tenant=instance.tenant,
        )
        state.neighbours.post(state.neighbours.home(effect.correlation_key), parcel, state.depth)
    else:
        command = commands.PublishMessage(
            name=effect.name,
            correlation_key=effect.correlation_key,
            message_id=effect.message_id,
            time_to_live=effect.time_to_live,
            variables=effect.variables,
            tenant=instance.tenant,
        )
        yield from publish_or_record(state, command)


def publish_or_record(state: ShardState, command: commands.PublishMessage) -> Steps[None]:
    """Publish what nobody waits to hear of: that it was refused goes on record."""
    refused = yield from publish(state, command)
    if isinstance(refused, Refusal):
        state.record_own(summary(command), [CommandRefused(refused.reason)])


def _talks_in_circles(state: ShardState, sent: follow_ups.Sent) -> Steps[None]:
    instance, name = sent.instance.key, sent.effect.name
    why = (
        f'"{name}" was not sent: more than {state.settings.hops_max} messages and signals have led to one '
        "another without waiting for anything (setting hops_max)"
    )
    refused = yield commands.Faulted(instance=instance, element=instance, message=why, kind="loop")
    if isinstance(refused, Refusal):
        state.record_own({"type": "send", "name": name, "instance": instance}, [CommandRefused(why)])


def publish(state: ShardState, command: commands.PublishMessage) -> Steps[Answer | Refusal]:
    """Reach who waits, start what starts on it, keep it for those who come later."""
    if not command.name:
        return Refusal("invalid", "a message needs a name")
    said = command.correlation_key or _conversation(state, command)
    if command.message_id and state.indexes.message_with_id(command.name, said, command.message_id):
        return Refusal("conflict", f'message "{command.message_id}" of {command.name} has been published already')
    variables = to_json(command.variables)
    if len(variables) > state.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {state.settings.payload_max} bytes: use a document")
    key = state.new_key()
    expires = state.now + max(command.time_to_live, 0)
    remembered = state.now + state.settings.message_ids_kept_s * 1000 if command.message_id else 0
    row = MessageRow(
        key,
        command.name,
        said,
        command.message_id,
        expires,
        max(expires, remembered),
        variables,
    )
    published = MessagePublished(
        key, row.name, row.correlation_key, row.message_id, expires, dict(command.variables), row.forget
    )
    state.record_own(summary(command), [published])
    position = state.position
    row = yield from reach(state, row, command.tenant)
    if row.forget > state.now:
        state.batch.keep_message(row)
    return Answer(key, position)


def _conversation(state: ShardState, command: commands.PublishMessage) -> str:
    """The key of a message that carries none but belongs to a conversation."""
    moment = datetime.fromtimestamp(state.now / 1000, UTC)
    return state.registry.conversation_key(command.name, command.variables, moment)


def correlate_buffered(state: ShardState, waiting: follow_ups.Subscribed) -> Steps[None]:
    """Messages that were published before the instance came to wait for them."""
    graph = waiting.graph
    for event in waiting.events:
        if not isinstance(event, Subscribed) or event.kind != "message":
            continue
        if state.neighbours is not None and not state.neighbours.is_home(event.correlation_key):
            continue  # the home is told, and looks itself
        for row in kept_for(state, graph, event.name, event.correlation_key):
            if row.expires <= state.now or graph.process.id in row.correlated:
                continue
            reached = yield commands.Correlate(
                instance=waiting.instance, subscription=event.key, message=row.key, variables=from_json(row.variables)
            )
            if isinstance(reached, Answer):
                _note(state, row, graph.process.id, waiting.instance)
            break  # reached, or waiting no longer


def kept_for(state: ShardState, graph: Graph, name: str, correlation_key: str) -> list[MessageRow]:
    """Messages that are kept and fit: who does not know its conversation yet takes the first one of any."""
    starts_with = prefixes(graph, name) if not correlation_key else ()
    if not starts_with:
        return state.indexes.messages(name, correlation_key)
    kept = state.indexes.messages(name, None)
    return [row for row in kept if not row.correlation_key or row.correlation_key.startswith(starts_with)]


def ended(state: ShardState, over: follow_ups.Ended) -> Steps[None]:
    """An instance that a message started is over: the next message with its key may start one."""
    instance, graph = over.instance, over.graph
    names = start_events.start_messages(graph)
    lock = state.indexes.lock_of(instance.key) if names else None
    if lock is None:
        return
    state.batch.unlock(*lock)
    waiting = [row for name in names for row in state.indexes.messages(name, lock[1])]
    for row in sorted(waiting, key=lambda row: row.key):
        if state.indexes.lock(*lock) is not None:
            return
        if row.expires > state.now and graph.process.id not in row.correlated:
            yield from reach(state, row, instance.tenant)


def expire(state: ShardState, command: commands.ExpireMessages) -> Answer | Refusal:
    """Forget messages whose time and whose id's time is over."""
    expired = state.store.expired(state.now, _EXPIRE_AT_ONCE)
    latest = [state.indexes.latest(row) for row in expired]
    rows = [row for row in latest if row is not None and not row.offered]
    if rows:
        for row in rows:
            state.batch.forget_message(row.key)
        state.record_own(summary(command), [MessageExpired(row.key) for row in rows])
    return Answer(0, state.position)


def reach(state: ShardState, row: MessageRow, tenant: str) -> Steps[MessageRow]:
    """Everybody whom the message has not reached yet and who may have it; returns what it has come to."""
    variables = from_json(row.variables)
    waits = list(state.indexes.subscriptions("message", row.name, row.correlation_key))
    if row.correlation_key.startswith(PREFIX):  # who does not know its conversation yet takes the first message of it
        waits += state.indexes.subscriptions("message", row.name, "")
    if state.neighbours is not None:
        waits.sort(key=_place)
    for waiting in waits:
        if waiting.process in row.correlated:
            continue
        if state.neighbours is not None and state.neighbours.strange(waiting.instance):
            row = offer(state, row, waiting, tenant)
            continue
        reached = yield commands.Correlate(
            instance=waiting.instance, subscription=waiting.key, message=row.key, variables=variables
        )
        if isinstance(reached, Answer):
            row = _note(state, row, waiting.process, waiting.instance)
    for waiting in state.indexes.subscriptions("start-message", row.name, None):
        locked = row.correlation_key and state.indexes.lock(waiting.process, row.correlation_key)
        if waiting.process in row.correlated or locked:
            continue
        if state.neighbours is not None and state.neighbours.begins_elsewhere(row):
            row = offer(state, row, waiting, tenant)
            continue
        started = yield start_events.on_message(state, waiting, row.key, variables, tenant)
        if isinstance(started, Answer):
            row = _note(state, row, waiting.process, started.key)
            if row.correlation_key and state.in_memory(started.key):
                state.batch.lock(waiting.process, row.correlation_key, started.key)
    return row


def offer(state: ShardState, row: MessageRow, waiting: SubscriptionRow, tenant: str) -> MessageRow:
    """Send the message to an instance of another shard that waits for it, or is to begin there with it."""
    assert state.neighbours is not None
    spread = routing.spread(row.key, state.neighbours.count)
    target = numbering.shard_of(waiting.instance) if waiting.instance else spread
    subscription = waiting.key if waiting.instance else 0
    on_its_way = (*row.offered, (waiting.process, subscription))
    noted = msgspec.structs.replace(row, correlated=(*row.correlated, waiting.process), offered=on_its_way)
    state.batch.keep_message(noted)
    offered = MessageOffered(row.key, waiting.process, waiting.instance, subscription)
    state.record_own({"type": "offer", "message": row.key}, [offered])
    parcel = Offer(
        message=row.key,
        name=row.name,
        correlation_key=row.correlation_key,
        subscription=waiting.key,
        instance=waiting.instance,
        process=waiting.process,
        variables=from_json(row.variables),
        tenant=tenant,
    )
    state.neighbours.post(target, parcel, state.depth)
    return noted


def _place(waiting: SubscriptionRow) -> int:
    """Who came first is reached first, wherever it lives."""
    return waiting.place or waiting.key


def _note(state: ShardState, row: MessageRow, process: str, instance: int) -> MessageRow:
    noted = msgspec.structs.replace(row, correlated=(*row.correlated, process))
    if noted.forget > state.now or noted.offered:
        state.batch.keep_message(noted)
    state.record_own({"type": "correlated"}, [MessageCorrelated(row.key, process, instance)])
    return noted
