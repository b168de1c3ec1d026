"""Changing what runs over HTTP: who may, what is answered, and what the views show afterwards."""

from typing import Any

import msgspec

from clearance.model import definition as d
from clearance.model.commands import Answer, DeployProcess
from clearance.web.files import xml_of

from .conftest import House
from .tower import INVOICE, data


def _path(key: str, what: str) -> str:
    return f"/v2/process-instances/{key}/{what}"


def _elements(house: House, key: str) -> dict[str, str]:
    house.settle()
    body = {"filter": {"processInstanceKey": key}}
    items = data(house.client("ada").post("/v2/element-instances/search", json=body))["items"]
    return {item["elementId"]: item["state"] for item in items}


def _shown(house: House, key: str) -> dict[str, Any]:
    house.settle()
    found: dict[str, Any] = data(house.client("ada").get(f"/v2/process-instances/{key}"))
    return found


def _second_version(house: House) -> str:
    """The same process with the review renamed and a step before paying; its key."""
    renamed = {"review": "look", "read": "read"}
    elements = tuple(
        msgspec.structs.replace(element, id=renamed.get(element.id, element.id), name="Look at it")
        if element.id == "review"
        else element
        for element in INVOICE.elements
    )
    flows = tuple(
        msgspec.structs.replace(
            flow, source=renamed.get(flow.source, flow.source), target=renamed.get(flow.target, flow.target)
        )
        for flow in INVOICE.flows
    )
    process = msgspec.structs.replace(INVOICE, elements=elements, flows=flows)
    xml = xml_of(d.Definitions(id="file", processes=(process,)))
    deployed = house.engine.ask(DeployProcess(process=process, xml=xml))
    assert isinstance(deployed, Answer)
    house.settle()
    return str(deployed.key)


def test_a_suspended_instance_is_shown_as_such_and_people_are_told(house: House) -> None:
    key = house.start()
    admin = house.client("ada")
    assert admin.post(_path(key, "suspension"), json={"reason": "audit"}).status_code == 204
    assert _shown(house, key)["suspended"] is True
    task = house.items()[0]["key"]
    refused = house.client("cora").post(f"/v2/inbox/{task}/answer", json={"option": "pay"})
    assert refused.status_code == 409, refused.text
    assert "suspended" in refused.json()["detail"]
    assert admin.post(_path(key, "suspension"), json={}).status_code == 409
    assert admin.post(_path(key, "resumption"), json={}).status_code == 204
    assert _shown(house, key)["suspended"] is False
    lines = data(admin.get(_path(key, "history")))["items"]
    assert "ada suspended it: audit" in " ".join(line["summary"] for line in lines)


def test_a_token_is_moved_over_the_review(house: House) -> None:
    key = house.start()
    body = {"moveInstructions": [{"sourceElementId": "review", "targetElementId": "pay"}], "reason": "agreed by phone"}
    assert house.client("ada").post(_path(key, "modification"), json=body).status_code == 204
    assert _elements(house, key)["review"] == "TERMINATED"
    assert _shown(house, key)["state"] == "COMPLETED"


def test_a_modification_that_cannot_be_changes_nothing(house: House) -> None:
    key = house.start()
    admin = house.client("ada")
    wrong = admin.post(_path(key, "modification"), json={"activateInstructions": [{"elementId": "nowhere"}]})
    assert wrong.status_code == 400
    assert "nowhere" in wrong.json()["detail"]
    both = {"terminateInstructions": [{"elementId": "review", "elementInstanceKey": "1"}]}
    assert admin.post(_path(key, "modification"), json=both).status_code == 400
    assert _elements(house, key)["review"] == "ACTIVE"


def test_a_plan_says_what_would_happen_and_the_migration_does_it(house: House) -> None:
    key = house.start()
    target = _second_version(house)
    admin = house.client("ada")
    body: dict[str, Any] = {"targetProcessDefinitionKey": target}
    plan = data(admin.post(_path(key, "migration/plan"), json=body))
    assert "has no counterpart" in plan["problems"][0]
    assert admin.post(_path(key, "migration"), json=body).status_code == 409
    body["mappingInstructions"] = [{"sourceElementId": "review", "targetElementId": "look"}]
    plan = data(admin.post(_path(key, "migration/plan"), json=body))
    assert plan["problems"] == []
    assert {fate["what"] for fate in plan["fates"]} == {"element", "task"}
    assert admin.post(_path(key, "migration"), json=body).status_code == 204
    assert _shown(house, key)["processDefinitionKey"] == target
    assert _elements(house, key)["look"] == "ACTIVE"
    assert _elements(house, key)["read"] == "COMPLETED", "what has ended keeps its place"
    task = house.items()[0]["key"]
    assert house.client("cora").post(f"/v2/inbox/{task}/answer", json={"option": "pay"}).status_code < 300
    assert _shown(house, key)["state"] == "COMPLETED"


def test_variables_are_set_in_the_instance_and_in_an_element(house: House) -> None:
    key = house.start()
    admin = house.client("ada")
    body = {"variables": {"number": "4712"}, "reason": "misread"}
    assert admin.put(f"/v2/element-instances/{key}/variables", json=body).status_code == 204
    assert _shown(house, key)["subject"] == "Invoice 4712"
    assert admin.put("/v2/element-instances/99999/variables", json=body).status_code == 404


def test_only_who_may_operate_changes_what_runs(house: House) -> None:
    key = house.start()
    for what in ("suspension", "resumption", "modification", "migration", "migration/plan"):
        body = {"targetProcessDefinitionKey": "1"} if "migration" in what else {}
        assert house.client("cora").post(_path(key, what), json=body).status_code == 403, what
    assert house.client("cora").put(f"/v2/element-instances/{key}/variables", json={"variables": {}}).status_code == 403
    assert house.client("ada").post(_path("99999", "suspension"), json={}).status_code == 404


def test_somebody_chooses_in_an_ad_hoc_sub_process(house: House) -> None:
    inner = (d.ServiceTask(id="look", job=d.JobDefinition(type="nobody")),)
    process = d.Process(
        id="free",
        elements=(
            d.StartEvent(id="s"),
            d.AdHocSubProcess(id="sub", elements=inner),
            d.EndEvent(id="e"),
        ),
        flows=(d.Flow(id="f1", source="s", target="sub"), d.Flow(id="f2", source="sub", target="e")),
    )
    xml = xml_of(d.Definitions(id="file", processes=(process,)))
    assert isinstance(house.engine.ask(DeployProcess(process=process, xml=xml)), Answer)
    admin = house.client("ada")
    key = data(admin.post("/v2/process-instances", json={"processDefinitionId": "free"}))["processInstanceKey"]
    house.settle()
    body = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
    items = data(admin.post("/v2/element-instances/search", json=body))["items"]
    (holder,) = (item["elementInstanceKey"] for item in items if item["elementId"] == "sub")
    path = f"/v2/element-instances/ad-hoc-activities/{holder}/activation"
    assert house.client("cora").post(path, json={"elements": [{"elementId": "look"}]}).status_code == 403
    assert admin.post(path, json={"elements": [{"elementId": "nothing"}]}).status_code in (400, 409)
    assert admin.post(path, json={"elements": [{"elementId": "look"}]}).status_code == 204
    items = data(admin.post("/v2/element-instances/search", json=body))["items"]
    assert {item["elementId"] for item in items} == {"sub", "look"}
