"""Faults that the systems can be told to have, and the layer that plays them.

Each system has its own, set at run time. What is drawn by chance comes from the seed given with the faults, in the
order in which requests arrive, so that a run with one client repeats exactly. The administration itself never fails.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from random import Random
from typing import Any

import msgspec

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

SYSTEMS = ("erp", "bank")


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one system is told to do; the default is to work."""

    latency_ms: int = 0
    """Added before each request is looked at."""
    fail: float = 0.0
    """Share of requests answered with 503, untouched."""
    down: bool = False
    """Everything is answered with 503 until this is turned off."""
    down_for_s: float = 0.0
    """The same, for so many seconds from the moment this is set."""
    lost: float = 0.0
    """Share of requests that are carried out but whose answer is lost: the connection closes."""
    twice: float = 0.0
    """Share of requests delivered twice, as a proxy does that tries again; the second answer is returned."""
    refuse_ibans: tuple[str, ...] = ()
    """The bank refuses payments to these for good."""
    seed: int = 0


class FaultSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    erp: Faults = Faults()
    bank: Faults = Faults()


class _SystemFaults:
    """The faults of one system with the state they need."""

    def __init__(self, name: str, faults: Faults) -> None:
        self.faults = faults
        self._random = Random(f"{faults.seed}/{name}")
        self._down_until = time.monotonic() + faults.down_for_s

    def is_down(self) -> bool:
        return self.faults.down or time.monotonic() < self._down_until

    def happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share


class FaultLayer:
    """An ASGI application around the service that lets requests to the systems go wrong as told."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._systems: dict[str, _SystemFaults] = {}
        self.set(FaultSettings())

    def set(self, settings: FaultSettings) -> None:
        """Replace all faults; chance starts again from the seeds. Raises ValueError naming what is out of range."""
        for name in SYSTEMS:
            faults: Faults = getattr(settings, name)
            for field in ("fail", "lost", "twice"):
                if not 0 <= getattr(faults, field) <= 1:
                    raise ValueError(f"{name}.{field} is {getattr(faults, field)}: a share lies between 0 and 1")
            for field in ("latency_ms", "down_for_s"):
                if getattr(faults, field) < 0:
                    raise ValueError(f"{name}.{field} is {getattr(faults, field)}: it cannot be negative")
        self._systems = {name: _SystemFaults(name, getattr(settings, name)) for name in SYSTEMS}

    def settings(self) -> FaultSettings:
        return FaultSettings(**{name: system.faults for name, system in self._systems.items()})

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        system = self._systems.get(_first_segment(scope)) if scope["type"] == "http" else None
        if system is None:
            await self._application(scope, receive, send)
            return
        if system.faults.latency_ms:
            await asyncio.sleep(system.faults.latency_ms / 1000)
        if system.is_down():
            await _answer_unavailable(send, "the system is down")
        elif system.happens(system.faults.fail):
            await _answer_unavailable(send, "the system failed to answer")
        else:
            await self._carry_out(system, scope, receive, send)

    async def _carry_out(self, system: _SystemFaults, scope: Message, receive: Receive, send: Send) -> None:
        twice = system.happens(system.faults.twice)
        lost = system.happens(system.faults.lost)
        if not (twice or lost):
            await self._application(scope, receive, send)
            return
        body = await _read(receive)
        if twice:
            await self._application(dict(scope), _replaying(body), _nowhere)
        if not lost:
            await self._application(scope, _replaying(body), send)
            return
        await self._application(scope, _replaying(body), _nowhere)
        # A head that promises more than follows: the server then closes the connection, as ASGI has no other way to.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


def _first_segment(scope: Message) -> str:
    path: str = scope["path"]
    return path.removeprefix("/").partition("/")[0]


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _replaying(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nowhere(message: Message) -> None:
    """Where lost answers go."""


async def _answer_unavailable(send: Send, message: str) -> None:
    body = msgspec.json.encode({"error": message})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
