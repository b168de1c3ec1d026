"""What holds for every request, whatever its route: where it comes from, how large it is, and headers of the answer.

The checks are plain ASGI, so that they also hold for what no route handles and never wrap a stream.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clearance.web.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UI_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": UI_POLICY,
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Adds :data:`HEADERS` where the route has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class SameOrigin:
    """Refuses changes that another site's page asks a browser for (CSRF).

    Browsers say where a request comes from, in ``Sec-Fetch-Site`` or ``Origin``; a request with neither is not one that
    a page could have caused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not _same_origin(Headers(scope=scope)):
            detail = "The request comes from another site's page. Use this server's own pages, or an API client."
            await Problem(403, detail).response(scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _same_origin(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class BodyLimit:
    """Ends a request whose body is larger than its path allows: before reading if it says so, otherwise on the way."""

    def __init__(self, app: ASGIApp, default_max: int, upload_max: int, upload_paths: Iterable[str]) -> None:
        self._app = app
        self._default_max = default_max
        self._upload_max = upload_max
        self._upload_paths = frozenset(upload_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowed = self._upload_max if scope["path"] in self._upload_paths else self._default_max
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > allowed:
            await _too_large(allowed).response(scope["path"])(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > allowed:
                raise _too_large(allowed)  # Whoever reads the body answers with it, as with any problem.
            return message

        await self._app(scope, counted, send)


def _too_large(allowed: int) -> Problem:
    detail = f"The request's body is larger than {allowed:,} bytes. Send less, or keep large things as documents."
    return Problem(413, detail, headers={"Connection": "close"})
