"""Makes the application: routes, guards around them, errors, and the built user interface."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clearance import __version__
from clearance.ledger.ledgers import Ledgers
from clearance.ledger.store import Store
from clearance.views.views import Views
from clearance.web import openapi
from clearance.web.authentication import Authentication
from clearance.web.exchange import FAULT
from clearance.web.files import FileReaders
from clearance.web.interface import Interface
from clearance.web.ports import EnginePort, Readers
from clearance.web.problems import Problem
from clearance.web.routes import ALL
from clearance.web.security import BodyLimit, SameOrigin, SecurityHeaders
from clearance.web.sessions import Sessions
from clearance.web.settings import WebSettings
from clearance.web.tower import Tower
from clearance.web.users import Throttle, Users

UPLOAD_PATHS = ("/v2/deployments", "/v2/documents", "/v2/events/cloudevents")


def create_app(
    engine: EnginePort,
    views: Views,
    users: Users,
    *ledger: Store,
    readers: Readers | None = None,
    sessions: Sessions | None = None,
    settings: WebSettings = WebSettings(),
    verified: Callable[[], bool | None] = lambda: None,
    trouble: Callable[[], str] = lambda: "",
    static: Path | None = None,
) -> FastAPI:
    """The control tower's web application; starting and stopping what it is given is the caller's.

    ``ledger`` is a reader handle of each shard, for it alone; ``verified`` tells how the last verification of the
    ledger ended; ``trouble`` why nothing can be committed just now; ``static`` is where the built user interface lies,
    by default beside this file.
    """
    sessions = sessions or Sessions(None, settings.session_hours)
    throttle = Throttle(settings.login_failures_max, settings.login_pause_s)
    authentication = Authentication(users, sessions, throttle)
    tower = Tower(engine, views, authentication, settings, readers or FileReaders(), Ledgers(ledger), verified, trouble)
    views.projector.listen(tower.hub.heard)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tower.hub.bind()
        yield
        tower.hub.close()

    app = FastAPI(
        title="Clearance",
        version=__version__,
        description="The control tower for AI work. Numbers are exact; errors are problem documents (RFC 9457).",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.tower = tower
    for routes in ALL:
        app.include_router(routes.router)
    openapi.describe(app, [kind for routes in ALL for kind in routes.types])
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(Exception, _unexpected)
    Interface(static or Path(__file__).parent / "static").serve_from(app)
    app.add_middleware(BodyLimit, settings.body_bytes_max, settings.upload_bytes_max, UPLOAD_PATHS)
    app.add_middleware(SameOrigin)
    app.add_middleware(SecurityHeaders)
    return app


async def _told(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return error.response(request.url.path)


async def _http_problem(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such resource, a method that it has not, a broken multipart body."""
    if not isinstance(error, HTTPException):
        raise error
    detail = f"There is no resource {request.url.path}." if error.status_code == 404 else str(error.detail)
    return Problem(error.status_code, detail, headers=error.headers).response(request.url.path)


async def _unexpected(request: Request, error: Exception) -> Response:
    """A bug: the server's log has the details, the client gets none of them."""
    return Problem(500, FAULT).response(request.url.path)
