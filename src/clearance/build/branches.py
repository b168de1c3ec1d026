"""Where the process divides: choices, things done together, and waiting for whichever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from clearance.build.canvas import Canvas, End, Gateway, conditional
from clearance.build.errors import AuthorError
from clearance.build.texts import feel
from clearance.build.triggers import trigger
from clearance.model.definition import (
    EventDefinition,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
    Text,
)


class Branches:
    """The ways out of one gateway; what is still open after the block comes together again."""

    def __init__(self, canvas: Canvas, gateway: Gateway, *, at_least: int) -> None:
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
        if isinstance(self._gateway, ParallelGateway | InclusiveGateway):
            join = type(self._gateway)(id=self._canvas.id_for(f"{self._gateway.id} done", "join"))
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

    @contextmanager
    def when(self, name: str, condition: str) -> Iterator[None]:
        """The way that is taken when the condition (FEEL) holds."""
        end = conditional(self._canvas.end(self._gateway.id), feel(condition), name)
        with self._way(end, merged=isinstance(self._gateway, InclusiveGateway)):
            yield

    @contextmanager
    def otherwise(self, name: str = "") -> Iterator[None]:
        """The way that is taken when no condition holds."""
        if self._has_default:
            raise AuthorError(f'"{self._gateway.name}" has two defaults', "Keep one otherwise")
        self._has_default = True
        end = self._canvas.end(self._gateway.id, name=name, default=True)
        with self._way(end, merged=isinstance(self._gateway, InclusiveGateway)):
            yield


class Together(Branches):
    """Made by ``together``: all branches at once; the process goes on when all are done."""

    @contextmanager
    def branch(self, name: str = "") -> Iterator[None]:
        """One of the things that are done at the same time."""
        with self._way(self._canvas.end(self._gateway.id, name=name), merged=True):
            yield


class FirstOf(Branches):
    """Made by ``first_of``: what happens first decides."""

    @contextmanager
    def message(self, name: str, *, message: str, key: str) -> Iterator[None]:
        """When a message with that key (FEEL) comes first."""
        with self._event(name, trigger(message_name=message, key=key)):
            yield

    @contextmanager
    def after(self, duration: Text, name: str = "") -> Iterator[None]:
        """When a duration has passed first."""
        with self._event(name or f"After {duration}", trigger(after=duration)):
            yield

    @contextmanager
    def at(self, date: Text, name: str = "") -> Iterator[None]:
        """When a date-time is reached first."""
        with self._event(name or "At the time", trigger(at=date)):
            yield

    @contextmanager
    def signal(self, name: str, *, signal: str) -> Iterator[None]:
        """When a signal is broadcast first."""
        with self._event(name, trigger(signal=signal)):
            yield

    @contextmanager
    def _event(self, name: str, definition: EventDefinition | None) -> Iterator[None]:
        with self._way(self._canvas.end(self._gateway.id), merged=False):
            event = IntermediateCatchEvent(id=self._canvas.id_for(name, "event"), name=name, definition=definition)
            self._canvas.place(event)
            yield
