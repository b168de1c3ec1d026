"""Talk to Tryton over JSON-RPC: settings, session, the wire's types, and which failures may pass.

Tryton's clients speak JSON-RPC to ``/DATABASE/rpc/``; so do we, because its newer REST interface has no wizards and
paying an invoice is one. The server is only ever reached over the network: nothing of Tryton is imported.

A session is opened with the first call and opened anew whenever Tryton says 401: it ends sessions that were idle, and
asks for a fresh one before it posts or pays. A 401 means that nothing was done, so the call is simply made again.

Which failures may pass: no connection, time-outs, 408, 423, 429, 5xx, a record that somebody else has just changed and
anything unforeseen inside the server raise ``Temporary``; what Tryton itself refuses (its user errors, warnings that a
person would have to confirm, missing rights) raises ``Permanent`` with Tryton's own words.
"""

import base64
import datetime
import os
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec

from clearance.model.values import Data, from_json
from clearance.model.work import Permanent, Temporary

_MAY_PASS = frozenset({404, 408, 423, 429})
"""404 too: it is also what Tryton answers to a log-in while its database cannot be reached."""


class TrytonSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where Tryton is, who we are there and what to use where an invoice leaves the choice; see docs/tryton.md."""

    url: str
    """The server without the database, e.g. ``https://tryton.example.com``."""
    database: str
    user: str
    """The login of a Tryton user of its own for Clearance; its company is the one that is worked in."""
    password_env: str = ""
    """The environment variable that holds the password."""
    password_file: str = ""
    """The file that holds the password, instead of the variable."""
    payment_method: str = ""
    """The name of the invoice payment method that payments are booked with; needed for paying only."""
    expense_account: str = ""
    """The code of the account for invoice lines without a product; needed for those only."""
    taxes: Mapping[str, str] = {}
    """VAT rate in per cent to the name of the tax, e.g. ``{"19": "VAT 19 %"}``, for lines without an order."""
    timeout_s: float = 30.0


class TrytonWarning(Permanent):
    """What Tryton would ask a person to confirm; ``name`` is what confirms it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class Tryton:
    """A connection to one database of a Tryton server, safe to share between threads."""

    def __init__(self, settings: TrytonSettings, transport: httpx.BaseTransport | None = None) -> None:
        """Check the settings (ValueError names the one to mend); connect with the first call, not before.

        ``transport`` replaces the network, for tests that need faults on it.
        """
        if not settings.url.startswith(("http://", "https://")):
            raise ValueError(f"Tryton's url is {settings.url!r}: give it with http:// or https:// and the port")
        self.settings = settings
        self._password = _read_password(settings)
        self._http = httpx.Client(
            base_url=f"{settings.url.rstrip('/')}/{settings.database}/",
            timeout=settings.timeout_s,
            transport=transport,
        )
        self._lock = threading.Lock()
        self._session = ""
        self._context: dict[str, Data] | None = None

    def close(self) -> None:
        self._http.close()

    @property
    def context(self) -> dict[str, Data]:
        """The user's own preferences (company, language): what Tryton's client sends along with every call."""
        if self._context is None:
            context = self.call_bare("model.res.user.get_preferences", True, {})
            if not context.get("company"):
                raise Permanent(
                    f"Tryton's user {self.settings.user!r} has no company: set one in the user's preferences there"
                )
            self._context = context
        return self._context

    @property
    def company(self) -> int:
        return int(self.context["company"])

    def call(self, method: str, *params: Data, context: Mapping[str, Data] | None = None) -> Data:
        """Call a method, e.g. ``model.party.party.read``, in the user's company; Decimals and dates go as they are."""
        return self.call_bare(method, *params, {**self.context, **(context or {})})

    def search_read(
        self,
        model: str,
        domain: Sequence[Data],
        fields: Sequence[str],
        *,
        order: Sequence[Data] | None = None,
        context: Mapping[str, Data] | None = None,
    ) -> list[dict[str, Data]]:
        """Records that meet the domain; ``fields`` may follow references (``unit.factor`` comes as ``unit.``)."""
        rows: list[dict[str, Data]] = self.call(
            f"model.{model}.search_read", domain, 0, None, order, fields, context=context
        )
        return rows

    def create(self, model: str, values: Mapping[str, Data]) -> int:
        identifier, *_ = self.call(f"model.{model}.create", [values])
        return int(identifier)

    def write(self, model: str, identifier: int, values: Mapping[str, Data], *, unchanged_since: str = "") -> None:
        """Change a record; with ``unchanged_since`` (its ``_timestamp``) only if nobody else has, or Temporary."""
        context = {"_timestamp": {f"{model},{identifier}": unchanged_since}} if unchanged_since else {}
        self.call(f"model.{model}.write", [identifier], values, context=context)

    def press(self, model: str, button: str, identifier: int) -> None:
        """Press a button of a record's form: Tryton's word for a step of its workflow."""
        self.call(f"model.{model}.{button}", [identifier])

    def call_bare(self, method: str, *params: Data) -> Data:
        """Call a method with exactly these parameters, in a session."""
        for renewed in (False, True):
            session = self._log_in(renew=self._session if renewed else "")
            response = self._send(method, params, {"Authorization": f"Session {session}"})
            if response.status_code != 401:
                return _result(response, method)
        raise Permanent(f"Tryton does not let {self.settings.user!r} call {method}: check the user in Tryton")

    def _log_in(self, renew: str) -> str:
        """The session's token; opens a session when there is none, or when ``renew`` is the one that has ended."""
        with self._lock:
            if self._session and self._session != renew:
                return self._session
            login = self.settings.user
            response = self._send("common.db.login", (login, {"password": self._password}), {})
            if response.status_code == 401:
                raise Permanent(
                    f"Tryton does not accept the login {login!r}:"
                    f" check the user and the password ({_password_place(self.settings)})"
                )
            user, token, *_ = _result(response, "common.db.login")
            self._session = base64.b64encode(f"{login}:{user}:{token}".encode()).decode()
            return self._session

    def _send(self, method: str, params: Sequence[Data], headers: dict[str, str]) -> httpx.Response:
        body = msgspec.json.encode({"id": 0, "method": method, "params": _to_wire(params)})
        headers = {**headers, "Content-Type": "application/json", "Accept": "application/json"}
        try:
            return self._http.post("rpc/", content=body, headers=headers)
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise Temporary(f"Tryton at {self.settings.url} did not answer {method}: {reason}") from error


def _result(response: httpx.Response, method: str) -> Data:
    """The call's result, or the exception that its error means."""
    status = response.status_code
    if status in _MAY_PASS or status >= 500:
        hint = "; does the database exist, and can Tryton reach it?" if status == 404 else ""
        raise Temporary(f"Tryton answered {method} with HTTP {status}{hint}")
    if status != 200:
        raise Permanent(f"Tryton answered {method} with HTTP {status}: {response.text[:200]}")
    try:
        answer = from_json(response.content)
    except ValueError as error:
        raise Permanent(f"What answered {method} is not Tryton: no JSON came back. Check the url") from error
    if not isinstance(answer, dict) or not ({"result", "error"} & answer.keys()):
        raise Permanent(f"What answered {method} is not Tryton: neither result nor error came back. Check the url")
    if "error" in answer:
        raise _refusal(answer["error"], method)
    return _from_wire(answer["result"])


def _refusal(error: Data, method: str) -> Exception:
    kind, detail = error[0], error[1] if len(error) > 1 else ""
    match kind, detail:
        case "UserError", [message, description, *_]:
            return Permanent(_sentence(message, description))
        case "UserWarning", [name, message, *description]:
            return TrytonWarning(str(name), _sentence(message, *description))
        case "ConcurrencyException", message:
            return Temporary(f"Somebody else has just changed the same record in Tryton: {message}")
        case "LoginException", _:
            return Permanent("Tryton asks for more than a password at log-in: let this user log in with one")
    return Temporary(f"Tryton failed on {method}: {kind}")


def _sentence(message: str, *description: str) -> str:
    return " ".join(part for part in ("Tryton:", message, *description) if part)


def _read_password(settings: TrytonSettings) -> str:
    if bool(settings.password_env) == bool(settings.password_file):
        raise ValueError("Tryton's settings need one of password_env and password_file, to say where the password is")
    if settings.password_env:
        password = os.environ.get(settings.password_env, "")
    else:
        try:
            password = Path(settings.password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"Tryton's password_file cannot be read: {error}") from error
    if not password:
        raise ValueError(f"Tryton's password is empty: fill {_password_place(settings)}")
    return password


def _password_place(settings: TrytonSettings) -> str:
    if settings.password_env:
        return f"environment variable {settings.password_env}"
    return f"file {settings.password_file}"


def _to_wire(value: Data) -> Any:
    """JSON as Tryton types it: Decimals and dates are objects with a ``__class__``."""
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime.date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case Mapping():
            return {key: _to_wire(item) for key, item in value.items()}
        case list() | tuple():
            return [_to_wire(item) for item in value]
    return value


def _from_wire(value: Data) -> Data:
    """Plain data: Decimals, and dates and times as ISO 8601 text."""
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return datetime.date(value["year"], value["month"], value["day"]).isoformat()
        case "datetime":
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return datetime.datetime(*(value[part] for part in parts)).isoformat()
    return {key: _from_wire(item) for key, item in value.items()}
