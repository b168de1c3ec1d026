"""Where the process divides: choices, things done together, and waiting for whichever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, Unpack

from clearance.build.canvas import Canvas, Gateway, conditional
from clearance.build.errors import AuthorError
from clearance.build.events import Occasion, trigger
from clearance.build.scope import End
from clearance.build.texts import feel
from clearance.model.definition import (
    Activity,
    ComplexGateway,
    EventBasedGateway,
    EventDefinition,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    MessageDefinition,
    ParallelGateway,
    ReceiveTask,
    Text,
)


class Branches:
    """The ways out of one gateway; what is still open after the block comes together again."""

    def __init__(self, canvas: Canvas, gateway: Gateway | Activity, *, at_least: int) -> None:
        self._canvas = canvas
        self._gateway = gateway
        self._at_least = at_least
        self._count = 0
        self._open: list[End] = []

    def __enter__(self) -> Self:
        self._canvas.scope.ends = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        if self._count < self._at_least:
            raise AuthorError(
                f'"{self._gateway.name or self._gateway.id}" has {self._count} of at least {self._at_least} ways',
                "Write more ways, or leave it out",
            )
        self._canvas.scope.ends = self._open
        self._join()

    def _join(self) -> None:
        """Let the open ends of the ways come together; alternatives meet where the next step begins."""

    def _join_in(self, kind: type[ParallelGateway | InclusiveGateway | ComplexGateway], once: Text = "") -> None:
        if len(self._open) < 2:
            return
        identifier = self._canvas.id_for(f"{self._gateway.id} done", "join")
        join = ComplexGateway(id=identifier, activation_condition=once) if once else kind(id=identifier)
        self._canvas.join(join)

    @contextmanager
    def _way(self, end: End, *, merged: bool) -> Iterator[None]:
        self._count += 1
        with self._canvas.aside(end) as left:
            yield
            if merged:
                self._canvas.merge(end.name or f"{self._gateway.id} {self._count}")
        self._open.extend(left)


class Choice(Branches):
    """Made by ``choose``: the first way whose condition holds, or with ``several`` all of them."""

    _has_default = False

    @property
    def _several(self) -> bool:
        return not isinstance(self._gateway, ExclusiveGateway)

    @contextmanager
    def when(self, name: str, condition: str) -> Iterator[None]:
        """The way that is taken when the condition (FEEL) holds."""
        end = conditional(self._canvas.end(self._gateway.id), feel(condition), name)
        with self._way(end, merged=self._several):
            yield

    @contextmanager
    def otherwise(self, name: str = "") -> Iterator[None]:
        """The way that is taken when no condition holds."""
        if self._has_default:
            raise AuthorError(f'"{self._gateway.name}" has two defaults', "Keep one otherwise")
        self._has_default = True
        end = self._canvas.end(self._gateway.id, name=name, default=True)
        with self._way(end, merged=self._several):
            yield

    def _join(self) -> None:
        if self._several:
            self._join_in(InclusiveGateway)


class Together(Branches):
    """Made by ``together``: all branches at once; the process goes on when all are done, or ``once`` enough are."""

    def __init__(
        self, canvas: Canvas, gateway: ParallelGateway, *, at_least: int, once: Text = "", joins: bool = True
    ) -> None:
        super().__init__(canvas, gateway, at_least=at_least)
        self._once = once
        self._joins = joins

    @contextmanager
    def branch(self, name: str = "") -> Iterator[None]:
        """One of the things that are done at the same time."""
        with self._way(self._canvas.end(self._gateway.id, name=name), merged=True):
            yield

    def _join(self) -> None:
        if self._joins:
            self._join_in(ParallelGateway, self._once)


class FirstOf(Branches):
    """Made by ``first_of`` and ``starts_with``: what happens first decides."""

    def __init__(
        self, canvas: Canvas, gateway: EventBasedGateway, *, at_least: int, earlier: list[End] | None = None
    ) -> None:
        super().__init__(canvas, gateway, at_least=at_least)
        self._parallel = gateway.parallel
        self._starts = gateway.instantiate
        self._earlier = earlier or []
        self._awaits: set[str] = set()

    @contextmanager
    def message(self, name: str, *, message: str, key: str = "") -> Iterator[None]:
        """When a message with that key (FEEL) comes first."""
        self._awaits_message("message", name, key)
        with self._event(name, trigger({"message": message, "key": key})):
            yield

    @contextmanager
    def receives(self, name: str, *, message: str, key: str = "") -> Iterator[None]:
        """The same as a step of its own, a receive task."""
        self._awaits_message("receives", name, key)
        definition = trigger({"message": message, "key": key})
        assert isinstance(definition, MessageDefinition)
        with self._way(self._canvas.end(self._gateway.id), merged=self._parallel):
            self._canvas.place(ReceiveTask(id=self._canvas.id_for(name, "step"), name=name, message=definition))
            yield

    @contextmanager
    def after(self, duration: Text, name: str = "", *, calendar: str = "") -> Iterator[None]:
        """When a duration has passed first."""
        with self._event(name or f"After {duration}", trigger({"after": duration, "calendar": calendar})):
            yield

    @contextmanager
    def at(self, date: Text, name: str = "") -> Iterator[None]:
        """When a date-time is reached first."""
        with self._event(name or "At the time", trigger({"at": date})):
            yield

    @contextmanager
    def signal(self, name: str, *, signal: str) -> Iterator[None]:
        """When a signal is broadcast first."""
        with self._event(name, trigger({"signal": signal})):
            yield

    @contextmanager
    def when(self, name: str, condition: str) -> Iterator[None]:
        """When a condition (FEEL) becomes true first."""
        with self._event(name, trigger({"when": condition})):
            yield

    @contextmanager
    def event(self, name: str, **occasion: Unpack[Occasion]) -> Iterator[None]:
        """When anything else happens first, e.g. ``on=events.any_of(…)``."""
        definition = trigger(occasion)
        if definition is None:
            raise AuthorError(f'it is not said what "{name}" waits for', "Give a message, signal, after, at or on")
        with self._event(name, definition):
            yield

    @contextmanager
    def _event(self, name: str, definition: EventDefinition | None) -> Iterator[None]:
        with self._way(self._canvas.end(self._gateway.id), merged=self._parallel):
            event = IntermediateCatchEvent(id=self._canvas.id_for(name, "event"), name=name, definition=definition)
            self._canvas.place(event)
            yield

    def _awaits_message(self, how: str, name: str, key: str) -> None:
        if not key and not self._starts:
            raise AuthorError(f'"{name}" waits for a message without a key', "Give key=, the FEEL that must match")
        self._awaits.add(how)
        if len(self._awaits) > 1:
            raise AuthorError(f'"{name}" mixes message and receives', "Use one of them for all (10.6.6)")

    def _join(self) -> None:
        if self._parallel:
            self._join_in(ParallelGateway)
        self._canvas.scope.ends = [*self._earlier, *self._canvas.scope.ends]
