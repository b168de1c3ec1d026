"""What has been archived is read over HTTP as if it had not been: the ledger, histories, pictures, what has ended.

Archived by the tower itself, as its `[retention]` settings say, on one shard and on three.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from clearance.compose import Application, ControlTower
from clearance.engine.settings import EngineSettings
from clearance.integrity.retention import RetentionSettings
from clearance.ledger import numbering
from clearance.model.work import Actor, Completed
from clearance.settings import LedgerSettings, Settings
from clearance.web.users import Users
from tests.engine.helpers import until
from tests.integrity.archives import CALLED, CALLING
from tests.web.tower import data

_PASSWORD = "quite a long password"
_SOON = RetentionSettings(finished_after_days=0.2 / 24 / 3600, every_s=0.2, entries_max=10)
_ADMIN = ("ada", _PASSWORD)


class Served:
    """Control towers over one data folder, one after the other, and who asks them."""

    def __init__(self, folder: Path, shards: int) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        self._shards = shards
        self._files = tuple(self._file(folder / f"{number}.bpmn", one) for number, one in enumerate((CALLED, CALLING)))
        self._tower: ControlTower | None = None
        self._http: httpx.Client | None = None
        users = Users(self.folder / "users.sqlite")
        users.add("ada", _PASSWORD, ["admin"])
        users.close()

    def begin(self, retention: RetentionSettings) -> None:
        self.end()
        application = Application(
            name="test", processes=self._files, actors=(Actor("inner", lambda job: Completed({"done": True})),)
        )
        settings = Settings(
            engine=EngineSettings(shards=self._shards), ledger=LedgerSettings(verify_every_s=0), retention=retention
        )
        self._tower = ControlTower(application, self.folder, settings)
        self._tower.start()
        self._http = httpx.Client(base_url=self._tower.serve(port=0), auth=_ADMIN)

    def end(self) -> None:
        if self._tower is not None and self._http is not None:
            self._http.close()
            self._tower.stop()
        self._tower = self._http = None

    def get(self, path: str) -> httpx.Response:
        assert self._http is not None
        return self._http.get(path)

    def post(self, path: str, body: Any) -> httpx.Response:
        assert self._http is not None
        return self._http.post(path, json=body)

    def ledger(self, after: int = 0, limit: int = 7) -> list[dict[str, Any]]:
        """All of it from a position on, page by page."""
        listed: list[dict[str, Any]] = []
        while items := data(self.get(f"/v2/ledger?after={after}&limit={limit}"))["items"]:
            listed.extend(items)
            after = items[-1]["position"]
        return listed

    @property
    def archives(self) -> list[Path]:
        return sorted(self.folder.glob("ledger*.archives/*.xz"))

    def _file(self, path: Path, content: bytes) -> Path:
        path.write_bytes(content)
        return path


@pytest.fixture(params=[1, 3], ids=["one shard", "three shards"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Six callers with what they called, of which four have ended; nothing is archived yet."""
    made = Served(tmp_path, request.param)
    made.begin(RetentionSettings())
    for number in range(6):
        body = {"processDefinitionId": "calling", "variables": {"n": number}}
        assert made.post("/v2/process-instances", body).status_code == 200
    for number in range(4):
        answer = made.post("/v2/messages/publication", {"name": "paid", "correlationKey": str(number), "timeToLive": 0})
        assert answer.status_code == 200
    until(lambda: len(_ended(made)) == 4 + 6, "four callers and all that were called have ended")
    yield made
    made.end()


def _ended(served: Served) -> list[str]:
    found = data(served.post("/v2/process-instances/search", {"filter": {"state": "COMPLETED"}}))
    return sorted(item["processInstanceKey"] for item in found["items"])


def _archived(served: Served) -> None:
    """Let the tower archive what it may: the four trees, in several pieces."""
    served.begin(_SOON)
    until(lambda: len(served.archives) >= 2, "the tower archives nothing")
    served.begin(RetentionSettings())


def _gone(served: Served, keys: list[str]) -> list[str]:
    """Those for which commands are refused because they are archived."""
    said = {key: served.post(f"/v2/process-instances/{key}/cancellation", {}) for key in keys}
    return [key for key, answer in said.items() if "is archived" in answer.text and answer.status_code == 404]


def test_the_ledger_is_listed_whole_although_most_of_it_is_in_archives(served: Served) -> None:
    before = served.ledger()
    _archived(served)
    after = served.ledger()
    assert [entry for entry in after if entry in before] == before, "every entry is where it was, with its hash"
    assert len({entry["position"] for entry in after}) == len(after)
    for entry in after:
        assert json.loads(entry["content"])[0] == numbering.position_at(entry["position"])
    for start in before:
        page = data(served.get(f"/v2/ledger?after={start['position']}&limit=5"))
        assert page["items"] == [entry for entry in after if entry["position"] > start["position"]][:5]
        assert page["page"]["totalItems"] == len(after)


def test_streams_of_archived_instances_can_be_checked_by_their_hashes(served: Served) -> None:
    ended = _ended(served)
    before = {key: data(served.get(f"/v2/ledger?stream={key}"))["items"] for key in ended}
    _archived(served)
    gone = _gone(served, ended)
    assert len(gone) >= 6
    for key in ended:
        page = data(served.get(f"/v2/ledger?stream={key}"))
        assert page["items"] == before[key]
        assert page["page"]["totalItems"] == len(before[key])
        previous = bytes(32)
        for entry in page["items"]:
            previous = hashlib.sha256(previous + entry["content"].encode()).digest()
            assert previous.hex() == entry["hash"]
        assert data(served.get(f"/v2/ledger?stream={key}&after=1"))["items"] == before[key][1:]


def test_the_shards_own_streams_go_on_across_archives(served: Served) -> None:
    shards = sorted({entry["shard"] for entry in served.ledger()})
    _archived(served)
    for shard in shards:
        whole = data(served.get(f"/v2/ledger?stream=0&shard={shard}"))["items"]
        assert [entry["sequence"] for entry in whole] == list(range(1, len(whole) + 1))
        previous = bytes(32)
        for entry in whole:
            previous = hashlib.sha256(previous + entry["content"].encode()).digest()
            assert previous.hex() == entry["hash"]
        for entry in whole:
            page = data(served.get(f"/v2/ledger?stream=0&shard={shard}&after={entry['sequence']}&limit=2"))
            assert page["items"] == whole[entry["sequence"] : entry["sequence"] + 2]


@pytest.mark.parametrize("views", ["kept", "made anew"])
def test_histories_pictures_and_searches_answer_for_what_is_archived(served: Served, views: str) -> None:
    ended = _ended(served)
    paths = [f"/v2/process-instances/{key}{part}" for key in ended for part in ("", "/history", "/diagram.svg")]
    before = {path: served.get(path) for path in paths}
    assert {answer.status_code for answer in before.values()} == {200}
    _archived(served)
    if views == "made anew":
        served.end()
        for path in served.folder.glob("views*.sqlite*"):
            path.unlink()
        served.begin(RetentionSettings())
        until(lambda: _ended(served) == ended, "the views are not made anew")
    for path in paths:
        answer = served.get(path)
        assert (path, answer.status_code, answer.content) == (path, 200, before[path].content)
    assert _ended(served) == ended


def test_an_archive_that_is_missing_is_said_so_and_the_rest_is_listed(served: Served) -> None:
    before = served.ledger()
    _archived(served)
    served.begin(RetentionSettings())  # nothing of it is in memory
    missing = served.archives[0]
    content = missing.read_bytes()
    missing.unlink()
    answer = served.get("/v2/ledger?limit=1000")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    said = msgspec.json.decode(answer.content)["detail"]
    assert missing.name.removesuffix(".jsonl.xz") in said
    assert "is missing: put it back from a backup" in said
    missing.write_bytes(content)
    assert [entry for entry in served.ledger() if entry in before] == before
