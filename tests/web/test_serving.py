"""On a real socket: live events, the built pages, a port in use, and a clean stop."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from clearance.web.serving import Background, CannotServe, bind

from .conftest import House
from .tower import data, password_of

CORA = ("cora", password_of("cora"))


@pytest.fixture
def url(house: House) -> Iterator[str]:
    with Background(house.app) as server:
        yield server.url


def test_watchers_are_told_what_changed_and_the_server_stops_while_they_watch(house: House) -> None:
    server = Background(house.app)
    server.start()
    with httpx.stream("GET", f"{server.url}/v2/events", auth=CORA, timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        first = next_event(lines)
        assert first["position"] == house.store.head().position
        httpx.post(
            f"{server.url}/v2/process-instances",
            json={"processDefinitionId": "invoice", "variables": {"number": "1"}},
            auth=CORA,
        )
        topics: set[str] = set()
        while "inbox" not in topics:
            topics |= set(next_event(lines)["topics"])
        assert topics == {"inbox", "instances", "overview"}
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 4, "an open stream does not hold up the stop"


def next_event(lines: Iterator[str]) -> dict[str, Any]:
    for line in lines:
        if line.startswith("data:"):
            event: dict[str, Any] = msgspec.json.decode(line[5:])
            return event
    raise AssertionError("the stream ended")


def test_the_built_pages_are_served_for_every_address_of_theirs(house: House, url: str, tmp_path: Path) -> None:
    unbuilt = httpx.get(f"{url}/")
    assert unbuilt.status_code == 503
    assert "not built" in unbuilt.text
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>Tower</title>")
    (static / "assets" / "app-1.js").write_text("1")
    (tmp_path / "secret.txt").write_text("for nobody's eyes")
    for path in ("/", "/inbox/42", "/instances"):
        assert httpx.get(url + path).text == "<title>Tower</title>"
    script = httpx.get(f"{url}/assets/app-1.js")
    assert "immutable" in script.headers["cache-control"]
    assert "javascript" in script.headers["content-type"]
    assert httpx.get(f"{url}/assets/gone.js").status_code == 404
    assert httpx.get(f"{url}/v2/gone").headers["content-type"] == "application/problem+json"
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as raw:
        raw.sendall(b"GET /../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"nobody's eyes" not in raw.makefile("rb").read().partition(b"\r\n\r\n")[2]


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    taken = bind("127.0.0.1", 0)
    taken.listen()
    port = taken.getsockname()[1]
    with pytest.raises(CannotServe, match=f"Port {port} on 127.0.0.1 is in use. Stop the program"):
        bind("127.0.0.1", port)
    taken.close()


def test_reading_after_a_position_waits_for_the_views(house: House, url: str) -> None:
    started = httpx.post(
        f"{url}/v2/process-instances",
        json={"processDefinitionId": "invoice", "variables": {"number": "7"}},
        auth=CORA,
    )
    key = data(started)["processInstanceKey"]
    found = httpx.get(
        f"{url}/v2/process-instances/{key}",
        headers={"Ledger-Position": started.headers["ledger-position"]},
        auth=CORA,
    )
    assert data(found)["subject"] == "Invoice 7"
