"""A network to Tryton that loses an answer or is overtaken by another, and a process that dies before it gets one."""

import multiprocessing
import os
from collections.abc import Callable

import httpx

from clearance.model.values import from_json
from invoice_to_pay.systems.tryton import Tryton, TrytonSettings

DIED = 9


ACTING = ("create", "write", "delete", "post", "execute", "skip")
"""The methods that change something in Tryton; a lost answer to any other leaves nothing behind."""


class LostAnswer(httpx.BaseTransport):
    """Carries all calls, loses the answer to the acting call counted ``lost`` (from 1), and keeps what has acted."""

    def __init__(self, lost: int) -> None:
        self.acted: list[str] = []
        self._lost = lost
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._network.handle_request(request)
        method = from_json(request.content)["method"]
        if method.endswith(ACTING):
            self.acted.append(method)
            if len(self.acted) == self._lost:
                response.read()
                raise httpx.ReadTimeout("the answer was lost", request=request)
        return response


class Overtaken(httpx.BaseTransport):
    """Carries all calls, but lets something else happen just before this method is carried for the last time."""

    def __init__(self, method: str, times: int, meanwhile: Callable[[], object]) -> None:
        self._method = method
        self._left = times
        self._meanwhile = meanwhile
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if from_json(request.content)["method"] == self._method:
            self._left -= 1
            if self._left == 0:
                self._meanwhile()
        return self._network.handle_request(request)


class Dies(httpx.BaseTransport):
    """Ends the process, as ``kill -9`` would, once Tryton has done this method and before anybody knows."""

    def __init__(self, after: str) -> None:
        self._after = after
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._network.handle_request(request)
        if from_json(request.content)["method"] == self._after:
            response.read()
            os._exit(DIED)
        return response


def die_in_process(act: Callable[[Tryton], object], settings: TrytonSettings, after: str) -> int | None:
    """Do something with Tryton in a process of its own that dies after this method; gives its exit code."""
    process = multiprocessing.get_context("spawn").Process(target=_act, args=(act, settings, after))
    process.start()
    process.join(timeout=60)
    return process.exitcode


def _act(act: Callable[[Tryton], object], settings: TrytonSettings, after: str) -> None:
    act(Tryton(settings, transport=Dies(after)))
