"""Who asks: a session cookie for browsers, Basic authentication for API clients."""

import base64
import binascii
import math

from starlette.requests import Request

from clearance.web.problems import Problem
from clearance.web.sessions import COOKIE, Sessions
from clearance.web.users import Account, Throttle, Users


class Authentication:
    """Users, sessions and the brake on guessing, together."""

    def __init__(self, users: Users, sessions: Sessions, throttle: Throttle) -> None:
        self.users = users
        self.sessions = sessions
        self._throttle = throttle

    def known(self, request: Request) -> Account | None:
        """Who sent the request when credentials need no hashing to tell; at once."""
        header = request.headers.get("authorization", "")
        if not header:
            return self._by_session(request)
        credentials = _credentials(header)
        return None if credentials is None else self.users.remembered(*credentials)

    def account(self, request: Request) -> Account:
        """Who sent the request; raises a 401 problem when nobody that we know did. Blocking: for a worker thread."""
        header = request.headers.get("authorization", "")
        if header:
            credentials = _credentials(header)
            if credentials is None:
                raise _unauthorized(request, "The Authorization header is not Basic authentication.")
            return self.check(request, *credentials)
        account = self._by_session(request)
        if account is None:
            raise _unauthorized(request, "Log in, or send Basic authentication.")
        return account

    def _by_session(self, request: Request) -> Account | None:
        token = request.cookies.get(COOKIE, "")
        name = self.sessions.user(token) if token else None
        return self.users.get(name) if name else None

    def check(self, request: Request, name: str, password: str) -> Account:
        """The account of these credentials; raises 401, or 429 after too many failures."""
        whom = (f"name {name}", f"address {request.client.host if request.client else ''}")
        wait_s = math.ceil(self._throttle.wait_s(*whom))
        if wait_s:
            detail = f"Too many failed log-ins. Try again in {wait_s} s."
            raise Problem(429, detail, headers={"Retry-After": str(wait_s)})
        account = self.users.verify(name, password)
        if account is None:
            self._throttle.failed(*whom)
            raise _unauthorized(request, "User name or password is wrong.")
        self._throttle.succeeded(*whom)
        return account


def _credentials(header: str) -> tuple[str, str] | None:
    """Name and password of a Basic Authorization header; None when it is not one."""
    scheme, _, value = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if scheme.lower() == "basic" and colon else None


def _unauthorized(request: Request, detail: str) -> Problem:
    """A challenge makes browsers open their own log-in window, which nobody wants over ours."""
    from_page = "sec-fetch-mode" in request.headers
    headers = {} if from_page else {"WWW-Authenticate": 'Basic realm="clearance", charset="UTF-8"'}
    return Problem(401, detail, headers=headers)
