"""Several shards in one process: as one engine to whoever asks, each with a loop, a store and a ledger of its own.

They have nothing in common but the actors' limits, and speak through commands that could as well go over a network:
:func:`carried` says what leaves with a commit, and to whom. Commands come in here and go where
:mod:`clearance.engine.routing` says; whatever may go anywhere goes round.

Positions in answers are places (:func:`clearance.engine.routing.place_of`), which say the shard as well.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial

import msgspec

from clearance.engine import routing
from clearance.engine.dispatch import Dispatcher
from clearance.engine.engine import ANSWER_WITHIN_S, Engine
from clearance.engine.intake import Reply
from clearance.engine.ledgers import agree
from clearance.engine.ports import Clock, Gate, ParcelRow, Store
from clearance.engine.registry import Registry
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Cut
from clearance.model.clearance import Request, Ruling
from clearance.model.commands import (
    Answer,
    Command,
    DeployDecisions,
    DeployProcess,
    FinishJob,
    NoteArrival,
    Refusal,
    TakeParcel,
)
from clearance.model.work import Actor, BlobReader

_FOR_ALL = (DeployProcess, DeployDecisions)


class Shards:
    """Runs several shards."""

    def __init__(
        self,
        stores: Sequence[Store],
        gate: Gate,
        registries: Callable[[], Registry],
        actors: Mapping[str, Actor],
        blobs: BlobReader,
        clock: Clock,
        settings: EngineSettings | None = None,
    ) -> None:
        """``stores``: one a shard, in the order of their numbers; ``registries`` makes an empty one for each."""
        self.settings = settings or EngineSettings()
        self.stores = tuple(stores)
        self.blobs = blobs
        self._gate = gate
        agree(self.stores)
        # Keys are never given twice, so one installation's name will do for the idempotency keys of all.
        self._dispatcher = Dispatcher(
            actors,
            blobs,
            self._finished,
            stores[0].head().installation,
            self.settings.workers,
            self.settings.payload_max,
        )
        self._engines = [
            Engine(
                store,
                gate,
                registries(),
                actors,
                blobs,
                clock,
                msgspec.structs.replace(self.settings, shards=len(stores), shard=number),
                dispatcher=self._dispatcher,
                carry=partial(self._carry, number),
            )
            for number, store in enumerate(stores)
        ]
        self._turns = itertools.count()
        first = routing.FIRST
        others = (engine.exchanged()[first][1] for engine in self._engines[1:])
        self._everywhere = Everywhere(dict(enumerate(others, first + 1)))

    def start(self) -> None:
        """Go on where the stores are; what had not arrived at a shard comes before anything new."""
        for number, engine in enumerate(self._engines):
            for parcel in engine.outstanding():
                self._engines[parcel.shard].push([_letter(number, parcel)])
        self._dispatcher.start()
        for engine in self._engines:
            engine.start()

    def stop(self) -> None:
        """Finish what runs, commit what has arrived; what is under way between shards goes on at the next start."""
        self._dispatcher.stop()
        for engine in self._engines:
            engine.stop()

    def submit(self, command: Command) -> Reply:
        """As :meth:`Engine.submit`, on the shard that the command is for."""
        number = routing.route(command, len(self._engines))
        if number is None:
            number = next(self._turns) % len(self._engines)
        reply: Reply = Future()
        if number >= len(self._engines):
            reply.set_result(Refusal("not-found", f"there is no shard {number}: no key begins with it"))
            return reply
        answered = self._deployed if isinstance(command, _FOR_ALL) else _pass_on
        self._engines[number].submit(command).add_done_callback(partial(answered, reply, number))
        return reply

    def _deployed(self, reply: Reply, number: int, answered: Reply) -> None:
        """Who is told that something is deployed may ask any shard for it at once."""
        sent = {shard: sent for shard, (sent, _) in self._engines[number].exchanged().items()}
        self._everywhere.when(sent, partial(_pass_on, reply, number, answered))

    def ask(self, command: Command) -> Answer | Refusal:
        """Submit and wait for the answer."""
        return self.submit(command).result(ANSWER_WITHIN_S)

    def rule(self, request: Request) -> Ruling:
        """What the gate says to a request of a person."""
        return self._gate.rule(request)

    def listen(self, committed: Callable[[int], None]) -> None:
        """Be told the place after each commit of any shard, from its committing thread; return quickly."""
        for number, engine in enumerate(self._engines):
            engine.listen(partial(_tell, committed, number))

    @property
    def trouble(self) -> str:
        """Why nothing can be committed at the moment, on the first shard that cannot."""
        return next((engine.trouble for engine in self._engines if engine.trouble), "")

    @property
    def waiting(self) -> int:
        """Commands in the queues."""
        return sum(engine.waiting for engine in self._engines)

    def _carry(self, number: int, cut: Cut) -> None:
        for target, command in carried(number, cut):
            self._engines[target].push([command])
        if routing.FIRST in cut.arrived:
            self._everywhere.reached(number, cut.arrived[routing.FIRST])

    def _finished(self, outcomes: list[FinishJob], *, hurries: bool = False) -> None:
        for number, engine in enumerate(self._engines):
            own = [outcome for outcome in outcomes if routing.shard_of(outcome.instance) == number]
            if own:
                engine.hand_in(own, hurries=hurries)


class Everywhere:
    """Waits until what the first shard has sent has arrived at all others."""

    def __init__(self, arrived: dict[int, int]) -> None:
        """``arrived``: by shard, the last number that it has taken."""
        self._arrived = arrived
        self._waiting: list[tuple[dict[int, int], Callable[[], None]]] = []
        self._lock = threading.Lock()

    def when(self, sent: dict[int, int], then: Callable[[], None]) -> None:
        """Do it once every shard has taken that many, perhaps at once."""
        with self._lock:
            self._waiting.append((sent, then))
        self._look()

    def reached(self, shard: int, number: int) -> None:
        """The shard has committed what was sent up to this number."""
        with self._lock:
            self._arrived[shard] = max(number, self._arrived.get(shard, 0))
        self._look()

    def _look(self) -> None:
        with self._lock:
            done = [one for one in self._waiting if all(self._arrived[to] >= sent for to, sent in one[0].items())]
            self._waiting = [one for one in self._waiting if one not in done]
        for _, then in done:
            then()


def carried(origin: int, cut: Cut) -> Iterator[tuple[int, Command]]:
    """What leaves for other shards with a committed batch: the shard, and the command for it."""
    for parcel in cut.parcels:
        yield parcel.shard, _letter(origin, parcel)
    for shard, sequence in cut.arrived.items():
        yield shard, NoteArrival(shard=origin, sequence=sequence)


def engine_over(
    stores: Sequence[Store],
    gate: Gate,
    registries: Callable[[], Registry],
    actors: Mapping[str, Actor],
    blobs: BlobReader,
    clock: Clock,
    settings: EngineSettings,
) -> Engine | Shards:
    """What runs the shards of these stores: one alone has no others to speak with, and is spared all that it takes."""
    if len(stores) > 1:
        return Shards(stores, gate, registries, actors, blobs, clock, settings)
    agree(stores)
    return Engine(stores[0], gate, registries(), actors, blobs, clock, settings)


def _letter(origin: int, parcel: ParcelRow) -> TakeParcel:
    return TakeParcel(shard=origin, sequence=parcel.sequence, depth=parcel.depth, content=parcel.content)


def _pass_on(reply: Reply, number: int, answered: Reply) -> None:
    answer = answered.result()
    if isinstance(answer, Answer):
        answer = msgspec.structs.replace(answer, position=routing.place_of(answer.position, number))
    if reply.set_running_or_notify_cancel():
        reply.set_result(answer)


def _tell(committed: Callable[[int], None], number: int, position: int) -> None:
    committed(routing.place_of(position, number))
