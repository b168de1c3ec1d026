"""A shard in a process of its own, as it looks from outside: like an engine.

The same parts as in one process, at the two ends of a pipe (``child.py``). A process that ends is started again and
goes on where its store is; callers whose answer was under way are told that nobody knows, and what other shards had for
it comes again, as after any restart.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from clearance.cluster import speech
from clearance.cluster.child import MakeEngine, run
from clearance.cluster.outbox import Outbox
from clearance.engine.runtime.engine import Left
from clearance.engine.runtime.intake import Asked, Tell
from clearance.engine.runtime.shards import Carry
from clearance.ledger.rows import ParcelRow
from clearance.ledger.store import StoreError
from clearance.model.commands import Command, Refusal

log = logging.getLogger("clearance.cluster")

_START_WITHIN_S = 120.0
_PAUSE_FIRST_S, _PAUSE_MAX_S = 0.2, 30.0
"""Before a process is started again; doubled each time it ends soon."""
_SOON_S = 60.0


class ShardProcess:
    """Runs one shard in a process, again and again until it is told to stop."""

    def __init__(self, number: int, make: MakeEngine, carry: Carry, came_back: Callable[[int], None]) -> None:
        """``make`` is called in the process, so it must be possible to pickle it: a function of a module, or a
        ``functools.partial`` of one. ``carry`` takes to other shards what is for them; ``came_back`` is told the number
        when the shard has begun anew.
        """
        self.trouble = "it has not started yet"
        """Why nothing can be committed at the moment; empty when all is well."""
        self.lost = ""
        """Why it will not go on, another engine having taken the shard over; empty while it does."""
        self._number = number
        self._make = make
        self._carry = carry
        self._came_back = came_back
        self._listeners: list[Callable[[int], None]] = []
        self._outbox: Outbox | None = None
        self._process: SpawnProcess | None = None
        self._unanswered: dict[int, Tell] = {}
        self._queued = 0
        """Commands in its queue, a moment ago."""
        self._numbers = itertools.count()
        self._left = Left(0, 0)
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._failure = ""
        self._watcher = threading.Thread(target=self._watch, name=f"clearance-shard-{number}", daemon=True)

    @property
    def process_id(self) -> int | None:
        """None: it is not there at the moment."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    @property
    def waiting(self) -> int:
        """Commands in its queue, or on their way there and back."""
        return max(self._queued, len(self._unanswered))

    def start(self) -> None:
        """Go on where the store is. Raises StoreError when it cannot."""
        self._watcher.start()
        if not self._started.wait(_START_WITHIN_S):
            raise StoreError(f"shard {self._number} has not started within {_START_WITHIN_S:g} s")
        if self._failure:
            raise StoreError(self._failure)

    def leave_unsaid(self) -> None:
        """Its process sees to that when it is told to stop."""

    def stop(self) -> Left:
        """Finish what runs, for as long as the settings say; commit what has arrived; end the process."""
        self._stopping.set()
        self._say(speech.Stop())
        if self._watcher.ident is not None:
            self._watcher.join()
        return self._left

    def bring(self, asked: Iterable[Asked]) -> None:
        """As :meth:`Engine.bring`."""
        for command, tell in asked:
            number = next(self._numbers)
            self._unanswered[number] = tell
            if not self._say(speech.Submit(number, command)) and self._unanswered.pop(number, None) is not None:
                tell(Refusal("busy", f"shard {self._number} does not run: {self.trouble}"))

    def push(self, commands: Iterable[Command]) -> None:
        """From another shard, whose number of parcels under way is bounded. Lost when the process is not there: what is
        not acknowledged is sent again.
        """
        self._say(speech.Push(list(commands)), waits=False)

    def listen(self, committed: Callable[[int], None]) -> None:
        """Be told the ledger position after each commit; return quickly."""
        self._listeners.append(committed)

    def outstanding(self) -> Iterator[ParcelRow]:
        """Nothing that this end would have to see to: the process sends it by itself once it has started."""
        return iter(())

    def _say(self, message: Any, *, waits: bool = True) -> bool:
        outbox = self._outbox
        return outbox is not None and outbox.say(message, waits=waits)

    def _refuse(self, message: Any, error: Exception) -> None:
        """A command cannot be said: it holds what is no data."""
        tell = self._unanswered.pop(message.number, None) if isinstance(message, speech.Submit) else None
        if tell is not None:
            why = f"{type(error).__name__}: {error}"
            tell(Refusal("invalid", f"this cannot be handed to the process of shard {self._number}: {why}"))

    # ---- the watching thread -----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        pause = _PAUSE_FIRST_S
        while not self._stopping.is_set():
            began = time.monotonic()
            self._live()
            if self._failure or self.lost or self._stopping.is_set():
                return
            pause = min(pause * 2, _PAUSE_MAX_S) if time.monotonic() - began < _SOON_S else _PAUSE_FIRST_S
            log.error("the process of shard %s has ended; it is started again in %.1f s", self._number, pause)
            self._stopping.wait(pause)

    def _live(self) -> None:
        """One life of the process."""
        context = get_context("spawn")
        pipe, far_end = context.Pipe()
        name = f"clearance-shard-{self._number}"
        process = context.Process(target=run, args=(far_end, self._number, self._make), name=name, daemon=True)
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            for end in (pipe, far_end):
                end.close()
            self._fail(f"the process of shard {self._number} cannot be started: {str(error).strip()}")
            return
        far_end.close()
        self._process = process
        self._outbox = outbox = Outbox(pipe, f"{name}-outbox", self._refuse)
        if self._stopping.is_set():
            self._say(speech.Stop())
        self._hear_all(pipe)
        self._outbox = None
        outbox.close()
        pipe.close()
        process.join()
        if not self._started.is_set():
            ended = f"the process of shard {self._number} ended with code {process.exitcode} before it had started"
            self._fail(f"{ended}: see what it has written")
        self._end_answers()

    def _hear_all(self, pipe: Connection) -> None:
        while True:
            try:
                messages = pipe.recv()
            except (EOFError, OSError):
                return
            for message in messages:
                try:
                    self._hear(message)
                except Exception:
                    log.exception("a defect while hearing of shard %s", self._number)

    def _hear(self, message: Any) -> None:
        if isinstance(message, speech.Replied):
            tell = self._unanswered.pop(message.number, None)
            if tell is not None:
                tell(message.answer)
        elif isinstance(message, speech.Committed):
            for listener in self._listeners:
                listener(message.position)
        elif isinstance(message, speech.Carried):
            self._carry(message)
        elif isinstance(message, speech.Stopped):
            self._left = message.left
        elif isinstance(message, speech.State):
            self.trouble, self.lost, self._queued = message
        elif isinstance(message, speech.Started):
            self.trouble, self._failure, self._queued = "", "", 0
            if self._started.is_set():
                self._came_back(self._number)
            self._started.set()
        elif isinstance(message, speech.Failed):
            self._fail(message.reason)

    def _fail(self, reason: str) -> None:
        """It could not start. The first time whoever starts it is told; later it is tried again."""
        self.trouble = reason
        if not self._started.is_set():
            self._failure = reason
            self._started.set()

    def _end_answers(self) -> None:
        """Whoever waits for an answer gets one: what was committed is in the ledger, and this end cannot know it."""
        if not self.trouble:
            self.trouble = f"the process of shard {self._number} has ended and is started again"
        while self._unanswered:
            _, tell = self._unanswered.popitem()
            why = f"the process of shard {self._number} ended before it answered: see whether it was done, or try again"
            tell(Refusal("busy", why))
