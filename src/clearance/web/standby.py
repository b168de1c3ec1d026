"""What a tower answers while another one has the ledger: 503 to everything, with the reason.

A load balancer that asks ``/v2/status`` therefore sends nobody here until this tower has taken over.
"""

import threading
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from clearance.web.problems import Problem
from clearance.web.serving import Background

_RETRY_AFTER_S = "2"


class Standby:
    """Waits for its turn, and says so to everybody who asks."""

    def __init__(self, host: str, port: int, stopped: threading.Event, said: Callable[[str], None]) -> None:
        """``said`` is told why it waits, whenever that changes; ``stopped``: wait no longer."""
        self._stopped = stopped
        self._said = said
        self._reason = ""
        self._address = (host, port)
        self._server: Background | None = None

    def wait(self, reason: str) -> bool:
        """For the store to call again and again; raises :class:`~clearance.web.serving.CannotServe`."""
        news, self._reason = reason != self._reason, reason
        if self._server is None:
            self._server = Background(self._app(), *self._address)
            self._server.start()
        if news:
            self._said(f"standing by on {self._server.url}: {reason}")
        return not self.stopped

    @property
    def stopped(self) -> bool:
        """Whether it was told to wait no longer."""
        return self._stopped.is_set()

    def close(self) -> None:
        """Leave the address to the tower."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _app(self) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await _live(receive, send)
            elif scope["type"] == "http":
                problem = Problem(503, f"This is a standby: {self._reason}", headers={"Retry-After": _RETRY_AFTER_S})
                await problem.response(scope["path"])(scope, receive, send)

        return app


async def _live(receive: Receive, send: Send) -> None:
    """There is nothing to start or to stop."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
