"""Messages and signals from outside."""

import asyncio
import time

import msgspec
from starlette.concurrency import run_in_threadpool

from clearance.model.commands import BroadcastSignal, PublishMessage
from clearance.model.values import Data
from clearance.views.ask import record
from clearance.web.exchange import Call, Routes
from clearance.web.problems import Problem

routes = Routes("Messages")

_LOOK_AGAIN_S = 0.01
TIME_TO_LIVE_MAX_MS = 10 * 365 * 24 * 3600 * 1000


class Message(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    name: str
    correlation_key: str = ""
    time_to_live: int = 0
    """Milliseconds for which it waits for somebody to correlate with."""
    message_id: str = ""
    variables: dict[str, Data] = {}
    tenant_id: str = ""


class Correlation(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    name: str
    correlation_key: str = ""
    variables: dict[str, Data] = {}
    tenant_id: str = ""


class Signal(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    signal_name: str
    variables: dict[str, Data] = {}
    tenant_id: str = ""


class Published(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    message_key: str
    tenant_id: str


class Correlated(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    message_key: str
    process_instance_key: str
    tenant_id: str


class Broadcast(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    signal_key: str
    tenant_id: str


@routes.add("POST", "/v2/messages/publication", body=Message, answer=Published)
async def publish_message(call: Call[Message]) -> Published:
    """Publish a message; it starts and wakes what waits for it.

    With an id (or the header ``Idempotency-Key``) a second one of the same name and key changes nothing.
    """
    body = call.body
    if not 0 <= body.time_to_live <= TIME_TO_LIVE_MAX_MS:
        raise Problem(400, f"timeToLive: {body.time_to_live} is not between 0 and {TIME_TO_LIVE_MAX_MS} milliseconds")
    tenant = _allowed(call, "publish", body.name, body.tenant_id)
    command = PublishMessage(
        name=body.name,
        correlation_key=body.correlation_key,
        variables=body.variables,
        message_id=body.message_id or call.request.headers.get("idempotency-key", ""),
        time_to_live=body.time_to_live,
        tenant=tenant,
    )
    answer = await call.tower.do(command)
    call.recorded(answer.position)
    return Published(message_key=str(answer.key), tenant_id=tenant)


@routes.add("POST", "/v2/messages/correlation", body=Correlation, answer=Correlated)
async def correlate_message(call: Call[Correlation]) -> Correlated:
    """Publish a message that does not wait, and say which instance it reached; 404 when it reached none."""
    body = call.body
    tenant = _allowed(call, "publish", body.name, body.tenant_id)
    command = PublishMessage(
        name=body.name, correlation_key=body.correlation_key, variables=body.variables, tenant=tenant
    )
    answer = await call.tower.do(command)
    call.recorded(answer.position)
    await call.tower.all_seen()
    reached = await run_in_threadpool(record.reached, call.tower.reader, answer.key)
    ends = time.monotonic() + call.tower.settings.view_timeout_s
    while not reached and time.monotonic() < ends:
        if not await run_in_threadpool(record.on_its_way, call.tower.reader, answer.key):
            break
        await asyncio.sleep(_LOOK_AGAIN_S)  # an instance on another shard has not answered yet
        await call.tower.all_seen()
        reached = await run_in_threadpool(record.reached, call.tower.reader, answer.key)
    if not reached:
        key = f" and key {body.correlation_key}" if body.correlation_key else ""
        raise Problem(404, f"Nothing waits for or starts on message {body.name}{key}.")
    return Correlated(message_key=str(answer.key), process_instance_key=str(reached[0]), tenant_id=tenant)


@routes.add("POST", "/v2/signals/broadcast", body=Signal, answer=Broadcast)
async def broadcast_signal(call: Call[Signal]) -> Broadcast:
    """Broadcast a signal to all that wait for it or start on it."""
    body = call.body
    tenant = _allowed(call, "broadcast", body.signal_name, body.tenant_id)
    answer = await call.tower.do(BroadcastSignal(name=body.signal_name, variables=body.variables))
    call.recorded(answer.position)
    return Broadcast(signal_key=str(answer.key), tenant_id=tenant)


def _allowed(call: "Call[Message] | Call[Correlation] | Call[Signal]", action: str, name: str, of: str) -> str:
    """The tenant, when the gate lets the person do so under this name."""
    if not name:
        raise Problem(400, "name: empty; say which message or signal it is")
    tenant = of or call.tower.settings.tenant
    parameters = {"name": name}
    call.tower.access.require(call.account, action, tenant=tenant, parameters=parameters)
    return tenant
