"""Pictures over HTTP: a deployed version, and where an instance stands."""

from lxml import etree

from .conftest import House
from .tower import BANK_MAY, data


def _definition(house: House) -> str:
    found = data(house.client("cora").post("/v2/process-definitions/search", json={}))
    key: str = found["items"][0]["processDefinitionKey"]
    return key


def _words(svg: bytes) -> str:
    return " ".join("".join(etree.fromstring(svg).itertext()).split())


def test_a_deployed_version_is_drawn_and_need_not_be_sent_twice(house: House) -> None:
    path = f"/v2/process-definitions/{_definition(house)}/diagram.svg"
    answer = house.client("cora").get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    assert etree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    assert "Pay supplier" in _words(answer.content)
    again = house.client("cora").get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert house.client("cora").get(f"{path}?dark=true").content != answer.content


def test_an_instance_is_drawn_with_its_tokens_and_then_its_incident(house: House) -> None:
    BANK_MAY["open"] = False
    key = house.start()
    path = f"/v2/process-instances/{key}/diagram.svg"
    plain = house.client("cora").get(f"/v2/process-definitions/{_definition(house)}/diagram.svg").content
    waiting = house.client("cora").get(path)
    assert waiting.headers["content-type"] == "image/svg+xml"
    task = house.items()[0]["key"]
    assert house.client("cora").post(f"/v2/inbox/{task}/answer", json={"option": "pay"}).status_code == 204
    house.settle()
    failed = house.client("cora").get(path)
    assert len({plain, waiting.content, failed.content}) == 3
    assert "!" in _words(failed.content), "the badge of an incident"
    assert "!" not in _words(waiting.content)


def test_who_may_not_see_gets_no_picture(house: House) -> None:
    key = house.start()
    for path in (f"/v2/process-instances/{key}", f"/v2/process-definitions/{_definition(house)}"):
        refused = house.client("max").get(f"{path}/diagram.svg")
        assert refused.status_code == 403, path
        assert refused.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_told(house: House) -> None:
    cora, key = house.client("cora"), _definition(house)
    for path, status in (
        ("/v2/process-definitions/99/diagram.svg", 404),
        ("/v2/process-instances/99/diagram.svg", 404),
        (f"/v2/process-definitions/{key}/diagram.svg?page=7", 404),
        (f"/v2/process-definitions/{key}/diagram.svg?dark=perhaps", 400),
        (f"/v2/process-instances/{house.start()}/diagram.svg?page=other", 404),
    ):
        assert cora.get(path).status_code == status, path


def test_the_openapi_document_knows_the_pictures_and_their_parameters(house: House) -> None:
    paths = house.client("").get("/openapi.json").json()["paths"]
    for path in ("/v2/process-definitions/{key}/diagram.svg", "/v2/process-instances/{key}/diagram.svg"):
        shown = paths[path]["get"]
        assert "image/svg+xml" in shown["responses"]["200"]["content"]
        assert {one["name"]: one["in"] for one in shown["parameters"]} == {
            "key": "path",
            "page": "query",
            "dark": "query",
        }
