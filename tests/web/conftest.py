"""A running control tower and people who use it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.engine import Engine
from clearance.engine.state.registry import Registry
from clearance.model.commands import Answer, DeployProcess
from clearance.model.definition import Definitions
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.memory import MemoryStore
from clearance.views.views import Views
from clearance.web.app import create_app
from clearance.web.files import xml_of
from clearance.web.settings import WebSettings
from clearance.web.users import Users

from .tower import ACTORS, BANK_MAY, FAST_HASHER, INVOICE, PEOPLE, Gate, SystemClock, data, password_of


class Somebody:
    """A person with an API client; all share the app's one event loop."""

    def __init__(self, http: TestClient, name: str) -> None:
        self._http = http
        self._auth = (name, password_of(name)) if name else None

    def request(self, method: str, path: str, **more: Any) -> Response:
        return self._http.request(method, path, auth=self._auth, **more)

    def get(self, path: str, **more: Any) -> Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> Response:
        return self.request("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> Response:
        return self.request("DELETE", path, **more)


class House(msgspec.Struct):
    """What a test may reach behind the HTTP API."""

    engine: Engine
    store: MemoryStore
    views: Views
    gate: Gate
    users: Users
    app: FastAPI
    http: TestClient

    def client(self, name: str) -> "Somebody":
        """Somebody who sends Basic authentication; an empty name: nobody."""
        return Somebody(self.http, name)

    def settle(self) -> None:
        """Wait until nothing more happens by itself, and the views show it."""
        for _ in range(400):
            before = self.store.head().position
            assert self.views.wait_for(before, 5), self.views.projector.failure
            if not self.store.at_work() and not self.engine.waiting and self.store.head().position == before:
                return
            time.sleep(0.01)
        raise AssertionError("it does not settle")

    def start(self, **variables: Any) -> str:
        """An instance that waits in its review; its key."""
        given = {"number": "4711", "supplier": {"name": "Acme", "iban": "DE02"}, "scan": None, **variables}
        answer = self.client("cora").post(
            "/v2/process-instances", json={"processDefinitionId": "invoice", "variables": given}
        )
        key = data(answer)["processInstanceKey"]
        self.settle()
        return str(key)

    def items(self, name: str = "cora", **narrow: Any) -> list[dict[str, Any]]:
        self.settle()
        found = data(self.client(name).post("/v2/inbox/search", json={"filter": narrow}))
        items: list[dict[str, Any]] = found["items"]
        assert found["page"]["totalItems"] == len(items)
        return items


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings(watch_debounce_s=0.01, login_pause_s=30, login_failures_max=3)


@pytest.fixture
def house(tmp_path: Path, settings: WebSettings) -> Iterator[House]:
    BANK_MAY["open"] = True
    store, gate = MemoryStore(), Gate()
    engine = Engine(store, gate, Registry(Feel(), read_decisions), ACTORS, MemoryBlobs(), SystemClock())
    views = Views(tmp_path / "views.sqlite", store.reader())
    engine.listen(lambda position: views.wake())
    users = Users(tmp_path / "users.sqlite", hasher=FAST_HASHER)
    for name, roles in PEOPLE.items():
        users.add(name, password_of(name), roles, display_name=name.capitalize())
    engine.start()
    views.start()
    xml = xml_of(Definitions(id="file", processes=(INVOICE,)))
    assert isinstance(engine.ask(DeployProcess(process=INVOICE, xml=xml)), Answer)
    app = create_app(engine, views, users, store.reader(), settings=settings, static=tmp_path / "static")
    with TestClient(app, base_url="http://tower.test", raise_server_exceptions=False) as http:
        house = House(engine=engine, store=store, views=views, gate=gate, users=users, app=app, http=http)
        house.settle()
        yield house
    engine.stop()
    views.stop()
    users.close()


@pytest.fixture
def one_task(house: House) -> Callable[[], str]:
    """Starts an instance and gives the key of its task."""

    def started() -> str:
        house.start()
        return str(house.items()[-1]["key"])

    return started
