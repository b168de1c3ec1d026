"""Messages and signals: who they reach, and how long messages are kept.

A message reaches at most one instance of a process (name and correlation key must match), and starts an instance where
a start event waits for it and no instance that the same key started is still running. It is kept for its time to live
for those who come to wait later. Its id is remembered: publishing it again within
:attr:`EngineSettings.message_ids_kept_s` is refused and starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from clearance.engine import routing, starts
from clearance.kernel.shared.correlation import PREFIX, prefixes
from clearance.kernel.state import Instance
from clearance.ledger import numbering
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import MessageRow, SubscriptionRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.definition import MessageDefinition
from clearance.model.effects import SendMessage, SendSignal
from clearance.model.events import (
    CommandRefused,
    Event,
    MessageCorrelated,
    MessageExpired,
    MessageOffered,
    MessagePublished,
    SignalBroadcast,
    Subscribed,
)
from clearance.model.graph import Graph
from clearance.model.parcels import Offer, Publish, Ring
from clearance.model.values import Data, from_json, to_json

if TYPE_CHECKING:
    from clearance.engine.shard import Shard

_EXPIRE_AT_ONCE = 10_000


def send(shard: Shard, instance: Instance, effect: SendMessage | SendSignal) -> None:
    """A message or signal that an instance throws."""
    if shard.depth > shard.settings.hops_max:
        _talks_in_circles(shard, instance, effect)
    elif isinstance(effect, SendSignal):
        broadcast(shard, commands.BroadcastSignal(name=effect.name, variables=effect.variables))
    elif shard.neighbours is not None and not shard.neighbours.is_home(effect.correlation_key):
        parcel = Publish(
            name=effect.name,
            correlation_key=effect.correlation_key,
            message_id=effect.message_id,
            time_to_live=effect.time_to_live,
            variables=dict(effect.variables),
            tenant=instance.tenant,
        )
        shard.neighbours.post(shard.neighbours.home(effect.correlation_key), parcel, shard.depth)
    else:
        command = commands.PublishMessage(
            name=effect.name,
            correlation_key=effect.correlation_key,
            message_id=effect.message_id,
            time_to_live=effect.time_to_live,
            variables=effect.variables,
            tenant=instance.tenant,
        )
        refused = publish(shard, command)
        if isinstance(refused, Refusal):
            shard.write_shard(summary(command), [CommandRefused(refused.reason)])


def _talks_in_circles(shard: Shard, instance: Instance, effect: SendMessage | SendSignal) -> None:
    why = (
        f'"{effect.name}" was not sent: more than {shard.settings.hops_max} messages and signals have led to one '
        "another without waiting for anything (setting hops_max)"
    )
    told = commands.Faulted(instance=instance.key, element=instance.key, message=why, kind="loop")
    if isinstance(shard.advance(told), Refusal):
        shard.write_shard({"type": "send", "name": effect.name, "instance": instance.key}, [CommandRefused(why)])


def publish(shard: Shard, command: commands.PublishMessage) -> Answer | Refusal:
    """Reach who waits, start what starts on it, keep it for those who come later."""
    if not command.name:
        return Refusal("invalid", "a message needs a name")
    said = command.correlation_key or _conversation(shard, command)
    if command.message_id and shard.indexes.message_with_id(command.name, said, command.message_id):
        return Refusal("conflict", f'message "{command.message_id}" of {command.name} has been published already')
    variables = to_json(command.variables)
    if len(variables) > shard.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {shard.settings.payload_max} bytes: use a document")
    key = shard.new_key()
    expires = shard.now + max(command.time_to_live, 0)
    remembered = shard.now + shard.settings.message_ids_kept_s * 1000 if command.message_id else 0
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
    shard.write_shard(summary(command), [published])
    position = shard.position
    row = reach(shard, row, command.tenant)
    if row.forget > shard.now:
        shard.batch.messages_set[key] = row
    return Answer(key, position)


def _conversation(shard: Shard, command: commands.PublishMessage) -> str:
    """The key of a message that carries none but belongs to a conversation."""
    moment = datetime.fromtimestamp(shard.now / 1000, UTC)
    return shard.registry.conversation_key(command.name, command.variables, moment)


def broadcast(shard: Shard, command: commands.BroadcastSignal) -> Answer | Refusal:
    """Every instance that waits for the signal, and every process that starts on it."""
    if not command.name:
        return Refusal("invalid", "a signal needs a name")
    key = shard.new_key()
    shard.write_shard(summary(command), [SignalBroadcast(key, command.name, dict(command.variables))])
    position = shard.position
    ring(shard, command.name, key, command.variables)
    if shard.neighbours is not None:
        parcel = Ring(key=key, name=command.name, variables=dict(command.variables))
        for other in shard.neighbours.others:
            shard.neighbours.post(other, parcel, shard.depth)
    for row in shard.indexes.subscriptions("start-signal", command.name, None):
        starts.start_on_message(shard, row, key, command.variables, "<default>", "")
    return Answer(key, position)


def ring(shard: Shard, name: str, key: int, variables: Mapping[str, Data]) -> None:
    """Every instance of this shard that waits for the signal."""
    for row in shard.indexes.subscriptions("signal", name, None):
        shard.advance(commands.Correlate(instance=row.instance, subscription=row.key, message=key, variables=variables))


def correlate_buffered(shard: Shard, recorded: list[Event], graph: Graph, instance: int) -> None:
    """Messages that were published before the instance came to wait for them."""
    for event in recorded:
        if not isinstance(event, Subscribed) or event.kind != "message":
            continue
        if shard.neighbours is not None and not shard.neighbours.is_home(event.correlation_key):
            continue  # the home is told, and looks itself
        for row in kept_for(shard, graph, event.name, event.correlation_key):
            if row.expires <= shard.now or graph.process.id in row.correlated:
                continue
            reached = commands.Correlate(
                instance=instance, subscription=event.key, message=row.key, variables=from_json(row.variables)
            )
            if isinstance(shard.advance(reached), Answer):
                _note(shard, row, graph.process.id, instance)
            break  # reached, or waiting no longer


def kept_for(shard: Shard, graph: Graph, name: str, correlation_key: str) -> list[MessageRow]:
    """Messages that are kept and fit: who does not know its conversation yet takes the first one of any."""
    starts_with = prefixes(graph, name) if not correlation_key else ()
    if not starts_with:
        return shard.indexes.messages(name, correlation_key)
    kept = shard.indexes.messages(name, None)
    return [row for row in kept if not row.correlation_key or row.correlation_key.startswith(starts_with)]


def ended(shard: Shard, instance: Instance, graph: Graph) -> None:
    """An instance that a message started is over: the next message with its key may start one."""
    names = start_names(graph)
    lock = shard.indexes.lock_of(instance.key) if names else None
    if lock is None:
        return
    shard.batch.locks_set.pop(lock, None)
    shard.batch.locks_gone.add(lock)
    waiting = [row for name in names for row in shard.indexes.messages(name, lock[1])]
    for row in sorted(waiting, key=lambda row: row.key):
        if shard.indexes.lock(*lock) is not None:
            return
        if row.expires > shard.now and graph.process.id not in row.correlated:
            reach(shard, row, instance.tenant)


def start_names(graph: Graph) -> tuple[str, ...]:
    """The messages that start an instance."""
    if graph.start_messages is None:
        graph.start_messages = tuple(
            trigger.definition.name
            for node in starts.starting(graph)
            for trigger in node.triggers
            if isinstance(trigger.definition, MessageDefinition)
        )
    return graph.start_messages


def expire(shard: Shard, command: commands.ExpireMessages) -> Answer | Refusal:
    """Forget messages whose time and whose id's time is over."""
    expired = shard.store.expired(shard.now, _EXPIRE_AT_ONCE)
    latest = [shard.indexes.latest(row) for row in expired]
    rows = [row for row in latest if row is not None and not row.offered]
    if rows:
        shard.batch.messages_gone.update(row.key for row in rows)
        shard.write_shard(summary(command), [MessageExpired(row.key) for row in rows])
    return Answer(0, shard.position)


def reach(shard: Shard, row: MessageRow, tenant: str) -> MessageRow:
    """Everybody whom the message has not reached yet and who may have it; returns what it has come to."""
    variables = from_json(row.variables)
    waits = list(shard.indexes.subscriptions("message", row.name, row.correlation_key))
    if row.correlation_key.startswith(PREFIX):  # who does not know its conversation yet takes the first message of it
        waits += shard.indexes.subscriptions("message", row.name, "")
    if shard.neighbours is not None:
        waits.sort(key=_place)
    for waiting in waits:
        if waiting.process in row.correlated:
            continue
        if shard.neighbours is not None and shard.neighbours.strange(waiting.instance):
            row = offer(shard, row, waiting, tenant)
            continue
        reached = commands.Correlate(
            instance=waiting.instance, subscription=waiting.key, message=row.key, variables=variables
        )
        if isinstance(shard.advance(reached), Answer):
            row = _note(shard, row, waiting.process, waiting.instance)
    for waiting in shard.indexes.subscriptions("start-message", row.name, None):
        locked = row.correlation_key and shard.indexes.lock(waiting.process, row.correlation_key)
        if waiting.process in row.correlated or locked:
            continue
        if shard.neighbours is not None and shard.neighbours.begins_elsewhere(row):
            row = offer(shard, row, waiting, tenant)
            continue
        lock = (waiting.process, row.correlation_key)
        started = starts.start_on_message(shard, waiting, row.key, variables, tenant, "")
        if isinstance(started, Answer):
            row = _note(shard, row, waiting.process, started.key)
            if row.correlation_key and started.key in shard.streams:
                shard.batch.locks_set[lock] = started.key
    return row


def offer(shard: Shard, row: MessageRow, waiting: SubscriptionRow, tenant: str) -> MessageRow:
    """Send the message to an instance of another shard that waits for it, or is to begin there with it."""
    assert shard.neighbours is not None
    spread = routing.spread(row.key, shard.neighbours.count)
    target = numbering.shard_of(waiting.instance) if waiting.instance else spread
    subscription = waiting.key if waiting.instance else 0
    on_its_way = (*row.offered, (waiting.process, subscription))
    noted = msgspec.structs.replace(row, correlated=(*row.correlated, waiting.process), offered=on_its_way)
    shard.batch.messages_set[row.key] = noted
    offered = MessageOffered(row.key, waiting.process, waiting.instance, subscription)
    shard.write_shard({"type": "offer", "message": row.key}, [offered])
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
    shard.neighbours.post(target, parcel, shard.depth)
    return noted


def _place(waiting: SubscriptionRow) -> int:
    """Who came first is reached first, wherever it lives."""
    return waiting.place or waiting.key


def _note(shard: Shard, row: MessageRow, process: str, instance: int) -> MessageRow:
    noted = msgspec.structs.replace(row, correlated=(*row.correlated, process))
    if noted.forget > shard.now or noted.offered:
        shard.batch.messages_set[row.key] = noted
    shard.write_shard({"type": "correlated"}, [MessageCorrelated(row.key, process, instance)])
    return noted
