"""Errors as RFC 9457 problem details: what happened, where, and what to do about it."""

from collections.abc import Mapping

from starlette.responses import Response

from clearance.model.clearance import Ruling
from clearance.model.commands import Refusal
from clearance.model.values import Data, to_json

TITLES = {
    400: "Bad request",
    401: "Log in first",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
}
_STATUS_OF = {"not-found": 404, "invalid": 400, "conflict": 409, "denied": 403, "busy": 429}
RETRY_AFTER_S = 1


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Data] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self, instance: str = "") -> Response:
        title = TITLES.get(self.status, "Error")
        body = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        if instance:
            body["instance"] = instance
        return Response(
            to_json({**body, **self.more}), self.status, self.headers, media_type="application/problem+json"
        )


def of_refusal(refusal: Refusal) -> Problem:
    """A command that the engine refused."""
    if refusal.ruling is not None and refusal.kind == "denied":
        return of_ruling(refusal.ruling, refusal.reason)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if refusal.kind == "busy" else {}
    return Problem(_STATUS_OF.get(refusal.kind, 409), refusal.reason, headers=headers)


def of_ruling(ruling: Ruling, detail: str = "") -> Problem:
    """What the gate does not permit, with the policies that determined it and why."""
    if not detail:
        why = "; ".join(ruling.reasons)
        detail = why or ("it needs an approval" if ruling.decision == "approval" else "no policy permits it")
    more = {"decision": ruling.decision, "policies": list(ruling.policies), "reasons": list(ruling.reasons)}
    return Problem(403, detail, more=more)
