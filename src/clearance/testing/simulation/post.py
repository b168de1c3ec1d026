"""What lies between several shards, and between them and whoever asks: a network that loses, repeats, delays and mixes
up, and the door at which commands find their shard.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import msgspec

from clearance.engine import routing
from clearance.engine.runtime.intake import Intake, Reply, answer
from clearance.engine.runtime.shards import carried, placed
from clearance.engine.shard import Cut
from clearance.ledger import numbering
from clearance.model.commands import Command, FinishJob, Refusal


class Letter(msgspec.Struct):
    """A command on its way to a shard."""

    due: int
    target: int
    command: Command


class Post:
    """Carries what shards have for one another; nothing of it survives a crash."""

    def __init__(self, chance: random.Random, time: Callable[[], int], intakes: Sequence[Intake]) -> None:
        self._chance = chance
        self._time = time
        self._intakes = intakes
        self.letters: list[Letter] = []
        self.calm = False
        """Nothing goes wrong any longer."""

    def carry(self, origin: int, cut: Cut) -> None:
        for target, command in carried(origin, cut):
            fate = 0.0 if self.calm else self._chance.random()
            if fate > 0.9:
                continue  # it is lost
            delay = 0 if self.calm else self._chance.choice((0, 0, 0, 50, 2000, 60_000))
            self.letters.append(Letter(self._time() + delay, target, command))
            if fate > 0.75:
                self.letters.append(Letter(self._time() + self._chance.choice((0, 5000)), target, command))

    def deliver(self) -> None:
        """What is due arrives, in any order."""
        arriving = [letter for letter in self.letters if letter.due <= self._time() or self.calm]
        if not self.calm:
            self._chance.shuffle(arriving)
        for letter in arriving:
            self.letters.remove(letter)
            self._intakes[letter.target].push([letter.command])


class Door:
    """Where commands come in, as :class:`clearance.engine.runtime.shards.Shards` lets them."""

    def __init__(self, intakes: Sequence[Intake]) -> None:
        self._intakes = intakes
        self._turns = 0

    def submit(self, command: Command) -> Reply:
        if len(self._intakes) == 1:
            return self._intakes[0].submit(command)
        number = routing.route(command, len(self._intakes))
        if number is None:
            number = self._turns % len(self._intakes)
            self._turns += 1
        reply: Reply = Future()
        if number >= len(self._intakes):
            reply.set_result(Refusal("not-found", f"there is no shard {number}"))
            return reply
        self._intakes[number].bring([(command, lambda answered: answer(reply, placed(answered, number)))])
        return reply

    def push(self, outcomes: Iterable[FinishJob]) -> None:
        for outcome in outcomes:
            self._intakes[numbering.shard_of(outcome.instance)].push([outcome])

    @property
    def waiting(self) -> int:
        return sum(intake.waiting for intake in self._intakes)
