"""Several shards: as one engine to whoever asks, each with a loop, a store and a ledger of its own.

They have nothing in common but, within one process, the actors' limits, and speak through commands that may as well go
from process to process: :func:`carried` says what leaves with a commit, and to whom. Commands come in here and go where
:mod:`clearance.engine.routing` says; whatever may go anywhere goes round.

Positions in answers are places (:func:`clearance.ledger.numbering.place_of`), which say the shard as well.
"""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from clearance.engine import routing
from clearance.engine.exchange.pending_replies import Parcels, Ripples
from clearance.engine.ports import Clock, Gate
from clearance.engine.runtime.dispatcher import Dispatcher
from clearance.engine.runtime.engine import ANSWER_WITHIN_S, Engine, Left, may_begin
from clearance.engine.runtime.intake import Asked, Reply, Tell, submitted
from clearance.engine.settings import EngineSettings
from clearance.engine.state.neighbours import Leaving
from clearance.engine.state.registry import Registry
from clearance.ledger import numbering
from clearance.ledger.ledgers import agree
from clearance.ledger.rows import ParcelRow
from clearance.ledger.store import Store
from clearance.model.clearance import Request, Ruling
from clearance.model.commands import (
    Answer,
    Command,
    DeliverAgain,
    DeployDecisions,
    DeployProcess,
    FinishJob,
    NoteArrival,
    Refusal,
    TakeParcel,
)
from clearance.model.work import Actor, BlobReader

Result = TypeVar("Result")

_PATIENCE_S = 2.0
"""So long an answer waits at the most for what has to happen on other shards."""
_FOR_ALL_S = 50.0
"""So long that of a deployment does: who is told of it may ask any shard for it at once."""
_LOOK_S = 0.25


class ShardPort(Protocol):
    """The engine of one shard, here or elsewhere."""

    @property
    def trouble(self) -> str: ...

    @property
    def lost(self) -> str: ...

    @property
    def waiting(self) -> int: ...

    def start(self) -> None: ...

    def leave_unsaid(self) -> None: ...

    def stop(self) -> Left: ...

    def bring(self, asked: Iterable[Asked]) -> None: ...

    def push(self, commands: Iterable[Command]) -> None: ...

    def listen(self, committed: Callable[[int], None]) -> None: ...

    def outstanding(self) -> Iterable[ParcelRow]: ...


class Committed(Leaving, Protocol):
    """A batch that is in the store, with what leaves now."""

    @property
    def posted(self) -> Parcels:
        """All parcels that are new with it, also those that have to wait for their turn."""
        ...


Carry = Callable[[Committed], None]
"""Takes to other shards what is for them, once it is committed."""


class Shards:
    """Runs several shards."""

    def __init__(
        self,
        make: Callable[[int, Carry], ShardPort],
        gate: Gate,
        blobs: BlobReader,
        settings: EngineSettings,
        dispatcher: Dispatcher | None = None,
    ) -> None:
        """``make``: the engine of a shard by its number, not started. ``dispatcher``: one that all of them share."""
        self.settings = settings
        self.blobs = blobs
        self._gate = gate
        self._dispatcher = dispatcher
        self._engines = [make(number, partial(self._carry, number)) for number in range(settings.shards)]
        self._turns = itertools.count()
        self._ripples = Ripples()
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._look, name="clearance-shards", daemon=True)

    def start(self) -> None:
        """Go on where the stores are; what had not arrived at a shard comes before anything new."""
        for number, engine in enumerate(self._engines):
            for parcel in engine.outstanding():
                self._engines[parcel.shard].push([_letter(number, parcel)])
        if self._dispatcher is not None:
            self._dispatcher.start()
        self._watch.start()
        self._all(lambda engine: engine.start())

    def stop(self) -> Left:
        """Finish what runs, for as long as the settings say; commit what has arrived; what is under way between shards
        goes on at the next start.
        """
        for engine in self._engines:
            engine.leave_unsaid()
        running = self._dispatcher.stop(self.settings.drain_s) if self._dispatcher is not None else 0
        left = self._all(lambda engine: engine.stop())
        self._stopping.set()
        if self._watch.ident is not None:
            self._watch.join()
        return Left(sum(one.instances for one in left), running + sum(one.running for one in left))

    def _all(self, do: Callable[[ShardPort], Result]) -> list[Result]:
        """With all engines at the same time."""
        with ThreadPoolExecutor(len(self._engines)) as pool:
            return list(pool.map(do, self._engines))

    def came_back(self, number: int) -> None:
        """A shard has begun anew by itself: what was on its way to it leaves again at once."""
        self._ripples.forget(number)
        for other, engine in enumerate(self._engines):
            if other != number:
                engine.push([DeliverAgain(shard=number)])

    def submit(self, command: Command) -> Reply:
        """As :meth:`Engine.submit`, on the shard that the command is for."""
        return submitted(command, self.bring)

    def bring(self, asked: Iterable[Asked]) -> None:
        """As :meth:`Engine.bring`, each on the shard that it is for."""
        shards = len(self._engines)
        brought: list[list[Asked]] = [[] for _ in range(shards)]
        for command, tell in asked:
            number = routing.route(command, shards)
            if number is None:
                number = next(self._turns) % shards
            if number < shards:
                patience = _FOR_ALL_S if isinstance(command, DeployProcess | DeployDecisions) else _PATIENCE_S
                brought[number].append((command, partial(self._pass_on, tell, number, patience)))
            else:
                tell(Refusal("not-found", f"there is no shard {number}: no key begins with it"))
        for engine, own in zip(self._engines, brought, strict=True):
            if own:
                engine.bring(own)

    def _pass_on(self, tell: Tell, number: int, patience_s: float, answered: Answer | Refusal) -> None:
        """Once what follows on other shards has happened there: whoever is told may rely on it."""
        told = placed(answered, number)
        if isinstance(answered, Answer) and answered.sent:
            self._ripples.when(number, answered.sent, partial(tell, told), patience_s)
        else:
            tell(told)

    def _look(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            self._ripples.look()

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
    def lost(self) -> str:
        """Why these engines have ended by themselves, another one having taken a shard over; empty while they go on."""
        return next((engine.lost for engine in self._engines if engine.lost), "")

    @property
    def waiting(self) -> int:
        """Commands in the queues."""
        return sum(engine.waiting for engine in self._engines)

    def _carry(self, number: int, leaving: Committed) -> None:
        self._ripples.committed(number, leaving.posted, leaving.caused)
        for target, command in carried(number, leaving):
            self._engines[target].push([command])


def carried(origin: int, cut: Leaving) -> Iterator[tuple[int, Command]]:
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
        return in_this_process(stores, gate, registries, actors, blobs, clock, settings)
    agree(stores)
    return Engine(stores[0], gate, registries(), actors, blobs, clock, settings)


def in_this_process(
    stores: Sequence[Store],
    gate: Gate,
    registries: Callable[[], Registry],
    actors: Mapping[str, Actor],
    blobs: BlobReader,
    clock: Clock,
    settings: EngineSettings,
) -> Shards:
    """All shards in this process, with the actors' limits in common.

    ``stores``: one a shard, in the order of their numbers; ``registries`` makes an empty one for each.
    """
    agree(stores)
    settings = msgspec.structs.replace(settings, shards=len(stores))
    engines: list[Engine] = []

    def finished(outcomes: list[FinishJob], *, hurries: bool = False) -> None:
        for number, engine in enumerate(engines):
            own = [outcome for outcome in outcomes if numbering.shard_of(outcome.instance) == number]
            if own:
                engine.hand_in(own, hurries=hurries)

    dispatcher = Dispatcher(
        actors,
        blobs,
        finished,
        stores[0].head().installation,  # keys are never given twice, so one name will do for the keys of all
        settings.workers,
        settings.payload_max,
        may_begin(*stores),
    )

    def make(number: int, carry: Carry) -> Engine:
        own = msgspec.structs.replace(settings, shard=number)
        engine = Engine(
            stores[number], gate, registries(), actors, blobs, clock, own, dispatcher=dispatcher, carry=carry
        )
        engines.append(engine)
        return engine

    return Shards(make, gate, blobs, settings, dispatcher)


def _letter(origin: int, parcel: ParcelRow) -> TakeParcel:
    return TakeParcel(shard=origin, sequence=parcel.sequence, depth=parcel.depth, content=parcel.content)


def placed(answered: Answer | Refusal, number: int) -> Answer | Refusal:
    """What the shard of that number has answered, as it holds among several."""
    if isinstance(answered, Refusal):
        return answered
    return msgspec.structs.replace(answered, position=numbering.place_of(answered.position, number))


def _tell(committed: Callable[[int], None], number: int, position: int) -> None:
    committed(numbering.place_of(position, number))
