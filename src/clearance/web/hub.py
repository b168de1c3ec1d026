"""Tells those who wait, on the web's event loop, how far the views have come and what changed."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from clearance.ledger import numbering
from clearance.web.problems import Problem


class Watcher:
    """One client of the event stream."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.position = 0
        self.topics: set[str] = set()

    def tell(self, position: int, topics: frozenset[str]) -> None:
        self.position = position
        self.topics |= topics
        self.changed.set()

    def take(self) -> tuple[int, list[str]]:
        """What has changed since the last time."""
        self.changed.clear()
        topics, self.topics = sorted(self.topics), set()
        return self.position, topics


class Hub:
    """``heard`` is called by the projector's thread; all else belongs to the event loop."""

    def __init__(self, watchers_max: int) -> None:
        self.closing = False
        self._watchers_max = watchers_max
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchers: set[Watcher] = set()
        self._waiting: dict[asyncio.Future[bool], int] = {}

    def bind(self) -> None:
        """Called on the event loop before the first request."""
        self._loop = asyncio.get_running_loop()

    def heard(self, position: int, topics: frozenset[str]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._tell, position, topics)

    async def reached(self, shown: Callable[[int], bool], place: int, timeout_s: float) -> bool:
        """Wait until the views have come to the place; ``shown`` tells whether they are there now."""
        if shown(place):
            return True
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = place
        try:
            return await asyncio.wait_for(waiting, timeout_s)
        except TimeoutError:
            return False
        finally:
            self._waiting.pop(waiting, None)

    def admit(self) -> None:
        """Raises a 503 problem when too many watch already."""
        if len(self._watchers) >= self._watchers_max:
            detail = "Too many clients follow the event stream; try again later."
            raise Problem(503, detail, headers={"Retry-After": "5"})

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Let every event stream end."""
        self.closing = True
        for watcher in self._watchers:
            watcher.changed.set()

    def close_soon(self) -> None:
        """As :meth:`close`, from any thread or a signal handler."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.close)

    def _tell(self, position: int, topics: frozenset[str]) -> None:
        for watcher in self._watchers:
            watcher.tell(position, topics)
        for waiting, wanted in list(self._waiting.items()):
            if position >= wanted and numbering.shard_at(wanted) == numbering.shard_at(position) and not waiting.done():
                waiting.set_result(True)
