"""The one way in: commands queue here, in order, with a bound.

Whoever brings a command is told once, when it is committed, or that it is refused. What comes from outside is refused
as busy when the queue is full (back-pressure, not loss); what comes from the engine itself (outcomes, timers) always
fits, because it is bounded by what was dispatched.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from functools import partial

from clearance.model.commands import Answer, Command, Refusal

Tell = Callable[[Answer | Refusal], object]
"""Takes what has become of a command, from whichever thread knows; returns quickly."""
Asked = tuple[Command, Tell]
Item = tuple[Command, Tell | None]
"""A command in the queue; nobody waits for an answer to what the engine itself asks for."""
Reply = Future[Answer | Refusal]


class Intake:
    """A queue between many submitters and one loop."""

    def __init__(self, queue_max: int) -> None:
        self._queue_max = queue_max
        self._items: deque[Item] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._called = False
        """Whether somebody wants the loop's own thread to look."""
        self._closed = ""
        """Why nothing is taken any longer; empty while it is."""

    def submit(self, command: Command) -> Reply:
        """From outside: the answer, once there is one."""
        return submitted(command, self.bring)

    def bring(self, asked: Iterable[Asked]) -> None:
        """From outside, in order; what does not fit is refused as busy at once."""
        refused: list[tuple[Tell, str]] = []
        with self._lock:
            for item in asked:
                waiting = len(self._items)
                if self._closed:
                    refused.append((item[1], self._closed))
                elif waiting >= self._queue_max:
                    refused.append((item[1], f"{waiting} commands are waiting: try again in a moment"))
                else:
                    self._items.append(item)
            self._call()
        for tell, why in refused:
            tell(Refusal("busy", why))

    def push(self, commands: Iterable[Command], *, wake: bool = True) -> None:
        """From the engine's own parts; without ``wake`` the caller sees to it that they are taken."""
        with self._lock:
            self._items.extend([(command, None) for command in commands])
            if wake:
                self._call()

    def put_back(self, items: list[Item]) -> None:
        """Commands whose commit failed go to the front, in their order."""
        with self._lock:
            self._items.extendleft(reversed(items))
            self._call()

    def wait(self, timeout_s: float) -> None:
        """Until somebody calls, or the time is over."""
        with self._lock:
            if not self._called and not self._closed:
                self._changed.wait(timeout_s)
            self._called = False

    def take(self, limit: int) -> list[Item]:
        """What has arrived, at most ``limit``."""
        with self._lock:
            if len(self._items) <= limit:
                items = list(self._items)
                self._items.clear()
                return items
            return [self._items.popleft() for _ in range(limit)]

    def wake(self) -> None:
        """Let :meth:`wait` return early."""
        with self._lock:
            self._call()

    def close(self, why: str = "the engine is stopping: try again once it has started") -> None:
        """Refuse what comes from now on."""
        with self._lock:
            self._closed = why
            self._changed.notify_all()

    def _call(self) -> None:
        self._called = True
        self._changed.notify()

    @property
    def waiting(self) -> int:
        return len(self._items)


def submitted(command: Command, bring: Callable[[list[Asked]], object]) -> Reply:
    """Bring one command; the future is resolved once it is committed, or refused."""
    reply: Reply = Future()
    bring([(command, partial(answer, reply))])
    return reply


def answer(reply: Reply, answered: Answer | Refusal) -> None:
    """Nobody may be waiting any longer: the future of a caller who went away is cancelled."""
    with contextlib.suppress(InvalidStateError):
        reply.set_result(answered)
