"""The figures of the first page, the event stream, and what the server is."""

import asyncio
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from clearance.model.values import Data, to_json
from clearance.views.ask.overview import Overview, overview
from clearance.web.exchange import Call, Routes

routes = Routes("Overview")

PING_S = 15


@routes.add("GET", "/v2/overview", answer=Overview)
def get_overview(call: Call[None]) -> Overview:
    """What runs, what went without a person, what waits; of the processes that you may see."""
    return overview(call.tower.reader, call.tower.access.processes(call.account), call.tower.verified())


@routes.add("GET", "/v2/events", media_type="text/event-stream")
async def follow(call: Call[None]) -> Response:
    """Server-sent events ``changed`` with the ledger position reached and the topics that changed.

    The stream ends after a while; browsers connect again by themselves.
    """
    call.tower.hub.admit()
    return EventSourceResponse(_changes(call), ping=PING_S)


async def _changes(call: Call[None]) -> AsyncIterator[ServerSentEvent]:
    settings, hub = call.tower.settings, call.tower.hub
    loop = asyncio.get_running_loop()
    ends = loop.time() + settings.watch_minutes * 60
    with hub.watch() as watcher:
        yield _changed(call.tower.views.position(), ["inbox", "instances", "overview"])
        while not hub.closing and (left := ends - loop.time()) > 0:
            try:
                await asyncio.wait_for(watcher.changed.wait(), left)
            except TimeoutError:
                return
            if hub.closing:
                return
            position, topics = watcher.take()
            if topics:
                yield _changed(position, topics)
            await asyncio.sleep(settings.watch_debounce_s)


def _changed(position: int, topics: list[str]) -> ServerSentEvent:
    return ServerSentEvent(data=to_json({"position": position, "topics": topics}).decode(), event="changed")


@routes.add("GET", "/v2/topology", answer=dict[str, Data])
def get_topology(call: Call[None]) -> dict[str, Data]:
    """One broker, this process, with a partition for each shard."""
    server = call.request.scope.get("server") or ("", 0)
    version = call.request.app.version
    shards = call.tower.shards
    broker = {
        "nodeId": 0,
        "host": str(server[0]),
        "port": server[1] or 0,
        "version": version,
        "partitions": [
            {"partitionId": number, "role": "leader", "health": "healthy"} for number in range(1, shards + 1)
        ],
    }
    return {
        "brokers": [broker],
        "clusterId": None,
        "clusterSize": 1,
        "partitionsCount": shards,
        "replicationFactor": 1,
        "gatewayVersion": version,
        "lastCompletedChangeId": "-1",
    }


@routes.add("GET", "/v2/status", status=204, public=True)
def get_status(call: Call[None]) -> None:
    """204 while the server can do its work."""
    call.tower.healthy()
