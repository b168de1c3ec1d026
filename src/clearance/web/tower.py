"""Everything that a route may need, in one place; made once by ``create_app``."""

import asyncio
import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from clearance.ledger import numbering
from clearance.ledger.ledgers import Ledgers
from clearance.ledger.rows import Entry
from clearance.ledger.store import StoreError
from clearance.model.commands import Answer, Command, Refusal
from clearance.views.ask import definitions
from clearance.views.reader import Reader
from clearance.views.views import Views
from clearance.web.access import Access
from clearance.web.authentication import Authentication
from clearance.web.hub import Hub
from clearance.web.pictures import Pictures
from clearance.web.ports import EnginePort, Readers
from clearance.web.problems import Problem, of_refusal
from clearance.web.settings import WebSettings


class Tower:
    """The engine, the views and the gate as routes use them."""

    def __init__(
        self,
        engine: EnginePort,
        views: Views,
        authentication: Authentication,
        settings: WebSettings,
        readers: Readers,
        ledger: Ledgers,
        verified: Callable[[], bool | None],
        trouble: Callable[[], str] = lambda: "",
    ) -> None:
        self.engine = engine
        self.views = views
        self.authentication = authentication
        self.settings = settings
        self.readers = readers
        self.verified = verified
        self.trouble = trouble
        self.access = Access(engine, views)
        self.hub = Hub(settings.watchers_max)
        self.pictures = Pictures(ledger.reader())
        self._recorded: dict[int, int] = {}
        """By shard, the last place at which anything was recorded for this server."""
        self._deployed: dict[tuple[str, int], tuple[str, int]] = {}
        self._ledger = ledger
        self._ledger_lock = threading.Lock()

    @property
    def reader(self) -> Reader:
        return self.views.reader

    @property
    def shards(self) -> int:
        return len(self._ledger.stores)

    async def ask(self, command: Command) -> Answer | Refusal:
        """Submit a command and wait until it is committed or refused."""
        try:
            future = asyncio.wrap_future(self.engine.submit(command))
            return await asyncio.wait_for(asyncio.shield(future), self.settings.commit_timeout_s)
        except TimeoutError:
            detail = "The command was taken but is not committed yet. Look whether it was done before you ask again."
            raise Problem(503, detail, headers={"Retry-After": "5"}) from None
        except StoreError as error:
            raise Problem(503, str(error), headers={"Retry-After": "5"}) from None

    async def do(self, command: Command, *, seen: bool = False) -> Answer:
        """The answer to a committed command; a refusal becomes its problem. ``seen``: wait until views show it."""
        answer = await self.ask(command)
        if isinstance(answer, Refusal):
            raise of_refusal(answer)
        shard = numbering.shard_at(answer.position)
        self._recorded[shard] = max(self._recorded.get(shard, 0), answer.position)
        if seen:
            await self.seen(answer.position)
        return answer

    async def seen(self, *places: int) -> None:
        """Wait until the views show what is recorded up to the places, or too long."""
        self.views.wake()
        for place in places:
            await self.hub.reached(self.views.shows, place, self.settings.view_timeout_s)

    async def all_seen(self) -> None:
        """Wait until the views show all that is committed by now."""
        await self.seen(*await run_in_threadpool(self._heads))

    def _heads(self) -> list[int]:
        with self._ledger_lock:
            return self._ledger.heads()

    async def caught_up(self) -> None:
        """Wait until the views show all that this server was told is recorded: rulings rest on who has acted."""
        await self.seen(*self._recorded.values())

    def healthy(self) -> None:
        """Raises a 503 problem when nothing can be committed, or the views have stopped."""
        if trouble := self.trouble():
            raise Problem(503, f"Nothing can be committed: {trouble}", headers={"Retry-After": "5"})
        failure = self.views.projector.failure
        if failure is not None:
            raise Problem(503, f"The views have stopped: {failure}. Restart the server; they are rebuilt if need be.")

    def deployed(self, process: str, version: int) -> tuple[str, int]:
        """Key and number of a deployed version (0: the latest that the views show); ("", version) while they lag."""
        known = self._deployed.get((process, version))
        if known is not None:
            return known
        found = definitions.version_of(self.reader, process, version)
        if found is None:
            return "", version
        known = found.process_definition_key, found.version
        if version:  # A version never changes, the latest does.
            self._deployed[process, version] = known
        return known

    def entries(self, after: int, stream: int | None, limit: int, shard: int = 0) -> list[tuple[int, Entry]]:
        """Entries with their places after a place, or of one stream after a sequence number (every shard has a stream
        0); one thread at a time uses the handles.
        """
        with self._ledger_lock:
            if stream is None:
                return self._ledger.entries(after, limit)
            return self._ledger.history(stream, after, limit, shard)
