"""The one way in: commands queue here, in order, with a bound.

Whoever submits gets a future that is resolved once the command is committed, or refused. What comes from outside is
refused as busy when the queue is full (back-pressure, not loss); what comes from the engine itself (outcomes, timers)
always fits, because it is bounded by what was dispatched.
"""

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from clearance.model.commands import Answer, Command, Refusal

Reply = Future[Answer | Refusal]


class Intake:
    """A queue between many submitters and one loop."""

    def __init__(self, queue_max: int) -> None:
        self._queue_max = queue_max
        self._items: deque[tuple[Command, Reply | None]] = deque()
        self._changed = threading.Condition()
        self._called = False
        """Whether somebody wants the loop's own thread to look."""
        self._closed = ""
        """Why nothing is taken any longer; empty while it is."""

    def submit(self, command: Command) -> Reply:
        """From outside: may be refused as busy."""
        reply: Reply = Future()
        with self._changed:
            if self._closed:
                reply.set_result(Refusal("busy", self._closed))
            elif len(self._items) >= self._queue_max:
                reply.set_result(Refusal("busy", f"{len(self._items)} commands are waiting: try again in a moment"))
            else:
                self._items.append((command, reply))
                self._call()
        return reply

    def push(self, commands: Iterable[Command], *, wake: bool = True) -> None:
        """From the engine's own parts; without ``wake`` the caller sees to it that they are taken."""
        with self._changed:
            self._items.extend([(command, None) for command in commands])
            if wake:
                self._call()

    def put_back(self, items: list[tuple[Command, Reply | None]]) -> None:
        """Commands whose commit failed go to the front, in their order."""
        with self._changed:
            self._items.extendleft(reversed(items))
            self._call()

    def wait(self, timeout_s: float) -> None:
        """Until somebody calls, or the time is over."""
        with self._changed:
            if not self._called and not self._closed:
                self._changed.wait(timeout_s)
            self._called = False

    def take(self, limit: int) -> list[tuple[Command, Reply | None]]:
        """What has arrived, at most ``limit``."""
        with self._changed:
            if len(self._items) <= limit:
                items = list(self._items)
                self._items.clear()
                return items
            return [self._items.popleft() for _ in range(limit)]

    def wake(self) -> None:
        """Let :meth:`wait` return early."""
        with self._changed:
            self._call()

    def close(self, why: str = "the engine is stopping: try again once it has started") -> None:
        """Refuse what comes from now on."""
        with self._changed:
            self._closed = why
            self._changed.notify_all()

    def _call(self) -> None:
        self._called = True
        self._changed.notify()

    @property
    def waiting(self) -> int:
        return len(self._items)
