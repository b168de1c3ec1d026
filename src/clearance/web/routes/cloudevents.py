"""CloudEvents 1.0 in, over the HTTP protocol binding: structured and binary content mode.

An event becomes a message: its type the name, its id the message id, its subject the correlation key, its data the
variables. Data that is not a JSON object becomes the variable ``data``; data of another media type is kept as a
document and becomes the variable ``document``. The same event again starts nothing twice and gets 200 like the first.
"""

import base64
import binascii
from urllib.parse import unquote

import msgspec
from starlette.concurrency import run_in_threadpool

from clearance.model.commands import PublishMessage, Refusal
from clearance.model.values import Data, to_data
from clearance.web.exchange import Call, Routes, decoded
from clearance.web.problems import Problem, of_refusal

routes = Routes("Events")

STRUCTURED = "application/cloudevents+json"
REQUIRED = ("specversion", "id", "source", "type")


class Taken(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    message_key: str
    duplicate: bool


@routes.add("POST", "/v2/events/cloudevents", answer=Taken, raw=True)
async def take_event(call: Call[None]) -> Taken:
    """Take a CloudEvent (structured: one JSON object; binary: attributes in ``ce-`` headers) as a message."""
    content = await call.request.body()
    media_type = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == STRUCTURED:
        attributes, data, data_type = _structured(content)
    elif media_type.startswith("application/cloudevents"):
        raise Problem(415, f"{media_type} is not taken; send single events as {STRUCTURED} or in binary mode.")
    else:
        attributes, data, data_type = _binary(call), content, media_type
    _check(attributes)
    call.tower.access.require(call.account, "publish", parameters={"name": attributes["type"]})
    command = PublishMessage(
        name=attributes["type"],
        correlation_key=attributes.get("subject", ""),
        variables=await run_in_threadpool(_variables, call, data, data_type),
        message_id=attributes["id"],
        time_to_live=call.tower.settings.event_time_to_live_ms,
        tenant=call.tower.settings.tenant,
    )
    answer = await call.tower.ask(command)
    if isinstance(answer, Refusal):
        if answer.kind == "conflict":
            return Taken(message_key="", duplicate=True)
        raise of_refusal(answer)
    call.recorded(answer.position)
    return Taken(message_key=str(answer.key), duplicate=False)


def _structured(content: bytes) -> tuple[dict[str, str], Data, str]:
    """Attributes, data (JSON data, or bytes of another media type) and its media type."""
    event = decoded(content, "The CloudEvent")
    if not isinstance(event, dict):
        raise Problem(400, "A structured CloudEvent is one JSON object.")
    attributes = {
        name: value for name, value in event.items() if isinstance(value, str) and not name.startswith("data")
    }
    media_type = str(event.get("datacontenttype") or "application/json").partition(";")[0].strip().lower()
    if "data_base64" in event:
        try:
            return attributes, base64.b64decode(str(event["data_base64"]), validate=True), media_type
        except binascii.Error:
            raise Problem(400, "data_base64 is not base64.") from None
    data = event.get("data")
    if not _is_json(media_type) and isinstance(data, str):
        return attributes, data.encode(), media_type
    return attributes, data, ""


def _binary(call: Call[None]) -> dict[str, str]:
    headers = call.request.headers
    return {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}


def _check(attributes: dict[str, str]) -> None:
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise Problem(
            400, f"The CloudEvent lacks {', '.join(missing)} (as ce- headers, or members of its JSON object)."
        )
    if not attributes["specversion"].startswith("1."):
        raise Problem(400, f"specversion: {attributes['specversion']} is not known; send CloudEvents 1.0.")


def _variables(call: Call[None], data: Data, media_type: str) -> dict[str, Data]:
    if isinstance(data, bytes):
        if not data:
            return {}
        if media_type and not _is_json(media_type):
            return {"document": _kept(call, data, media_type)}
        data = decoded(data, "The CloudEvent's data")
    if data is None:
        return {}
    return data if isinstance(data, dict) else {"data": data}


def _kept(call: Call[None], content: bytes, media_type: str) -> Data:
    try:
        return to_data(call.tower.engine.blobs.keep(content, media_type))
    except ValueError as error:
        raise Problem(413, str(error)) from None


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
