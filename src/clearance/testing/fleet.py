"""Several shards driven by hand, without threads: what is on the way between them lies open, to be delivered, lost,
repeated or mixed up.

Each :meth:`Fleet.step` is one command and one commit, so that a test can stop between any two of them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from clearance.engine import routing
from clearance.engine.job_requests import Release
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Gate
from clearance.engine.runtime.shards import carried
from clearance.engine.settings import EngineSettings
from clearance.engine.shard import Cut, Shard
from clearance.engine.state.registry import Registry
from clearance.ledger import numbering
from clearance.ledger.ledgers import agree
from clearance.ledger.store import Store
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.work import Actor
from clearance.stores.memory import MemoryStore
from clearance.stores.opening import StoreSettings, open_stores


class Letter(msgspec.Struct, frozen=True):
    """A command on its way from one shard to another."""

    origin: int
    target: int
    command: Command


class Fleet:
    """Shards side by side, each with a store, a registry and nothing in common."""

    def __init__(
        self,
        count: int,
        gate: Gate,
        actors: Mapping[str, Actor],
        settings: EngineSettings | None = None,
        stores: Sequence[Store] = (),
    ) -> None:
        settings = settings or EngineSettings()
        missing = count - len(stores)
        self.stores: list[Store] = [*stores, *(MemoryStore("scenario") for _ in range(missing))]
        self.shards = [
            Shard(
                store,
                gate,
                Registry(Feel(), read_decisions),
                actors,
                msgspec.structs.replace(settings, shards=count, shard=number) if count > 1 else settings,
            )
            for number, store in enumerate(self.stores)
        ]
        self.mail: list[Letter] = []
        self.released: Callable[[list[Release]], None] = lambda releases: None
        self.forgets = False
        """After every command all that is not in a store is forgotten, as after a crash."""
        self.births: dict[int, int] = {}
        """Instances in the order in which they came to be."""
        self._turn = count - 1

    def of(self, key: int) -> Shard:
        """The shard of a key."""
        return self.shards[numbering.shard_of(key)] if len(self.shards) > 1 else self.shards[0]

    def ask(self, command: Command, now: int) -> Answer | Refusal:
        """Work out one command where it belongs; what it leads to elsewhere is in :attr:`mail`."""
        target = routing.route(command, len(self.shards)) if len(self.shards) > 1 else 0
        if target is None:
            target = self._turn % len(self.shards)
            self._turn += 1
        return self.step(target, command, now) if target < len(self.shards) else Refusal("not-found", "no such shard")

    def step(self, number: int, command: Command, now: int) -> Answer | Refusal:
        """One command on one shard, and its commit."""
        shard = self.shards[number]
        answer = shard.work(command, now)
        cut = shard.cut()
        if not cut.batch.empty:
            self.stores[number].commit(cut.batch)
        for key in cut.batch.instances:
            self.births.setdefault(key, len(self.births) + 1)
        shard.committed(cut.batch)
        self._carry(number, cut)
        if self.forgets:
            shard.reset()
        self.released(cut.releases)
        return answer

    def deliver(self, now: int) -> None:
        """Whatever is on its way arrives, and what follows from it too."""
        while self.mail:
            letter = self.mail.pop(0)
            self.step(letter.target, letter.command, now)

    def lose(self, now: int) -> None:
        """All that is on its way is lost; the shards begin anew with what is in their stores, and send it again."""
        self.mail.clear()
        for shard in self.shards:
            shard.reset()
        self.send_again(now)

    def send_again(self, now: int) -> None:
        """What time would do: what has not arrived leaves once more."""
        for number in range(len(self.shards)):
            for _ in range(2):  # one look to see that nothing moves, one to send
                self.step(number, commands.DeliverAgain(), now)

    def _carry(self, number: int, cut: Cut) -> None:
        self.mail.extend(Letter(number, target, command) for target, command in carried(number, cut))


def stores_at(address: str, shards: int) -> list[Store]:
    """The stores of all shards in a database: so many when it is new, and those that there are when it is not."""
    stores = open_stores(Path(), StoreSettings(address), shards=shards if shards > 1 else 0)
    agree(stores)
    return stores
