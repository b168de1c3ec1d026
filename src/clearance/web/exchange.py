"""What every route has in common: who asks, what the body says, and how answers and problems are written.

A route is a function of a :class:`Call` that returns a struct, a response or nothing. Functions that only read are
plain and run in a worker thread; those that wait for a commit are ``async``. Bodies are decoded to structs with exact
numbers, answers encoded likewise; the same structs make the OpenAPI document.
"""

import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, Generic, TypeVar, cast

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clearance.ledger.store import StoreError
from clearance.model.values import Data, from_json, to_json
from clearance.views.reader import BadQuery, key_of
from clearance.web.problems import Problem
from clearance.web.tower import Tower
from clearance.web.users import Account

FAULT = "This is a fault of the server; its log says more."
_log = logging.getLogger("clearance.web")

POSITION_HEADER = "Ledger-Position"
"""Of an answer: where the command is recorded. Of a request: answer from views that show at least this; of several
shards one position each may be given, separated by commas.
"""
_POSITIONS_MAX = 64

B = TypeVar("B")


class Nothing(msgspec.Struct, frozen=True):
    """A request without a body."""


class Call(Generic[B]):
    """One request, read."""

    def __init__(self, request: Request, tower: Tower, account: Account | None, body: B) -> None:
        self.request = request
        self.tower = tower
        self.body = body
        self._account = account
        self.answer_headers: dict[str, str] = {}

    @property
    def account(self) -> Account:
        if self._account is None:
            raise AssertionError("a public route has no account")
        return self._account

    def path(self, name: str) -> str:
        return cast(str, self.request.path_params[name])

    def key(self, name: str = "key") -> int:
        return key_of(self.path(name), name)

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def query_number(self, name: str, default: int, maximum: int) -> int:
        text = self.query(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) > maximum:
            raise Problem(400, f"{name}: {text[:40]!r} is not a whole number from 0 to {maximum}")
        return int(text)

    def recorded(self, position: int) -> None:
        self.answer_headers[POSITION_HEADER] = str(position)


Handler = Callable[[Call[Any]], Any]


class Routes:
    """A router that reads and writes as described above."""

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(tags=[tag])
        self.types: list[Any] = []

    def add(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        answer: Any = None,
        status: int = 200,
        public: bool = False,
        raw: bool = False,
        media_type: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a handler. ``raw``: it reads the request's body itself; ``query``: its parameters, described."""
        types = [kind for kind in (body, answer) if kind is not None]
        self.types.extend(types)
        decode = None if body is None else msgspec.json.Decoder(body, float_hook=Decimal).decode

        def register(handler: Handler) -> Handler:
            async def endpoint(request: Request) -> Response:
                return await _serve(handler, request, decode, status, public=public, raw=raw)

            summary, _, description = (inspect.getdoc(handler) or "").partition("\n")
            self.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                name=handler.__name__,
                operation_id=handler.__name__,
                status_code=status,
                response_model=None,
                response_class=Response,
                summary=summary.rstrip("."),
                description=description.strip(),
                responses=_responses(answer, status, media_type),
                openapi_extra=_described(path, body, query or {}),
            )
            return handler

        return register


async def _serve(
    handler: Handler,
    request: Request,
    decode: Callable[[bytes], Any] | None,
    status: int,
    *,
    public: bool,
    raw: bool,
) -> Response:
    tower = cast(Tower, request.app.state.tower)
    try:
        account = None if public else await _account(tower, request)
        await _wait_for_own_writes(tower, request)
        body = Nothing() if raw or decode is None else _read(decode, request, await request.body())
        call = Call(request, tower, account, body)
        if inspect.iscoroutinefunction(handler):
            answer = await cast(Awaitable[Any], handler(call))
        else:
            answer = await run_in_threadpool(handler, call)
    except Problem as problem:
        return problem.response(request.url.path)
    except StoreError as error:
        return Problem(503, str(error), headers={"Retry-After": "5"}).response(request.url.path)
    except BadQuery as error:
        return Problem(400, str(error)).response(request.url.path)
    except HTTPException:
        raise  # The framework's own refusals, e.g. of a broken multipart body, have their handler.
    except Exception:  # noqa: BLE001 - a fault must not look like anything else, nor tell what it saw
        _log.exception("%s %s failed", request.method, request.url.path)
        return Problem(500, FAULT).response(request.url.path)
    if isinstance(answer, Response):
        answer.headers.update(call.answer_headers)
        return answer
    content = b"" if answer is None else to_json(answer)
    return Response(content, status, call.answer_headers, media_type=None if answer is None else "application/json")


def _read(decode: Callable[[bytes], Any], request: Request, content: bytes) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(415, f"The body is {media_type or 'of no stated type'}; send Content-Type: application/json.")
    try:
        return decode(content or b"{}")
    except msgspec.ValidationError as error:
        raise Problem(400, f"{error}. See /openapi.json for what this resource takes.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(400, f"The body is not JSON that can be read: {error}. Send well-formed UTF-8 JSON.") from None


async def _account(tower: Tower, request: Request) -> Account:
    """Hashing a password takes its time, in a worker thread; whoever is known is known at once."""
    known = tower.authentication.known(request)
    return known if known is not None else await run_in_threadpool(tower.authentication.account, request)


async def _wait_for_own_writes(tower: Tower, request: Request) -> None:
    for text in request.headers.get(POSITION_HEADER, "").split(",")[:_POSITIONS_MAX]:
        said = text.strip()
        if said.isascii() and said.isdigit() and len(said) < 19:
            await tower.seen(int(said))


def decoded(content: bytes, what: str) -> Data:
    """Data from JSON in some other part of a request; a problem names the part."""
    try:
        return from_json(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(400, f"{what} is not JSON that can be read: {error}") from None


def _responses(answer: Any, status: int, media_type: str) -> dict[int | str, dict[str, Any]]:
    problem = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}
    shown: dict[int | str, dict[str, Any]] = {"default": problem}
    if answer is not None:
        shown[status] = {"description": "Done", "content": {"application/json": {"schema": reference(answer)}}}
    elif media_type != "application/json":
        shown[status] = {"description": "Done", "content": {media_type: {}}}
    return shown


def _described(path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "description": told, "schema": {"type": "string"}} for name, told in query.items()
    ]
    if parameters:
        described["parameters"] = parameters
    if body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": reference(body)}}}
    return described


def reference(kind: Any) -> dict[str, Any]:
    """A reference to the schema of a type, as OpenAPI has it."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema
