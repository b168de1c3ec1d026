"""Camunda's resources and ours: processes, instances, messages, events, documents, the ledger."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from clearance.model.values import from_json
from clearance.views import reader as reading

from .conftest import House
from .tower import BANK_MAY, data

BPMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://test">
  <bpmn:process id="hello" name="Hello" isExecutable="true">
    <bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>
  </bpmn:process>
</bpmn:definitions>"""
TABLE = b"""decision,Approver,,
U,inputs,outputs,annotations
,Amount,Role,Why
type,number,text,
1,<= 100,clerk,
2,> 100,manager,
"""


def test_a_process_is_deployed_started_and_shown(house: House) -> None:
    answer = data(house.client("ada").post("/v2/deployments", files={"resources": ("hello.bpmn", BPMN)}))
    deployed = answer["deployments"][0]["processDefinition"]
    assert (deployed["processDefinitionId"], deployed["processDefinitionVersion"]) == ("hello", 1)
    xml = house.client("ada").get(f"/v2/process-definitions/{deployed['processDefinitionKey']}/xml")
    assert xml.headers["content-type"].startswith("text/xml")
    assert "BPMNShape" in xml.text, "what nobody has drawn gets a layout"
    same = {"If-None-Match": xml.headers["etag"]}
    assert house.client("ada").get(xml.request.url.path, headers=same).status_code == 304
    started = data(
        house.client("ada").post(
            "/v2/process-instances", json={"processDefinitionKey": deployed["processDefinitionKey"]}
        )
    )
    assert started["processDefinitionVersion"] == 1
    house.settle()
    found = data(house.client("ada").post("/v2/process-instances/search", json={"filter": {"state": "COMPLETED"}}))
    assert [item["processInstanceKey"] for item in found["items"]] == [started["processInstanceKey"]]
    by_id = data(house.client("ada").post("/v2/process-instances", json={"processDefinitionId": "hello"}))
    assert by_id["processDefinitionKey"] == deployed["processDefinitionKey"]
    assert by_id["processDefinitionVersion"] == 1
    again = data(house.client("ada").post("/v2/deployments", files={"resources": ("hello.bpmn", BPMN)}))
    assert again["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 1


def test_a_deployment_with_one_bad_file_deploys_nothing_and_names_the_file(house: House) -> None:
    files = [("resources", ("hello.bpmn", BPMN)), ("resources", ("broken.bpmn", b"<definitions"))]
    refused = house.client("ada").post("/v2/deployments", files=files)
    assert refused.status_code == 400
    assert "broken.bpmn" in refused.json()["detail"]
    wanted = {"filter": {"processDefinitionId": "hello"}}
    assert data(house.client("ada").post("/v2/process-definitions/search", json=wanted))["items"] == []
    other = house.client("ada").post("/v2/deployments", files={"resources": ("a.exe", b"MZ")})
    assert "a.exe" in other.json()["detail"]
    assert house.client("ada").post("/v2/deployments", json={}).status_code == 400
    assert house.client("cora").post("/v2/deployments", files={"resources": ("hello.bpmn", BPMN)}).status_code == 403


def test_a_decision_table_is_deployed(house: House) -> None:
    answer = house.client("ada").post("/v2/deployments", files={"resources": ("Approver.csv", TABLE)})
    deployed = data(answer)["deployments"][0]["decisionDefinition"]
    assert deployed["name"] == "Approver"


def test_numbers_stay_exact_from_the_wire_to_the_answer(house: House) -> None:
    content = '{"processDefinitionId": "invoice", "variables": {"amount": 0.10000000000000000001, "number": "1"}}'
    started = house.client("cora").post(
        "/v2/process-instances", content=content, headers={"Content-Type": "application/json"}
    )
    key = data(started)["processInstanceKey"]
    house.settle()
    body = {"filter": {"processInstanceKey": key, "name": "amount"}}
    (variable,) = data(house.client("cora").post("/v2/variables/search", json=body))["items"]
    assert from_json(variable["value"]) == Decimal("0.10000000000000000001")


def test_a_message_with_an_id_starts_one_instance(house: House) -> None:
    body = {"name": "invoice received", "correlationKey": "4711", "messageId": "m-1", "variables": {"number": "4711"}}
    assert data(house.client("cora").post("/v2/messages/publication", json=body))["messageKey"]
    assert house.client("cora").post("/v2/messages/publication", json=body).status_code == 409
    house.settle()
    assert data(house.client("cora").post("/v2/process-instances/search", json={}))["page"]["totalItems"] == 1


def test_a_correlated_message_names_the_instance_and_a_lost_one_is_not_found(house: House) -> None:
    body = {"name": "invoice received", "correlationKey": "9", "variables": {"number": "9"}}
    reached = data(house.client("cora").post("/v2/messages/correlation", json=body))
    assert data(house.client("cora").get(f"/v2/process-instances/{reached['processInstanceKey']}"))["subject"]
    lost = house.client("cora").post("/v2/messages/correlation", json={"name": "nobody waits for this"})
    assert lost.status_code == 404


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_a_cloud_event_twice_starts_one_instance(mode: str, house: House) -> None:
    invoice = {"number": "4711"}
    attributes = {"specversion": "1.0", "id": "e-1", "source": "/erp", "type": "invoice received", "subject": "4711"}
    for round_ in range(2):
        if mode == "structured":
            answer = house.client("cora").post(
                "/v2/events/cloudevents",
                content=json.dumps({**attributes, "datacontenttype": "application/json", "data": invoice}),
                headers={"Content-Type": "application/cloudevents+json; charset=utf-8"},
            )
        else:
            headers = {f"ce-{name}": value for name, value in attributes.items()}
            answer = house.client("cora").post("/v2/events/cloudevents", json=invoice, headers=headers)
        assert data(answer)["duplicate"] is (round_ == 1)
    house.settle()
    found = data(house.client("cora").post("/v2/process-instances/search", json={}))
    assert [item["subject"] for item in found["items"]] == ["Invoice 4711"]


def test_a_cloud_event_may_carry_a_document(house: House) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/mail", "ce-type": "invoice received"}
    content = b"<Invoice/>"
    house.client("cora").post(
        "/v2/events/cloudevents", content=content, headers={**headers, "Content-Type": "application/xml"}
    )
    house.settle()
    sha256 = hashlib.sha256(content).hexdigest()
    shown = house.client("cora").get(f"/v2/documents/{sha256}")
    assert shown.content == content
    assert shown.headers["content-type"].startswith("application/xml")
    assert shown.headers["content-security-policy"].startswith("sandbox")
    assert shown.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("headers", "content", "told"),
    [
        ({"Content-Type": "application/cloudevents+json"}, b"[]", "one JSON object"),
        ({"Content-Type": "application/cloudevents+json"}, b'{"id": "1"}', "lacks specversion, source, type"),
        ({"Content-Type": "application/json"}, b"{}", "lacks specversion, id, source, type"),
        ({"Content-Type": "application/cloudevents-batch+json"}, b"[]", "single events"),
        ({"Content-Type": "application/cloudevents+json"}, b"{", "not JSON"),
    ],
)
def test_a_broken_cloud_event_is_told_apart(headers: dict[str, str], content: bytes, told: str, house: House) -> None:
    refused = house.client("cora").post("/v2/events/cloudevents", content=content, headers=headers)
    assert refused.status_code in (400, 415)
    assert told in refused.json()["detail"]


def test_a_signal_is_broadcast(house: House) -> None:
    assert data(house.client("cora").post("/v2/signals/broadcast", json={"signalName": "stop"}))["signalKey"]


def test_user_tasks_as_camundas_clients_know_them(house: House, one_task: Callable[[], str]) -> None:
    key = one_task()
    body = {"filter": {"candidateGroup": "clerk", "state": {"$in": ["CREATED"]}}}
    (task,) = data(house.client("cora").post("/v2/user-tasks/search", json=body))["items"]
    assert (task["userTaskKey"], task["elementId"], task["candidateGroups"]) == (key, "review", ["clerk"])
    path = f"/v2/user-tasks/{key}"
    assert house.client("cora").post(f"{path}/assignment", json={"assignee": "cora"}).status_code == 204
    assert data(house.client("cora").get(path))["assignee"] == "cora"
    kept = house.client("ada").post(f"{path}/assignment", json={"assignee": "ada", "allowOverride": False})
    assert kept.status_code == 409
    assert house.client("cora").delete(f"{path}/assignee").status_code == 204
    assert house.client("cora").post(f"{path}/completion", json={"variables": {"seen": True}}).status_code == 204
    assert data(house.client("cora").get(path))["state"] == "COMPLETED"


def test_incidents_as_camundas_clients_know_them(house: House, one_task: Callable[[], str]) -> None:
    BANK_MAY["open"] = False
    house.client("cora").post(f"/v2/inbox/{one_task()}/answer", json={"option": "pay"})
    house.settle()
    (incident,) = data(house.client("ada").post("/v2/incidents/search", json={"filter": {"state": "ACTIVE"}}))["items"]
    assert incident["elementId"] == "pay"
    assert "bank is away" in incident["errorMessage"]
    BANK_MAY["open"] = True
    assert house.client("ada").post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    house.settle()
    assert data(house.client("ada").post("/v2/incidents/search", json={"filter": {"state": "ACTIVE"}}))["items"] == []


@pytest.mark.parametrize("resource", ["process-instances", "element-instances", "user-tasks", "incidents"])
def test_a_state_that_nothing_can_be_in_is_refused_with_those_that_there_are(house: House, resource: str) -> None:
    narrow = {"state": "NOPE"} | ({"processInstanceKey": house.start()} if resource == "element-instances" else {})
    refused = house.client("ada").post(f"/v2/{resource}/search", json={"filter": narrow})
    assert refused.status_code == 400
    assert "filter.state: 'NOPE' is none of " in refused.json()["detail"]


def test_an_instance_is_cancelled_by_those_who_may(house: House) -> None:
    key = house.start()
    path = f"/v2/process-instances/{key}/cancellation"
    assert house.client("cora").post(path, json={}).status_code == 403
    assert house.client("ada").post(path, json={}).status_code == 204
    assert data(house.client("ada").get(f"/v2/process-instances/{key}"))["state"] == "TERMINATED"
    assert house.client("ada").post("/v2/process-instances/1/cancellation", json={}).status_code == 404


def test_elements_and_history_tell_the_way_of_an_instance(house: House) -> None:
    key = house.start()
    body = {"filter": {"processInstanceKey": key}}
    elements = data(house.client("cora").post("/v2/element-instances/search", json=body))["items"]
    assert [(item["elementId"], item["type"], item["state"]) for item in elements] == [
        ("start", "START_EVENT", "COMPLETED"),
        ("read", "SERVICE_TASK", "COMPLETED"),
        ("review", "USER_TASK", "ACTIVE"),
    ]
    history = data(house.client("cora").get(f"/v2/process-instances/{key}/history"))["items"]
    assert history[0]["summary"].startswith("Started Invoice to pay")
    assert len(history[0]["hash"]) == 64
    assert any(item["clearance"] and item["clearance"]["policies"] == ["actors-may-run"] for item in history)


def test_the_ledger_is_for_auditors_and_its_hashes_can_be_checked(house: House) -> None:
    key = house.start()
    assert house.client("cora").get("/v2/ledger").status_code == 403
    entries = data(house.client("olga").get(f"/v2/ledger?stream={key}"))["items"]
    previous = bytes(32)
    for entry in entries:
        previous = hashlib.sha256(previous + entry["content"].encode()).digest()
        assert previous.hex() == entry["hash"]
    assert len(entries) >= 2
    page = data(house.client("olga").get("/v2/ledger?after=1&limit=1"))["items"]
    assert [entry["position"] for entry in page] == [2]
    assert house.client("olga").get("/v2/ledger?limit=5000").status_code == 400


def test_a_document_is_kept_once_and_shown_only_to_those_who_may_see_an_instance_with_it(house: House) -> None:
    content = b"%PDF-1.7 invoice"
    kept = data(
        house.client("cora").post("/v2/documents", files={"file": ("Rechnung Ä.pdf", content, "application/pdf")})
    )
    sha256 = hashlib.sha256(content).hexdigest()
    assert (kept["documentId"], kept["camunda.document.type"]) == (sha256, "camunda")
    house.start(scan={"sha256": sha256, "media_type": "application/pdf", "size": 16, "name": "Rechnung Ä.pdf"})
    shown = house.client("cora").get(f"/v2/documents/{sha256}")
    assert (shown.content, shown.headers["content-type"]) == (content, "application/pdf")
    assert "filename*=UTF-8''Rechnung%20%C3%84.pdf" in shown.headers["content-disposition"]
    assert (
        house.client("cora").get(shown.request.url.path, headers={"If-None-Match": shown.headers["etag"]}).content
        == b""
    )
    assert house.client("max").get(f"/v2/documents/{sha256}").status_code == 403
    house.gate.masks["clerk"] = ("document",)
    assert house.client("cora").get(f"/v2/documents/{sha256}").status_code == 403
    assert house.client("ada").get(f"/v2/documents/{'0' * 64}").status_code == 404
    assert house.client("ada").get("/v2/documents/../secrets").status_code == 404


def test_the_overview_counts_what_the_person_may_see(house: House, one_task: Callable[[], str]) -> None:
    one_task()
    totals = data(house.client("cora").get("/v2/overview"))["totals"]
    assert (totals["running"], totals["waiting"], totals["escalated"], totals["ledgerVerified"]) == (1, 1, 1, None)
    assert data(house.client("max").get("/v2/overview"))["totals"]["running"] == 0


def test_topology_and_status_tell_that_it_is_there(house: House) -> None:
    assert data(house.client("cora").get("/v2/topology"))["clusterSize"] == 1
    assert house.client("").get("/v2/status").status_code == 204
    assert house.client("").get("/v2/topology").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "/v2/process-instances", b"{", 400, "not JSON"),
        ("POST", "/v2/process-instances", b"[" * 100_000, 400, ""),
        ("POST", "/v2/process-instances", b"{}", 400, "one of them must say what to start"),
        ("POST", "/v2/process-instances", b'{"processDefinitionId": "nope"}', 404, ""),
        ("POST", "/v2/process-instances", b'{"processDefinitionId": 7}', 400, "$.processDefinitionId"),
        ("POST", "/v2/process-instances", b'{"processDefinitionID": "invoice"}', 400, "processDefinitionID"),
        ("POST", "/v2/inbox/search", b'{"filter": {"scope": "everyone"}}', 400, "mine, roles, open, done"),
        ("POST", "/v2/inbox/search", b'{"page": {"limit": 100000}}', 400, "between 0 and 1000"),
        ("POST", "/v2/inbox/search", b'{"sort": [{"field": "colour"}]}', 400, "cannot sort by 'colour'"),
        ("POST", "/v2/inbox/search", b'{"filter": {"text": "a\\u0000b"}}', 400, "none of them NUL"),
        ("POST", "/v2/process-instances/search", b'{"filter": {"text": "%s"}}' % (b"x" * 60_000), 400, "at most 1000"),
        ("GET", "/v2/process-instances/99999999999999999999", b"", 400, "not a key"),
        ("GET", "/v2/nothing/here", b"", 404, "no resource"),
        ("DELETE", "/v2/overview", b"", 405, ""),
    ],
)
def test_every_mistake_is_a_problem_document(
    method: str, path: str, body: bytes, status: int, told: str, house: House
) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    refused = house.client("ada").request(method, path, content=body, headers=headers)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == status
    assert told in refused.json()["detail"]


def test_every_list_says_how_much_there_is_with_the_fields_of_camunda(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        key = house.start()
    monkeypatch.setattr(reading, "COUNT_MAX", 1)
    of_one, cora, ada = {"filter": {"processInstanceKey": key}}, house.client("cora"), house.client("ada")
    many, one, none = (1, True), (1, False), (0, False)
    page = {"page": {"limit": 1}}
    asked = [
        (cora.post("/v2/process-instances/search", json=page), many),
        (cora.post("/v2/process-instances/search", json=of_one), one),
        (cora.post("/v2/inbox/search", json=page), many),
        (cora.post("/v2/user-tasks/search", json=page), many),
        (cora.post("/v2/incidents/search", json=page), none),
        (cora.post("/v2/process-definitions/search", json=page), one),
        (cora.post("/v2/element-instances/search", json=of_one | page), many),
        (cora.post("/v2/variables/search", json=of_one | page), many),
        (cora.get(f"/v2/process-instances/{key}/history?limit=1"), many),
        (ada.get(f"/v2/clearances/search?processInstanceKey={key}"), one),
        (ada.get(f"/v2/ledger?stream={key}&limit=1"), many),
        (ada.get("/v2/ledger?limit=1"), (house.store.head().position, False)),
    ]
    for answer, (total, more) in asked:
        told = data(answer)["page"]
        assert (told["totalItems"], told["hasMoreTotalItems"]) == (total, more), answer.request.url
        has_cursors = bool(total) and answer.request.url.path != "/v2/ledger"
        assert all(bool(told[name]) is has_cursors for name in ("startCursor", "endCursor")), answer.request.url


def test_pages_follow_one_another_by_their_cursors(house: House) -> None:
    keys = [house.start() for _ in range(3)]
    cora, found = house.client("cora"), []
    page: dict[str, object] = {"limit": 1}
    while (answer := data(cora.post("/v2/process-instances/search", json={"page": page})))["items"]:
        found += [item["processInstanceKey"] for item in answer["items"]]
        last, page = page, {"limit": 1, "after": answer["page"]["endCursor"]}
    assert found == keys[::-1]
    back = {"page": {"limit": 5, "before": last["after"]}}
    shown = data(cora.post("/v2/process-instances/search", json=back))["items"]
    assert [item["processInstanceKey"] for item in shown] == found[:1], "what is before the last but one page's end"
    resource = f"/v2/process-instances/{keys[0]}/history"
    whole = data(cora.get(resource))["items"]
    first = data(cora.get(resource, params={"limit": 1}))
    rest = data(cora.get(resource, params={"after": first["page"]["endCursor"]}))
    assert [*first["items"], *rest["items"]] == whole
    refused = cora.get(resource, params={"after": "nonsense"})
    assert refused.status_code == 400
    assert "page.after: 'nonsense' is no cursor" in refused.json()["detail"]


def test_what_has_happened_last_can_come_first(house: House) -> None:
    key = house.start()
    cora, ada = house.client("cora"), house.client("ada")
    for client, path in ((cora, f"/v2/process-instances/{key}/history"), (ada, "/v2/clearances/search")):
        oldest = data(client.get(path))["items"]
        newest = data(client.get(path, params={"order": "desc"}))
        assert newest["items"] == oldest[::-1]
        last = data(client.get(path, params={"order": "desc", "limit": 1}))
        rest = data(client.get(path, params={"order": "desc", "after": last["page"]["endCursor"]}))
        assert last["items"] + rest["items"] == newest["items"]
        assert client.get(path, params={"order": "down"}).status_code == 400


def test_elements_and_variables_are_sorted_as_asked_for(house: House) -> None:
    key, cora = house.start(), house.client("cora")

    def found(resource: str, sort: list[dict[str, str]], field: str) -> list[str]:
        body = {"filter": {"processInstanceKey": key}, "sort": sort}
        return [item[field] for item in data(cora.post(f"/v2/{resource}/search", json=body))["items"]]

    plain = found("element-instances", [], "elementInstanceKey")
    assert len(plain) > 1
    newest = [{"field": "elementInstanceKey", "order": "desc"}]
    assert found("element-instances", newest, "elementInstanceKey") == plain[::-1]
    by_name = [{"field": "name", "order": "desc"}]
    names = found("variables", [], "name")
    assert found("variables", by_name, "name") == sorted(names, reverse=True)
    for resource in ("element-instances", "variables"):
        body = {"filter": {"processInstanceKey": key}, "sort": [{"field": "colour"}]}
        refused = cora.post(f"/v2/{resource}/search", json=body)
        assert (refused.status_code, "cannot sort by 'colour'" in refused.json()["detail"]) == (400, True)


def test_the_openapi_document_says_that_totals_may_be_capped(house: House) -> None:
    schema = house.client("").get("/openapi.json").json()["components"]["schemas"]["PageInfo"]
    assert {"totalItems", "hasMoreTotalItems"} <= set(schema["required"])
    assert "capped" in schema["properties"]["hasMoreTotalItems"]["description"]


def test_the_openapi_document_has_the_schemas_of_bodies_and_answers(house: House) -> None:
    document = house.client("").get("/openapi.json").json()
    answer = document["paths"]["/v2/inbox/{key}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert {"brief", "answer", "processInstanceKey"} <= set(schema["properties"])
    body = document["paths"]["/v2/inbox/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"].rpartition("/")[2] in document["components"]["schemas"]

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    names = {reference.rpartition("/")[2] for reference in references(document)}
    assert names <= set(document["components"]["schemas"])


def test_a_fault_of_the_server_tells_no_details(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password of the database is hunter2")

    monkeypatch.setattr(house.app.state.tower.access, "processes", broken)
    answer = house.client("cora").get("/v2/overview")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_start_by_id_names_the_version_that_is_the_latest_then(house: House) -> None:
    ada = house.client("ada")
    for version in (1, 2):
        content = BPMN.replace(b'name="Hello"', f'name="Hello {version}"'.encode())
        data(ada.post("/v2/deployments", files={"resources": ("hello.bpmn", content)}))
        started = data(ada.post("/v2/process-instances", json={"processDefinitionId": "hello"}))
        assert started["processDefinitionVersion"] == version
    old = {"processDefinitionId": "hello", "processDefinitionVersion": 1}
    assert data(ada.post("/v2/process-instances", json=old))["processDefinitionVersion"] == 1
