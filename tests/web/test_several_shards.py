"""The HTTP API over three shards: nobody can tell, but for the numbers of ledger entries."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from clearance.bpmn import read
from clearance.engine import routing
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.shards import Shards, in_this_process
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.ledger import chain, numbering
from clearance.model.commands import Answer, DeployProcess
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.memory import MemoryStore
from clearance.views.views import Views
from clearance.web.app import create_app
from clearance.web.settings import WebSettings
from clearance.web.users import Users
from tests.kernel.files import END, START, bpmn, event, message
from tests.web.conftest import Somebody
from tests.web.tower import FAST_HASHER, PEOPLE, Gate, SystemClock, data, password_of

ORDER = bpmn(
    START + event("intermediateCatchEvent", "paid", message("paid")) + event("userTask", "look") + END,
    "s -> paid\npaid -> look\nlook -> e",
    identifier="order",
    keys={"paid": "order"},
)


class Towers:
    """Three shards behind one API."""

    def __init__(self, stores: list[MemoryStore], engine: Shards, views: Views, http: TestClient) -> None:
        self.stores = stores
        self.engine = engine
        self.views = views
        self.admin = Somebody(http, "ada")

    def start(self, order: str) -> tuple[int, str]:
        """An instance, and where it is recorded."""
        answer = self.admin.post(
            "/v2/process-instances", json={"processDefinitionId": "order", "variables": {"order": order}}
        )
        return int(data(answer)["processInstanceKey"]), answer.headers["ledger-position"]


@pytest.fixture
def towers(tmp_path: Path) -> Iterator[Towers]:
    stores = [MemoryStore() for _ in range(3)]
    registries = partial(Registry, Feel(), read_decisions)
    engine = in_this_process(stores, Gate(), registries, {}, MemoryBlobs(), SystemClock(), EngineSettings(shards=3))
    views = Views(tmp_path / "views.sqlite", *stores)
    engine.listen(lambda place: views.wake())
    users = Users(tmp_path / "users.sqlite", hasher=FAST_HASHER)
    for name, roles in PEOPLE.items():
        users.add(name, password_of(name), roles)
    engine.start()
    views.start()
    for process in read(ORDER).processes:
        assert isinstance(engine.ask(DeployProcess(process=process, xml="")), Answer)
    app = create_app(engine, views, users, *stores, settings=WebSettings(), static=tmp_path / "static")
    with TestClient(app, base_url="http://tower.test", raise_server_exceptions=False) as http:
        yield Towers(stores, engine, views, http)
    engine.stop()
    views.stop()
    users.close()


def test_what_was_just_written_is_read_whichever_shard_it_is_on(towers: Towers) -> None:
    for number in range(6):
        key, recorded = towers.start(f"order {number}")
        assert numbering.shard_at(int(recorded)) == numbering.shard_of(key)
        found = towers.admin.get(f"/v2/process-instances/{key}", headers={"Ledger-Position": recorded})
        assert data(found)["processInstanceKey"] == str(key)


def test_positions_of_several_shards_can_be_waited_for_at_once(towers: Towers) -> None:
    started = [towers.start(f"order {number}") for number in range(3)]
    positions = ", ".join(recorded for _, recorded in started)
    found = towers.admin.post("/v2/process-instances/search", json={}, headers={"Ledger-Position": positions})
    assert {int(item["processInstanceKey"]) for item in data(found)["items"]} == {key for key, _ in started}


def test_correlating_says_which_instance_a_message_reached_on_another_shard(towers: Towers) -> None:
    strange = 0
    for number in range(9):
        order = f"order {number}"
        key, _ = towers.start(order)
        strange += routing.home(order, 3) != numbering.shard_of(key)
        answer = towers.admin.post("/v2/messages/correlation", json={"name": "paid", "correlationKey": order})
        assert data(answer)["processInstanceKey"] == str(key)
    assert strange >= 3
    nobody = towers.admin.post("/v2/messages/correlation", json={"name": "paid", "correlationKey": "order 3"})
    assert nobody.status_code == 404


def test_the_ledger_is_listed_whole_page_by_page(towers: Towers) -> None:
    for number in range(3):
        towers.start(f"order {number}")
    listed: list[dict[str, Any]] = []
    after = 0
    while items := data(towers.admin.get(f"/v2/ledger?after={after}&limit=4"))["items"]:
        listed.extend(items)
        after = items[-1]["position"]
    everything = [(shard, entry.content) for shard in range(3) for entry in towers.stores[shard].entries()]
    assert [(item["shard"], item["content"].encode()) for item in listed] == everything
    assert len({item["position"] for item in listed}) == len(listed)


def test_every_shard_has_a_stream_of_its_own_for_what_belongs_to_no_instance(towers: Towers) -> None:
    for shard in range(3):
        page = data(towers.admin.get(f"/v2/ledger?stream=0&shard={shard}"))
        entries = towers.stores[shard].history(0)
        assert [item["content"] for item in page["items"]] == [entry.content.decode() for entry in entries]
        assert page["page"]["totalItems"] == len(entries)


def test_the_history_of_an_instance_is_listed_wherever_it_lives(towers: Towers) -> None:
    for number in range(3):
        key, _ = towers.start(f"order {number}")
        items = data(towers.admin.get(f"/v2/ledger?stream={key}"))["items"]
        assert [json.loads(item["content"])[2] for item in items] == list(range(1, len(items) + 1))
        assert chain.read(towers.stores[numbering.shard_of(key)].history(key)[0]).stream == key


def test_each_shard_is_a_partition(towers: Towers) -> None:
    topology = data(towers.admin.get("/v2/topology"))
    assert topology["partitionsCount"] == 3
    assert [one["partitionId"] for one in topology["brokers"][0]["partitions"]] == [1, 2, 3]
