"""The inbox over HTTP: what people see, what they may do, and what is on record afterwards."""

from collections.abc import Callable

from clearance.model.clearance import ApprovalRule

from .conftest import House
from .tower import BANK_MAY, data


def test_a_task_comes_up_with_its_brief_and_an_answer_ends_the_instance(house: House) -> None:
    instance = house.start()
    (item,) = house.items()
    assert (item["title"], item["subject"], item["reason"]) == ("Review invoice", "Invoice 4711", "the IBAN changed")
    shown = data(house.client("cora").get(f"/v2/inbox/{item['key']}"))
    assert [option["value"] for option in shown["brief"]["options"]] == ["pay", "reject"]
    assert shown["brief"]["fields"][0]["value"] == "DE02"
    answer = house.client("cora").post(f"/v2/inbox/{item['key']}/answer", json={"option": "pay", "comment": "fine"})
    assert answer.status_code == 204, answer.text
    assert house.items() == []
    (done,) = house.items(scope="done")
    again = data(house.client("cora").get(f"/v2/inbox/{done['key']}"))
    assert (again["answer"]["option"], again["answer"]["by"]) == ("pay", "cora")
    assert data(house.client("cora").get(f"/v2/process-instances/{instance}"))["state"] == "COMPLETED"


def test_a_client_reads_its_own_answer_at_once(house: House, one_task: Callable[[], str]) -> None:
    key = one_task()
    answer = house.client("cora").post(f"/v2/inbox/{key}/answer", json={"option": "pay"})
    assert int(answer.headers["ledger-position"]) > 0
    assert data(house.client("cora").get(f"/v2/inbox/{key}"))["state"] == "COMPLETED"


def test_an_answer_is_checked_before_anything_happens(house: House, one_task: Callable[[], str]) -> None:
    path = f"/v2/inbox/{one_task()}/answer"
    unknown = house.client("cora").post(path, json={"option": "burn"})
    assert unknown.status_code == 400
    assert "choose one of pay, reject" in unknown.json()["detail"]
    silent = house.client("cora").post(path, json={"option": "reject"})
    assert "needs a comment" in silent.json()["detail"]
    assert house.client("cora").post("/v2/inbox/1/answer", json={"option": "pay"}).status_code == 404
    assert house.client("cora").post("/v2/inbox/x/answer", json={"option": "pay"}).status_code == 400
    assert len(house.items()) == 1


def test_a_second_answer_is_a_conflict(house: House, one_task: Callable[[], str]) -> None:
    path = f"/v2/inbox/{one_task()}/answer"
    assert house.client("cora").post(path, json={"option": "pay"}).status_code == 204
    late = house.client("carl").post(path, json={"option": "pay"})
    assert late.status_code == 409
    assert "already completed by cora" in late.json()["detail"]


def test_others_neither_see_nor_answer_and_their_attempt_changes_nothing(
    house: House, one_task: Callable[[], str]
) -> None:
    key = one_task()
    assert house.items("max") == []
    assert house.client("max").get(f"/v2/inbox/{key}").status_code == 403
    assert house.client("max").post(f"/v2/inbox/{key}/answer", json={"option": "pay"}).status_code == 403
    assert len(house.items("cora")) == 1


def test_a_denial_tells_policy_and_reason_and_goes_on_record(house: House, one_task: Callable[[], str]) -> None:
    house.gate.denied["cora", "complete"] = "cora has written this invoice herself"
    key = one_task()
    refused = house.client("cora").post(f"/v2/inbox/{key}/answer", json={"option": "pay"})
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["policies"] == ["told-by-the-test"]
    assert refused.json()["reasons"] == ["cora has written this invoice herself"]
    instance = house.items()[0]["processInstanceKey"]
    history = data(house.client("cora").get(f"/v2/process-instances/{instance}/history"))["items"]
    assert history[-1]["clearance"]["decision"] == "deny"
    assert history[-1]["actor"] == "cora"
    assert "written this invoice herself" in history[-1]["summary"]


def test_the_ruling_is_recorded_with_the_answer(house: House, one_task: Callable[[], str]) -> None:
    key = one_task()
    instance = house.items()[0]["processInstanceKey"]
    house.client("cora").post(f"/v2/inbox/{key}/answer", json={"option": "pay"})
    house.settle()
    rulings = data(house.client("cora").get(f"/v2/clearances/search?processInstanceKey={instance}"))["items"]
    by_cora = [ruling for ruling in rulings if ruling["principal"] == "cora"]
    assert [(ruling["action"], ruling["decision"], ruling["elementId"]) for ruling in by_cora] == [
        ("complete", "permit", "review")
    ]
    assert {"reader", "bank"} <= {ruling["principal"] for ruling in rulings}


def test_masked_fields_are_hidden_in_briefs_and_variables(house: House, one_task: Callable[[], str]) -> None:
    house.gate.masks["clerk"] = ("supplier.iban",)
    key = one_task()
    field = data(house.client("cora").get(f"/v2/inbox/{key}"))["brief"]["fields"][0]
    assert (field["value"], field["masked"]) == (None, True)
    instance = house.items()[0]["processInstanceKey"]
    body = {"filter": {"processInstanceKey": instance, "name": "supplier"}}
    (variable,) = data(house.client("cora").post("/v2/variables/search", json=body))["items"]
    assert (variable["value"], variable["masked"]) == ('{"name":"Acme","iban":null}', True)
    (plain,) = data(house.client("ada").post("/v2/variables/search", json=body))["items"]
    assert plain["value"] == '{"name":"Acme","iban":"DE02"}'


def test_claiming_releasing_and_taking_from_others(house: House, one_task: Callable[[], str]) -> None:
    key = one_task()
    path = f"/v2/inbox/{key}/assignee"
    assert house.client("cora").put(path, json={"assignee": "cora"}).status_code == 204
    assert [item["assignee"] for item in house.items("cora", scope="mine")] == ["cora"]
    assert house.items("carl", scope="roles") == []
    taken = house.client("carl").put(path, json={"assignee": "carl"})
    assert taken.status_code == 409
    assert "cora has taken" in taken.json()["detail"]
    assert house.client("cora").delete(path).status_code == 204
    assert [item["key"] for item in house.items("carl", scope="roles")] == [key]
    assert house.client("cora").put(path, json={"assignee": ""}).status_code == 400


def test_two_people_approve_exactly_what_they_saw(house: House, one_task: Callable[[], str]) -> None:
    house.gate.approval = ApprovalRule(("approver", "manager"), 2)
    house.client("cora").post(f"/v2/inbox/{one_task()}/answer", json={"option": "pay"})
    (item,) = house.items("ann")
    assert item["kind"] == "approval"
    assert item["roles"] == ["approver", "manager"]
    path = f"/v2/inbox/{item['key']}"
    action = data(house.client("ann").get(path))["brief"]["action"]
    assert action["operation"] == "bank"
    stale = house.client("ann").post(f"{path}/answer", json={"option": "approve", "actionSha256": "0" * 64})
    assert stale.status_code == 409
    assert house.client("ann").post(f"{path}/answer", json={"option": "approve"}).status_code == 400
    bound = {"option": "approve", "actionSha256": action["sha256"]}
    assert house.client("ann").post(f"{path}/answer", json=bound).status_code == 204
    assert house.client("ann").post(f"{path}/answer", json=bound).status_code == 409, "nobody counts twice"
    assert data(house.client("max").get(path))["brief"]["facts"][-1]["actual"] == 1
    house.settle()
    asked = house.gate.asked[-1]
    assert house.client("max").post(f"{path}/answer", json=bound).status_code == 204
    assert house.items("ann") == []
    assert asked is not None
    person_requests = [request for request in house.gate.asked if request.action == "approve"]
    assert person_requests[-1].facts.people == ("cora", "ann"), "the gate hears who has acted"


def failed(house: House, key: str) -> dict[str, str]:
    """The incident that comes up when the bank is away after a task is answered."""
    BANK_MAY["open"] = False
    house.client("cora").post(f"/v2/inbox/{key}/answer", json={"option": "pay"})
    (incident,) = house.items("ada", kind="incident")
    BANK_MAY["open"] = True
    return incident


def test_an_incident_is_tried_again(house: House, one_task: Callable[[], str]) -> None:
    incident = failed(house, one_task())
    assert "bank is away" in incident["reason"]
    answer = house.client("ada").post(f"/v2/inbox/{incident['key']}/answer", json={"option": "retry"})
    assert answer.status_code == 204, answer.text
    assert house.items("ada") == []
    found = data(house.client("ada").get(f"/v2/process-instances/{incident['processInstanceKey']}"))
    assert (found["state"], found["hasIncident"]) == ("COMPLETED", False)


def test_a_hopeless_instance_is_cancelled_with_a_reason(house: House, one_task: Callable[[], str]) -> None:
    incident = failed(house, one_task())
    path = f"/v2/inbox/{incident['key']}/answer"
    assert house.client("ada").post(path, json={"option": "cancel"}).status_code == 400
    body = {"option": "cancel", "comment": "the supplier is gone"}
    assert house.client("max").post(path, json=body).status_code == 403
    assert house.client("ada").post(path, json=body).status_code == 204
    assert house.items("ada") == []
    found = data(house.client("ada").get(f"/v2/process-instances/{incident['processInstanceKey']}"))
    assert (found["state"], found["hasIncident"]) == ("TERMINATED", False)
    (item,) = house.items("ada", scope="done", kind="incident")
    assert data(house.client("ada").get(f"/v2/inbox/{item['key']}"))["answer"]["comment"] == "the supplier is gone"
