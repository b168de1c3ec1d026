"""Log in and out, and who is logged in."""

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from clearance.web.exchange import Call, Routes
from clearance.web.sessions import COOKIE
from clearance.web.users import Account

routes = Routes("Authentication")


class Login(msgspec.Struct, frozen=True):
    username: str
    password: str


@routes.add("POST", "/v2/authentication/login", body=Login, status=204, public=True)
async def log_in(call: Call[Login]) -> Response:
    """Open a session; its cookie comes with the answer."""
    settings, authentication = call.tower.settings, call.tower.authentication

    def opened() -> str:
        account = authentication.check(call.request, call.body.username, call.body.password)
        return authentication.sessions.open(account.username)

    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        await run_in_threadpool(opened),
        max_age=int(settings.session_hours * 3600),
        httponly=True,
        samesite="strict",
        secure=settings.cookie_secure,
        path="/",
    )
    return answer


@routes.add("POST", "/v2/authentication/logout", status=204, public=True)
def log_out(call: Call[None]) -> Response:
    """End the session."""
    call.tower.authentication.sessions.end(call.request.cookies.get(COOKIE, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@routes.add("GET", "/v2/authentication/me", answer=Account)
def who_am_i(call: Call[None]) -> Account:
    """Who is logged in."""
    return call.account
