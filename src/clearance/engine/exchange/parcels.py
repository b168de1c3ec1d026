"""Parcels where they are sent and where they arrive: commands between shards, each carried out once and in order.

``state/neighbours.py`` says how far the exchange with each other shard has come; ``message_home.py`` and
``commands/deployments.py`` say what follows from a parcel.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from clearance.engine.commands import deployments
from clearance.engine.commands.steps import Steps
from clearance.engine.exchange import message_home
from clearance.engine.state.shard_state import ShardState
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.events import CommandRefused, ParcelsArrived, ParcelTaken

_ON_ARRIVAL: dict[type, Callable[[ShardState, Any], Steps[None] | None]] = {
    **message_home.ON_ARRIVAL,
    **deployments.ON_ARRIVAL,
}


def send(state: ShardState, command: Command, answer: Answer | Refusal) -> Answer | Refusal:
    """Put on record what the command has led to for other shards; returns the answer with it."""
    neighbours = state.neighbours
    if neighbours is None:
        return answer
    sent: tuple[tuple[int, int], ...] = ()
    if neighbours.posted:
        events, sent = neighbours.number(state.batch)
        state.record_own({"type": "send-parcels"}, events)
    if type(command) is commands.TakeParcel:
        neighbours.caused((command.shard, command.sequence), sent)
    elif sent and isinstance(answer, Answer):
        return msgspec.structs.replace(answer, sent=sent)
    return answer


def take(state: ShardState, command: commands.TakeParcel) -> Answer | Refusal | Steps[Answer | Refusal]:
    """Carry out what a neighbour has sent, unless that was done before, or something else comes first."""
    neighbours = state.neighbours
    link = neighbours.link(command.shard) if neighbours is not None else None
    if neighbours is None or link is None:
        return Refusal("invalid", f"shard {command.shard} is none of this shard's neighbours")
    if command.sequence > link.taken + 1:
        return Refusal("conflict", f"parcel {link.taken + 1} of shard {command.shard} has not come yet")
    neighbours.heard(command.shard, first_time=command.sequence > link.taken)
    if command.sequence <= link.taken:
        return Answer(0, state.position)
    link.taken = command.sequence
    state.batch.links[link.shard] = link.row()
    return _carry_out(state, command)


def _carry_out(state: ShardState, command: commands.TakeParcel) -> Steps[Answer | Refusal]:
    taken = ParcelTaken(command.shard, command.sequence)
    told = {"type": "take-parcel", "shard": command.shard}
    if command.defect:
        state.record_own(told, [taken, CommandRefused(command.defect)])
        position = state.position
        message_home.decline(state, command.content)
        return Answer(0, position)
    parcel = message_home.read(command.content)
    state.record_own({**told, "parcel": parcel.__struct_config__.tag}, [taken])
    position = state.position
    state.depth = command.depth
    steps = _ON_ARRIVAL[type(parcel)](state, parcel)
    if steps is not None:
        yield from steps
    return Answer(0, position)


def note_arrival(state: ShardState, command: commands.NoteArrival) -> Answer | Refusal:
    """What has arrived need not be kept, and the next may leave."""
    neighbours = state.neighbours
    link = neighbours.link(command.shard) if neighbours is not None else None
    if neighbours is None or link is None or command.sequence > link.sent:
        return Refusal("invalid", f"shard {command.shard} was not sent parcel {command.sequence}")
    if command.sequence > link.arrived:
        link.arrived = command.sequence
        link.left = max(link.left, link.arrived)
        state.batch.links[link.shard] = link.row()
        state.batch.drop_parcels(link.shard, link.arrived)
        state.record_own({"type": "note-arrival"}, [ParcelsArrived(link.shard, link.arrived)])
    neighbours.go_on(state.indexes, link)
    return Answer(0, state.position)


def deliver_again(state: ShardState, command: commands.DeliverAgain) -> Answer | Refusal:
    """What has not arrived since the last look leaves once more."""
    neighbours = state.neighbours
    if neighbours is not None:
        for other in neighbours.others if command.shard is None else (command.shard,):
            link = neighbours.link(other)
            assert link is not None
            if command.shard is not None or link.stands == link.arrived:
                link.left = link.arrived
            link.stands = link.arrived
            neighbours.go_on(state.indexes, link)
    return Answer(0, state.position)


def put_aside(command: Command, error: Exception) -> Command | None:
    """A parcel that cannot be carried out is put on record as such; what follows it must not wait for it for ever."""
    if not isinstance(command, commands.TakeParcel) or command.defect:
        return None
    why = f"parcel {command.sequence} of shard {command.shard} could not be carried out: {type(error).__name__}"
    return msgspec.structs.replace(command, defect=f"{why}: {error}")


COMMANDS: dict[type, Callable[[ShardState, Any], Answer | Refusal | Steps[Answer | Refusal]]] = {
    commands.TakeParcel: take,
    commands.NoteArrival: note_arrival,
    commands.DeliverAgain: deliver_again,
}
