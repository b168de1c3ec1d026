"""What goes to other shards and comes from them: sent with what it follows from, carried out exactly once, in order.

Whatever a shard has for another is a parcel: a row in its store and an event in its ledger, committed with all else
that the command led to. It leaves after the commit, and again from time to time until the other shard has said that it
arrived. That shard records how far it has taken the parcels of each neighbour in the transaction of their effects, so
one that comes twice is known, and one that comes too early is left for its turn. At most :data:`WINDOW` parcels are
under way to a neighbour at a time; the others wait in the store.

A shard that is alone has no :class:`Neighbours`, and nothing of this costs it anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from clearance.engine import routing, starts
from clearance.engine.exchange import message_home
from clearance.kernel.state import Instance
from clearance.ledger import numbering
from clearance.ledger.rows import Batch, LinkRow, MessageRow, ParcelRow
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.events import CommandRefused, Event, ParcelsArrived, ParcelSent, ParcelTaken
from clearance.model.parcels import Close, Open, Parcel
from clearance.model.values import to_json

if TYPE_CHECKING:
    from clearance.engine.shard import Shard

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


class Neighbours:
    """The other shards, as one shard knows them."""

    def __init__(self, own: int, count: int, links: list[LinkRow]) -> None:
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
        """Something for another shard; :meth:`send` gives it its number."""
        self._posted.append((shard, depth, parcel))

    def send(self, shard: Shard, command: Command, answer: Answer | Refusal) -> Answer | Refusal:
        """Put on record what the command has led to for others; returns the answer with it."""
        sent = self._number(shard) if self._posted else ()
        if type(command) is commands.TakeParcel:
            if self._first_time:
                self._caused.append(((command.shard, command.sequence), sent))
            self._first_time = False
        elif sent and isinstance(answer, Answer):
            return msgspec.structs.replace(answer, sent=sent)
        return answer

    def _number(self, shard: Shard) -> tuple[tuple[int, int], ...]:
        events: list[Event] = []
        sent: list[tuple[int, int]] = []
        for target, depth, parcel in self._posted:
            link = self._links[target]
            link.sent += 1
            row = ParcelRow(target, link.sent, depth, to_json(parcel))
            shard.batch.parcels_set[target, row.sequence] = row
            keep(shard.batch, link)
            events.append(ParcelSent(target, row.sequence, depth, parcel))
            sent.append((target, row.sequence))
            if link.left == row.sequence - 1 and row.sequence - link.arrived <= WINDOW:
                link.left = row.sequence
                self._leaving.append(row)
        self._posted.clear()
        shard.write_shard({"type": "send-parcels"}, events)
        return tuple(sent)

    def hand_over(self, cut: Leaving) -> None:
        """What leaves with this batch, and what is said to have arrived."""
        cut.parcels, self._leaving = self._leaving, []
        cut.caused, self._caused = self._caused, []
        cut.arrived = {shard: self._links[shard].taken for shard in self._heard}
        self._heard.clear()

    def go_on(self, shard: Shard, link: Link) -> None:
        """Let leave what fits into the window now."""
        room = min(link.arrived + WINDOW, link.sent) - link.left
        if room > 0:
            rows = shard.indexes.parcels(link.shard, link.left, room)
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


def keep(batch: Batch, link: Link) -> None:
    batch.links[link.shard] = LinkRow(link.shard, link.sent, link.arrived, link.taken)


# ---- commands ----------------------------------------------------------------------------------------------------


def take(shard: Shard, command: commands.TakeParcel) -> Answer | Refusal:
    """Carry out what a neighbour has sent, unless that was done before, or something else comes first."""
    neighbours = shard.neighbours
    link = neighbours.link(command.shard) if neighbours is not None else None
    if neighbours is None or link is None:
        return Refusal("invalid", f"shard {command.shard} is none of this shard's neighbours")
    if command.sequence > link.taken + 1:
        return Refusal("conflict", f"parcel {link.taken + 1} of shard {command.shard} has not come yet")
    neighbours.heard(command.shard, first_time=command.sequence > link.taken)
    if command.sequence <= link.taken:
        return Answer(0, shard.position)
    link.taken = command.sequence
    keep(shard.batch, link)
    taken = ParcelTaken(command.shard, command.sequence)
    told = {"type": "take-parcel", "shard": command.shard}
    if command.defect:
        shard.write_shard(told, [taken, CommandRefused(command.defect)])
        position = shard.position
        message_home.leave(shard, command.content)
        return Answer(0, position)
    parcel = message_home.read(command.content)
    shard.write_shard({**told, "parcel": parcel.__struct_config__.tag}, [taken])
    position = shard.position
    shard.deepen(command.depth)
    (message_home.TAKERS.get(type(parcel)) or starts.TAKERS[type(parcel)])(shard, parcel)
    return Answer(0, position)


def note_arrival(shard: Shard, command: commands.NoteArrival) -> Answer | Refusal:
    """What has arrived need not be kept, and the next may leave."""
    neighbours = shard.neighbours
    link = neighbours.link(command.shard) if neighbours is not None else None
    if neighbours is None or link is None or command.sequence > link.sent:
        return Refusal("invalid", f"shard {command.shard} was not sent parcel {command.sequence}")
    if command.sequence > link.arrived:
        link.arrived = command.sequence
        link.left = max(link.left, link.arrived)
        keep(shard.batch, link)
        for key in [key for key in shard.batch.parcels_set if key[0] == link.shard and key[1] <= link.arrived]:
            del shard.batch.parcels_set[key]
        shard.batch.parcels_gone[link.shard] = link.arrived
        shard.write_shard({"type": "note-arrival"}, [ParcelsArrived(link.shard, link.arrived)])
    neighbours.go_on(shard, link)
    return Answer(0, shard.position)


def deliver_again(shard: Shard, command: commands.DeliverAgain) -> Answer | Refusal:
    """What has not arrived since the last look leaves once more."""
    neighbours = shard.neighbours
    if neighbours is not None:
        for other in neighbours.others if command.shard is None else (command.shard,):
            link = neighbours.link(other)
            assert link is not None
            if command.shard is not None or link.stands == link.arrived:
                link.left = link.arrived
            link.stands = link.arrived
            neighbours.go_on(shard, link)
    return Answer(0, shard.position)


def put_aside(command: Command, error: Exception) -> Command | None:
    """A parcel that cannot be carried out is put on record as such; what follows it must not wait for it for ever."""
    if not isinstance(command, commands.TakeParcel) or command.defect:
        return None
    why = f"parcel {command.sequence} of shard {command.shard} could not be carried out: {type(error).__name__}"
    return msgspec.structs.replace(command, defect=f"{why}: {error}")
